"""Woven and printed patterns of the demo clothes: stripes, checks, dots, flowers, folds."""

import numpy as np

from core.catalogue.demo_canvas import Canvas, Pixels
from core.catalogue.demo_geometry import shifted, spline
from core.catalogue.demo_palette import Colour, Look, contrast, mix


def blend(colour: Colour, other: Colour, share: Pixels) -> Pixels:
    """One colour giving way to another where `share` is 1. Shape: (h, w) -> (h, w, 3)."""
    a, b = np.asarray(colour, dtype=np.float32), np.asarray(other, dtype=np.float32)
    return a + (b - a) * share[..., None]


def stripes(
    canvas: Canvas, colour: Colour, other: Colour, n: float, share: float = 0.5, upright: bool = False
) -> Pixels:
    """`n` bands per drawing unit, `share` of each in the other colour. Shape: (h, w, 3)."""
    x, y = canvas.units()
    phase = ((x if upright else y) * n) % 1.0
    edge = np.abs(phase - 0.5) - share / 2
    return blend(colour, other, np.clip(0.5 - edge * canvas.unit / n, 0, 1).astype(np.float32))


def checks(canvas: Canvas, colour: Colour, other: Colour, n: float) -> Pixels:
    """A tartan of crossing bands. Shape: (h, w, 3)."""
    across = stripes(canvas, colour, other, n, 0.35)
    down = stripes(canvas, colour, other, n, 0.35, upright=True)
    return (across + down) / 2


def dots(canvas: Canvas, colour: Colour, other: Colour, n: float, radius: float = 0.25) -> Pixels:
    """Staggered dots, `n` rows per drawing unit. Shape: (h, w, 3)."""
    x, y = canvas.units()
    row = np.floor(y * n)
    dx = (x * n + 0.5 * (row % 2)) % 1.0 - 0.5
    dy = (y * n) % 1.0 - 0.5
    inside = np.clip(0.5 + (radius - np.hypot(dx, dy)) * canvas.unit / n, 0, 1)
    return blend(colour, other, inside.astype(np.float32))


def flowers(canvas: Canvas, colour: Colour, petals: Colour, leaves: Colour, n: float) -> Pixels:
    """Scattered five-petalled flowers with leaves between them. Shape: (h, w, 3)."""
    x, y = canvas.units()
    row = np.floor(y * n)
    dx = (x * n + 0.5 * (row % 2) + 0.13 * np.sin(row * 5.1)) % 1.0 - 0.5
    dy = (y * n) % 1.0 - 0.5
    angle, radius = np.arctan2(dy, dx), np.hypot(dx, dy)
    sharp = canvas.unit / n
    lobes = 0.13 + 0.15 * np.sqrt(np.abs(np.cos(2.5 * angle + row)))
    petal = np.clip(0.5 + (lobes - radius) * sharp, 0, 1).astype(np.float32)
    heart = np.clip(0.5 + (0.085 - radius) * sharp, 0, 1).astype(np.float32)
    leaf = np.clip(0.5 + (0.14 - np.hypot(dx - 0.26 + dy, 2 * (dy + 0.30))) * sharp, 0, 1).astype(np.float32)
    painted = blend(colour, leaves, leaf * 0.8)
    painted = painted + (np.asarray(petals, dtype=np.float32) - painted) * petal[..., None]
    middle = np.asarray((0.93, 0.76, 0.30), dtype=np.float32)
    return painted + (middle - painted) * heart[..., None]


def camouflage(canvas: Canvas, colour: Colour) -> Pixels:
    """Large soft-edged blots in three tones. Shape: (h, w, 3)."""
    x, y = canvas.units()
    a, b = canvas.rng.uniform(0, 6, 2)
    field = np.sin(7 * x + a + 2 * np.sin(5 * y)) + np.sin(6 * y + b + 2 * np.sin(6 * x + a))
    dark = np.clip(field * 6 - 3, 0, 1).astype(np.float32)
    light = np.clip(-field * 6 - 4, 0, 1).astype(np.float32)
    painted = blend(colour, mix(colour, (0.12, 0.11, 0.07), 0.6), dark)
    return painted + (np.asarray(mix(colour, (0.8, 0.75, 0.55), 0.5), dtype=np.float32) - painted) * light[..., None]


def fabric(canvas: Canvas, look: Look, plain: float) -> Colour | Pixels:
    """The cloth of a garment: plain with the given chance, else a pattern in its own and a second colour."""
    if canvas.rng.random() < plain:
        return look.main
    kind = int(canvas.rng.integers(5))
    second = mix(look.accent, look.main, 0.15)
    if kind == 0:
        return stripes(canvas, look.main, second, canvas.rng.uniform(5, 9), 0.4)
    if kind == 1:
        return checks(canvas, look.main, second, canvas.rng.uniform(4, 7))
    if kind == 2:
        return dots(canvas, look.main, contrast(look.main, 0.7), canvas.rng.uniform(6, 10))
    leaves = mix(look.main, (0.2, 0.42, 0.26), 0.7)
    return flowers(canvas, look.main, second, leaves, canvas.rng.uniform(3.4, 5.5))


def fold(canvas: Canvas, knots: list[tuple[float, ...]], strength: float = 0.25, width: float = 0.05) -> None:
    """A crease: a dark line and the light ridge beside it."""
    line = spline(knots, closed=False)
    canvas.shade(line, -strength, width, 0.03)
    side = -0.05 if canvas.pose.light_x * canvas.pose.facing < 0 else 0.05
    canvas.shade(shifted(line, side, 0.0), strength * 0.4, width, 0.03)
