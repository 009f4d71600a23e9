"""Plotly figures in the theme's colours, light or dark."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.domain.product import PATH_SEPARATOR

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

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
    return figure.update_xaxes(title="Epoch").update_yaxes(title="Loss", rangemode="tozero")
