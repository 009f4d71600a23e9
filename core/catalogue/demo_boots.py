"""Drawings of boots, seen from the side: chelsea, lace-up, knee-high, zipped ankle boot."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Pixels
from core.catalogue.demo_geometry import Points, along, ellipse, rectangle, ribbon, shifted, spline
from core.catalogue.demo_palette import Colour, Look, contrast, darker, lighter, luminance, mix

_DARK: Colour = (0.13, 0.11, 0.10)
_YELLOW: Colour = (0.86, 0.70, 0.30)


def draw_chelsea_boot(canvas: Canvas, look: Look) -> None:
    """An ankle boot without laces: an elastic panel at the side and a pull tab at the back."""
    rng = canvas.rng
    top = rng.uniform(1.16, 1.36)
    canvas.frame(-1.0, 0.0, 1.05, top + 0.08)
    canvas.stroke(spline([(-0.70, top - 0.05), (-0.74, top + 0.12), (-0.66, top + 0.12), (-0.64, top - 0.05)], False),
                  contrast(look.main, 0.2), 0.05, volume=0.4)  # fmt: skip
    _opening(canvas, look, -0.44, top, 0.36)
    body = _boot(canvas, look, top, -0.80, -0.08)
    low = 0.56
    gore = spline([(-0.58, top + 0.1, 1), (-0.52, 0.85), (-0.44, low), (-0.30, low), (-0.20, 0.85), (-0.14, top, 1)])
    elastic = mix(look.accent, darker(look.main), 0.2) if rng.random() < 0.15 else contrast(look.main, 0.3)
    panel = canvas.fill(gore, elastic, volume=0.25, lift=0.1, within=body)
    for x in np.linspace(-0.56, -0.18, 11):
        rib = spline([(x, top, 1), (-0.37 + (x + 0.37) * 0.5, low)], closed=False)
        canvas.stroke(rib, darker(elastic, 0.4), 0.012, within=panel, opacity=0.7)
    canvas.stitch(spline([(-0.62, top - 0.03), (-0.56, 0.85), (-0.46, low - 0.03)], False), contrast(look.main, 0.5))
    canvas.stitch(spline([(-0.10, top - 0.03), (-0.17, 0.85), (-0.28, low - 0.03)], False), contrast(look.main, 0.5))
    _gleam(canvas)
    _sole(canvas, look, chunky=rng.random() < 0.35)


def draw_lace_up_boot(canvas: Canvas, look: Look) -> None:
    """A work or combat boot: high shaft, laces through metal eyelets, a lugged sole."""
    rng = canvas.rng
    top = rng.uniform(1.32, 1.66)
    canvas.frame(-1.0, 0.0, 1.05, top + 0.06)
    tongue = [(-0.30, 1.0, 1), (-0.34, top + 0.06), (-0.08, top + 0.05), (0.04, 0.9), (0.24, 0.55, 1)]
    canvas.fill(spline(tongue), contrast(look.main, 0.14), volume=0.6)
    _opening(canvas, look, -0.50, top - 0.02, 0.33)
    body = _boot(canvas, look, top, -0.83, -0.18)
    _toe_cap(canvas, look, body)
    for y in (0.62, top - 0.1):
        canvas.stitch(spline([(-0.86, y), (-0.5, y - 0.05), (-0.2, y - 0.02)], False), contrast(look.main, 0.5))
    padded = spline([(-1, top + 0.1), (-0.9, top - 0.16), (-0.5, top - 0.18), (-0.1, top - 0.14), (0, top + 0.1)])
    shade = contrast(look.main, 0.2) if rng.random() < 0.6 else look.accent
    canvas.fill(padded, shade, volume=0.6, depth=0.06, lift=0.2, within=body)
    slope = spline([(-0.18, top - 0.05), (-0.10, 1.05), (0.0, 0.78), (0.26, 0.54)], closed=False)
    canvas.shade(shifted(slope, -0.14, -0.05), -0.35, 0.02, 0.012)
    _boot_laces(canvas, look, slope, round(5 + 4 * (top - 1.2)))
    _sole(canvas, look, chunky=True, welt=rng.random() < 0.5)


def draw_knee_boot(canvas: Canvas, look: Look) -> None:
    """A tall boot up to the knee, with a heel, a zip or a buckled strap."""
    rng = canvas.rng
    top = rng.uniform(2.1, 2.5)
    canvas.frame(-1.0, 0.0, 1.05, top + 0.05, fill=0.9)
    heel = rng.uniform(0.16, 0.42)
    wide = rng.uniform(0.0, 0.08)
    _opening(canvas, look, -0.42 + wide / 2, top - 0.02, 0.42 + wide)
    ankle = 0.62 + heel * 0.5
    outline = [
        (-0.86, heel + 0.02, 1), (-0.90, heel + 0.24), (-0.80, ankle + 0.25), (-0.88, top * 0.62), (-0.84, top, 1),
        (0.0 + 2 * wide, top - 0.04, 1), (0.02 + wide, top * 0.62), (-0.14, ankle + 0.25), (0.02, ankle - 0.02),
        (0.34, 0.44 + heel * 0.15), (0.68, 0.32), (0.95, 0.20), (1.02, 0.10), (0.98, 0.05, 1),
        (0.42, 0.06), (-0.1, heel * 0.6 + 0.03), (-0.4, heel + 0.02),
    ]  # fmt: skip
    body = canvas.fill(spline(outline), look.main, volume=0.85, depth=0.2)
    for k in range(int(rng.integers(1, 4))):
        y = ankle + 0.06 + 0.11 * k
        canvas.shade(spline([(-0.84, y), (-0.5, y - 0.06), (-0.16, y + 0.03)], False), -0.3, 0.03, 0.03)
    _highlight(canvas, spline([(-0.30, top * 0.9), (-0.26, top * 0.6), (-0.34, ankle + 0.2)], False))
    kind = rng.integers(3)
    if kind == 0:
        zipper = spline([(-0.52, top), (-0.50, top * 0.6), (-0.55, ankle), (-0.52, heel + 0.2)], closed=False)
        canvas.stroke(zipper, darker(look.main, 0.4), 0.05, within=body)
        canvas.stitch(zipper, look.metal, 0.02, 0.035)
    elif kind == 1:
        _strap(canvas, look, body, [(-0.95, ankle + 0.1), (-0.5, ankle - 0.03), (0.1, ankle + 0.12)], -0.42, ankle)
        _strap(canvas, look, body, [(-1.0, top - 0.18), (-0.4, top - 0.22), (0.2, top - 0.2)], -0.3, top - 0.22)
    else:
        canvas.shade(spline([(-0.42, top), (-0.44, 1.2), (-0.5, heel + 0.2)], False), -0.3, 0.02, 0.012)
    _thin_sole(canvas, look, heel, block=rng.uniform(0.16, 0.34))


def draw_ankle_boot(canvas: Canvas, look: Look) -> None:
    """A dressy ankle boot on a block heel, zipped or buckled."""
    rng = canvas.rng
    heel, top = rng.uniform(0.3, 0.52), rng.uniform(1.32, 1.5)
    canvas.frame(-1.0, 0.0, 1.05, top + 0.05)
    _opening(canvas, look, -0.50, top - 0.02, 0.32)
    outline = [
        (-0.86, heel + 0.02, 1), (-0.90, heel + 0.26), (-0.82, 1.02), (-0.84, top, 1), (-0.16, top - 0.03, 1),
        (-0.10, 1.05), (0.06, 0.80), (0.36, 0.52), (0.70, 0.34), (0.96, 0.2), (1.02, 0.10), (0.98, 0.05, 1),
        (0.42, 0.06), (-0.1, heel * 0.6 + 0.03), (-0.4, heel + 0.02),
    ]  # fmt: skip
    body = canvas.fill(spline(outline), look.main, volume=0.85, depth=0.18)
    _gleam(canvas)
    zipper = spline([(-0.46, top), (-0.48, 0.95), (-0.44, heel + 0.15)], closed=False)
    canvas.stroke(zipper, darker(look.main, 0.4), 0.05, within=body)
    canvas.stitch(zipper, look.metal, 0.022, 0.035)
    canvas.fill(rectangle(-0.485, top - 0.24, -0.445, top - 0.12, 0.02), look.metal, volume=0.5, lift=0.3)
    if rng.random() < 0.5:
        _strap(canvas, look, body, [(-1.0, 0.86), (-0.5, 0.80), (0.2, 0.92)], -0.22, 0.82)
    _thin_sole(canvas, look, heel, block=rng.uniform(0.2, 0.4))


def _boot(canvas: Canvas, look: Look, top: float, back: float, front: float) -> Pixels:
    outline = [
        (-0.93, 0.10, 1), (-0.97, 0.36), (-0.88, 0.78), (back - 0.04, top, 1), ((back + front) / 2, top - 0.06),
        (front, top - 0.02, 1), (front + 0.02, 0.98), (0.08, 0.70), (0.34, 0.52), (0.66, 0.44), (0.90, 0.34),
        (1.0, 0.20), (0.98, 0.10, 1),
    ]  # fmt: skip
    return canvas.fill(spline(outline), look.main, volume=0.85, depth=0.19)


def _opening(canvas: Canvas, look: Look, x: float, y: float, half: float) -> None:
    canvas.fill(ellipse(x, y, half, 0.07), darker(lighter(look.main, 0.2), 0.55), volume=0.2)


def _toe_cap(canvas: Canvas, look: Look, body: Pixels) -> None:
    edge = [(0.50, 0.08), (0.52, 0.28), (0.60, 0.50)]
    canvas.fill(spline([*edge, (1.1, 0.6), (1.1, 0.0)]), look.main, volume=0.6, depth=0.14, lift=0.35, within=body)
    canvas.stitch(shifted(spline(edge, False), 0.03, 0.0), contrast(look.main, 0.5))
    canvas.fill(spline([(-1.1, 0.0), (-1.1, 0.58), (-0.78, 0.52), (-0.6, 0.3), (-0.56, 0.05)]),
                contrast(look.main, 0.1), volume=0.5, lift=0.3, within=body)  # fmt: skip


def _gleam(canvas: Canvas) -> None:
    _highlight(canvas, spline([(0.42, 0.44), (0.68, 0.36), (0.86, 0.28)], False))


def _highlight(canvas: Canvas, line: Points) -> None:
    canvas.shade(line, 0.22, 0.05, 0.035)


def _strap(
    canvas: Canvas, look: Look, body: Pixels, knots: list[tuple[float, ...]], buckle_x: float, buckle_y: float
) -> None:
    band = ribbon(spline(knots, closed=False), 0.10)
    canvas.fill(band, contrast(look.main, 0.15), volume=0.5, depth=0.04, lift=0.35, within=body)
    canvas.stroke(rectangle(buckle_x - 0.07, buckle_y - 0.06, buckle_x + 0.07, buckle_y + 0.08, 0.02)[
        [*range(24), 0]], look.metal, 0.03, volume=0.6, lift=0.3, gloss=0.3)  # fmt: skip


def _boot_laces(canvas: Canvas, look: Look, slope: Points, n: int) -> None:
    shade = (
        _YELLOW if canvas.rng.random() < 0.25 else (lighter(look.main, 0.5) if luminance(look.main) < 0.5 else _DARK)
    )
    for x, y in along(slope, n, 0.03, 0.97):
        canvas.fill(ellipse(x - 0.105, y - 0.06, 0.026, 0.026), look.metal, volume=0.5, gloss=0.3)
        bar = spline([(x - 0.11, y - 0.06), (x - 0.02, y + 0.015), (x + 0.05, y + 0.02)], closed=False)
        canvas.stroke(bar, shade, 0.04, volume=0.5, lift=0.35)


def _sole(canvas: Canvas, look: Look, chunky: bool, welt: bool = False) -> None:
    shade = mix(look.sole, _DARK, 0.75) if luminance(look.sole) > 0.85 else mix(look.sole, _DARK, 0.3)
    h = 0.17 if chunky else 0.11
    gap = 0.05 if chunky else 0.07
    outline = [
        (-0.98, h + 0.02, 1), (-0.98, 0.0, 1), (-0.46, 0.0, 1), (-0.42, gap, 1), (-0.10, gap, 1), (0.0, 0.0, 1),
        (0.70, 0.0), (0.96, 0.06), (1.05, h + 0.01, 1), (0.5, h), (-0.5, h),
    ]  # fmt: skip
    canvas.fill(spline(outline), shade, volume=0.5, depth=0.06, lift=0.35)
    if chunky:
        for x in np.arange(-0.92, 0.9, 0.115):
            if not -0.46 < x < 0.0:
                canvas.fill(rectangle(x, -0.01, x + 0.035, 0.06), darker(shade, 0.6), volume=0)
    if welt:
        canvas.stitch(spline([(-0.96, h), (0.0, h - 0.01), (1.02, h)], False), _YELLOW, 0.024)


def _thin_sole(canvas: Canvas, look: Look, heel: float, block: float) -> None:
    shade = mix(darker(look.main, 0.6), _DARK, 0.4)
    back = [(-0.88, heel + 0.05, 1), (-0.88, heel - 0.02), (-0.84, 0.0, 1), (-0.84 + block, 0.0, 1)]
    canvas.fill(spline([*back, (-0.88 + block * 1.35, heel * 0.6), (-0.84 + block * 1.7, heel + 0.04, 1)]),
                shade, volume=0.7, depth=0.08, lift=0.2)  # fmt: skip
    line = spline([(-0.88, heel + 0.03), (-0.4, heel + 0.02), (-0.1, heel * 0.62 + 0.03), (0.36, 0.04), (0.7, 0.03),
                   (1.0, 0.075)], closed=False)  # fmt: skip
    canvas.fill(ribbon(line, 0.05, 0.06), shade, volume=0.4, depth=0.03, lift=0.25)
