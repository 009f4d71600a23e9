"""Drawings of loafers, seen from the side: penny, tassel, horsebit and driving moccasins."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Pixels
from core.catalogue.demo_geometry import ellipse, ribbon, shifted, spline
from core.catalogue.demo_palette import Look, contrast, darker, mix

_SOLE = (0.17, 0.12, 0.09)
_STACKED = (0.42, 0.27, 0.16)


def draw_penny_loafer(canvas: Canvas, look: Look) -> None:
    """A loafer with a strap across the instep and a slot cut into it."""
    body = _loafer(canvas, look)
    _saddle(canvas, look, body)
    canvas.fill(spline([(0.045, 0.40), (0.115, 0.435), (0.185, 0.385), (0.115, 0.375)]), darker(look.main, 0.75),
                volume=0.0, within=body)  # fmt: skip
    _flat_sole(canvas, look)


def draw_tassel_loafer(canvas: Canvas, look: Look) -> None:
    """A loafer with two leather tassels on its tongue and a cord around its collar."""
    body = _loafer(canvas, look)
    cord = spline([(-0.93, 0.46), (-0.6, 0.38), (-0.2, 0.40), (0.06, 0.49)], closed=False)
    canvas.fill(ribbon(cord, 0.045), contrast(look.main, 0.2), volume=0.6, depth=0.03, lift=0.3, within=body)
    for x, lean in ((0.16, 0.10), (0.22, 0.20)):
        tassel = spline([(x - 0.015, 0.52, 1), (x - 0.06 + lean * 0.3, 0.34), (x - 0.02 + lean * 0.5, 0.27),
                         (x + 0.07 + lean * 0.5, 0.30), (x + 0.035, 0.50, 1)])  # fmt: skip
        canvas.fill(tassel, contrast(look.main, 0.12), volume=0.9, depth=0.05, lift=0.45)
        for k in range(3):
            hair = np.array([(x + 0.01, 0.46), (x - 0.03 + 0.035 * k + lean * 0.4, 0.29)])
            canvas.stroke(hair, darker(look.main, 0.5), 0.01)
        canvas.fill(ellipse(x + 0.01, 0.505, 0.035, 0.03), look.main, volume=0.8, lift=0.3)
    _flat_sole(canvas, look)


def draw_horsebit_loafer(canvas: Canvas, look: Look) -> None:
    """A loafer with a metal bit of rings and a bar across the instep."""
    body = _loafer(canvas, look)
    _saddle(canvas, look, body)
    bar = spline([(-0.05, 0.36), (0.10, 0.43), (0.24, 0.43)], closed=False)
    canvas.stroke(bar, look.metal, 0.045, volume=0.9, lift=0.45, gloss=0.4)
    for x, y in ((-0.07, 0.345), (0.25, 0.435)):
        ring = ellipse(x, y, 0.055, 0.06)
        canvas.stroke(np.concatenate([ring, ring[:2]]), look.metal, 0.03, volume=0.8, lift=0.4, gloss=0.4)
    _flat_sole(canvas, look)


def draw_driving_moccasin(canvas: Canvas, look: Look) -> None:
    """A soft moccasin on a thin pebbled rubber sole that climbs the heel."""
    body = _loafer(canvas, look, low=0.05)
    if canvas.rng.random() < 0.6:
        for dx, dy in ((-0.13, 0.07), (0.12, 0.03)):
            loop = spline([(0.1, 0.45), (0.1 + dx * 0.7, 0.47 + dy), (0.1 + dx, 0.40), (0.1, 0.44)], closed=False)
            canvas.stroke(loop, contrast(look.main, 0.35), 0.03, volume=0.6, lift=0.4)
    else:
        _saddle(canvas, look, body)
    sole = mix(look.sole, _SOLE, 0.55)
    line = spline([(-0.97, 0.34), (-0.98, 0.14), (-0.90, 0.04), (0.2, 0.03), (0.8, 0.05), (1.0, 0.13)], closed=False)
    canvas.fill(ribbon(line, 0.05, 0.06), sole, volume=0.5, depth=0.03, lift=0.3)
    for x in np.arange(-0.86, 0.85, 0.11):
        canvas.fill(ellipse(x, 0.005, 0.04, 0.028), darker(sole, 0.3), volume=0.5)
    for y in (0.12, 0.20, 0.28):
        canvas.fill(ellipse(-0.99, y, 0.028, 0.035), darker(sole, 0.3), volume=0.5)


def _loafer(canvas: Canvas, look: Look, low: float = 0.09) -> Pixels:
    """The common body: low quarters, a raised tongue, an apron ringed by the moccasin seam."""
    rng = canvas.rng
    canvas.frame(-1.0, 0.0, 1.05, 0.72)
    back, toe = rng.uniform(0.50, 0.58), rng.uniform(-0.02, 0.04)
    inside = [(-0.90, back - 0.04), (-0.6, back + 0.04), (-0.2, 0.54), (0.04, 0.60), (-0.05, 0.4), (-0.6, 0.3)]
    canvas.fill(spline(inside), darker((0.78, 0.62, 0.45), 0.35), volume=0.3)
    tongue = [(-0.10, 0.42, 1), (-0.07, 0.60), (0.04, 0.66), (0.15, 0.60), (0.34, 0.46, 1), (0.12, 0.34, 1)]
    canvas.fill(spline(tongue), look.main, volume=0.8, depth=0.08)
    outline = [
        (-0.92, low, 1), (-0.97, 0.28), (-0.95, back), (-0.88, back + 0.015, 1), (-0.6, 0.41), (-0.25, 0.41),
        (0.02, 0.50), (0.16, 0.53), (0.36, 0.47), (0.62, 0.42 + toe), (0.86, 0.34 + toe), (1.0, 0.20), (0.99, low, 1),
    ]  # fmt: skip
    body = canvas.fill(spline(outline), look.main, volume=0.8, depth=0.13, lift=0.2, gloss=0.16)
    seam = spline([(0.0, 0.35), (0.25, 0.315), (0.55, 0.29), (0.80, 0.30 + toe), (0.90, 0.335 + toe)], closed=False)
    apron = np.concatenate([seam, spline([(0.9, 0.6), (0.4, 0.7), (0.0, 0.7)], closed=False)])
    canvas.fill(apron, look.main, volume=0.55, depth=0.08, lift=0.12, within=body)
    canvas.shade(shifted(seam, 0.0, -0.025), -0.5, 0.03, 0.018)
    canvas.shade(shifted(seam, 0.0, 0.02), 0.16, 0.02, 0.015)
    for x, y in seam[::3]:
        canvas.stroke(np.array([(x - 0.01, y - 0.035), (x + 0.012, y + 0.025)]), contrast(look.main, 0.4), 0.014)
    canvas.shade(spline([(-0.62, 0.4), (-0.58, 0.25), (-0.62, low)], False), -0.25, 0.015, 0.01)
    canvas.shade(spline([(0.4, 0.41), (0.62, 0.375), (0.78, 0.33)], False), 0.25, 0.04, 0.03)
    return body


def _saddle(canvas: Canvas, look: Look, body: Pixels) -> None:
    strap = [(-0.16, 0.05, 1), (-0.13, 0.28), (-0.02, 0.48), (0.10, 0.58), (0.26, 0.54), (0.17, 0.38), (0.10, 0.24),
             (0.10, 0.05, 1)]  # fmt: skip
    shade = look.main if canvas.rng.random() < 0.7 else contrast(look.main, 0.22)
    canvas.fill(spline(strap), shade, volume=0.7, depth=0.08, lift=0.45, within=body)
    canvas.stitch(spline([(-0.12, 0.10), (-0.09, 0.28), (0.02, 0.46)], False), contrast(look.main, 0.4))
    canvas.stitch(spline([(0.07, 0.10), (0.07, 0.24), (0.14, 0.38)], False), contrast(look.main, 0.4))


def _flat_sole(canvas: Canvas, look: Look) -> None:
    shade = mix(look.sole, _SOLE, 0.85)
    line = spline([(-0.96, 0.135), (-0.4, 0.125), (0.2, 0.085), (0.7, 0.07), (1.02, 0.13)], closed=False)
    canvas.fill(ribbon(line, 0.05, 0.06), shade, volume=0.5, depth=0.03, lift=0.35)
    canvas.stitch(shifted(line, 0.0, 0.018), contrast(shade, 0.4), 0.014, 0.04)
    heel = [(-0.96, 0.12, 1), (-0.95, 0.0, 1), (-0.50, 0.0, 1), (-0.46, 0.11, 1)]
    block = canvas.fill(spline(heel), mix(shade, _STACKED, 0.4), volume=0.5, depth=0.05, lift=0.2)
    for y in (0.04, 0.075):
        canvas.stroke(np.array([(-1.0, y), (-0.4, y)]), darker(shade, 0.4), 0.01, within=block)
