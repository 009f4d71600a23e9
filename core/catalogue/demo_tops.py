"""Drawings of T-shirts, laid flat: crew and V necks, stripes, raglan sleeves, chest prints."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Colour, Pixels
from core.catalogue.demo_geometry import Points, ellipse, flipped, mirrored, rectangle, ribbon, spline
from core.catalogue.demo_palette import Look, contrast, darker, lighter, mix
from core.catalogue.demo_patterns import fold, stripes


def draw_crew_neck(canvas: Canvas, look: Look) -> None:
    """A plain or printed T-shirt with a round neck."""
    cut = _cut(canvas)
    body = _shirt(canvas, look, look.main, look.main, cut)
    _neck(canvas, look, cut, contrast(look.main, 0.12))
    _chest(canvas, look, body)


def draw_v_neck(canvas: Canvas, look: Look) -> None:
    """A T-shirt with a pointed neck."""
    cut = _cut(canvas) | {"v": 1.0, "drop": canvas.rng.uniform(0.34, 0.5)}
    _shirt(canvas, look, look.main, look.main, cut)
    _neck(canvas, look, cut, contrast(look.main, 0.12))
    if canvas.rng.random() < 0.3:
        _pocket(canvas, look)


def draw_striped_tee(canvas: Canvas, look: Look) -> None:
    """A T-shirt striped all over, sailor-like or in broad blocks."""
    cut = _cut(canvas)
    kind = canvas.rng.integers(3)
    n, share = ((6.5, 0.35), (3.4, 0.5), (1.15, 0.45))[int(kind)]
    cloth = stripes(canvas, look.main, look.accent, n * canvas.rng.uniform(0.9, 1.1), share)
    _shirt(canvas, look, cloth, cloth, cut)
    _neck(canvas, look, cut, look.main)


def draw_raglan_tee(canvas: Canvas, look: Look) -> None:
    """A T-shirt with sleeves and neck band in a second colour."""
    cut = _cut(canvas) | {"raglan": 1.0}
    body = _shirt(canvas, look, look.main, look.accent, cut)
    _neck(canvas, look, cut, look.accent)
    if canvas.rng.random() < 0.6:
        _chest(canvas, look, body)


def _cut(canvas: Canvas) -> dict[str, float]:
    rng = canvas.rng
    canvas.frame(-1.0, -1.02, 1.0, 0.96, fill=0.9)
    return {
        "waist": rng.uniform(0.47, 0.60), "hem": rng.uniform(-1.0, -0.86), "sleeve": rng.uniform(0.12, 0.34),
        "reach": rng.uniform(0.88, 0.98), "neck": rng.uniform(0.20, 0.25), "drop": rng.uniform(0.17, 0.25),
        "v": 0.0, "raglan": 0.0,
    }  # fmt: skip


def _shirt(
    canvas: Canvas, look: Look, cloth: Colour | Pixels, sleeves: Colour | Pixels, cut: dict[str, float]
) -> Pixels:
    _inside_back(canvas, look, cut)
    waist, hem = cut["waist"], cut["hem"]
    for side in (1, -1):
        inner = [(0.30, 0.92), (0.46, 0.46)] if cut["raglan"] else [(0.44, 0.88), (0.49, 0.40)]
        knots = [
            (inner[0][0], inner[0][1], 1), (0.56, 0.84), (0.76, cut["sleeve"] + 0.40),
            (cut["reach"], cut["sleeve"] + 0.12, 1),
            (0.72, cut["sleeve"] - 0.06, 1), (0.57, 0.32), (inner[1][0] - 0.04, inner[1][1] - 0.12, 1),
        ]  # fmt: skip
        canvas.fill(spline(knots if side > 0 else flipped(knots)), sleeves, volume=0.65, depth=0.12)
        _cuff(canvas, cut, side)
    body = canvas.fill(_body(cut), cloth, volume=0.45, depth=0.13, lift=0.12)
    if cut["raglan"]:
        for side in (1, -1):
            seam = [
                (side * 0.19, 0.95, 1),
                (side * 0.33, 0.62),
                (side * 0.49, 0.36, 1),
                (side * 0.9, 0.6),
                (side * 0.5, 1.0),
            ]
            canvas.fill(spline(seam), sleeves, volume=0.3, within=body, lift=0.1)
    for side in (1, -1):
        fold(canvas, [(side * 0.44, 0.40), (side * 0.30, 0.22), (side * 0.26, -0.05)], 0.14)
        fold(canvas, [(side * (waist - 0.04), -0.3), (side * 0.34, -0.55), (side * 0.30, -0.8)], 0.13)
    fold(canvas, [(canvas.rng.uniform(-0.2, 0.2), -0.2), (canvas.rng.uniform(-0.2, 0.2), -0.6)], 0.10)
    canvas.stitch(spline([(-waist, hem + 0.06), (0, hem + 0.03), (waist, hem + 0.06)], False), _thread(cloth), 0.012)
    return body


def _inside_back(canvas: Canvas, look: Look, cut: dict[str, float]) -> None:
    """What shows of the back's inner side through the neck, with the size label."""
    neck, low = cut["neck"] + 0.02, 0.86 - cut["drop"]
    inside = [(-neck, 0.92), (0, 0.84), (neck, 0.92), (neck * 0.9, low + 0.05), (0, low), (-neck * 0.9, low + 0.05)]
    canvas.fill(spline(inside), darker(look.main, 0.38), volume=0.2)
    canvas.fill(rectangle(-0.05, 0.77, 0.05, 0.83), lighter(look.main, 0.75), volume=0)


def _body(cut: dict[str, float]) -> Points:
    neck, drop, waist, hem = cut["neck"], cut["drop"], cut["waist"], cut["hem"]
    half = [
        (neck, 0.91, 1), (0.46, 0.85), (0.53, 0.60), (0.50, 0.34), (waist - 0.03, -0.2), (waist, hem + 0.03, 1),
        (0.0, hem - 0.01),
    ]  # fmt: skip
    bend = 0.93 - drop * 0.72
    round_front = [(-neck * 0.72, bend), (0.0, 0.91 - drop), (neck * 0.72, bend)]
    front = [(0.0, 0.91 - drop, 1)] if cut["v"] else round_front
    return spline([*mirrored(half), *front])


def _cuff(canvas: Canvas, cut: dict[str, float], side: int) -> None:
    y, reach = cut["sleeve"], cut["reach"]
    line = spline([(side * (reach - 0.03), y + 0.16), (side * 0.70, y - 0.01)], closed=False)
    canvas.shade(line, -0.25, 0.015, 0.012)
    fold(canvas, [(side * 0.58, 0.62), (side * 0.70, 0.40), (side * 0.74, y + 0.12)], 0.12)


def _neck(canvas: Canvas, look: Look, cut: dict[str, float], shade: Colour) -> None:
    neck, drop = cut["neck"], cut["drop"]
    back = spline([(-neck, 0.91), (0, 0.855), (neck, 0.91)], closed=False)
    canvas.fill(ribbon(back, 0.055), darker(shade, 0.25), volume=0.3, depth=0.03)
    if cut["v"]:
        line = spline([(-neck, 0.92), (-neck * 0.6, 0.92 - drop * 0.42), (0, 0.91 - drop, 1),
                       (neck * 0.6, 0.92 - drop * 0.42), (neck, 0.92)], closed=False)  # fmt: skip
    else:
        line = spline([(-neck, 0.92), (-neck * 0.72, 0.93 - drop * 0.72), (0, 0.91 - drop),
                       (neck * 0.72, 0.93 - drop * 0.72), (neck, 0.92)], closed=False)  # fmt: skip
    canvas.stroke(line, shade, 0.06, volume=0.35, lift=0.15)


def _chest(canvas: Canvas, look: Look, body: Pixels) -> None:
    """A print on the chest, a pocket, or nothing."""
    kind = int(canvas.rng.integers(8))
    ink = look.accent
    if kind == 0:
        for x, height in ((-0.12, 0.30), (0.10, 0.42), (0.26, 0.22)):
            canvas.fill(np.array([(x - 0.22, 0.02), (x, 0.02 + height), (x + 0.22, 0.02)]), mix(ink, look.main, 0.2),
                        volume=0.0, within=body)  # fmt: skip
        canvas.fill(ellipse(0.18, 0.40, 0.07, 0.07), lighter(ink, 0.5), volume=0, within=body)
    elif kind == 1:
        canvas.fill(ellipse(0, 0.22, 0.24, 0.24), ink, volume=0, within=body)
        canvas.fill(ellipse(0, 0.22, 0.17, 0.17), mix(ink, look.main, 0.6), volume=0, within=body)
    elif kind == 2:
        _lettering(canvas, ink, body, 0.32, 0.075)
        _lettering(canvas, ink, body, 0.18, 0.045)
    elif kind == 3:
        for y in (0.10, 0.24):
            canvas.stroke(np.array([(-0.7, y), (0.7, y)]), ink, 0.09, within=body)
    elif kind == 4:
        _pocket(canvas, look)
    elif kind == 5:
        canvas.fill(ellipse(0.24, 0.42, 0.05, 0.05), ink, volume=0, within=body)


def _lettering(canvas: Canvas, ink: Colour, body: Pixels, y: float, height: float) -> None:
    x = -0.30
    while x < 0.26:
        width = canvas.rng.uniform(0.05, 0.09)
        if canvas.rng.random() < 0.5:
            canvas.fill(rectangle(x, y, x + width * 0.36, y + height), ink, volume=0, within=body)
            canvas.fill(rectangle(x, y, x + width * 0.8, y + height * 0.35), ink, volume=0, within=body)
        else:
            letter = ellipse(x + width * 0.4, y + height / 2, width * 0.32, height * 0.4)
            canvas.stroke(np.concatenate([letter, letter[:2]]), ink, 0.024, within=body)
        x += width + 0.01


def _pocket(canvas: Canvas, look: Look) -> None:
    shape = np.array([(0.14, 0.46), (0.38, 0.46), (0.38, 0.24), (0.26, 0.19), (0.14, 0.24)])
    canvas.fill(shape, mix(look.main, contrast(look.main), 0.25), volume=0.3, depth=0.03, lift=0.2)
    canvas.stitch(np.array([(0.15, 0.43), (0.37, 0.43)]), contrast(look.main, 0.45), 0.012)


def _thread(cloth: Colour | Pixels) -> Colour:
    return contrast(cloth, 0.25) if isinstance(cloth, tuple) else (0.5, 0.5, 0.5)
