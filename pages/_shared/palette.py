"""Colours of the theme for plots of our own: as many as are asked for, and quiet ones for what has no group."""

import colorsys
from collections.abc import Sequence
from itertools import count

import streamlit as st

N_GROUP_COLOURS = 48
TURN = 0.055
"""How far the hue turns with each further round through the theme's colours, as a share of the circle."""
SHADES = (-0.17, 0.15, -0.09, 0.22)
"""How much lighter each further round is, in turn."""
ON_LIGHT, ON_DARK = (0.2, 0.64), (0.4, 0.86)
"""How light colours may be that must stand out from the page."""
CONFIDENCE_STEPS = (2, 4, 5, 6, 7, 9)
"""Which of the theme's sequential colours stand for the steps of confidence; the palest are lost on the page."""


def appearance() -> str:
    """`light` or `dark`, as the person chose."""
    return st.context.theme.type or "light"


def group_colours(n: int = N_GROUP_COLOURS) -> list[str]:
    """The theme's categorical colours, continued to `n` of them."""
    return extended(list(st.get_option(f"theme.{appearance()}.chartCategoricalColors") or ["#0b6e63"]), n)


def confidence_colours() -> list[str]:
    """From unsure to sure."""
    colours = list(st.get_option(f"theme.{appearance()}.chartSequentialColors") or [])
    return [colours[step] for step in CONFIDENCE_STEPS]


def quiet_colours() -> tuple[str, str]:
    """For what belongs to no group, and for groups that share one colour."""
    grey, paper = (str(st.get_option(f"theme.{appearance()}.{name}")) for name in ("grayColor", "backgroundColor"))
    return mixed(grey, paper, 0.58), mixed(grey, paper, 0.2)


def extended(colours: Sequence[str], n: int) -> list[str]:
    """Continue a palette: each further round is lighter or darker, its hues a little turned.

    Args:
        colours: Hexadecimal colours, at least one.
        n: How many are wanted.

    Returns:
        `n` colours, the given ones first.
    """
    made = list(colours[:n])
    lightness = [colorsys.rgb_to_hls(*_channels(colour))[1] for colour in colours]
    bounds = ON_DARK if sum(lightness) > len(colours) / 2 else ON_LIGHT
    for round_number in count(1):
        if len(made) >= n:
            return made[:n]
        shade = SHADES[(round_number - 1) % len(SHADES)]
        made += [_turned(colour, round_number * TURN, shade, bounds) for colour in colours]
    return made


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another in it, in [0, 1]."""
    return _hex([own + (far - own) * share for own, far in zip(_channels(colour), _channels(other), strict=True)])


def _turned(colour: str, turn: float, shade: float, bounds: tuple[float, float]) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    lightness = min(max(lightness + shade, bounds[0]), bounds[1])
    return _hex(colorsys.hls_to_rgb((hue + turn) % 1.0, lightness, saturation))


def _channels(colour: str) -> list[float]:
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def _hex(channels: Sequence[float]) -> str:
    return "#" + "".join(f"{round(min(max(value, 0.0), 1.0) * 255):02x}" for value in channels)
