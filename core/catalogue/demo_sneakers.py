"""Drawings of sneakers, seen from the side: low, high-top, runner and skate."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Pixels
from core.catalogue.demo_geometry import Points, along, ellipse, shifted, spline
from core.catalogue.demo_palette import Colour, Look, contrast, darker, lighter, luminance, mix

_WHITE: Colour = (0.95, 0.95, 0.94)


def draw_low_sneaker(canvas: Canvas, look: Look) -> None:
    """A court sneaker with a cup sole, an overlaid toe and heel, and a mark on its side."""
    rng = canvas.rng
    canvas.frame(-1.0, 0.0, 1.03, 0.86)
    toe = rng.uniform(-0.03, 0.05)
    opening = spline([(-0.90, 0.70), (-0.62, 0.58), (-0.25, 0.62), (-0.06, 0.84), (-0.3, 0.88), (-0.7, 0.82)])
    canvas.fill(opening, darker(look.main, 0.6), volume=0.3)
    _tongue(canvas, look, [(-0.16, 0.60, 1), (-0.20, 0.90), (-0.06, 0.92), (0.30, 0.52), (0.12, 0.42, 1)])
    upper = _upper([(-0.93, 0.66), (-0.86, 0.76), (-0.76, 0.68), (-0.52, 0.57), (-0.28, 0.62), (-0.16, 0.76)], toe)
    body = canvas.fill(upper, look.main, volume=0.75, depth=0.14, lift=0.25)
    _toe_overlay(canvas, look, body, toe)
    _heel_overlay(canvas, look, body, 0.62)
    _side_mark(canvas, look, body)
    _laces(canvas, look, spline([(-0.12, 0.78), (0.06, 0.62), (0.32, 0.46)], closed=False), 5)
    _cup_sole(canvas, look, 0.17, toe)


def draw_high_top(canvas: Canvas, look: Look) -> None:
    """A canvas or leather high-top: padded ankle, long row of laces, rubber toe."""
    rng = canvas.rng
    canvas.frame(-1.0, 0.0, 1.03, 1.34)
    toe = rng.uniform(-0.02, 0.03)
    opening = spline([(-0.88, 1.22), (-0.5, 1.14), (-0.16, 1.22), (-0.12, 1.36), (-0.5, 1.34)])
    canvas.fill(opening, darker(look.main, 0.6), volume=0.3)
    _tongue(canvas, look, [(-0.24, 1.1, 1), (-0.28, 1.40), (-0.10, 1.42), (-0.02, 1.0), (0.30, 0.54), (0.1, 0.42, 1)])
    upper = _upper(
        [(-0.93, 0.80), (-0.94, 1.20), (-0.86, 1.28), (-0.55, 1.16), (-0.26, 1.20), (-0.17, 1.12), (-0.08, 0.82)], toe
    )
    body = canvas.fill(upper, look.main, volume=0.75, depth=0.15, lift=0.25)
    canvas.shade(spline([(-0.93, 0.84), (-0.6, 0.74), (-0.2, 0.80)], closed=False), -0.25, 0.04)
    if rng.random() < 0.55:
        canvas.fill(ellipse(-0.52, 0.90, 0.15, 0.15), _WHITE, volume=0.2, lift=0.15)
        canvas.fill(ellipse(-0.52, 0.90, 0.08, 0.08), look.accent, volume=0.2)
    else:
        _side_mark(canvas, look, body)
    _rubber_toe(canvas, look, body)
    _heel_overlay(canvas, look, body, 1.0)
    _laces(canvas, look, spline([(-0.14, 1.16), (-0.06, 0.86), (0.08, 0.64), (0.32, 0.48)], closed=False), 8)
    _cup_sole(canvas, look, 0.18, toe)


def draw_runner(canvas: Canvas, look: Look) -> None:
    """A running shoe: knitted upper, overlays in a second colour, a thick curved foam sole."""
    rng = canvas.rng
    canvas.frame(-1.05, 0.0, 1.08, 0.9)
    opening = spline([(-0.92, 0.78), (-0.62, 0.66), (-0.3, 0.70), (-0.08, 0.88), (-0.4, 0.90), (-0.7, 0.86)])
    canvas.fill(opening, darker(look.accent, 0.5), volume=0.3)
    _tongue(canvas, look, [(-0.2, 0.64, 1), (-0.22, 0.95), (-0.08, 0.96), (0.3, 0.56), (0.12, 0.46, 1)])
    upper = _upper([(-0.99, 0.70), (-1.0, 0.88), (-0.88, 0.80), (-0.58, 0.64), (-0.3, 0.68), (-0.18, 0.80)], -0.02)
    body = canvas.fill(upper, _knit(canvas, look), volume=0.75, depth=0.16, lift=0.2)
    quarter = spline([(-1, 0.1), (-1, 0.6), (-0.72, 0.50), (-0.5, 0.34), (-0.3, 0.12)])
    canvas.fill(quarter, look.accent, volume=0.4, lift=0.25, within=body)
    for k in range(int(rng.integers(2, 5))):
        x = -0.18 + 0.16 * k
        line = spline([(x - 0.12, 0.16), (x, 0.34), (x + 0.06, 0.56)], closed=False)
        canvas.stroke(line, mix(look.accent, look.main, 0.25), 0.045, volume=0.3, lift=0.2, within=body)
    canvas.fill(spline([(1.1, 0.1), (0.98, 0.36), (0.66, 0.28), (0.56, 0.1)]), look.accent, within=body, lift=0.2)
    _laces(canvas, look, spline([(-0.13, 0.80), (0.06, 0.64), (0.3, 0.48)], closed=False), 5)
    _foam_sole(canvas, look)


def draw_skate_shoe(canvas: Canvas, look: Look) -> None:
    """A flat vulcanised skate shoe: low, with a foxing stripe and a wavy line or check on its side."""
    rng = canvas.rng
    canvas.frame(-1.0, 0.0, 1.03, 0.8)
    opening = spline([(-0.9, 0.62), (-0.6, 0.52), (-0.25, 0.56), (-0.04, 0.74), (-0.4, 0.77), (-0.7, 0.74)])
    canvas.fill(opening, darker(look.main, 0.6), volume=0.3)
    _tongue(canvas, look, [(-0.16, 0.52, 1), (-0.18, 0.82), (-0.04, 0.83), (0.28, 0.48), (0.1, 0.38, 1)])
    upper = _upper([(-0.93, 0.58), (-0.86, 0.67), (-0.74, 0.60), (-0.5, 0.51), (-0.27, 0.55), (-0.16, 0.68)], 0.0)
    paint = _checks(canvas, look) if rng.random() < 0.3 else look.main
    body = canvas.fill(upper, paint, volume=0.7, depth=0.13, lift=0.2)
    wave = [(-0.95, 0.42), (-0.6, 0.32), (-0.3, 0.44), (0.0, 0.40), (0.22, 0.22), (0.3, 0.1)]
    stripe = look.accent if luminance(look.main) > 0.6 else _WHITE
    canvas.stroke(spline(wave, closed=False), stripe, 0.055, volume=0.2, within=body)
    canvas.stitch(spline([(0.34, 0.14), (0.38, 0.30), (0.5, 0.40)], closed=False), contrast(look.main, 0.5))
    _laces(canvas, look, spline([(-0.11, 0.70), (0.06, 0.56), (0.3, 0.42)], closed=False), 5)
    _cup_sole(canvas, look, 0.15, 0.0)
    line = spline([(-0.97, 0.10), (0.5, 0.09), (0.98, 0.12)], closed=False)
    canvas.stroke(line, look.accent if luminance(look.sole) > 0.5 else _WHITE, 0.022)


def _upper(collar: list[tuple[float, ...]], toe: float) -> Points:
    """An upper whose collar runs from the heel to the lowest lace; the rest is common to all."""
    vamp = [(0.04, 0.62), (0.32, 0.45), (0.56, 0.385 + toe), (0.80, 0.345 + toe), (0.95, 0.25), (0.98, 0.12, 1)]
    return spline([(-0.93, 0.10, 1), (-0.975, 0.34), *collar, *vamp])


def _tongue(canvas: Canvas, look: Look, knots: list[tuple[float, ...]]) -> None:
    canvas.fill(spline(knots), contrast(look.main, 0.12), volume=0.7, depth=0.07)


def _toe_overlay(canvas: Canvas, look: Look, body: Pixels, toe: float) -> None:
    edge = [(0.40, 0.10), (0.46, 0.26), (0.62, 0.37 + toe)]
    cap = spline([*edge, (0.8, 0.5), (1.1, 0.3), (1.05, 0.05)])
    shades = (look.main, contrast(look.main, 0.18), look.accent, look.main)
    canvas.fill(cap, shades[int(canvas.rng.integers(4))], volume=0.5, depth=0.12, lift=0.25, within=body)
    canvas.stitch(spline([(x - 0.035, y) for x, y in edge], closed=False), contrast(look.main, 0.45))
    for x, y in ((0.50, 0.44), (0.57, 0.415), (0.64, 0.39)):
        canvas.fill(ellipse(x, y - 0.03 + toe, 0.014, 0.012), darker(look.main, 0.5), volume=0)


def _rubber_toe(canvas: Canvas, look: Look, body: Pixels) -> None:
    cap = spline([(0.58, 0.08), (0.60, 0.26), (0.72, 0.42), (1.1, 0.4), (1.08, 0.05)])
    canvas.fill(cap, _WHITE if luminance(look.sole) > 0.4 else look.sole, volume=0.6, lift=0.25, within=body)


def _heel_overlay(canvas: Canvas, look: Look, body: Pixels, top: float) -> None:
    patch = spline([(-1.1, 0.05), (-1.1, top), (-0.80, top - 0.02), (-0.72, 0.36), (-0.58, 0.05)])
    shade = look.accent if canvas.rng.random() < 0.5 else contrast(look.main, 0.2)
    canvas.fill(patch, shade, volume=0.4, lift=0.25, within=body)


def _side_mark(canvas: Canvas, look: Look, body: Pixels) -> None:
    """Stripes, a sweep, a chevron, a letter-like bar, or nothing."""
    kind = canvas.rng.integers(5)
    if kind == 0:
        for x in (-0.42, -0.26, -0.10):
            band = spline([(x - 0.1, 0.12), (x + 0.06, 0.36), (x + 0.16, 0.58)], closed=False)
            canvas.stroke(band, look.accent, 0.075, volume=0.2, lift=0.15, within=body)
    elif kind == 1:
        sweep = [(-0.72, 0.50), (-0.42, 0.27), (-0.05, 0.30), (0.36, 0.42), (-0.05, 0.22), (-0.46, 0.18)]
        canvas.fill(spline(sweep), look.accent, volume=0.3, lift=0.2, within=body)
    elif kind == 2:
        line = spline([(-0.55, 0.18, 1), (-0.25, 0.48, 1), (-0.12, 0.18, 1)], closed=False)
        canvas.stroke(line, look.accent, 0.085, volume=0.2, lift=0.15, within=body)
    elif kind == 3:
        line = spline([(-0.66, 0.40), (-0.3, 0.32), (0.16, 0.16)], closed=False)
        canvas.stroke(line, look.accent, 0.11, volume=0.2, lift=0.15, within=body)
    seam = spline([(-0.14, 0.74), (-0.06, 0.5), (0.1, 0.36), (0.36, 0.34)], closed=False)
    canvas.shade(seam, -0.3, 0.02, 0.012)
    canvas.stitch(shifted(seam, -0.03, -0.02), contrast(look.main, 0.4))


def _laces(canvas: Canvas, look: Look, slope: Points, n: int) -> None:
    shade = _WHITE if luminance(look.main) < 0.75 or canvas.rng.random() < 0.5 else look.accent
    for x, y in along(slope, n, 0.02, 0.98):
        canvas.fill(ellipse(x - 0.10, y - 0.085, 0.02, 0.02), darker(look.main, 0.6), volume=0)
        bar = spline([(x - 0.105, y - 0.085), (x - 0.03, y + 0.015), (x + 0.055, y + 0.03)], closed=False)
        canvas.stroke(bar, shade, 0.042, volume=0.5, lift=0.35)
    x, y = slope[0]
    for dx, dy in ((-0.10, -0.10), (0.10, -0.12)):
        loop = spline([(x, y), (x + dx, y + 0.03), (x + dx * 1.2, y + dy), (x, y - 0.01)], closed=False)
        canvas.stroke(loop, shade, 0.03, volume=0.4, lift=0.25)


def _cup_sole(canvas: Canvas, look: Look, height: float, toe: float) -> None:
    h = height
    outline = [
        (-0.99, h + 0.05, 1), (-1.0, 0.06), (-0.95, 0.0), (0.55, 0.0), (0.86, 0.02), (1.01, 0.12 + toe / 2),
        (1.0, h + 0.06, 1), (0.7, h + 0.015), (0.1, h - 0.01), (-0.5, h),
    ]  # fmt: skip
    canvas.fill(spline(outline), look.sole, volume=0.55, depth=0.07, lift=0.35)
    canvas.stitch(spline([(-0.96, h - 0.035), (0.1, h - 0.05), (0.95, h)], closed=False), darker(look.sole, 0.3))
    ground = spline([(-0.97, 0.03), (0.55, 0.025), (0.97, 0.09)], closed=False)
    canvas.stroke(ground, darker(look.sole, 0.3), 0.02, opacity=0.6)


def _foam_sole(canvas: Canvas, look: Look) -> None:
    h = canvas.rng.uniform(0.22, 0.30)
    foam = [
        (-1.02, h + 0.10), (-1.05, 0.12), (-0.9, 0.02), (-0.3, 0.05), (0.4, 0.03), (0.8, 0.08), (1.06, 0.22),
        (1.0, 0.27), (0.6, h - 0.05), (0.0, h - 0.08), (-0.5, h),
    ]  # fmt: skip
    body = canvas.fill(spline(foam), look.sole, volume=0.7, depth=0.1, lift=0.35)
    line = spline([(-1.0, h - 0.06), (-0.5, 0.12), (0.1, 0.12), (0.95, 0.2)], closed=False)
    canvas.stroke(line, look.accent, 0.035, within=body)
    tread = spline([(-0.95, 0.03), (-0.3, 0.03), (0.4, 0.02), (0.85, 0.09)], closed=False)
    canvas.stroke(tread, (0.15, 0.15, 0.16), 0.06, volume=0.4)


def _knit(canvas: Canvas, look: Look) -> Pixels:
    """A mesh of fine diagonal dots."""
    x, y = canvas.units()
    wave = np.sin(62 * (x + 0.5 * y)) * np.sin(62 * (y - 0.5 * x))
    return _blend(look.main, contrast(look.main, 0.28), (wave > 0.1).astype(np.float32) * 0.6)


def _checks(canvas: Canvas, look: Look) -> Pixels:
    x, y = canvas.units()
    cells = np.clip(6 * np.sin(24 * x) * np.sin(24 * y), -1, 1) / 2 + 0.5
    return _blend(look.main, lighter(look.accent, 0.3), cells)


def _blend(colour: Colour, other: Colour, share: Pixels) -> Pixels:
    a, b = np.asarray(colour, dtype=np.float32), np.asarray(other, dtype=np.float32)
    return a + (b - a) * share[..., None]
