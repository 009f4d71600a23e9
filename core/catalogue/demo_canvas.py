"""A small shaded canvas: outlines are drawn at four times the size, light is computed at the final one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from core.catalogue.demo_geometry import Points

WIDTH, HEIGHT = 160, 200
_SUPERSAMPLE = 4

Pixels = NDArray[np.float32]
Colour = tuple[float, float, float]
"""Red, green and blue in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How an item stands before the camera.

    `angle` in radians, shifts in pixels, `stretch` widens the item, light is the direction to it.
    """

    facing: int = 1
    angle: float = 0.0
    scale: float = 1.0
    stretch: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    light_x: float = -0.5
    light_y: float = -0.85


def blur(mask: Pixels, radius: float) -> Pixels:
    """A mask in [0, 1], softened by a Gaussian of `radius` pixels. Shape: (h, w)."""
    image = Image.fromarray((mask * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255


class Canvas:
    """Collects the parts of one item. `rgb` is premultiplied by `alpha`.

    Args:
        pose: How the item stands.
        rng: Source of the noise in textures.
    """

    def __init__(self, pose: Pose, rng: np.random.Generator) -> None:
        self.pose, self.rng = pose, rng
        self.rgb = np.zeros((HEIGHT, WIDTH, 3), dtype=np.float32)
        self.alpha = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
        self._unit, self._centre = 70.0, (0.0, 0.0)

    @property
    def unit(self) -> float:
        """Pixels per drawing unit."""
        return self._unit

    def frame(self, x0: float, y0: float, x1: float, y1: float, fill: float = 0.86) -> None:
        """Choose the scale so that this box of drawing units fills the picture to `fill` of its tighter side."""
        fitting = min(fill * WIDTH / (x1 - x0), fill * HEIGHT / (y1 - y0))
        self._unit = fitting * self.pose.scale
        self._centre = ((x0 + x1) / 2, (y0 + y1) / 2)

    def place(self, points: Points) -> Points:
        """Pixel positions of points in drawing units. Shape: (n, 2)."""
        x = (points[:, 0] - self._centre[0]) * self.pose.facing * self.pose.stretch
        y = points[:, 1] - self._centre[1]
        c, s = np.cos(self.pose.angle), np.sin(self.pose.angle)
        px = WIDTH / 2 + self.pose.shift_x + self._unit * (c * x - s * y)
        py = HEIGHT / 2 + self.pose.shift_y - self._unit * (s * x + c * y)
        return np.stack([px, py], axis=1)

    def units(self) -> tuple[Pixels, Pixels]:
        """Drawing coordinates x and y of every pixel, for patterns. Shape: (h, w) each."""
        py, px = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        dx = (px - WIDTH / 2 - self.pose.shift_x) / self._unit
        dy = (HEIGHT / 2 + self.pose.shift_y - py) / self._unit
        c, s = np.cos(self.pose.angle), np.sin(self.pose.angle)
        x = (c * dx + s * dy) * self.pose.facing / self.pose.stretch + self._centre[0]
        return x, c * dy - s * dx + self._centre[1]

    def fill(
        self,
        outline: Points,
        colour: Colour | Pixels,
        volume: float = 0.5,
        depth: float = 0.09,
        lift: float = 0.0,
        within: Pixels | None = None,
        gloss: float = 0.12,
        opacity: float = 1.0,
    ) -> Pixels:
        """Lay one part over what is there.

        Args:
            outline: Closed outline in drawing units. Shape: (n, 2).
            colour: One colour, or a pattern. Shape: (h, w, 3).
            volume: How round the part looks, 0 flat.
            depth: How far its rounding reaches in from the edge, in drawing units.
            lift: Strength of the shadow it throws on the parts below.
            within: Mask that the part may not leave. Shape: (h, w).
            gloss: Brightness added on the lit side, for leather and metal.
            opacity: 1 hides what is below.

        Returns:
            The part's own mask. Shape: (h, w).
        """
        return self._lay(self.place(outline), None, colour, volume, depth, lift, within, gloss, opacity)

    def stroke(
        self,
        line: Points,
        colour: Colour | Pixels,
        width: float,
        volume: float = 0.0,
        lift: float = 0.0,
        within: Pixels | None = None,
        gloss: float = 0.12,
        opacity: float = 1.0,
    ) -> Pixels:
        """Lay a line of `width` drawing units; arguments and result as in `fill`."""
        return self._lay(self.place(line), width, colour, volume, width / 2, lift, within, gloss, opacity)

    def stitch(self, line: Points, colour: Colour, width: float = 0.018, dash: float = 0.05) -> None:
        """Lay a row of stitches along an open line."""
        placed = self.place(line)
        steps = np.hypot(*np.diff(placed, axis=0).T)
        n = max(int(steps.sum() / (dash * self._unit)), 2)
        travelled = np.concatenate([[0.0], np.cumsum(steps)])
        wanted = np.linspace(0, travelled[-1], 2 * n)
        ends = np.stack([np.interp(wanted, travelled, placed[:, k]) for k in range(2)], axis=1)
        box, mask = _mask(ends, width * self._unit, 2, segments=True)
        weight = (mask * self.alpha[box])[..., None]
        self.rgb[box] = self.rgb[box] * (1 - weight) + weight * np.asarray(colour, dtype=np.float32)

    def shade(self, line: Points, strength: float, width: float, soft: float = 0.05, closed: bool = False) -> None:
        """Darken (negative) or lighten (positive) softly along a line, on what is already drawn.

        Args:
            line: Line, or outline where `closed`, in drawing units. Shape: (n, 2).
            strength: From -1 to 1.
            width: Width of the line in drawing units; unused where `closed`.
            soft: Blur radius in drawing units.
            closed: Whether to fill the outline rather than follow it.
        """
        radius = max(soft * self._unit, 0.4)
        box, mask = _mask(self.place(line), None if closed else width * self._unit, int(2.5 * radius) + 1)
        soft_mask = blur(mask, radius)[..., None]
        area = self.rgb[box]
        if strength < 0:
            self.rgb[box] = area * (1 + strength * soft_mask)
        else:
            self.rgb[box] = area + (self.alpha[box][..., None] - area) * strength * soft_mask

    def _lay(
        self,
        placed: Points,
        width: float | None,
        colour: Colour | Pixels,
        volume: float,
        depth: float,
        lift: float,
        within: Pixels | None,
        gloss: float,
        opacity: float,
    ) -> Pixels:
        radius = max(depth * self._unit, 0.7)
        box, mask = _mask(placed, None if width is None else width * self._unit, int(radius * 1.5) + 4)
        if within is not None:
            mask = mask * within[box]
        paint = np.asarray(colour, dtype=np.float32)
        paint = paint[box] if paint.ndim == 3 else paint
        if volume > 0:
            paint = self._lit(mask, paint, volume, radius, gloss)
        if lift > 0:
            self._throw_shadow(box, mask, lift)
        full = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
        full[box] = mask
        mask = mask * opacity
        weight = mask[..., None]
        self.rgb[box] = self.rgb[box] * (1 - weight) + weight * np.clip(paint, 0, 1)
        self.alpha[box] += mask * (1 - self.alpha[box])
        return full

    def _lit(self, mask: Pixels, paint: Pixels, volume: float, radius: float, gloss: float) -> Pixels:
        soft = blur(mask, radius)
        slope_y, slope_x = np.gradient(soft)
        light = -(slope_x * self.pose.light_x + slope_y * self.pose.light_y) * (2.2 * radius)
        light = np.clip(light, -1, 1)[..., None]
        return paint * (1 + 0.6 * volume * light) + gloss * volume * np.maximum(light, 0)

    def _throw_shadow(self, box: tuple[slice, slice], mask: Pixels, lift: float) -> None:
        dropped = np.roll(mask, (2, 1 if self.pose.light_x < 0 else -1), axis=(0, 1))
        self.rgb[box] *= 1 - lift * blur(dropped, 1.6)[..., None]


def _mask(placed: Points, width: float | None, pad: int, segments: bool = False) -> tuple[tuple[slice, slice], Pixels]:
    """The window around a shape and its anti-aliased mask there."""
    reach = pad + int((width or 0) / 2) + 1
    left, top = (np.floor(placed.min(axis=0)) - reach).astype(int)
    right, bottom = (np.ceil(placed.max(axis=0)) + reach).astype(int)
    left, top = np.clip(left, 0, WIDTH - 2), np.clip(top, 0, HEIGHT - 2)  # a slope needs two pixels
    right, bottom = np.clip(right, left + 2, WIDTH), np.clip(bottom, top + 2, HEIGHT)
    k = _SUPERSAMPLE
    image = Image.new("L", (int(right - left) * k, int(bottom - top) * k))
    corners = [(float(x), float(y)) for x, y in (placed - (left, top)) * k]
    draw = ImageDraw.Draw(image)
    if width is None:
        draw.polygon(corners, fill=255)
    elif segments:
        for i in range(0, len(corners) - 1, 2):
            draw.line(corners[i : i + 2], fill=255, width=max(round(width * k), 1))
    else:
        draw.line(corners, fill=255, width=max(round(width * k), 1), joint="curve")
    mask = np.asarray(image.reduce(k), dtype=np.float32) / 255
    return (slice(int(top), int(bottom)), slice(int(left), int(right))), mask
