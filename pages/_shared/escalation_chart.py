"""The curve by which a person chooses how many products a text stage settles."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.domain.escalation import MAX_LOSS, EscalationPoint, EscalationReport
from core.services import escalation
from pages._shared import charts, words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 330
LEAST_WIDTH = 0.1
ROOM = 1.8
"""How far the axis goes beyond the last point that matters, as a multiple of it."""
_HOVER = "%{customdata}<br>hF1 %{y:.2%}<extra></extra>"
_LOOKS: tuple[dict[str, Any], ...] = (
    {"symbol": "diamond", "size": 19},
    {"symbol": "circle-open", "size": 26, "line": {"width": 2}},
    {"symbol": "circle", "size": 10},
)
"""Of the marks in their order, each within the one before where they lie on one point."""


def draw(report: EscalationReport, marked: Mapping[str, EscalationPoint], *, key: str) -> None:
    """Draw hF1 against the share of products that go on, beside the level of the full model.

    Args:
        report: The curve.
        marked: Points to mark by what they are called; at most three.
        key: Of the widget.
    """
    chosen = list(marked.values())[-1]
    f1, full_f1 = (words.percent(point.hierarchical_f1, 1) for point in (chosen, report.full))
    go_on = words.percent(chosen.share_escalated, 1)
    alt = f"hF1 by the share of products that go on: {f1} where {go_on} do, {full_f1} where all do"
    charts.show(figure(report, marked), key=key, alt=alt)


def figure(report: EscalationReport, marked: Mapping[str, EscalationPoint]) -> "Figure":
    """The figure that `draw` shows; it is as wide as the marked points and the rise of the curve need."""
    from plotly.graph_objects import Figure, Scatter

    line_colour, suggested_colour, full_colour = charts.palette()[:3]
    line = Scatter(**_places(report.points), name="Both stages", mode="lines", hovertemplate=_HOVER,
                   line={"width": 2.5, "color": line_colour})  # fmt: skip
    colours = (suggested_colour, line_colour, line_colour)
    marks = [
        Scatter(**_places((point,)), name=name, mode="markers", hovertemplate=f"<b>{name}</b><br>{_HOVER}",
                marker={**look, "color": colour})
        for (name, point), look, colour in zip(marked.items(), _LOOKS, colours, strict=False)
    ]  # fmt: skip
    right = _right_end(report, marked)
    drawn = Figure(data=[line, *marks], layout=_layout())
    drawn.add_hrect(y0=report.full.hierarchical_f1 - MAX_LOSS, y1=report.full.hierarchical_f1, line_width=0,
                    fillcolor=full_colour, opacity=0.16, layer="below")  # fmt: skip
    drawn.add_hline(y=report.full.hierarchical_f1, line={"width": 1.5, "dash": "dash", "color": full_colour})
    level = f"Full model for all: {report.full.hierarchical_f1:.2%} · band: {100 * MAX_LOSS:.1f} points below"
    drawn.add_annotation(x=right, y=report.full.hierarchical_f1, text=level, showarrow=False, xanchor="right",
                         yanchor="bottom", font={"color": full_colour, "size": 12})  # fmt: skip
    drawn.update_xaxes(title="Products that go on to the full model", range=[-0.02 * right, right])
    drawn.update_xaxes(tickformat=".1~%", fixedrange=True, zeroline=False, nticks=8)
    return drawn.update_yaxes(title="Right (hF1)", range=_heights(report, right), tickformat=".1~%",
                              fixedrange=True, nticks=6, zeroline=False)  # fmt: skip


def _layout() -> dict[str, Any]:
    return {
        "height": HEIGHT, "margin": {"l": 0, "r": 12, "t": 34, "b": 0}, "dragmode": False, "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }  # fmt: skip


def _places(points: tuple[EscalationPoint, ...]) -> dict[str, list[Any]]:
    return {
        "x": [point.share_escalated for point in points],
        "y": [point.hierarchical_f1 for point in points],
        "customdata": [_said(point) for point in points],
    }


def _said(point: EscalationPoint) -> str:
    share = f"{words.percent(point.share_escalated, 1)} go on"
    return f"{share}: below {escalation.said_sure(point.threshold)} sure" if 0 < point.threshold < 1 else share


def _right_end(report: EscalationReport, marked: Mapping[str, EscalationPoint]) -> float:
    """Where the axis ends: beyond all marks, and beyond the point from which on the curve is as good as flat."""
    risen = next(
        (point.share_escalated for point in report.points
         if point.hierarchical_f1 >= report.full.hierarchical_f1 - MAX_LOSS / 4), 1.0,
    )  # fmt: skip
    furthest = max([risen, LEAST_WIDTH / ROOM, *(point.share_escalated for point in marked.values())])
    return min(ROOM * furthest, 1.02)


def _heights(report: EscalationReport, right: float) -> list[float]:
    """The band and all that is in sight of the curve, with some air."""
    seen = [point.hierarchical_f1 for point in report.points if point.share_escalated <= right]
    low = min([*seen, report.full.hierarchical_f1 - MAX_LOSS])
    high = max([*seen, report.full.hierarchical_f1])
    return [low - 0.12 * (high - low), high + 0.15 * (high - low)]
