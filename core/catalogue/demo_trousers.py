"""Drawings of trousers from the front: slim, wide, cargo, jeans."""

from dataclasses import dataclass

import numpy as np

from core.catalogue.demo_canvas import Canvas, Colour, Pixels
from core.catalogue.demo_geometry import ellipse, mirrored, rectangle, ribbon, shifted, spline
from core.catalogue.demo_palette import Look, contrast, darker
from core.catalogue.demo_patterns import camouflage, checks, fold, stripes


@dataclass(frozen=True, slots=True)
class _Legs:
    """The mask of the legs and where their edges run: outside at knee and hem, inside at the hem."""

    mask: Pixels
    knee: float
    foot: float
    inside: float


def draw_slim_trousers(canvas: Canvas, look: Look) -> None:
    """Chinos or dress trousers with a narrow leg and a pressed crease."""
    cloth: Colour | Pixels = look.main
    if canvas.rng.random() < 0.2:
        faint = contrast(look.main, 0.2)
        is_checked = canvas.rng.random() < 0.6
        cloth = checks(canvas, look.main, faint, 9) if is_checked else stripes(canvas, look.main, faint, 9, 0.2, True)
    hem = canvas.rng.uniform(0.125, 0.165)
    legs = _legs(canvas, look, cloth, hem=hem, gap=canvas.rng.uniform(0.14, 0.26))
    middle = (legs.foot + legs.inside) / 2
    for side in (1, -1):
        canvas.shade(
            spline([(side * 0.23, 0.5), (side * 0.26, -0.3), (side * middle, -1.05)], False), 0.16, 0.014, 0.01
        )
        _slant_pocket(canvas, look, side)
    _waist(canvas, look, button=True)


def draw_wide_trousers(canvas: Canvas, look: Look) -> None:
    """Flowing wide-leg or palazzo trousers with pleats at a high waist."""
    cloth: Colour | Pixels = look.main
    if canvas.rng.random() < 0.25:
        cloth = stripes(canvas, look.main, contrast(look.main, 0.35), 8, 0.25, upright=True)
    hem = canvas.rng.uniform(0.29, 0.37)
    _legs(canvas, look, cloth, hem=hem, gap=0.04)
    for side in (1, -1):
        for k in range(3):
            x = side * (0.14 + 0.10 * k)
            fold(canvas, [(x * 0.8, 0.72), (x * 1.2, 0.0), (x * 1.7 + side * 0.02, -1.05)], 0.24, 0.05)
    _waist(canvas, look, button=canvas.rng.random() < 0.4, tie=True)


def draw_cargo_trousers(canvas: Canvas, look: Look) -> None:
    """Cargo trousers: flapped pockets on the thighs, often gathered at the ankle."""
    cloth: Colour | Pixels = camouflage(canvas, look.main) if canvas.rng.random() < 0.25 else look.main
    gathered = canvas.rng.random() < 0.5
    legs = _legs(canvas, look, cloth, hem=0.14 if gathered else 0.19, gap=0.2, loose=0.07 if gathered else 0.03)
    for side in (1, -1):
        _slant_pocket(canvas, look, side)
        _thigh_pocket(canvas, look, cloth, side)
        fold(canvas, [(side * 0.14, -0.28), (side * 0.30, -0.36), (side * 0.46, -0.30)], 0.22)
        fold(canvas, [(side * 0.18, -0.62), (side * 0.32, -0.72), (side * 0.46, -0.64)], 0.22)
        if gathered:
            band = spline([(side * (legs.inside - 0.01), -1.05), (side * (legs.foot + 0.01), -1.03)], closed=False)
            canvas.fill(ribbon(band, 0.10), darker(look.main, 0.25), volume=0.5, depth=0.04, lift=0.2)
    _waist(canvas, look, button=True)


def draw_jeans(canvas: Canvas, look: Look) -> None:
    """Five-pocket jeans: yellow stitching, washed thighs, copper button."""
    rng = canvas.rng
    cloth = _denim(canvas, look)
    legs = _legs(canvas, look, cloth, hem=rng.uniform(0.125, 0.225), gap=rng.uniform(0.10, 0.24))
    thread = (0.80, 0.58, 0.28)
    for side in (1, -1):
        canvas.shade(spline([(side * 0.24, 0.42), (side * 0.28, 0.05), (side * 0.29, -0.35)], False), 0.26, 0.12, 0.10)
        curve = spline([(side * 0.16, 0.90), (side * 0.20, 0.74), (side * 0.43, 0.66)], closed=False)
        canvas.shade(curve, -0.4, 0.02, 0.012)
        canvas.stitch(shifted(curve, 0.0, -0.025), thread, 0.014, 0.04)
        seam = [(side * 0.44, 0.5), (side * (legs.knee - 0.035), -0.25), (side * (legs.foot - 0.03), -1.0)]
        canvas.stitch(spline(seam, False), thread, 0.011, 0.04)
        canvas.stitch(
            np.array([(side * (legs.inside + 0.01), -1.05), (side * (legs.foot - 0.01), -1.02)]), thread, 0.014
        )
        for k in range(3):
            y = 0.46 - 0.05 * k
            fold(canvas, [(side * 0.08, y), (side * 0.24, y + 0.07)], 0.18, 0.03)
        if rng.random() < 0.25:
            canvas.fill(
                ellipse(side * 0.28, -0.28, 0.08, 0.035), (0.84, 0.86, 0.88), volume=0.1, within=legs.mask, opacity=0.8
            )
    canvas.stitch(spline([(0.09, 0.88), (0.10, 0.62), (0.0, 0.46)], False), thread, 0.014, 0.04)
    _waist(canvas, look, button=True, thread=thread)


def _denim(canvas: Canvas, look: Look) -> Pixels:
    x, y = canvas.units()
    twill = np.sin(70 * (x + y)) * 0.05 + canvas.rng.normal(0, 0.025, x.shape)
    tone = np.asarray(look.main, dtype=np.float32)
    return np.clip(tone * (1 + 1.2 * twill[..., None].astype(np.float32)), 0, 1)


def _legs(canvas: Canvas, look: Look, cloth: Colour | Pixels, hem: float, gap: float, loose: float = 0.0) -> _Legs:
    """Both legs in one piece: `hem` is half a leg's width at the bottom, `loose` widens the knee."""
    canvas.frame(-0.80, -1.12, 0.80, 1.06, fill=0.9)
    canvas.fill(ellipse(0, 0.95, 0.34, 0.05), darker(look.main, 0.55), volume=0.1)
    foot = gap / 2 + 2 * hem
    knee = 0.5 * (0.47 + foot) + loose
    half = [
        (0.0, 0.92), (0.36, 0.95, 1), (0.43, 0.70), (0.47, 0.44), (knee, -0.25), (foot, -1.06, 1), (gap / 2, -1.09, 1),
        (gap * 0.34 + 0.03 - loose * 0.3, -0.35), (0.015, 0.24), (0.0, 0.30, 1),
    ]  # fmt: skip
    mask = canvas.fill(spline(mirrored(half)), cloth, volume=0.7, depth=0.14)
    canvas.shade(spline([(0.0, 0.86), (0.0, 0.5), (0.0, 0.28)], False), -0.45, 0.016, 0.012)
    canvas.shade(spline([(0.08, 0.86), (0.085, 0.64), (0.0, 0.48)], False), -0.25, 0.014, 0.01)
    middle = gap / 2 + hem
    for side in (1, -1):
        inseam = [(side * 0.04, 0.16), (side * (gap * 0.4 + 0.03), -0.5), (side * (gap / 2 + 0.03), -1.05)]
        canvas.shade(spline(inseam, False), -0.16, 0.06, 0.05)
        fold(canvas, [(side * 0.02, 0.30), (side * 0.14, 0.38), (side * 0.28, 0.41)], 0.24)
        fold(canvas, [(side * 0.04, 0.20), (side * 0.16, 0.24)], 0.2)
        fold(canvas, [(side * (knee - 0.22), -0.26), (side * (knee - 0.08), -0.33)], 0.16)
        fold(canvas, [(side * (middle - hem * 0.6), -0.92), (side * (middle + hem * 0.3), -0.98)], 0.14)
    return _Legs(mask, knee, foot, gap / 2)


def _waist(canvas: Canvas, look: Look, button: bool, tie: bool = False, thread: Colour | None = None) -> None:
    band = ribbon(spline([(-0.365, 0.95), (0, 0.91), (0.365, 0.95)], closed=False), 0.11)
    canvas.fill(band, contrast(look.main, 0.06), volume=0.5, depth=0.05, lift=0.2)
    if thread:
        canvas.stitch(spline([(-0.36, 0.985), (0, 0.945), (0.36, 0.985)], False), thread, 0.012, 0.04)
    for x in (-0.29, -0.15, 0.17, 0.29):
        canvas.fill(rectangle(x - 0.018, 0.87, x + 0.018, 1.0), contrast(look.main, 0.14), volume=0.4, lift=0.3)
    if button:
        canvas.fill(ellipse(0.02, 0.915, 0.026, 0.026), look.metal, volume=0.7, lift=0.3, gloss=0.3)
    elif tie:
        for dx in (-0.06, 0.07):
            cord = spline([(0, 0.91), (dx, 0.80), (dx * 1.2, 0.62)], closed=False)
            canvas.fill(ribbon(cord, 0.04), contrast(look.main, 0.2), volume=0.6, depth=0.03, lift=0.3)


def _slant_pocket(canvas: Canvas, look: Look, side: int) -> None:
    line = spline([(side * 0.28, 0.88), (side * 0.43, 0.60)], closed=False)
    canvas.shade(line, -0.45, 0.02, 0.012)
    canvas.stitch(shifted(line, -side * 0.025, 0.0), contrast(look.main, 0.3), 0.012, 0.04)


def _thigh_pocket(canvas: Canvas, look: Look, cloth: Colour | Pixels, side: int) -> None:
    x0, x1 = (0.29, 0.56) if side > 0 else (-0.56, -0.29)
    canvas.fill(rectangle(x0, -0.26, x1, 0.08, 0.03), cloth, volume=0.5, depth=0.05, lift=0.3)
    canvas.fill(rectangle(x0 - 0.015, 0.02, x1 + 0.015, 0.13, 0.03), cloth, volume=0.6, depth=0.04, lift=0.45)
    canvas.fill(ellipse((x0 + x1) / 2, 0.055, 0.02, 0.02), contrast(look.main, 0.5), volume=0.5, lift=0.2)
    canvas.shade(np.array([((x0 + x1) / 2, 0.0), ((x0 + x1) / 2, -0.25)]), -0.2, 0.016, 0.01)
