"""The photograph around a drawn item: backdrop, shadow, the second shoe of a pair, the camera's finish."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.catalogue.demo_backdrops import clean_backdrop, cluttered_backdrop
from core.catalogue.demo_canvas import HEIGHT, WIDTH, Canvas, Pixels, Pose, blur
from core.catalogue.demo_kinds import SHOES, Model, Subtype
from core.catalogue.demo_palette import Look


@dataclass(frozen=True, slots=True)
class Shot:
    """How a shop photographs: tone of its backdrop, whether this one is cluttered, sharpness of its lens."""

    backdrop: tuple[float, float, float]
    is_cluttered: bool = False
    softness: float = 0.0


def photograph(subtype: Subtype, model: Model, look: Look, shot: Shot, rng: np.random.Generator) -> Image.Image:
    """Draw one product before its backdrop.

    Args:
        subtype: Decides poses: shoes face left or right and may come in pairs.
        model: The silhouette to draw.
        look: Its colours.
        shot: How it is photographed.
        rng: Source of all variation.

    Returns:
        An RGB picture, 160 by 200 pixels.
    """
    is_pair = subtype.category == SHOES and model.stands and rng.random() < 0.22
    pose = _pose(subtype.category == SHOES, model.stands, is_pair, rng)
    canvas = Canvas(pose, rng)
    model.draw(canvas, look)
    ground = int(np.flatnonzero(canvas.alpha.max(axis=1) > 0.5).max()) if model.stands else None
    picture = cluttered_backdrop(rng, ground) if shot.is_cluttered else clean_backdrop(shot.backdrop, rng)
    if is_pair:
        dx, dy = int(rng.integers(5, 15)) * pose.facing, -int(rng.integers(9, 17))
        back_rgb, back_alpha = _moved(canvas.rgb, dx, dy) * 0.93, _moved(canvas.alpha, dx, dy)
        picture = _composite(picture, back_rgb, back_alpha, model.stands)
    picture = _composite(picture, canvas.rgb, canvas.alpha, model.stands)
    return _developed(picture, shot, rng)


def _pose(is_shoe: bool, stands: bool, is_pair: bool, rng: np.random.Generator) -> Pose:
    tilt = 0.035 if is_shoe else 0.022
    if not stands:
        tilt = 0.05
    return Pose(
        facing=1 if rng.random() < 0.5 else -1,
        angle=float(np.clip(rng.normal(0, tilt), -0.14, 0.14)),
        scale=float(rng.uniform(0.80, 1.0)) * (0.88 if is_pair else 1.0),
        stretch=float(rng.uniform(0.94, 1.05)),
        shift_x=float(rng.normal(0, 3.0)),
        shift_y=float(rng.normal(4 if is_pair else 0, 4.0)),
        light_x=float(rng.uniform(-0.65, 0.65)),
        light_y=-0.85,
    )


def _moved(layer: Pixels, dx: int, dy: int) -> Pixels:
    """A layer shifted by whole pixels; what leaves the picture is gone."""
    moved = np.zeros_like(layer)
    target_y, source_y = slice(max(dy, 0), HEIGHT + min(dy, 0)), slice(max(-dy, 0), HEIGHT + min(-dy, 0))
    target_x, source_x = slice(max(dx, 0), WIDTH + min(dx, 0)), slice(max(-dx, 0), WIDTH + min(-dx, 0))
    moved[target_y, target_x] = layer[source_y, source_x]
    return moved


def _composite(picture: Pixels, rgb: Pixels, alpha: Pixels, stands: bool) -> Pixels:
    shadow = _ground_shadow(alpha) if stands else 0.30 * blur(_moved(alpha, 2, 3), 3.2)
    return picture * (1 - shadow[..., None]) * (1 - alpha[..., None]) + rgb


def _ground_shadow(alpha: Pixels) -> Pixels:
    """A soft pool under the item, darker where it touches the ground."""
    rows, columns = np.nonzero(alpha > 0.5)
    bottom, left, right = int(rows.max()), int(columns.min()), int(columns.max())
    touching = np.zeros_like(alpha)
    lowest = HEIGHT - 1 - np.argmax(alpha[::-1] > 0.5, axis=0)
    near = (alpha.max(axis=0) > 0.5) & (lowest > bottom - 9)
    for offset in range(3):
        touching[np.minimum(lowest + offset, HEIGHT - 1)[near], np.flatnonzero(near)] = 1.0
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    half = (right - left) / 2
    pool = np.exp(-(((x - (left + right) / 2) / (half * 0.85)) ** 4) - ((y - bottom) / 4.5) ** 2)
    return np.clip(0.20 * pool + 0.55 * blur(touching, 1.6), 0, 0.7)


def _developed(picture: Pixels, shot: Shot, rng: np.random.Generator) -> Image.Image:
    exposed = picture * (1 + rng.normal(0, 0.012)) + rng.normal(0, 0.003, 3)
    if shot.is_cluttered:
        exposed = exposed * (1 + rng.normal(0, 0.05, 3)) + rng.normal(0, 0.012, picture.shape)
    image = Image.fromarray((np.clip(exposed, 0, 1) * 255 + 0.5).astype(np.uint8))
    if shot.softness > 0:
        image = image.resize((int(WIDTH * 0.8), int(HEIGHT * 0.8)), Image.Resampling.BILINEAR)
        image = image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return image
