"""Drawings of jackets from the front: bomber, blazer, parka, quilted, denim."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Colour, Pixels
from core.catalogue.demo_geometry import ellipse, flipped, mirrored, rectangle, ribbon, spline
from core.catalogue.demo_palette import Look, contrast, darker, lighter, mix
from core.catalogue.demo_patterns import blend, checks, fold

_LINING = (0.55, 0.33, 0.20)


def draw_bomber(canvas: Canvas, look: Look) -> None:
    """A short zipped jacket with ribbed collar, cuffs and hem."""
    canvas.frame(-0.98, -0.94, 0.98, 1.0, fill=0.9)
    rib = look.accent if canvas.rng.random() < 0.3 else darker(look.main, 0.3)
    _arms(canvas, look.main, reach=0.90, low=-0.62, width=0.20)
    for side in (1, -1):
        _ribbed(canvas, [(side * 0.71, -0.60), (side * 0.93, -0.57)], rib, 0.14)
    half = [(0.14, 0.88, 1), (0.46, 0.80), (0.54, 0.52), (0.50, -0.1), (0.56, -0.68, 1), (0.0, -0.70)]
    canvas.fill(spline(mirrored(half)), look.main, volume=0.6, depth=0.13, lift=0.2)
    _body_folds(canvas, -0.68)
    _ribbed(canvas, [(-0.54, -0.74), (0, -0.77), (0.54, -0.74)], rib, 0.17)
    canvas.fill(ellipse(0, 0.88, 0.17, 0.09), darker(_LINING, 0.4), volume=0.2)
    _ribbed(canvas, [(-0.18, 0.92), (-0.11, 0.80), (0.0, 0.75), (0.11, 0.80), (0.18, 0.92)], rib, 0.13)
    _zip(canvas, look, 0.76, -0.83)
    for side in (1, -1):
        pocket = spline([(side * 0.24, -0.18), (side * 0.38, -0.46)], closed=False)
        canvas.stroke(pocket, darker(look.main, 0.45), 0.04, volume=0.3, lift=0.2)


def draw_blazer(canvas: Canvas, look: Look) -> None:
    """A tailored jacket with notched lapels, one or two buttons and flap pockets."""
    rng = canvas.rng
    canvas.frame(-0.86, -1.06, 0.86, 1.0, fill=0.92)
    cloth: Colour | Pixels = look.main
    if rng.random() < 0.3:
        cloth = checks(canvas, look.main, contrast(look.main, 0.22), 7)
    _arms(canvas, cloth, reach=0.76, low=-0.74, width=0.15)
    canvas.fill(spline([(-0.2, 0.92), (0, 0.96), (0.2, 0.92), (0.2, 0.3), (0, 0.0), (-0.2, 0.3)]),
                darker(_LINING, 0.35) if rng.random() < 0.5 else (0.90, 0.91, 0.92), volume=0.3)  # fmt: skip
    hem, close = -0.98, rng.uniform(-0.05, 0.12)
    for side in (-1, 1):
        front = [(0.14, 0.92, 1), (0.44, 0.83), (0.50, 0.55), (0.43, 0.05), (0.52, -0.5), (0.54, hem + 0.05, 1),
                 (0.16, hem), (-0.04, hem + 0.18), (-0.06, close - 0.1), (0.02, close + 0.1, 1)]  # fmt: skip
        canvas.fill(spline(front if side > 0 else flipped(front)), cloth, volume=0.6, depth=0.12, lift=0.3)
    for side in (1, -1):
        fold(canvas, [(side * 0.40, 0.46), (side * 0.28, 0.15), (side * 0.30, -0.3)], 0.16)
        lapel = [(0.13, 0.95, 1), (0.25, 0.76), (0.33, 0.58, 1), (0.24, 0.56, 1), (0.29, 0.46, 1), (0.10, 0.16),
                 (0.01, close, 1), (0.07, 0.5)]  # fmt: skip
        canvas.fill(spline(lapel if side > 0 else flipped(lapel)), cloth, volume=0.6, depth=0.05, lift=0.45)
        flap = rectangle(side * 0.22, -0.46, side * 0.47, -0.37, 0.03)
        canvas.fill(flap, cloth, volume=0.5, depth=0.03, lift=0.45)
    for k in range(int(rng.integers(1, 3))):
        canvas.fill(
            ellipse(-0.01, close - 0.06 - 0.26 * k, 0.034, 0.034), contrast(look.main, 0.5), volume=0.7, lift=0.4
        )
    if rng.random() < 0.4:
        canvas.fill(np.array([(-0.40, 0.36), (-0.22, 0.39), (-0.22, 0.43), (-0.40, 0.40)]), lighter(look.accent, 0.5),
                    volume=0.3, lift=0.3)  # fmt: skip


def draw_parka(canvas: Canvas, look: Look) -> None:
    """A long coat with a fur-trimmed hood, a drawn waist and big flap pockets."""
    canvas.frame(-0.90, -1.08, 0.90, 1.16, fill=0.94)
    hood = [(-0.30, 0.82), (-0.36, 1.0), (-0.18, 1.13), (0.18, 1.13), (0.36, 1.0), (0.30, 0.82)]
    canvas.fill(spline(hood), look.main, volume=0.6)
    canvas.fill(ellipse(0, 0.92, 0.22, 0.14), darker(_LINING, 0.3), volume=0.3)
    _arms(canvas, look.main, reach=0.82, low=-0.66, width=0.19)
    half = [(0.14, 0.84, 1), (0.46, 0.77), (0.54, 0.5), (0.47, 0.0), (0.54, -0.6), (0.56, -1.0, 1), (0.0, -1.02)]
    canvas.fill(spline(mirrored(half)), look.main, volume=0.6, depth=0.13, lift=0.25)
    _body_folds(canvas, -1.0)
    placket = canvas.fill(rectangle(-0.075, -1.01, 0.075, 0.76), look.main, volume=0.4, depth=0.03, lift=0.3)
    for y in np.arange(0.62, -0.95, -0.26):
        canvas.fill(ellipse(0, y, 0.028, 0.028), look.metal, volume=0.7, within=placket, lift=0.2)
    waist = spline([(-0.46, -0.02), (0, -0.06), (0.46, -0.02)], closed=False)
    canvas.shade(waist, -0.35, 0.02, 0.015)
    for side in (1, -1):
        _flap_pocket(canvas, look, side, 0.13, 0.43, -0.62, -0.30)
        canvas.shade(np.array([(side * 0.18, 0.42), (side * 0.40, 0.44)]), -0.4, 0.025, 0.015)
    _fur(canvas, look)


def draw_puffer(canvas: Canvas, look: Look) -> None:
    """A quilted jacket of puffed horizontal chambers with a stand-up collar."""
    rng = canvas.rng
    canvas.frame(-0.98, -0.98, 0.98, 1.02, fill=0.9)
    gap = rng.uniform(0.17, 0.26)
    cloth = _quilted(canvas, look.main, gap)
    _arms(canvas, cloth, reach=0.90, low=-0.68, width=0.21)
    collar = [(-0.24, 0.80), (-0.22, 0.98), (0, 1.0), (0.22, 0.98), (0.24, 0.80), (0, 0.74)]
    canvas.fill(spline(collar), cloth, volume=0.6, lift=0.2)
    half = [(0.20, 0.86, 1), (0.46, 0.80), (0.56, 0.5), (0.53, -0.1), (0.57, -0.84, 1), (0.0, -0.86)]
    canvas.fill(spline(mirrored(half)), cloth, volume=0.6, depth=0.13, lift=0.3)
    _zip(canvas, look, 0.98, -0.86)
    for side in (1, -1):
        canvas.stroke(spline([(side * 0.30, -0.28), (side * 0.40, -0.56)], False), darker(look.main, 0.5), 0.03)


def draw_denim_jacket(canvas: Canvas, look: Look) -> None:
    """A trucker jacket: pointed yoke, chest pockets, metal buttons, coloured stitching."""
    canvas.frame(-0.94, -0.88, 0.94, 1.0, fill=0.9)
    thread = (0.82, 0.60, 0.30)
    _arms(canvas, look.main, reach=0.86, low=-0.60, width=0.18)
    half = [(0.12, 0.86, 1), (0.46, 0.80), (0.53, 0.5), (0.48, -0.1), (0.46, -0.72, 1), (0.0, -0.74)]
    canvas.fill(spline(mirrored(half)), look.main, volume=0.6, depth=0.13, lift=0.2)
    _body_folds(canvas, -0.7)
    for side in (1, -1):
        for x in (0.16, 0.36):
            canvas.stitch(spline([(side * x, 0.30), (side * (x * 0.8 + 0.02), -0.62)], False), thread, 0.014, 0.04)
        canvas.stitch(np.array([(side * 0.06, 0.44), (side * 0.5, 0.44)]), thread, 0.014, 0.04)
        _flap_pocket(canvas, look, side, 0.15, 0.38, 0.18, 0.42)
        canvas.fill(
            ribbon(np.array([(side * 0.66, -0.56), (side * 0.86, -0.53)]), 0.1), look.main, volume=0.4, lift=0.3
        )
    band = ribbon(spline([(-0.46, -0.70), (0, -0.73), (0.46, -0.70)], closed=False), 0.12)
    canvas.fill(band, look.main, volume=0.5, depth=0.04, lift=0.35)
    canvas.stitch(np.array([(0.055, 0.70), (0.055, -0.76)]), thread, 0.014, 0.04)
    for y in np.arange(0.62, -0.75, -0.22):
        canvas.fill(ellipse(0, y, 0.032, 0.032), look.metal, volume=0.8, lift=0.35, gloss=0.3)
    canvas.fill(ellipse(0, 0.86, 0.16, 0.07), darker(look.main, 0.6), volume=0.2)
    for side in (1, -1):
        wing = [(0.13, 0.96, 1), (0.24, 0.86), (0.30, 0.68, 1), (0.02, 0.72, 1), (0.08, 0.82)]
        canvas.fill(spline(wing if side > 0 else flipped(wing)), look.main, volume=0.6, depth=0.05, lift=0.45)


def _arms(canvas: Canvas, cloth: Colour | Pixels, reach: float, low: float, width: float) -> None:
    for side in (1, -1):
        arm = [(0.34, 0.84, 1), (0.54, 0.74), (0.66, 0.46), (reach - 0.06, -0.1), (reach + 0.02, low, 1),
               (reach - width, low - 0.05, 1), (reach - width - 0.10, -0.1), (0.50, 0.34), (0.36, 0.40, 1)]  # fmt: skip
        canvas.fill(spline(arm if side > 0 else flipped(arm)), cloth, volume=0.75, depth=0.1)
        fold(canvas, [(side * 0.50, 0.38), (side * 0.62, 0.30), (side * 0.70, 0.34)], 0.2)
        fold(canvas, [(side * (reach - width - 0.04), 0.0), (side * (reach - 0.14), -0.06)], 0.2)
        fold(canvas, [(side * 0.58, 0.52), (side * (reach - 0.18), -0.05), (side * (reach - 0.1), low + 0.1)], 0.14)


def _body_folds(canvas: Canvas, hem: float) -> None:
    for side in (1, -1):
        fold(canvas, [(side * 0.46, 0.42), (side * 0.30, 0.18), (side * 0.28, -0.15)], 0.18)
        fold(canvas, [(side * 0.45, -0.25), (side * 0.30, hem * 0.7), (side * 0.27, hem + 0.06)], 0.15)


def _ribbed(canvas: Canvas, knots: list[tuple[float, ...]], shade: Colour, width: float) -> None:
    line = spline(knots, closed=False)
    band = canvas.fill(ribbon(line, width), shade, volume=0.5, depth=0.05, lift=0.25)
    x, _ = canvas.units()
    ribs = blend(shade, darker(shade, 0.45), (np.sin(95 * x) > 0.2).astype(np.float32))
    canvas.fill(ribbon(line, width), ribs, volume=0.5, depth=0.05, within=band, opacity=0.6)


def _zip(canvas: Canvas, look: Look, top: float, bottom: float) -> None:
    canvas.shade(np.array([(0, top), (0, bottom)]), -0.4, 0.07, 0.02)
    canvas.stroke(np.array([(0, top), (0, bottom)]), mix(look.metal, (0.3, 0.3, 0.3), 0.3), 0.032, volume=0.4)
    canvas.stitch(np.array([(0, top), (0, bottom)]), darker(look.metal, 0.5), 0.03, 0.022)
    canvas.fill(rectangle(-0.022, top - 0.14, 0.022, top - 0.03, 0.015), look.metal, volume=0.8, lift=0.4, gloss=0.3)


def _flap_pocket(canvas: Canvas, look: Look, side: int, x0: float, x1: float, y0: float, y1: float) -> None:
    canvas.fill(rectangle(side * x0, y0, side * x1, y1, 0.03), look.main, volume=0.5, depth=0.05, lift=0.3)
    middle, drop = (x0 + x1) / 2, (y1 - y0) * 0.36
    flap = [(side * (x0 - 0.01), y1 + 0.02), (side * (x1 + 0.01), y1 + 0.02), (side * (x1 + 0.01), y1 - drop * 0.7),
            (side * middle, y1 - drop), (side * (x0 - 0.01), y1 - drop * 0.7)]  # fmt: skip
    canvas.fill(np.array(flap), look.main, volume=0.6, depth=0.04, lift=0.45)
    canvas.fill(ellipse(side * middle, y1 - drop * 0.6, 0.024, 0.024), look.metal, volume=0.6, lift=0.2)


def _quilted(canvas: Canvas, colour: Colour, gap: float) -> Pixels:
    x, y = canvas.units()
    phase = ((y + 0.03 * np.cos(3 * x)) / gap) % 1.0
    puff = np.clip(0.62 + 0.55 * np.sin(np.pi * phase) ** 0.7 * (0.5 + 0.5 * phase), 0, 1.25)
    wrinkle = 1 + 0.05 * np.sin(55 * x + 9 * np.sin(7 * y)) * (np.abs(phase - 0.5) > 0.28)
    tone = np.asarray(lighter(colour, 0.08), dtype=np.float32)
    return np.clip(tone * (puff * wrinkle)[..., None].astype(np.float32), 0, 1)


def _fur(canvas: Canvas, look: Look) -> None:
    """Tufts along the edge of the hood."""
    tone = (0.72, 0.62, 0.48) if canvas.rng.random() < 0.7 else darker(look.main, 0.3)
    edge = spline([(-0.24, 0.78), (-0.27, 0.92), (-0.14, 1.05), (0.14, 1.05), (0.27, 0.92), (0.24, 0.78)], closed=False)
    for x, y in edge:
        dx, dy = canvas.rng.normal(0, 0.012, 2)
        shade = mix(tone, (0.30, 0.22, 0.15), canvas.rng.uniform(0, 0.35))
        canvas.fill(ellipse(x + dx, y + dy, 0.055, 0.05), shade, volume=0.5, depth=0.04)
