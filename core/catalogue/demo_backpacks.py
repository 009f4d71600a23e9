"""Drawings of backpacks from the front: day pack, roll-top, school bag, trekking pack."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Colour, Pixels
from core.catalogue.demo_geometry import ellipse, flipped, mirrored, rectangle, ribbon, spline
from core.catalogue.demo_palette import Look, contrast, darker, lighter
from core.catalogue.demo_patterns import camouflage, dots, flowers, stripes

_BUCKLE = (0.13, 0.13, 0.14)
_TAN = (0.62, 0.40, 0.22)


def draw_day_pack(canvas: Canvas, look: Look) -> None:
    """A domed pack with a zipped main compartment and a rounded front pocket."""
    rng = canvas.rng
    wide, high = rng.uniform(0.58, 0.72), rng.uniform(1.62, 1.86)
    canvas.frame(-0.92, -0.04, 0.92, 2.0, fill=0.9)
    _straps(canvas, look, wide, high)
    _loop(canvas, look, high)
    body = canvas.fill(_dome(wide, high), _cloth(canvas, look, 0.8), volume=0.7, depth=0.2)
    arc = spline([(-wide + 0.10, high * 0.52), (-wide + 0.14, high * 0.82), (0, high - 0.10),
                  (wide - 0.14, high * 0.82), (wide - 0.10, high * 0.52)], closed=False)  # fmt: skip
    _zip(canvas, look, arc)
    tone = look.main if rng.random() < 0.5 else (look.accent if rng.random() < 0.5 else contrast(look.main, 0.2))
    pocket = mirrored([(wide - 0.16, high * 0.44), (wide - 0.10, high * 0.25), (wide - 0.14, 0.10), (0, 0.07)])
    canvas.fill(spline([*pocket, (0, high * 0.49)]), tone, volume=0.7, depth=0.12, lift=0.4)
    _zip(canvas, look, spline([(-wide + 0.20, high * 0.40), (0, high * 0.44), (wide - 0.20, high * 0.40)], False))
    _patch(canvas, look, 0, high * 0.68)
    _side_pockets(canvas, look, body, wide)


def draw_roll_top(canvas: Canvas, look: Look) -> None:
    """A pack whose mouth is rolled up and strapped down with a buckle."""
    rng = canvas.rng
    wide, high = rng.uniform(0.56, 0.68), rng.uniform(1.55, 1.75)
    canvas.frame(-0.90, -0.04, 0.90, high + 0.22, fill=0.9)
    _straps(canvas, look, wide, high)
    outline = [(wide - 0.02, high - 0.08), (wide, high * 0.5), (wide + 0.02, 0.12), (wide - 0.06, 0.0), (0, -0.02)]
    canvas.fill(spline(mirrored(outline)), look.main, volume=0.65, depth=0.18)
    for k in range(3):
        y = high + 0.10 - 0.10 * k
        roll = rectangle(-wide - 0.05 + 0.03 * k, y - 0.07, wide + 0.05 - 0.03 * k, y + 0.07, 0.06)
        canvas.fill(roll, lighter(look.main, 0.06 * (3 - k)), volume=0.8, depth=0.06, lift=0.35)
    strap = _TAN if rng.random() < 0.5 else contrast(look.main, 0.3)
    columns = (0.0,) if rng.random() < 0.5 else (-0.30, 0.30)
    for x in columns:
        canvas.fill(
            rectangle(x - 0.05, high * 0.42, x + 0.05, high + 0.17, 0.02), strap, volume=0.5, depth=0.03, lift=0.4
        )
        _buckle(canvas, look, x, high * 0.62)
    if rng.random() < 0.7:
        pocket = rectangle(-wide + 0.12, 0.10, wide - 0.12, high * 0.40, 0.06)
        canvas.fill(pocket, contrast(look.main, 0.12), volume=0.5, depth=0.08, lift=0.4)
        _zip(canvas, look, np.array([(-wide + 0.18, high * 0.34), (wide - 0.18, high * 0.34)]))
    _patch(canvas, look, wide * 0.5, high * 0.2)


def draw_school_pack(canvas: Canvas, look: Look) -> None:
    """A colourful pack with two stacked front pockets and reflective bands."""
    rng = canvas.rng
    wide, high = rng.uniform(0.62, 0.74), rng.uniform(1.62, 1.82)
    canvas.frame(-0.96, -0.04, 0.96, 1.98, fill=0.9)
    _straps(canvas, look, wide, high)
    _loop(canvas, look, high)
    body = canvas.fill(_dome(wide, high), _cloth(canvas, look, 0.35), volume=0.65, depth=0.18)
    _zip(canvas, look, spline([(-wide + 0.08, high * 0.55), (-wide + 0.12, high * 0.86), (0, high - 0.08),
                               (wide - 0.12, high * 0.86), (wide - 0.08, high * 0.55)], False))  # fmt: skip
    upper = rectangle(-wide + 0.12, high * 0.46, wide - 0.12, high * 0.70, 0.12)
    canvas.fill(upper, look.accent, volume=0.6, depth=0.08, lift=0.4)
    _zip(canvas, look, np.array([(-wide + 0.2, high * 0.65), (wide - 0.2, high * 0.65)]))
    lower = rectangle(-wide + 0.06, 0.06, wide - 0.06, high * 0.43, 0.14)
    canvas.fill(lower, look.main, volume=0.7, depth=0.12, lift=0.45)
    _zip(canvas, look, np.array([(-wide + 0.14, high * 0.37), (wide - 0.14, high * 0.37)]))
    canvas.stroke(np.array([(-wide + 0.08, high * 0.20), (wide - 0.08, high * 0.20)]), (0.88, 0.90, 0.88), 0.06,
                  volume=0.4, lift=0.2)  # fmt: skip
    _patch(canvas, look, 0, high * 0.29)
    _side_pockets(canvas, look, body, wide)


def draw_trekking_pack(canvas: Canvas, look: Look) -> None:
    """A tall hiking pack: a lid with a buckle, compression straps, side pockets."""
    rng = canvas.rng
    canvas.frame(-0.84, -0.04, 0.84, 2.26, fill=0.92)
    wide = rng.uniform(0.52, 0.60)
    _straps(canvas, look, wide, 1.9)
    for side in (1, -1):
        pouch = [(wide - 0.08, 0.90), (wide + 0.14, 0.80), (wide + 0.15, 0.16), (wide - 0.08, 0.08)]
        canvas.fill(spline(pouch if side > 0 else flipped(pouch)), darker(look.main, 0.2), volume=0.7)
    outline = [(wide - 0.06, 1.84), (wide, 1.3), (wide + 0.03, 0.5), (wide - 0.02, 0.06), (0, -0.02)]
    canvas.fill(spline(mirrored(outline)), look.main, volume=0.7, depth=0.18, lift=0.3)
    lower = rectangle(-wide + 0.02, 0.02, wide - 0.02, 0.52, 0.12)
    canvas.fill(lower, look.accent if rng.random() < 0.6 else contrast(look.main, 0.2), volume=0.6, lift=0.3)
    _zip(canvas, look, spline([(-wide + 0.08, 0.46), (0, 0.42), (wide - 0.08, 0.46)], False))
    for side in (1, -1):
        for y in (0.74, 1.12):
            belt = np.array([(side * (wide + 0.02), y + 0.08), (side * 0.16, y - 0.04)])
            canvas.fill(ribbon(belt, 0.045), _BUCKLE, volume=0.4, depth=0.03, lift=0.3)
    canvas.fill(rectangle(-0.17, 0.60, 0.17, 1.36, 0.1), contrast(look.main, 0.12), volume=0.6, depth=0.08, lift=0.35)
    for x in (-0.28, 0.28):
        canvas.fill(rectangle(x - 0.03, 1.2, x + 0.03, 1.72), _BUCKLE, volume=0.4, lift=0.3)
    lid = mirrored([(0.30, 2.14), (wide + 0.03, 2.02), (wide + 0.05, 1.72), (wide - 0.1, 1.60), (0, 1.57)])
    canvas.fill(spline([*lid, (0, 2.18)]), look.main, volume=0.8, depth=0.14, lift=0.5)
    _zip(canvas, look, spline([(-wide + 0.1, 1.82), (0, 1.78), (wide - 0.1, 1.82)], False))
    for x in (-0.28, 0.28):
        _clip(canvas, x, 1.56)
    _patch(canvas, look, 0, 1.95)


def _dome(wide: float, high: float) -> np.ndarray:
    half = [(0.0, high), (wide * 0.62, high - 0.06), (wide - 0.04, high * 0.80), (wide, high * 0.45),
            (wide + 0.02, 0.14), (wide - 0.08, 0.01), (0.0, -0.02)]  # fmt: skip
    return spline(mirrored(half))


def _straps(canvas: Canvas, look: Look, wide: float, high: float) -> None:
    """Shoulder straps that show on both sides of the body."""
    for side in (1, -1):
        line = spline([(side * 0.24, high - 0.02), (side * (wide + 0.10), high * 0.78),
                       (side * (wide + 0.13), high * 0.42), (side * (wide - 0.02), 0.10)], closed=False)  # fmt: skip
        canvas.fill(ribbon(line, 0.13, 0.07), darker(look.main, 0.4), volume=0.6, depth=0.05)


def _loop(canvas: Canvas, look: Look, high: float) -> None:
    line = spline([(-0.14, high - 0.04), (-0.12, high + 0.13), (0.12, high + 0.13), (0.14, high - 0.04)], closed=False)
    canvas.stroke(line, darker(look.main, 0.35), 0.06, volume=0.7)


def _zip(canvas: Canvas, look: Look, line: np.ndarray) -> None:
    canvas.stroke(line, darker(look.main, 0.55), 0.045)
    canvas.stitch(line, look.metal, 0.02, 0.028)
    x, y = line[-1]
    canvas.fill(
        rectangle(x - 0.05, y - 0.12, x - 0.005, y + 0.015, 0.02), lighter(look.metal, 0.1), volume=0.7, lift=0.4
    )


def _patch(canvas: Canvas, look: Look, x: float, y: float) -> None:
    kind = canvas.rng.integers(3)
    if kind == 0:
        canvas.fill(rectangle(x - 0.11, y - 0.07, x + 0.11, y + 0.07, 0.02), _TAN, volume=0.4, lift=0.3)
        canvas.stroke(np.array([(x - 0.06, y), (x + 0.06, y)]), darker(_TAN, 0.5), 0.025)
    elif kind == 1:
        canvas.fill(ellipse(x, y, 0.09, 0.09), look.accent, volume=0.3, lift=0.25)
        canvas.fill(np.array([(x - 0.05, y - 0.03), (x, y + 0.05), (x + 0.05, y - 0.03)]), look.main, volume=0)
    else:
        canvas.stroke(np.array([(x - 0.10, y), (x + 0.10, y)]), contrast(look.main, 0.6), 0.03)


def _side_pockets(canvas: Canvas, look: Look, body: Pixels, wide: float) -> None:
    for side in (1, -1):
        mesh = [(wide + 0.1, 0.62, 1), (wide - 0.08, 0.54, 1), (wide - 0.06, 0.05, 1), (wide + 0.1, 0.0, 1)]
        canvas.fill(
            spline(mesh if side > 0 else flipped(mesh)), darker(look.main, 0.45), volume=0.4, lift=0.2, within=body
        )


def _buckle(canvas: Canvas, look: Look, x: float, y: float) -> None:
    frame = rectangle(x - 0.085, y - 0.07, x + 0.085, y + 0.07, 0.03)
    canvas.stroke(np.concatenate([frame, frame[:1]]), look.metal, 0.032, volume=0.7, lift=0.4, gloss=0.3)
    canvas.stroke(np.array([(x, y - 0.01), (x, y + 0.07)]), look.metal, 0.025, volume=0.5)


def _clip(canvas: Canvas, x: float, y: float) -> None:
    canvas.fill(rectangle(x - 0.055, y - 0.10, x + 0.055, y + 0.05, 0.02), _BUCKLE, volume=0.7, lift=0.4)


def _cloth(canvas: Canvas, look: Look, plain: float) -> Colour | Pixels:
    if canvas.rng.random() < plain:
        return look.main
    kind = canvas.rng.integers(4)
    if kind == 0:
        return camouflage(canvas, look.main)
    if kind == 1:
        return dots(canvas, look.main, look.accent, 6)
    if kind == 2:
        return stripes(canvas, look.main, look.accent, 4, 0.35)
    return flowers(canvas, look.main, look.accent, contrast(look.main, 0.4), 4.5)
