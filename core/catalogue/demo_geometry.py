"""Outlines for the demo drawings: smooth curves, mirrored halves, ellipses."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Points in drawing units, x to the right and y upward. Shape: (n, 2)."""

Knots = Sequence[tuple[float, ...]]
"""Curve knots `(x, y)`; a third value marks a corner, where the curve breaks."""

_SAMPLES = 8
_T = np.linspace(0, 1, _SAMPLES, endpoint=False)
_BASIS = 0.5 * np.stack(
    [-_T + 2 * _T**2 - _T**3, 2 - 5 * _T**2 + 3 * _T**3, _T + 4 * _T**2 - 3 * _T**3, -(_T**2) + _T**3], axis=1
)


def spline(knots: Knots, closed: bool = True) -> Points:
    """A Catmull-Rom curve through knots, broken where a knot is marked as a corner.

    Args:
        knots: At least two knots, in order along the curve.
        closed: Whether the last knot joins the first.

    Returns:
        Points along the curve. Shape: (n, 2).
    """
    doubled = [knot[:2] for knot in knots for _ in range(2 if len(knot) > 2 else 1)]
    points = np.asarray(doubled, dtype=np.float64)
    if closed:
        padded = np.concatenate([points[-1:], points, points[:2]])
    else:
        padded = np.concatenate([points[:1], points, points[-1:]])
    windows = np.stack([padded[i : len(padded) - 3 + i] for i in range(4)], axis=1)
    windows = windows[np.any(windows[:, 1] != windows[:, 2], axis=1)]  # a doubled corner spans no segment
    curve = (_BASIS @ windows).reshape(-1, 2)  # (segments, samples, 2) -> (n, 2)
    return curve if closed else np.concatenate([curve, points[-1:]])


def mirrored(half: Knots) -> list[tuple[float, ...]]:
    """A left-right symmetric outline: `half` runs from top to bottom on the right, its mirror comes back up."""
    left = [(-knot[0], *knot[1:]) for knot in reversed(half) if abs(knot[0]) > 1e-9]
    return [*half, *left]


def flipped(points: Knots) -> list[tuple[float, ...]]:
    """The same knots on the other side of the vertical axis."""
    return [(-knot[0], *knot[1:]) for knot in points]


def shifted(points: Points, dx: float, dy: float) -> Points:
    """The same points, moved."""
    return points + np.array([dx, dy])


def ellipse(x: float, y: float, rx: float, ry: float, angle: float = 0.0) -> Points:
    """An ellipse around `(x, y)`; `angle` in radians turns it."""
    t = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    px, py = rx * np.cos(t), ry * np.sin(t)
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([x + c * px - s * py, y + s * px + c * py], axis=1)


def rectangle(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> Points:
    """A rectangle between two corners, its own corners rounded by `radius`."""
    x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    if r <= 0:
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float64)
    arc = np.linspace(0, np.pi / 2, 6)
    corners = [(x1 - r, y1 - r, 0), (x0 + r, y1 - r, 1), (x0 + r, y0 + r, 2), (x1 - r, y0 + r, 3)]
    turned = [
        np.stack([x + r * np.cos(arc + k * np.pi / 2), y + r * np.sin(arc + k * np.pi / 2)], axis=1)
        for x, y, k in corners
    ]
    return np.concatenate(turned)


def ribbon(line: Points, start_width: float, end_width: float | None = None) -> Points:
    """The outline of a band of given widths along an open line."""
    end_width = start_width if end_width is None else end_width
    tangent = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) / length[:, None]
    half = np.linspace(start_width, end_width, len(line))[:, None] / 2
    return np.concatenate([line + normal * half, (line - normal * half)[::-1]])


def along(line: Points, n: int, start: float = 0.0, end: float = 1.0) -> Points:
    """`n` points at even distances between two fractions of a line's length. Shape: (n, 2)."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(start, end, n) * travelled[-1]
    return np.stack([np.interp(wanted, travelled, line[:, 0]), np.interp(wanted, travelled, line[:, 1])], axis=1)
