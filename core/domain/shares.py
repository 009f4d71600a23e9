"""Shares as people say them, the same on every page and in every reason."""


def percent(fraction: float, digits: int = 0) -> str:
    """A share such as 0.873 as `87 %`."""
    return f"{100 * fraction:.{digits}f} %"


def sure(fraction: float) -> str:
    """A share in whole percent that is never rounded to none or all: 0.9996 is `> 99 %`."""
    if 0.0 < fraction < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 <= fraction < 1.0 else percent(fraction)
