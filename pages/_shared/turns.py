"""Keeps quick wishes in order: Streamlit runs the callback of a change while that of the change before still runs."""

from collections import defaultdict
from collections.abc import Callable
from itertools import count
from threading import Lock

_numbers = count(1)
_newest: dict[str, int] = {}
_locks: dict[str, Lock] = defaultdict(Lock)


def newest_last(key: str, act: Callable[[], object]) -> bool:
    """Do something after what was wished before under a key has ended; leave it, where something newer is wished.

    Args:
        key: Of wishes that replace each other, such as the places of one slider.
        act: Does it.

    Returns:
        Whether it was done.
    """
    number = _newest[key] = next(_numbers)
    with _locks[key]:
        if _newest[key] != number:
            return False
        act()
    return True
