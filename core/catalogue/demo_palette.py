"""Colours of the demo products: what shops call them, and how they look."""

from dataclasses import dataclass

import numpy as np

from core.catalogue.demo_canvas import Colour

COLOURS: dict[str, Colour] = {
    "Black": (0.11, 0.11, 0.12),
    "Charcoal": (0.25, 0.26, 0.28),
    "Grey": (0.55, 0.56, 0.58),
    "White": (0.94, 0.94, 0.93),
    "Cream": (0.93, 0.89, 0.80),
    "Beige": (0.80, 0.70, 0.57),
    "Tan": (0.72, 0.49, 0.29),
    "Cognac": (0.60, 0.32, 0.16),
    "Brown": (0.36, 0.22, 0.15),
    "Burgundy": (0.43, 0.10, 0.17),
    "Red": (0.78, 0.13, 0.15),
    "Coral": (0.94, 0.46, 0.38),
    "Pink": (0.92, 0.63, 0.69),
    "Mustard": (0.85, 0.62, 0.17),
    "Olive": (0.38, 0.40, 0.24),
    "Forest Green": (0.12, 0.32, 0.22),
    "Sage": (0.62, 0.68, 0.56),
    "Teal": (0.08, 0.44, 0.47),
    "Sky Blue": (0.55, 0.74, 0.88),
    "Blue": (0.16, 0.36, 0.68),
    "Navy": (0.11, 0.16, 0.31),
    "Denim Blue": (0.28, 0.39, 0.55),
    "Lilac": (0.70, 0.62, 0.82),
    "Purple": (0.36, 0.20, 0.48),
}

LEATHERS = "Black:6 Brown:4 Tan:3 Cognac:4 Burgundy:2 Beige:2 Navy:2 Grey:1 Olive:1 White:1 Forest_Green:1"
SPORTY = "White:6 Black:5 Grey:3 Navy:3 Blue:2 Red:2 Olive:1 Pink:2 Sage:1 Cream:2 Teal:1 Mustard:1 Lilac:1 Charcoal:2"
DRESSY = "Black:5 Red:3 Beige:3 Pink:2 Navy:2 Burgundy:2 Cream:1 Forest_Green:1 Cognac:1 Coral:1 Purple:1 White:1"
FABRICS = (
    "White:4 Black:4 Navy:3 Grey:3 Red:2 Blue:2 Olive:2 Mustard:1 Sage:2 Burgundy:1 Sky_Blue:2 Pink:2 Teal:1 "
    "Coral:1 Cream:2 Lilac:1 Forest_Green:1 Charcoal:1 Purple:1"
)
BOTTOMS = "Black:4 Navy:3 Beige:3 Charcoal:2 Grey:2 Olive:3 Brown:1 Cream:1 Burgundy:1 White:1 Sage:1"
DENIM = "Denim_Blue:6 Navy:2 Black:2 Sky_Blue:2 Charcoal:1"
OUTER = "Black:5 Navy:4 Olive:3 Beige:2 Charcoal:3 Brown:1 Burgundy:1 Forest_Green:1 Mustard:1 Grey:2 Red:1 Cream:1"
PACKS = "Black:4 Navy:3 Grey:3 Olive:2 Blue:2 Red:2 Mustard:2 Teal:2 Pink:1 Burgundy:1 Forest_Green:1 Purple:1 Coral:1"
BAGS = "Black:5 Tan:3 Cognac:3 Beige:2 Burgundy:2 Red:1 Cream:2 Navy:1 Pink:1 Forest_Green:1 Mustard:1 Grey:1 Brown:2"

METALS: tuple[Colour, ...] = ((0.83, 0.69, 0.38), (0.78, 0.79, 0.80), (0.42, 0.38, 0.33))
RUBBERS: tuple[Colour, ...] = (
    (0.95, 0.95, 0.93),
    (0.95, 0.95, 0.93),
    (0.90, 0.86, 0.76),
    (0.16, 0.16, 0.17),
    (0.71, 0.52, 0.34),
)


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of one product: its fabric or leather, a second colour, its metal and its sole."""

    name: str
    main: Colour
    accent: Colour
    metal: Colour
    sole: Colour


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """`share` of another colour stirred into one."""
    return tuple((1 - share) * a + share * b for a, b in zip(colour, other, strict=True))  # type: ignore[return-value]


def darker(colour: Colour, share: float = 0.35) -> Colour:
    """The colour in the shade."""
    return mix(colour, (0.02, 0.02, 0.03), share)


def lighter(colour: Colour, share: float = 0.35) -> Colour:
    """The colour in the light."""
    return mix(colour, (1.0, 1.0, 0.99), share)


def luminance(colour: Colour) -> float:
    """How bright a colour looks, in [0, 1]."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def contrast(colour: Colour, share: float = 0.3) -> Colour:
    """A neighbouring tone that stays visible on the colour: lighter on dark ones, darker on light ones."""
    return lighter(colour, share) if luminance(colour) < 0.3 else darker(colour, share)


def pick_look(palette: str, rng: np.random.Generator) -> Look:
    """A product's colours, its main one drawn by weight from a palette such as `Black:5 Dark_Red:1`."""
    entries = [entry.split(":") for entry in palette.split()]
    weights = np.array([float(weight) for _, weight in entries])
    name = entries[int(rng.choice(len(entries), p=weights / weights.sum()))][0].replace("_", " ")
    shift = rng.normal(0, 0.01, 3) + rng.normal(0, 0.02)
    main = tuple(float(np.clip(c + d, 0.06, 0.97)) for c, d in zip(COLOURS[name], shift, strict=True))
    names = list(COLOURS)
    accent = COLOURS[names[int(rng.integers(len(names)))]]
    while abs(luminance(accent) - luminance(main)) < 0.2:  # type: ignore[arg-type]
        accent = COLOURS[names[int(rng.integers(len(names)))]]
    metal, sole = METALS[int(rng.integers(len(METALS)))], RUBBERS[int(rng.integers(len(RUBBERS)))]
    return Look(name, main, accent, metal, sole)  # type: ignore[arg-type]
