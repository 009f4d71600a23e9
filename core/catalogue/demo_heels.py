"""Drawings of heels, seen from the side: stiletto pumps, block heels, slingbacks, platforms."""

from core.catalogue.demo_canvas import Canvas
from core.catalogue.demo_geometry import ellipse, ribbon, spline
from core.catalogue.demo_palette import Look, darker, mix

_NUDE = (0.86, 0.74, 0.62)
_RED_SOLE = (0.62, 0.10, 0.12)


def draw_stiletto(canvas: Canvas, look: Look) -> None:
    """A pointed pump on a thin high heel."""
    rng = canvas.rng
    rise = rng.uniform(0.68, 0.95)
    canvas.frame(-1.0, 0.0, 1.05, rise + 0.42)
    _inside(canvas, rise)
    _thin_heel(canvas, look, rise)
    _pump(canvas, look, rise, pointed=rng.random() < 0.75)
    if rng.random() < 0.35:
        _ankle_strap(canvas, look, rise)


def draw_block_heel(canvas: Canvas, look: Look) -> None:
    """A pump or an open shoe on a broad, straight heel."""
    rng = canvas.rng
    rise = rng.uniform(0.5, 0.75)
    canvas.frame(-1.0, 0.0, 1.05, rise + 0.46)
    _inside(canvas, rise)
    _broad_heel(canvas, look, rise, rng.uniform(0.30, 0.42))
    if rng.random() < 0.5:
        _pump(canvas, look, rise, pointed=False)
    else:
        _open_toe(canvas, look, rise)
    _ankle_strap(canvas, look, rise)


def draw_slingback(canvas: Canvas, look: Look) -> None:
    """A pointed shoe, open behind, held by a strap around the heel; often a kitten heel."""
    rng = canvas.rng
    rise = rng.uniform(0.42, 0.8)
    canvas.frame(-1.0, 0.0, 1.05, rise + 0.40)
    _insole(canvas, rise)
    _thin_heel(canvas, look, rise)
    vamp = [
        (-0.20, rise * 0.46, 1), (-0.12, rise * 0.5 + 0.10), (0.16, 0.40), (0.40, 0.30), (0.70, 0.22), (1.02, 0.07),
        (1.02, 0.03, 1), (0.45, 0.02), (0.1, rise * 0.16),
    ]  # fmt: skip
    canvas.fill(spline(vamp), look.main, volume=0.85, depth=0.12, lift=0.25, gloss=0.22)
    strap = spline([(-0.14, rise * 0.5 + 0.06), (-0.5, rise + 0.16), (-0.86, rise + 0.26), (-0.98, rise + 0.16)], False)
    canvas.fill(ribbon(strap, 0.055), look.main, volume=0.5, depth=0.03, lift=0.2)
    canvas.fill(ellipse(-0.42, rise + 0.11, 0.045, 0.045), look.metal, volume=0.6, gloss=0.35, lift=0.3)
    _gleam(canvas)
    _outsole(canvas, look, rise)


def draw_platform_heel(canvas: Canvas, look: Look) -> None:
    """A party sandal on a platform and a high heel, with straps over toe and ankle."""
    rng = canvas.rng
    rise, plate = rng.uniform(0.82, 1.0), rng.uniform(0.14, 0.22)
    canvas.frame(-1.0, 0.0, 1.05, rise + 0.62)
    _insole(canvas, rise)
    if rng.random() < 0.5:
        _broad_heel(canvas, look, rise, 0.28)
    else:
        _thin_heel(canvas, look, rise)
    platform = [(0.22, plate * 0.9), (0.30, 0.0), (0.86, 0.0), (1.02, 0.08), (0.98, plate), (0.6, plate)]
    canvas.fill(spline(platform), darker(look.main, 0.15), volume=0.6, lift=0.2)
    _open_toe(canvas, look, rise, plate)
    _ankle_strap(canvas, look, rise)


def _pump(canvas: Canvas, look: Look, rise: float, pointed: bool) -> None:
    tip = 1.05 if pointed else 0.97
    outline = [
        (-0.90, rise - 0.03, 1), (-0.97, rise + 0.16), (-0.95, rise + 0.36), (-0.88, rise + 0.38, 1),
        (-0.62, rise + 0.16), (-0.30, rise * 0.68 + 0.02), (0.06, rise * 0.28 + 0.06), (0.34, 0.26, 1),
        (0.46, 0.31), (0.72, 0.22 if pointed else 0.26), (tip, 0.075 if pointed else 0.14), (tip, 0.03, 1),
        (0.45, 0.02), (0.1, rise * 0.16), (-0.3, rise * 0.58), (-0.62, rise - 0.06),
    ]  # fmt: skip
    canvas.fill(spline(outline), look.main, volume=0.85, depth=0.13, lift=0.2, gloss=0.22)
    canvas.shade(spline([(-0.86, rise + 0.36), (-0.6, rise + 0.13), (-0.28, rise * 0.66), (0.3, 0.25)], False),
                 -0.2, 0.015, 0.012)  # fmt: skip
    canvas.shade(spline([(-0.86, rise + 0.28), (-0.84, rise + 0.05)], False), 0.2, 0.05, 0.035)
    _gleam(canvas)
    _outsole(canvas, look, rise)
    if canvas.rng.random() < 0.3:
        for side in (-1, 1):
            bow = spline([(0.46, 0.31), (0.46 + side * 0.11, 0.37), (0.46 + side * 0.1, 0.27)])
            canvas.fill(bow, look.main, volume=0.7, depth=0.04, lift=0.4)


def _open_toe(canvas: Canvas, look: Look, rise: float, plate: float = 0.0) -> None:
    counter = [
        (-0.90, rise - 0.03, 1), (-0.97, rise + 0.16), (-0.93, rise + 0.36), (-0.84, rise + 0.36, 1),
        (-0.66, rise + 0.14), (-0.46, rise * 0.74, 1),
    ]  # fmt: skip
    canvas.fill(spline(counter), look.main, volume=0.8, gloss=0.2)
    band = [(0.36, plate + 0.04, 1), (0.36, plate + 0.26), (0.50, plate + 0.33), (0.74, plate + 0.24),
            (0.82, plate + 0.02, 1)]  # fmt: skip
    canvas.fill(ellipse(0.80, plate + 0.10, 0.12, 0.09), darker(look.main, 0.6), volume=0)
    _outsole(canvas, look, rise, plate)
    canvas.fill(spline(band), look.main, volume=0.85, depth=0.1, lift=0.25, gloss=0.2)


def _ankle_strap(canvas: Canvas, look: Look, rise: float) -> None:
    y = rise + 0.36
    behind = spline([(-0.90, y), (-0.7, y + 0.10), (-0.4, y + 0.06), (-0.32, y - 0.04)], closed=False)
    canvas.fill(ribbon(behind, 0.05), darker(look.main, 0.4), volume=0.3, depth=0.03)
    front = spline([(-0.92, y), (-0.7, y - 0.05), (-0.45, y - 0.08), (-0.31, y - 0.03)], closed=False)
    canvas.fill(ribbon(front, 0.06), look.main, volume=0.6, depth=0.03, lift=0.3)
    canvas.fill(ellipse(-0.56, y - 0.07, 0.045, 0.045), look.metal, volume=0.6, gloss=0.35, lift=0.3)


def _inside(canvas: Canvas, rise: float) -> None:
    far = [(-0.92, rise + 0.28), (-0.76, rise + 0.34), (-0.4, rise * 0.86 + 0.16), (0.0, rise * 0.4 + 0.2),
           (0.36, 0.34), (0.3, 0.1), (-0.4, rise * 0.6)]  # fmt: skip
    canvas.fill(spline(far), darker(_NUDE, 0.28), volume=0.3)


def _insole(canvas: Canvas, rise: float) -> None:
    line = spline([(-0.92, rise + 0.03), (-0.6, rise + 0.01), (-0.2, rise * 0.52), (0.2, 0.15), (0.6, 0.1)], False)
    canvas.fill(ribbon(line, 0.10), _NUDE, volume=0.4, depth=0.04)


def _thin_heel(canvas: Canvas, look: Look, rise: float) -> None:
    lean = canvas.rng.uniform(-0.03, 0.04)
    outline = [
        (-0.93, rise + 0.02, 1), (-0.90, rise * 0.6), (-0.84 + lean, 0.0, 1), (-0.76 + lean, 0.0, 1),
        (-0.77, rise * 0.55), (-0.66, rise * 0.84), (-0.46, rise * 0.86, 1),
    ]  # fmt: skip
    canvas.fill(spline(outline), darker(look.main, 0.12), volume=0.8, depth=0.05, gloss=0.25)
    canvas.fill(spline([(-0.845 + lean, 0.0, 1), (-0.845 + lean, 0.035, 1), (-0.755 + lean, 0.035, 1),
                        (-0.755 + lean, 0.0, 1)]), (0.12, 0.12, 0.12), volume=0)  # fmt: skip


def _broad_heel(canvas: Canvas, look: Look, rise: float, width: float) -> None:
    shade = mix(darker(look.main, 0.15), (0.55, 0.38, 0.24), float(canvas.rng.random() < 0.3) * 0.8)
    outline = [
        (-0.94, rise + 0.02, 1), (-0.92, rise * 0.5), (-0.93, 0.0, 1), (-0.93 + width, 0.0, 1),
        (-0.90 + width, rise * 0.5), (-0.84 + width, rise * 0.86, 1),
    ]  # fmt: skip
    canvas.fill(spline(outline), shade, volume=0.7, depth=0.09, gloss=0.15)


def _outsole(canvas: Canvas, look: Look, rise: float, plate: float = 0.0) -> None:
    shade = _RED_SOLE if canvas.rng.random() < 0.15 else mix(darker(look.main, 0.55), (0.3, 0.22, 0.16), 0.3)
    line = spline([(-0.93, rise - 0.01), (-0.62, rise - 0.05), (-0.3, rise * 0.57), (0.1, rise * 0.15 + plate * 0.6),
                   (0.45, 0.015 + plate), (0.75, 0.01 + plate), (1.02, 0.035 + plate)], closed=False)  # fmt: skip
    canvas.fill(ribbon(line, 0.03, 0.035), shade, volume=0.2, depth=0.02)


def _gleam(canvas: Canvas) -> None:
    canvas.shade(spline([(0.52, 0.25), (0.72, 0.18), (0.9, 0.11)], False), 0.35, 0.035, 0.025)
