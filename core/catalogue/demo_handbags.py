"""Drawings of handbags from the front: tote, flap shoulder bag, bucket, satchel, hobo."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Colour, Pixels
from core.catalogue.demo_geometry import Points, along, ellipse, mirrored, rectangle, ribbon, shifted, spline
from core.catalogue.demo_palette import Look, contrast, darker, lighter, mix
from core.catalogue.demo_patterns import checks, stripes


def draw_tote(canvas: Canvas, look: Look) -> None:
    """An open shopper with two long handles."""
    rng = canvas.rng
    high, foot = rng.uniform(0.62, 0.86), rng.uniform(0.60, 0.80)
    arch = rng.uniform(0.50, 0.85)
    canvas.frame(-0.92, -0.02, 0.92, high * 1.6 + arch * 0.9, fill=0.86)
    top = high * 1.5
    _handle(canvas, darker(look.main, 0.35), 0.34, top - 0.1, arch * 0.92, 0.06)
    canvas.fill(ellipse(0, top, 0.84, 0.05), darker(look.main, 0.6), volume=0.1)
    outline = mirrored([(0.86, top, 1), (0.82, top * 0.5), (foot, 0.05), (foot - 0.08, 0.0), (0.0, -0.01)])
    cloth = _leather(canvas, look, 0.75)
    body = canvas.fill(spline([*outline, (-0.4, top - 0.03), (0.0, top - 0.045), (0.4, top - 0.03)]), cloth,
                       volume=0.6, depth=0.16)  # fmt: skip
    _dents(canvas, top)
    if rng.random() < 0.4:
        base = mirrored([(0.95, top * 0.30), (0.95, -0.1), (0.0, -0.1)])
        canvas.fill(spline([*base, (0, top * 0.28)]), contrast(look.main, 0.25), volume=0.3, lift=0.2, within=body)
    canvas.stitch(spline([(-0.82, top - 0.06), (0, top - 0.10), (0.82, top - 0.06)], False), contrast(look.main, 0.4))
    tone = contrast(look.main, 0.2) if rng.random() < 0.5 else look.main
    _handle(canvas, tone, 0.36, top - 0.24, arch + 0.20, 0.07)
    for side in (1, -1):
        canvas.fill(rectangle(side * 0.31, top - 0.36, side * 0.41, top - 0.20, 0.02), tone, volume=0.5, lift=0.3)
        canvas.fill(ellipse(side * 0.36, top - 0.31, 0.022, 0.022), look.metal, volume=0.7, gloss=0.3)
    if rng.random() < 0.5:
        _badge(canvas, look, 0.0, top * 0.5)


def draw_shoulder_bag(canvas: Canvas, look: Look) -> None:
    """A flap bag on a chain or a long thin strap."""
    rng = canvas.rng
    half, high = rng.uniform(0.72, 0.88), rng.uniform(0.86, 1.1)
    canvas.frame(-0.92, -0.02, 0.92, high + 1.08, fill=0.86)
    strap = spline([(-half + 0.04, high - 0.16), (-half * 0.72, high + 0.55), (0, high + 1.0),
                    (half * 0.72, high + 0.55), (half - 0.04, high - 0.16)], closed=False)  # fmt: skip
    if rng.random() < 0.5:
        _chain(canvas, look, strap)
    else:
        canvas.fill(ribbon(strap, 0.065), contrast(look.main, 0.1), volume=0.7, depth=0.04)
    body = [(half - 0.06, high, 1), (half, high * 0.5), (half - 0.02, 0.08), (half - 0.12, 0.0), (0, -0.01)]
    canvas.fill(spline(mirrored(body)), _leather(canvas, look, 0.9), volume=0.6, depth=0.14)
    low = high * rng.uniform(0.28, 0.45)
    flap = [
        (half - 0.03, high + 0.03, 1),
        (half + 0.01, high * 0.7),
        (half * 0.92, low + 0.12),
        (half * 0.6, low),
        (0, low - 0.02),
    ]
    cover = canvas.fill(spline(mirrored(flap)), look.main, volume=0.65, depth=0.13, lift=0.5)
    if rng.random() < 0.35:
        _quilting(canvas, look, cover)
    else:
        right = [(half * 0.93, high - 0.05), (half * 0.85, low + 0.16), (half * 0.55, low + 0.06), (0, low + 0.04)]
        canvas.stitch(spline(mirrored(right), False), contrast(look.main, 0.4))
    _clasp(canvas, look, 0, low + 0.05)


def draw_bucket_bag(canvas: Canvas, look: Look) -> None:
    """A round bag gathered by a drawstring, on one strap."""
    rng = canvas.rng
    canvas.frame(-0.86, -0.05, 0.86, 2.12, fill=0.88)
    strap = spline([(-0.52, 1.08), (-0.48, 1.65), (0, 2.05), (0.48, 1.65), (0.52, 1.08)], closed=False)
    canvas.fill(ribbon(strap, 0.075), contrast(look.main, 0.15), volume=0.7, depth=0.04)
    mouth = [
        (-0.52, 1.16),
        (-0.3, 1.30),
        (-0.1, 1.22),
        (0.1, 1.31),
        (0.32, 1.22),
        (0.52, 1.16),
        (0.3, 1.0),
        (-0.3, 1.0),
    ]
    canvas.fill(spline(mouth), darker(look.main, 0.35), volume=0.5)
    wide = rng.uniform(0.62, 0.76)
    outline = [
        (0.56, 1.20),
        (0.50, 1.00),
        (wide - 0.02, 0.6),
        (wide, 0.12),
        (wide - 0.05, 0.02),
        (0.3, -0.04),
        (0, -0.05),
    ]
    ruffle = [(-0.36, 1.14), (-0.18, 1.20), (0.0, 1.13), (0.18, 1.20), (0.36, 1.14)]
    body = canvas.fill(spline([*mirrored(outline), *ruffle]), _leather(canvas, look, 0.85), volume=0.75, depth=0.2)
    for x in np.linspace(-0.42, 0.42, 7):
        canvas.shade(spline([(x, 1.14), (x * 0.95, 0.96), (x * 1.12, 0.66)], False), -0.3, 0.03, 0.025)
    base = mirrored([(0.9, 0.22), (0.9, -0.2), (0.0, -0.2)])
    canvas.fill(spline([*base, (0, 0.17)]), contrast(look.main, 0.22), volume=0.5, lift=0.25, within=body)
    cord = spline([(-0.50, 1.00), (0, 0.95), (0.50, 1.00)], closed=False)
    canvas.stroke(cord, contrast(look.main, 0.45), 0.04, volume=0.6, lift=0.35, within=body)
    for dx in (-0.10, 0.09):
        end = spline([(0, 0.96), (dx, 0.80), (dx * 1.3, 0.52)], closed=False)
        canvas.stroke(end, contrast(look.main, 0.45), 0.035, volume=0.6, lift=0.4)
        canvas.fill(ellipse(dx * 1.3, 0.48, 0.04, 0.08), contrast(look.main, 0.3), volume=0.8, lift=0.4)
    for side in (1, -1):
        canvas.fill(ellipse(side * 0.52, 1.06, 0.05, 0.05), look.metal, volume=0.8, lift=0.3, gloss=0.3)


def draw_satchel(canvas: Canvas, look: Look) -> None:
    """A structured bag with short top handles, a zipped or belted front and metal feet."""
    rng = canvas.rng
    half, high = rng.uniform(0.74, 0.88), rng.uniform(0.88, 1.15)
    canvas.frame(-0.92, -0.05, 0.92, high + 0.62, fill=0.84)
    _handle(canvas, darker(look.main, 0.3), 0.30, high - 0.05, 0.44, 0.08)
    outline = [
        (half * rng.uniform(0.72, 0.92), high, 1),
        (half - 0.02, high * 0.55),
        (half, 0.08),
        (half - 0.06, 0.0),
        (0.0, 0.0),
    ]
    cloth = _leather(canvas, look, 0.85)
    for side in (1, -1):
        canvas.fill(ellipse(side * half * 0.75, -0.01, 0.05, 0.03), look.metal, volume=0.6)
        wing = [
            (side * half * 0.8, high - 0.03),
            (side * (half + 0.07), high * 0.6),
            (side * (half + 0.06), 0.08),
            (side * half * 0.8, 0.03),
        ]
        canvas.fill(spline(wing), darker(look.main, 0.3), volume=0.5)
    body = canvas.fill(spline(mirrored(outline)), cloth, volume=0.6, depth=0.14, lift=0.2)
    zipper = np.array([(-half * 0.74, high - 0.05), (half * 0.74, high - 0.05)])
    canvas.stroke(zipper, darker(look.main, 0.5), 0.04, within=body)
    canvas.stitch(zipper, look.metal, 0.02, 0.03)
    if rng.random() < 0.6:
        band = rectangle(-half - 0.1, high * 0.56, half + 0.1, high * 0.68)
        canvas.fill(band, contrast(look.main, 0.14), volume=0.5, depth=0.04, lift=0.35, within=body)
        _clasp(canvas, look, 0, high * 0.6)
    else:
        pocket = rectangle(-half * 0.66, high * 0.12, half * 0.66, high * 0.58, 0.06)
        canvas.fill(pocket, look.main, volume=0.6, depth=0.07, lift=0.35)
        _badge(canvas, look, 0, high * 0.42)
    tone = contrast(look.main, 0.1)
    _handle(canvas, tone, 0.32, high - 0.16, 0.60, 0.085)
    for side in (1, -1):
        canvas.fill(rectangle(side * 0.27, high - 0.30, side * 0.37, high - 0.10, 0.03), tone, volume=0.6, lift=0.35)
        ring = ellipse(side * 0.32, high - 0.10, 0.055, 0.055)
        canvas.stroke(np.concatenate([ring, ring[:2]]), look.metal, 0.028, volume=0.7, lift=0.3, gloss=0.3)


def draw_hobo(canvas: Canvas, look: Look) -> None:
    """A soft crescent-shaped bag that hangs from one broad strap."""
    rng = canvas.rng
    canvas.frame(-0.95, -0.05, 0.95, 1.66, fill=0.86)
    tall = rng.uniform(1.38, 1.58)
    strap = spline([(-0.80, 0.62), (-0.62, 1.15), (0, tall), (0.62, 1.15), (0.80, 0.62)], closed=False)
    canvas.fill(ribbon(strap, 0.12), look.main, volume=0.8, depth=0.06)
    sag = rng.uniform(0.60, 0.72)
    outline = [(0.82, 0.80), (0.92, 0.5), (0.76, 0.10), (0.38, -0.03), (0.0, -0.05)]
    dip = [(-0.56, sag + 0.06), (0.0, sag), (0.56, sag + 0.06)]
    canvas.fill(spline([*mirrored(outline), *dip]), _leather(canvas, look, 0.9), volume=0.8, depth=0.2, lift=0.2)
    zipper = spline([(-0.74, 0.68), (-0.5, sag - 0.01), (0, sag - 0.06), (0.5, sag - 0.01), (0.74, 0.68)], closed=False)
    canvas.shade(zipper, -0.4, 0.035, 0.012)
    canvas.stitch(zipper, look.metal, 0.018, 0.03)
    for x in (-0.55, -0.28, 0.05, 0.30, 0.56):
        canvas.shade(spline([(x * 1.1, sag), (x * 0.9, sag * 0.55), (x * 0.6, 0.14)], False), -0.22, 0.05, 0.04)
    for side in (1, -1):
        ring = ellipse(side * 0.80, 0.74, 0.075, 0.085)
        canvas.stroke(np.concatenate([ring, ring[:2]]), look.metal, 0.03, volume=0.7, lift=0.35, gloss=0.3)
    if rng.random() < 0.4:
        tag = rectangle(0.40, 0.16, 0.50, 0.44, 0.03)
        canvas.fill(tag, contrast(look.main, 0.2), volume=0.6, lift=0.4)


def _leather(canvas: Canvas, look: Look, plain: float) -> Colour | Pixels:
    if canvas.rng.random() < plain:
        return look.main
    if canvas.rng.random() < 0.5:
        return stripes(canvas, look.main, contrast(look.main, 0.6), canvas.rng.uniform(3, 5), 0.45)
    return checks(canvas, look.main, contrast(look.main, 0.45), 5)


def _handle(canvas: Canvas, colour: Colour, half: float, foot: float, height: float, width: float) -> None:
    arch = spline([(-half, foot), (-half * 0.92, foot + height * 0.6), (0, foot + height),
                   (half * 0.92, foot + height * 0.6), (half, foot)], closed=False)  # fmt: skip
    canvas.fill(ribbon(arch, width), colour, volume=0.8, depth=0.04, lift=0.3)


def _chain(canvas: Canvas, look: Look, line: Points) -> None:
    for k, (x, y) in enumerate(along(line, 46)):
        link = ellipse(x, y, 0.032, 0.022 if k % 2 else 0.03)
        canvas.fill(link, look.metal if k % 2 else darker(look.metal, 0.25), volume=0.8, gloss=0.35)


def _clasp(canvas: Canvas, look: Look, x: float, y: float) -> None:
    canvas.fill(rectangle(x - 0.10, y - 0.07, x + 0.10, y + 0.09, 0.03), look.metal, volume=0.8, lift=0.45, gloss=0.3)
    canvas.fill(rectangle(x - 0.03, y - 0.035, x + 0.03, y + 0.05, 0.015), darker(look.metal, 0.5), volume=0.3)


def _badge(canvas: Canvas, look: Look, x: float, y: float) -> None:
    canvas.fill(
        rectangle(x - 0.13, y - 0.04, x + 0.13, y + 0.05, 0.02), mix(look.metal, look.main, 0.15), volume=0.5, lift=0.3
    )
    for dx in (-0.07, -0.02, 0.03, 0.08):
        canvas.stroke(np.array([(x + dx, y - 0.01), (x + dx, y + 0.025)]), darker(look.metal, 0.6), 0.016)


def _quilting(canvas: Canvas, look: Look, cover: Pixels) -> None:
    for k in np.arange(-1.6, 2.6, 0.24):
        for slope in (1, -1):
            line = np.array([(-1.0, k - slope), (1.0, k + slope)])
            canvas.stroke(line, darker(look.main, 0.45), 0.022, within=cover, opacity=0.7)
            canvas.stroke(shifted(line, 0.0, -0.028), lighter(look.main, 0.3), 0.014, within=cover, opacity=0.4)


def _dents(canvas: Canvas, top: float) -> None:
    for x in canvas.rng.uniform(-0.5, 0.5, 3):
        line = spline([(x, top * 0.9), (x * 1.1 + 0.04, top * 0.55), (x * 0.8, top * 0.2)], closed=False)
        canvas.shade(line, -0.10, 0.07, 0.07)
