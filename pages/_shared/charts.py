"""Plotly figures in the theme's colours, light or dark."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.domain.product import PATH_SEPARATOR

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from core.domain.model_report import ReliabilityBin, StoppingPoint

HEIGHT = 260
_MARGIN = {"l": 0, "r": 12, "t": 8, "b": 0}


def show(figure: "Figure", *, key: str, alt: str) -> None:
    """Draw a figure without the toolbar; `alt` says what it shows to those who cannot see it."""
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False, "displaylogo": False})


def palette() -> list[str]:
    """The theme's colours for charts, as configured for the appearance the person chose."""
    appearance = st.context.theme.type or "light"
    return list(st.get_option(f"theme.{appearance}.chartCategoricalColors") or [])


def _figure(data: Sequence[Any], height: int = HEIGHT, **layout: Any) -> "Figure":
    from plotly.graph_objects import Figure

    base = {
        "margin": _MARGIN,
        "height": height,
        "showlegend": len(data) > 1,
        "bargap": 0.28,
        "dragmode": False,
        "colorway": palette(),
    }
    figure = Figure(data=list(data), layout=base | layout)
    return figure.update_xaxes(fixedrange=True, title=None).update_yaxes(fixedrange=True, title=None)


def columns(frame: "pd.DataFrame", x: str, y: str, *, hover: str) -> "Figure":
    """Upright bars, for an ordered few: levels, depths, lengths."""
    from plotly.graph_objects import Bar

    width = min(0.72, 0.09 * len(frame))  # a lone bar is no wall
    bar = Bar(x=frame[x], y=frame[y], width=width, hovertemplate=f"{hover}<extra></extra>", marker_cornerradius=4)
    return _figure([bar], xaxis={"type": "category"})


def bars(
    frame: "pd.DataFrame", name: str, value: str, *, hover: str, as_percent: bool = False, height: int = HEIGHT
) -> "Figure":
    """Lying bars in the frame's order, with their values; of a category path only the last name is written."""
    from plotly.graph_objects import Bar

    text_format = "%{x:.0%}" if as_percent else "%{x:,}"
    bar = Bar(
        x=frame[value],
        y=frame[name],
        orientation="h",
        texttemplate=text_format,
        textposition="outside",
        cliponaxis=False,
        width=min(0.72, 0.2 * len(frame)),
        hovertemplate=f"{hover}<extra></extra>",
        marker_cornerradius=4,
    )
    top = 1.0 if as_percent else float(frame[value].max() or 1)
    figure = _figure([bar], height, margin=_MARGIN | {"r": 48})
    figure.update_xaxes(visible=False, range=[0, top * 1.08])
    names = frame[name].astype(str).tolist()
    short = [text.rsplit(PATH_SEPARATOR, 1)[-1] for text in names]
    axis = {"autorange": "reversed", "type": "category", "ticksuffix": "  ", "tickvals": names, "ticktext": short}
    return figure.update_yaxes(**axis)


def grouped(names: Sequence[str], series: Mapping[str, Iterable[float]], *, hover: str) -> "Figure":
    """Upright bars side by side for every name, one per series."""
    from plotly.graph_objects import Bar

    data = [
        Bar(
            texttemplate="%{y:,.0f}",
            textposition="outside",
            cliponaxis=False,
            x=list(names),
            y=list(values),
            name=name,
            hovertemplate=f"{hover}<extra>{name}</extra>",
            marker_cornerradius=4,
        )
        for name, values in series.items()
    ]
    figure = _figure(data, legend={"orientation": "h", "y": 1.14, "x": 0})
    return figure.update_yaxes(visible=False)


def dots(names: Sequence[str], series: Mapping[str, Sequence[float | None]], *, hover: str) -> "Figure":
    """Dots on a line for every name, one per series: for shares so near each other that bars would look alike.

    Args:
        names: From top to bottom.
        series: Values in [0, 1] by the name of the series, in the order of `names`; None leaves a dot out.
        hover: Template of the label, such as `%{y}: %{x:.2%}`.
    """
    from plotly.graph_objects import Scatter

    is_lone = len(series) == 1
    data = [
        Scatter(
            x=list(values),
            y=list(names),
            name=name,
            mode="markers+text" if is_lone else "markers",
            texttemplate="  %{x:.2%}",
            textposition="middle right",
            cliponaxis=False,
            marker={"size": max(7, 13 - 3 * number)},  # equal values lie within each other and stay visible
            hovertemplate=f"{hover}<extra>{name}</extra>",
        )
        for number, (name, values) in enumerate(series.items())
    ]
    known = [value for values in series.values() for value in values if value is not None]
    margin = max((max(known) - min(known)) * 0.08, 0.002) if known else 0.0
    legend = {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}
    height = 60 + (34 if len(names) <= 12 else 24) * len(names)
    figure = _figure(data, height, legend=legend, margin=_MARGIN | {"r": 64, "t": 8 if is_lone else 34})
    if known:
        figure.update_xaxes(range=[min(known) - margin, min(max(known) + margin, 1.0 + margin)])
    figure.update_xaxes(tickformat=".1~%", showgrid=True, zeroline=False, nticks=8)
    return figure.update_yaxes(autorange="reversed", type="category", ticksuffix="  ", showgrid=True)


def loss_curve(points: Sequence[dict[str, float]]) -> "Figure":
    """Training and validation loss by epoch, of a job or a model."""
    from plotly.graph_objects import Scatter

    names = {"train_loss": "Training", "loss": "Training", "validation_loss": "Validation"}
    lines = []
    for field, name in names.items():
        kept = [(point.get("epoch", number), point[field]) for number, point in enumerate(points, 1) if field in point]
        if kept:
            epochs, values = zip(*kept, strict=True)
            hover = f"{name} %{{y:.3f}}<extra>epoch %{{x}}</extra>"
            lines.append(Scatter(x=epochs, y=values, name=name, mode="lines", hovertemplate=hover))
    figure = _figure(lines, height=220, hovermode="x", legend={"orientation": "h", "y": 1.12, "x": 0})
    highest = max((value for line in lines for value in line.y), default=1.0)
    return _by_epoch(figure, len(points)).update_yaxes(title="Loss", range=[0, 1.06 * highest])


def _by_epoch(figure: "Figure", n_epochs: int) -> "Figure":
    whole = {"dtick": 1} if n_epochs <= 10 else {}  # there is no epoch 1.4
    return figure.update_xaxes(title="Epoch", **whole)


def score_curve(points: Sequence[dict[str, float]]) -> "Figure":
    """How right the predictions on products kept apart were after each epoch; empty where nothing was told of it."""
    from plotly.graph_objects import Scatter

    field = "validation_hf1"
    kept = [(point.get("epoch", number), point[field]) for number, point in enumerate(points, 1) if field in point]
    epochs, values = zip(*kept, strict=True) if kept else ((), ())
    hover = "hF1 %{y:.2%}<extra>epoch %{x}</extra>"
    mode = "lines" if len(values) > 1 else "markers"  # a line of one epoch would not be seen
    line = Scatter(x=epochs, y=values, mode=mode, hovertemplate=hover)
    figure = _figure([line], height=220, hovermode="x", margin=_MARGIN | {"t": 27})
    return _by_epoch(figure, len(values)).update_yaxes(title="Right when tried (hF1)", tickformat="~%")


def reliability(before: Sequence["ReliabilityBin"], after: Sequence["ReliabilityBin"]) -> "Figure":
    """How often a classifier is right against how sure it was, before and after its confidences were corrected."""
    from plotly.graph_objects import Scatter

    truth = {"x": [0, 1], "y": [0, 1], "mode": "lines", "hoverinfo": "skip", "name": "Right as often as it says"}
    data = [Scatter(line={"dash": "dash", "width": 1, "color": st.get_option("theme.light.grayColor")}, **truth)]
    for name, bins, colour in (("Before correction", before, palette()[1:2]), ("As used", after, palette()[:1])):
        filled = [group for group in bins if group.n_products]
        data.append(
            Scatter(
                x=[group.mean_confidence for group in filled],
                y=[group.accuracy for group in filled],
                customdata=[group.n_products for group in filled],
                name=name,
                mode="lines+markers",
                marker={"size": _dots([group.n_products for group in filled])}
                | ({"color": colour[0]} if colour else {}),
                line={"width": 2},
                hovertemplate="%{x:.0%} sure, %{y:.0%} right<br>%{customdata:,} products<extra></extra>",
            )
        )
    figure = _figure(data, height=340, legend={"orientation": "h", "y": 1.12, "x": 0})
    axis = {"range": [-0.02, 1.04], "tickformat": ".0%"}
    return figure.update_xaxes(title="How sure it was", **axis).update_yaxes(title="How often it was right", **axis)


def _dots(sizes: Sequence[int]) -> list[float]:
    """Diameters whose areas go with the sizes, none too small to see."""
    largest = max(sizes, default=1)
    return [6 + 14 * (size / largest) ** 0.5 for size in sizes]


def stopping(points: Sequence["StoppingPoint"], chosen: float, fields: Mapping[str, str]) -> "Figure":
    """What comes of stopping, by the threshold under which a classifier stops; `fields` are those of a point by name.

    The axis is as tall as the values need: what is gained is often a point or two.
    """
    from plotly.graph_objects import Scatter

    thresholds = [point.threshold for point in points]
    data = [
        Scatter(
            x=thresholds,
            y=[getattr(point, field) for point in points],
            name=name,
            mode="lines",
            hovertemplate=f"{name} %{{y:.1%}}<extra></extra>",
        )
        for name, field in fields.items()
    ]
    figure = _figure(data, height=260, hovermode="x", legend={"orientation": "h", "y": 1.14, "x": 0})
    figure.add_vline(x=chosen, line={"dash": "dot", "width": 1.5, "color": st.get_option("theme.light.grayColor")})
    figure.update_xaxes(title="Stops where it is less sure than", tickformat=".0%")
    return figure.update_yaxes(tickformat=".1~%", rangemode="normal", nticks=6)


def rounds(names: Sequence[str], accuracies: Sequence[tuple[float, float, float]], tested: Sequence[float]) -> "Figure":
    """How accuracy grew from one model to the next.

    Args:
        names: Of the models, oldest first.
        accuracies: Accuracy on the random sample with the ends of its interval, in [0, 1].
        tested: hF1 on the test products, in [0, 1].
    """
    from plotly.graph_objects import Scatter

    shares, lows, highs = zip(*accuracies, strict=True)
    ends = {"type": "data", "symmetric": False, "thickness": 1.5, "width": 5,
            "array": [high - share for share, high in zip(shares, highs, strict=True)],
            "arrayminus": [share - low for share, low in zip(shares, lows, strict=True)]}  # fmt: skip
    said = "%{y:.0%} right (%{customdata[0]:.0%}–%{customdata[1]:.0%})<extra></extra>"
    judged = Scatter(x=list(names), y=list(shares), error_y=ends, name="Right, random sample", mode="lines+markers",
                     marker={"size": 9}, customdata=[*zip(lows, highs, strict=True)], hovertemplate=said)  # fmt: skip
    scored = Scatter(x=list(names), y=list(tested), name="Test hF1", mode="lines+markers", line={"dash": "dot"},
                     hovertemplate="hF1 %{y:.1%}<extra></extra>")  # fmt: skip
    figure = _figure([judged, scored], 220, legend={"orientation": "h", "y": 1.18, "x": 0}, margin=_MARGIN | {"t": 30})
    figure.update_xaxes(type="category", range=[-0.5, len(names) - 0.5])
    return figure.update_yaxes(tickformat=".0%", range=[max(min((*lows, *tested)) - 0.05, 0), 1.02], nticks=5)
