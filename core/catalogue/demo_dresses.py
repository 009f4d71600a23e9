"""Drawings of dresses: A-line, maxi, shirt dress, fitted."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Colour, Pixels
from core.catalogue.demo_geometry import ellipse, flipped, mirrored, ribbon, spline
from core.catalogue.demo_palette import Look, contrast, darker, lighter
from core.catalogue.demo_patterns import fabric, fold


def draw_a_line_dress(canvas: Canvas, look: Look) -> None:
    """A knee-length dress: fitted above, a flaring skirt below a marked waist."""
    rng = canvas.rng
    canvas.frame(-0.86, -1.06, 0.86, 1.02, fill=0.9)
    cloth = fabric(canvas, look, 0.45)
    flare, hem = rng.uniform(0.58, 0.80), rng.uniform(-1.0, -0.72)
    if rng.random() < 0.45:
        _short_sleeves(canvas, cloth)
    _back_neck(canvas, look, 0.86)
    skirt = [(0.25, 0.16, 1), (0.42, -0.25), (flare, hem, 1), (flare * 0.5, hem - 0.05), (0.0, hem - 0.06)]
    canvas.fill(spline(mirrored(skirt)), cloth, volume=0.6, depth=0.16)
    _skirt_folds(canvas, flare, hem, 0.10, 6)
    _bodice(canvas, cloth, waist=0.25, waist_y=0.15, neck=rng.uniform(0.16, 0.26), deep=rng.uniform(0.16, 0.36))
    if rng.random() < 0.6:
        _belt(canvas, look, 0.25, 0.14)


def draw_maxi_dress(canvas: Canvas, look: Look) -> None:
    """An ankle-length dress with thin straps and a long falling skirt."""
    rng = canvas.rng
    canvas.frame(-0.72, -1.18, 0.72, 1.12, fill=0.94)
    cloth = fabric(canvas, look, 0.4)
    flare = rng.uniform(0.44, 0.62)
    for side in (1, -1):
        strap = spline([(side * 0.20, 0.70), (side * 0.19, 0.92), (side * 0.12, 1.06)], closed=False)
        canvas.fill(ribbon(strap, 0.045), cloth, volume=0.4, depth=0.03)
    skirt = [(0.22, 0.30, 1), (0.32, -0.1), (flare, -1.1, 1), (flare * 0.5, -1.15), (0.0, -1.16)]
    canvas.fill(spline(mirrored(skirt)), cloth, volume=0.6, depth=0.15)
    _skirt_folds(canvas, flare, -1.1, 0.26, 6)
    top = [(0.0, 0.62, 1), (0.12, 0.74), (0.22, 0.76, 1), (0.30, 0.60), (0.23, 0.29, 1), (0.0, 0.27)]
    canvas.fill(spline(mirrored(top)), cloth, volume=0.6, depth=0.10, lift=0.2)
    for side in (1, -1):
        fold(canvas, [(side * 0.20, 0.66), (side * 0.12, 0.50), (side * 0.13, 0.34)], 0.14)
    if rng.random() < 0.4:
        for y in (-0.35, -0.75):
            tier = spline([(-0.7, y), (0, y - 0.05), (0.7, y)], closed=False)
            canvas.shade(tier, -0.3, 0.02, 0.02)
    if rng.random() < 0.5:
        _belt(canvas, look, 0.22, 0.29)


def draw_shirt_dress(canvas: Canvas, look: Look) -> None:
    """A buttoned dress with a collar, long or rolled sleeves and a belt."""
    rng = canvas.rng
    canvas.frame(-0.86, -1.06, 0.86, 1.04, fill=0.9)
    cloth = fabric(canvas, look, 0.6)
    hem, flare = rng.uniform(-1.0, -0.8), rng.uniform(0.42, 0.56)
    low = rng.choice((-0.16, 0.28))
    for side in (1, -1):
        sleeve = [(0.34, 0.88, 1), (0.50, 0.74), (0.64, low + 0.2), (0.70, low, 1), (0.54, low - 0.05, 1),
                  (0.46, 0.3), (0.34, 0.52, 1)]  # fmt: skip
        canvas.fill(spline(sleeve if side > 0 else flipped(sleeve)), cloth, volume=0.7, depth=0.08)
        cuff = spline([(side * 0.71, low + 0.05), (side * 0.53, low - 0.01)], closed=False)
        canvas.shade(cuff, -0.35, 0.015, 0.012)
        fold(canvas, [(side * 0.46, 0.62), (side * 0.54, 0.3), (side * 0.58, low + 0.1)], 0.15)
    half = [(0.10, 0.93, 1), (0.36, 0.87), (0.40, 0.55), (0.29, 0.12), (0.36, -0.2), (flare, hem, 1),
            (flare * 0.6, hem - 0.07), (0.0, hem - 0.02)]  # fmt: skip
    canvas.fill(spline(mirrored(half)), cloth, volume=0.55, depth=0.12, lift=0.15)
    _skirt_folds(canvas, flare, hem, 0.02, 4)
    tone = look.main
    canvas.shade(np.array([(0.045, 0.8), (0.045, hem)]), -0.28, 0.014, 0.01)
    canvas.shade(np.array([(-0.045, 0.8), (-0.045, hem)]), -0.15, 0.012, 0.01)
    for y in np.arange(0.70, hem + 0.1, -0.155):
        canvas.fill(ellipse(0, y, 0.022, 0.022), lighter(contrast(tone, 0.6), 0.2), volume=0.5, lift=0.3)
    _collar(canvas, cloth, tone)
    if rng.random() < 0.75:
        _belt(canvas, look, 0.30, 0.10)


def draw_fitted_dress(canvas: Canvas, look: Look) -> None:
    """A close-fitting dress, with long sleeves or none, ending above or below the knee."""
    rng = canvas.rng
    canvas.frame(-0.80, -1.08, 0.80, 1.02, fill=0.9)
    cloth = fabric(canvas, look, 0.75)
    hem = rng.uniform(-1.02, -0.8)
    sleeves = rng.random() < 0.5
    _back_neck(canvas, look, 0.88)
    if sleeves:
        for side in (1, -1):
            arm = [(0.30, 0.86, 1), (0.44, 0.70), (0.54, 0.2), (0.62, -0.14, 1), (0.50, -0.17, 1), (0.40, 0.2),
                   (0.30, 0.5, 1)]  # fmt: skip
            canvas.fill(spline(arm if side > 0 else flipped(arm)), cloth, volume=0.75, depth=0.07)
    deep = rng.uniform(0.12, 0.34)
    half = [(0.18, 0.92, 1), (0.33, 0.88, 1), (0.30, 0.66), (0.35, 0.46), (0.25, 0.12), (0.40, -0.28), (0.37, -0.7),
            (0.30, hem, 1), (0.0, hem - 0.02)]  # fmt: skip
    canvas.fill(spline([*mirrored(half), (-0.12, 0.92 - deep), (0.0, 0.90 - deep), (0.12, 0.92 - deep)]), cloth,
                volume=0.75, depth=0.16, lift=0.15)  # fmt: skip
    for side in (1, -1):
        fold(canvas, [(side * 0.30, 0.50), (side * 0.18, 0.34), (side * 0.16, 0.12)], 0.14)
        fold(canvas, [(side * 0.24, 0.05), (side * 0.12, -0.02), (0.0, 0.0)], 0.16)
    if rng.random() < 0.5:
        fold(canvas, [(0.24, 0.10), (0.0, -0.10), (-0.26, -0.18)], 0.22)
        fold(canvas, [(0.25, 0.05), (0.06, -0.22), (-0.2, -0.36)], 0.18)
    canvas.shade(np.array([(0.0, hem), (0.0, hem + 0.18)]), -0.35, 0.012, 0.01)


def _bodice(canvas: Canvas, cloth: Colour | Pixels, waist: float, waist_y: float, neck: float, deep: float) -> None:
    half = [(neck, 0.92, 1), (0.33, 0.88, 1), (0.27, 0.68), (0.34, 0.48), (waist, waist_y, 1), (0.0, waist_y - 0.02)]
    scoop = [(-neck * 0.75, 0.94 - deep * 0.75), (0.0, 0.91 - deep), (neck * 0.75, 0.94 - deep * 0.75)]
    if canvas.rng.random() < 0.4:
        scoop = [(0.0, 0.86 - deep, 1)]
    canvas.fill(spline([*mirrored(half), *scoop]), cloth, volume=0.65, depth=0.12, lift=0.2)
    for side in (1, -1):
        fold(canvas, [(side * 0.30, 0.50), (side * 0.18, 0.38), (side * 0.15, waist_y + 0.02)], 0.15)


def _back_neck(canvas: Canvas, look: Look, y: float) -> None:
    inside = [(-0.25, y + 0.04), (0, y - 0.05), (0.25, y + 0.04), (0.2, y - 0.4), (0, y - 0.45), (-0.2, y - 0.4)]
    canvas.fill(spline(inside), darker(look.main, 0.42), volume=0.3, depth=0.12)


def _short_sleeves(canvas: Canvas, cloth: Colour | Pixels) -> None:
    for side in (1, -1):
        sleeve = [(0.20, 0.90, 1), (0.42, 0.81), (0.56, 0.52, 1), (0.40, 0.44, 1), (0.22, 0.50, 1)]
        canvas.fill(spline(sleeve if side > 0 else flipped(sleeve)), cloth, volume=0.7, depth=0.08)


def _skirt_folds(canvas: Canvas, flare: float, hem: float, top: float, n: int) -> None:
    for k in range(n):
        spread = (k + 0.5) / n * 2 - 1
        wobble = canvas.rng.uniform(-0.04, 0.04)
        length = canvas.rng.uniform(0.0, 0.25)
        fold(canvas, [(spread * 0.20, top - length), (spread * flare * 0.55 + wobble, (top + hem) / 2),
                      (spread * flare * 0.9, hem)], 0.26, 0.06)  # fmt: skip


def _belt(canvas: Canvas, look: Look, half: float, y: float) -> None:
    band = ribbon(spline([(-half - 0.01, y), (0, y - 0.025), (half + 0.01, y)], closed=False), 0.075)
    shade = look.accent if canvas.rng.random() < 0.5 else contrast(look.main, 0.45)
    canvas.fill(band, shade, volume=0.6, depth=0.03, lift=0.3)
    if canvas.rng.random() < 0.5:
        square = np.array(
            [(-0.05, y - 0.075), (0.05, y - 0.075), (0.05, y + 0.03), (-0.05, y + 0.03), (-0.05, y - 0.075)]
        )
        canvas.stroke(square, look.metal, 0.026, volume=0.6, lift=0.3, gloss=0.3)
    else:
        for dx in (0.05, 0.10):
            tail = spline([(0.02, y - 0.02), (dx, y - 0.14), (dx + 0.02, y - 0.30)], closed=False)
            canvas.fill(ribbon(tail, 0.05), shade, volume=0.6, depth=0.03, lift=0.3)


def _collar(canvas: Canvas, cloth: Colour | Pixels, tone: Colour) -> None:
    canvas.fill(spline([(-0.12, 0.95), (0, 0.99), (0.12, 0.95), (0.05, 0.84), (0, 0.80, 1), (-0.05, 0.84)]),
                darker(tone, 0.5), volume=0.2)  # fmt: skip
    for side in (1, -1):
        wing = [(0.11, 0.98, 1), (0.16, 0.90), (0.17, 0.74, 1), (0.0, 0.79, 1), (0.05, 0.88)]
        canvas.fill(spline(wing if side > 0 else flipped(wing)), cloth, volume=0.5, depth=0.04, lift=0.35)
