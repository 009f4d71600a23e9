"""Drawings of sandals: slides and strappy ones a little from above, flip-flops from the top."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Pixels
from core.catalogue.demo_geometry import Points, ellipse, rectangle, ribbon, shifted, spline
from core.catalogue.demo_palette import Look, contrast, darker, lighter, luminance, mix

_CORK = (0.74, 0.58, 0.40)
_BEDS = (_CORK, (0.66, 0.47, 0.30), (0.86, 0.78, 0.66), (0.20, 0.19, 0.19))


def draw_slide(canvas: Canvas, look: Look) -> None:
    """A slide: a moulded footbed and one or two broad bands over the forefoot."""
    rng = canvas.rng
    canvas.frame(-1.02, 0.0, 1.02, 0.72)
    bed = _BEDS[int(rng.integers(4))] if rng.random() < 0.6 else look.main
    _footbed(canvas, look, bed, thickness=rng.uniform(0.13, 0.24))
    if rng.random() < 0.5:
        _band(canvas, look, -0.02, 0.60, 0.62)
        if rng.random() < 0.6:
            canvas.fill(ellipse(0.38, 0.44, 0.1, 0.055, -0.3), look.accent, volume=0.3)
    else:
        _band(canvas, look, 0.30, 0.64, 0.52)
        _band(canvas, look, -0.24, 0.12, 0.64)
        for x, y in ((0.36, 0.32), (-0.18, 0.40)):
            _buckle(canvas, look, x, y)


def draw_strappy_sandal(canvas: Canvas, look: Look) -> None:
    """A flat sandal of narrow straps: over the toes, across the foot and around the ankle."""
    rng = canvas.rng
    canvas.frame(-1.02, 0.0, 1.02, 0.98)
    ankle = rng.uniform(0.80, 0.98)
    width = rng.uniform(0.06, 0.10)
    back = spline([(-0.92, 0.42), (-0.70, ankle + 0.05), (-0.36, ankle + 0.04), (-0.22, ankle - 0.12)], closed=False)
    canvas.fill(ribbon(back, width), darker(look.main, 0.35), volume=0.3, depth=0.03)
    _footbed(canvas, look, _BEDS[int(rng.integers(4))], thickness=rng.uniform(0.09, 0.16))
    heel = spline([(-0.93, 0.24), (-1.0, 0.5), (-0.90, ankle - 0.12), (-0.8, ankle - 0.02)], closed=False)
    canvas.fill(ribbon(heel, 0.16, 0.11), look.main, volume=0.7, depth=0.05, lift=0.3)
    front = spline([(-0.92, ankle - 0.08), (-0.62, ankle - 0.16), (-0.3, ankle - 0.18), (-0.20, ankle - 0.1)], False)
    canvas.fill(ribbon(front, width), look.main, volume=0.7, depth=0.04, lift=0.3)
    _buckle(canvas, look, -0.58, ankle - 0.165)
    for x0, height in ((0.52, 0.34), (0.14, 0.46))[: int(rng.integers(1, 3))]:
        _band(canvas, look, x0, x0 + width * 1.6, height)
    if rng.random() < 0.5:
        middle = spline([(-0.24, ankle - 0.16), (-0.02, 0.62), (0.30, 0.48), (0.62, 0.40)], closed=False)
        canvas.fill(ribbon(middle, width), look.main, volume=0.7, depth=0.04, lift=0.35)
    else:
        for a, b in ((-0.34, 0.34), (0.30, -0.22)):
            cross = spline([(a, 0.19), ((a + b) / 2 - 0.05, 0.55), (b + 0.1, 0.52), (b + 0.2, 0.36)], closed=False)
            canvas.fill(ribbon(cross, width), look.main, volume=0.7, depth=0.04, lift=0.35)


def draw_flip_flops(canvas: Canvas, look: Look) -> None:
    """A pair of flip-flops from above: two soles and a forked thong on each."""
    canvas.frame(-0.95, -1.05, 0.95, 1.05, fill=0.8)
    bed = look.main if canvas.rng.random() < 0.5 else look.accent
    strap = look.accent if bed is look.main else look.main
    for side in (-1, 1):
        _flip_flop(canvas, look, side, bed, strap)


def draw_wedge_espadrille(canvas: Canvas, look: Look) -> None:
    """A sandal on a woven-rope wedge with an ankle strap."""
    canvas.frame(-1.02, 0.0, 1.02, 1.16)
    back = spline([(-0.86, 0.74), (-0.66, 1.12), (-0.34, 1.06), (-0.26, 0.92)], closed=False)
    canvas.fill(ribbon(back, 0.08), darker(look.main, 0.35), volume=0.3, depth=0.03)
    canvas.fill(spline([(-0.9, 0.50), (-0.5, 0.60), (0.1, 0.38), (0.6, 0.24), (0.3, 0.16), (-0.5, 0.36)]),
                darker(_CORK, 0.25), volume=0.2)  # fmt: skip
    wedge = spline([(-0.95, 0.52), (-0.94, 0.0, 1), (-0.1, 0.0), (0.8, 0.0), (1.0, 0.08), (0.95, 0.17), (0.4, 0.2),
                    (-0.1, 0.32), (-0.55, 0.50)])  # fmt: skip
    rope = canvas.fill(wedge, (0.78, 0.64, 0.44), volume=0.6, depth=0.1)
    for k in range(7):
        y = 0.035 + 0.075 * k
        canvas.stroke(spline([(-1, y), (0, y * 0.75), (1.05, y * 0.5)], False), (0.56, 0.42, 0.26), 0.016, within=rope)
    heel = [(-0.95, 0.48), (-0.99, 0.74), (-0.86, 0.90), (-0.66, 0.70), (-0.55, 0.48), (-0.7, 0.46)]
    canvas.fill(spline(heel), look.main, volume=0.7, lift=0.3)
    front = spline([(-0.88, 0.86), (-0.6, 0.82), (-0.3, 0.86), (-0.25, 0.94)], closed=False)
    canvas.fill(ribbon(front, 0.09), look.main, volume=0.6, depth=0.04, lift=0.3)
    _buckle(canvas, look, -0.56, 0.83)
    toe = [(0.22, 0.2, 1), (0.26, 0.42), (0.46, 0.44), (0.70, 0.34), (0.80, 0.17, 1)]
    canvas.fill(spline(toe), look.main, volume=0.7, depth=0.1, lift=0.3)


def _footbed(canvas: Canvas, look: Look, bed: tuple[float, float, float], thickness: float) -> None:
    """A foot-shaped bed seen a little from above, and its edge below."""
    h = thickness
    edge = [(-1.0, h + 0.06), (-0.97, 0.0), (-0.3, 0.015), (0.5, 0.0), (0.94, 0.03), (1.01, h + 0.06), (0.2, h + 0.02)]
    sole = look.sole if luminance(look.sole) < 0.8 or canvas.rng.random() < 0.5 else darker(look.sole, 0.7)
    canvas.fill(spline(edge), sole, volume=0.6, depth=0.07)
    top = [
        (-1.0, h + 0.08), (-0.92, h + 0.17), (-0.6, h + 0.20), (-0.1, h + 0.15), (0.45, h + 0.18), (0.9, h + 0.14),
        (1.01, h + 0.06), (0.8, h + 0.0), (0.3, h - 0.02), (-0.2, h + 0.02), (-0.7, h - 0.02),
    ]  # fmt: skip
    canvas.fill(spline(top), lighter(bed, 0.12), volume=0.25, depth=0.06)
    canvas.shade(spline([(-0.6, h + 0.08), (-0.2, h + 0.07), (0.1, h + 0.06)], False), -0.14, 0.06, 0.05)
    canvas.stitch(spline([(-0.95, h + 0.05), (-0.2, h + 0.035), (0.5, h + 0.01), (0.95, h + 0.06)], False),
                  contrast(bed, 0.3))  # fmt: skip


def _band(canvas: Canvas, look: Look, x0: float, x1: float, height: float) -> None:
    """A band arching over the footbed: its dark inside first, then its outer face."""
    far = spline([(x0 + 0.12, 0.34), ((x0 + x1) / 2 + 0.12, height + 0.03), (x1 + 0.12, 0.30), (x1, 0.2), (x0, 0.2)])
    canvas.fill(far, darker(look.main, 0.6), volume=0.2)
    lean = 0.06
    outer = [
        (x0 - 0.02, 0.10, 1), (x0 - 0.02, height * 0.62), (x0 + lean, height), (x0 + 0.16, height + 0.02, 1),
        (x1 + lean + 0.02, height * 0.80 + 0.02, 1), (x1 + 0.06, height * 0.55), (x1 + 0.03, 0.09, 1),
    ]  # fmt: skip
    shape = canvas.fill(spline(outer), look.main, volume=0.8, depth=0.11, lift=0.3)
    inset = spline([(x0 + 0.01, 0.14), (x0 + 0.03, height * 0.6), (x0 + 0.1, height - 0.02)], closed=False)
    canvas.stroke(inset, contrast(look.main, 0.35), 0.014, within=shape, opacity=0.8)


def _buckle(canvas: Canvas, look: Look, x: float, y: float) -> None:
    frame: Points = rectangle(x - 0.055, y - 0.06, x + 0.055, y + 0.06, 0.02)
    canvas.stroke(np.concatenate([frame, frame[:1]]), look.metal, 0.026, volume=0.6, lift=0.3, gloss=0.3)
    canvas.stroke(np.array([(x, y), (x + 0.06, y)]), look.metal, 0.022)


def _flip_flop(
    canvas: Canvas, look: Look, side: int, bed: tuple[float, float, float], strap: tuple[float, float, float]
) -> None:
    x = side * 0.44
    outline = [
        (0.02, 1.0), (0.26, 0.86), (0.34, 0.55), (0.29, 0.1), (0.24, -0.4), (0.26, -0.75), (0.14, -0.98), (-0.1, -0.99),
        (-0.25, -0.8), (-0.24, -0.4), (-0.22, 0.0), (-0.30, 0.45), (-0.26, 0.85),
    ]  # fmt: skip
    foot = spline([(x + side * px, py) for px, py in outline])
    canvas.fill(shifted(foot, 0.025, -0.045), darker(look.sole, 0.45), volume=0.3)
    surface = canvas.fill(foot, bed, volume=0.5, depth=0.08, lift=0.3)
    inner = shifted(shifted(foot, -x, 0) * 0.86, x, 0)
    canvas.stroke(np.concatenate([inner, inner[:1]]), contrast(bed, 0.2), 0.018, within=surface)
    _treads(canvas, x, bed, surface)
    post = (x - side * 0.02, 0.60)
    for edge in (x + side * 0.30, x - side * 0.25):
        line = spline([post, ((post[0] + edge) / 2 + (edge - x) * 0.25, 0.34), (edge, -0.02)], closed=False)
        canvas.fill(ribbon(line, 0.09, 0.14), strap, volume=0.8, depth=0.05, lift=0.5)
    canvas.fill(ellipse(*post, 0.05, 0.06), mix(strap, look.metal, 0.3), volume=0.7, lift=0.4)


def _treads(canvas: Canvas, x: float, bed: tuple[float, float, float], surface: Pixels) -> None:
    for y in np.linspace(-0.75, -0.25, 6):
        canvas.stroke(np.array([(x - 0.14, y), (x + 0.14, y)]), contrast(bed, 0.14), 0.02, within=surface)
