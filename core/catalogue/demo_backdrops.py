"""Backdrops of the demo photographs: a studio's clean sweep, or somebody's room."""

import numpy as np

from core.catalogue.demo_canvas import HEIGHT, WIDTH, Canvas, Colour, Pixels, Pose
from core.catalogue.demo_geometry import ellipse, rectangle, spline
from core.catalogue.demo_palette import COLOURS, darker, lighter, mix

_WALLS = ("Sage", "Sky Blue", "Beige", "Cream", "Pink", "Lilac", "Grey", "Mustard", "Coral", "Teal")
_WOODS: tuple[Colour, ...] = ((0.66, 0.48, 0.31), (0.48, 0.33, 0.21), (0.76, 0.62, 0.45), (0.42, 0.38, 0.35))


def clean_backdrop(tone: Colour, rng: np.random.Generator) -> Pixels:
    """An even studio backdrop, a touch darker towards the bottom. Shape: (h, w, 3)."""
    fall = np.linspace(0.004, -0.012 * rng.random(), HEIGHT, dtype=np.float32)
    return np.clip(np.asarray(tone, dtype=np.float32) + fall[:, None, None] + np.zeros((1, WIDTH, 1), np.float32), 0, 1)


def cluttered_backdrop(rng: np.random.Generator, ground: int | None) -> Pixels:
    """Somebody's room.

    Args:
        rng: Source of variation.
        ground: Pixel row where the item touches the floor; None for one laid flat, on boards or a bedspread.

    Returns:
        A wall, a floor and things that are not for sale. Shape: (h, w, 3).
    """
    if ground is None:
        return _planks(rng, 0) if rng.random() < 0.6 else _bedspread(rng)
    horizon = int(np.clip(ground - rng.uniform(22, 50), 30, HEIGHT - 24))
    picture = _wall(rng)
    if rng.random() < 0.35:
        _shelves(picture, rng)
    picture[horizon:] = _planks(rng, horizon)[horizon:] if rng.random() < 0.65 else _wall(rng)[horizon:] * 0.85
    picture[horizon - 5 : horizon] = picture[horizon - 5 : horizon] * 0.3 + 0.62
    picture[horizon : horizon + 3] *= 0.72
    return _with_things(picture, horizon, rng)


def _wall(rng: np.random.Generator) -> Pixels:
    tone = np.asarray(mix(COLOURS[_WALLS[int(rng.integers(len(_WALLS)))]], (0.9, 0.9, 0.9), 0.25), dtype=np.float32)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    lamp = np.hypot((x - rng.uniform(0, WIDTH)) / WIDTH, (y - rng.uniform(-60, 60)) / HEIGHT)
    wall = tone * (1.12 - 0.42 * lamp)[..., None]
    if rng.random() < 0.3:
        period = rng.uniform(12, 26)
        wall = wall * (1 - 0.10 * (np.sin(2 * np.pi * x / period) > 0.2))[..., None]
    return np.clip(wall, 0, 1).astype(np.float32)


def _planks(rng: np.random.Generator, horizon: int) -> Pixels:
    """Floorboards: seen from above, or receding where there is a horizon."""
    tone = np.asarray(_WOODS[int(rng.integers(len(_WOODS)))], dtype=np.float32)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    if horizon:
        depth = np.maximum(y - horizon, 0) / (HEIGHT - horizon) + 0.55
        across, along = (x - WIDTH / 2) / depth, 200 / depth
    else:
        across, along = x, y
    width = rng.uniform(22, 34)
    board = np.floor(across / width)
    seed = rng.uniform(0, 10)
    shade = 0.9 + 0.12 * np.sin(board * 12.9 + seed)
    grain = 0.05 * np.sin(across * 1.1 + 3 * np.sin(along * 0.05 + board * 2.3)) + 0.03 * np.sin(
        across * 2.7 + along * 0.12
    )
    gap = np.clip(np.abs(across / width - board - 0.5) * 2 * width - (width - 2.2), 0, 1)
    return np.clip(tone * ((shade + grain) * (1 - 0.55 * gap))[..., None], 0, 1).astype(np.float32)


def _bedspread(rng: np.random.Generator) -> Pixels:
    picture = _wall(rng)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    a, b = rng.uniform(0, 6, 2)
    creases = np.sin(x / 17 + 2.2 * np.sin(y / 31 + a)) * 0.5 + np.sin(y / 23 + x / 60 + 1.7 * np.sin(x / 29 + b)) * 0.5
    return np.clip(picture * (0.92 + 0.13 * creases)[..., None], 0, 1).astype(np.float32)


def _shelves(picture: Pixels, rng: np.random.Generator) -> None:
    board = np.asarray(_WOODS[int(rng.integers(len(_WOODS)))], dtype=np.float32)
    for y in range(int(rng.integers(8, 30)), HEIGHT, int(rng.integers(46, 70))):
        picture[y : y + 5] = board
        picture[y + 5 : y + 11] *= 0.75


def _with_things(picture: Pixels, horizon: int, rng: np.random.Generator) -> Pixels:
    """Draw one to three household things on the line where wall meets floor."""
    things = Canvas(Pose(light_x=float(rng.uniform(-0.6, 0.6))), rng)
    things.frame(0, 0, WIDTH, HEIGHT, fill=1.0)  # one drawing unit is one pixel, y upward
    makers = (_plant, _boxes, _books, _mug, _frame)
    for k in rng.permutation(len(makers))[: int(rng.integers(1, 4))]:
        x = rng.uniform(4, 34) if rng.random() < 0.5 else rng.uniform(WIDTH - 34, WIDTH - 4)
        makers[int(k)](things, float(x), float(HEIGHT - horizon - rng.uniform(0, 6)), rng)
    return picture * (1 - things.alpha[..., None]) + things.rgb


def _tone(rng: np.random.Generator) -> Colour:
    return COLOURS[list(COLOURS)[int(rng.integers(len(COLOURS)))]]


def _plant(canvas: Canvas, x: float, y: float, rng: np.random.Generator) -> None:
    green = mix((0.20, 0.42, 0.22), (0.45, 0.56, 0.30), float(rng.random()))
    for angle in np.linspace(-1.1, 1.1, 9):
        length = rng.uniform(28, 50)
        tip = (x + np.sin(angle) * length, y + 20 + np.cos(angle) * length)
        leaf = [(x, y + 18, 1), (x + (tip[0] - x) * 0.5 - 4, (y + 18 + tip[1]) / 2), (*tip, 1),
                (x + (tip[0] - x) * 0.5 + 4, (y + 18 + tip[1]) / 2)]  # fmt: skip
        canvas.fill(spline(leaf), darker(green, float(rng.uniform(0, 0.35))), volume=0.5, depth=3)
    pot = [(x - 13, y + 22, 1), (x + 13, y + 22, 1), (x + 9, y, 1), (x - 9, y, 1)]
    canvas.fill(spline(pot), (0.72, 0.42, 0.30), volume=0.7, depth=5, lift=0.3)


def _boxes(canvas: Canvas, x: float, y: float, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(2, 5))):
        w, h = rng.uniform(18, 28), rng.uniform(10, 17)
        tone = mix(_tone(rng), (0.75, 0.62, 0.46), 0.6)
        canvas.fill(rectangle(x - w, y, x + w, y + h), tone, volume=0.4, depth=4, lift=0.3)
        canvas.fill(rectangle(x - w - 1, y + h * 0.72, x + w + 1, y + h + 1), lighter(tone, 0.15), volume=0.3, depth=2)
        y += h


def _books(canvas: Canvas, x: float, y: float, rng: np.random.Generator) -> None:
    x -= 22
    for _ in range(int(rng.integers(4, 8))):
        w, h = rng.uniform(5, 9), rng.uniform(30, 46)
        tone = _tone(rng)
        canvas.fill(rectangle(x, y, x + w, y + h), tone, volume=0.5, depth=2, lift=0.2)
        canvas.stroke(np.array([(x + 1, y + h * 0.8), (x + w - 1, y + h * 0.8)]), lighter(tone, 0.6), 1.5)
        x += w + 0.5


def _mug(canvas: Canvas, x: float, y: float, rng: np.random.Generator) -> None:
    tone = lighter(_tone(rng), 0.3)
    ring = ellipse(x + 12, y + 11, 6, 7)
    canvas.stroke(np.concatenate([ring, ring[:2]]), tone, 3.2, volume=0.6)
    canvas.fill(rectangle(x - 11, y, x + 11, y + 23, 3), tone, volume=0.8, depth=7)
    canvas.fill(ellipse(x, y + 23, 11, 3), darker((0.35, 0.2, 0.1), 0.3), volume=0)


def _frame(canvas: Canvas, x: float, y: float, rng: np.random.Generator) -> None:
    y += rng.uniform(30, 55)
    canvas.fill(rectangle(x - 20, y, x + 20, y + 50), _WOODS[int(rng.integers(4))], volume=0.5, depth=2, lift=0.4)
    canvas.fill(rectangle(x - 16, y + 4, x + 16, y + 46), (0.92, 0.91, 0.88), volume=0)
    canvas.fill(ellipse(x, y + 26, 9, 11), _tone(rng), volume=0.3, depth=4)
