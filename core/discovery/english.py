"""Just enough English to write the name of a group: plurals, and which words read as kinds of things."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

MASS_ENDINGS = (
    "wear", "jewellery", "jewelry", "hosiery", "stationery", "cutlery", "crockery", "ware", "clothing", "lingerie",
    "denim", "luggage", "equipment",
)  # fmt: skip
IRREGULAR = {
    "scarf": "scarves",
    "knife": "knives",
    "shelf": "shelves",
    "woman": "women",
    "man": "men",
    "child": "children",
}
SINGULAR_OF = {many: one for one, many in IRREGULAR.items()}
NOT_PLURAL_ENDINGS = ("ss", "us", "sis", "itis", "polis")
_NOT_PLURAL = (
    "tennis iris paris trellis axis ibis cannabis pelvis clematis amaryllis marquis pubis this his series swiss"
)
NOT_PLURAL = frozenset(_NOT_PLURAL.split())
"""Other words on -is are many: capris, kurtis, bikinis."""
BREAK = "|"
"""Stands between two phrases of a title: no pair of words crosses it, and the kind is named before the first."""
HISSING_ENDINGS = ("ches", "shes", "sses", "xes", "zes")


def is_plural(word: str) -> bool:
    """Whether a lower-case word reads as a plural."""
    return word in SINGULAR_OF or (
        len(word) > 3 and word.endswith("s") and not word.endswith(NOT_PLURAL_ENDINGS) and word not in NOT_PLURAL
    )


def is_mass_noun(word: str) -> bool:
    """Whether a lower-case word names a stuff that has no plural, such as jewellery or footwear."""
    return len(word) > 4 and word.endswith(MASS_ENDINGS)


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """The form under which a word and its plural are counted together: `boots` → `boot`, `watches` → `watch`."""
    if word in SINGULAR_OF:
        return SINGULAR_OF[word]
    if not is_plural(word):
        return word
    if word.endswith("ies") and len(word) > 5:
        return f"{word[:-3]}y"
    if word.endswith(HISSING_ENDINGS):
        return word[:-2]
    return word[:-1]


def plural(word: str) -> str:
    """The plural of a lower-case word: `watch` → `watches`, `jewellery` stays."""
    is_said_as_plural = is_plural(word) or (word.endswith("s") and not word.endswith("ss"))  # such as capris
    if is_said_as_plural or is_mass_noun(word) or not word.replace("-", "").isalpha():
        return word
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"


def rejoined(words: Sequence[str]) -> list[str]:
    """Words of a title with `t` and `shirt` as one word again, and without single letters and numbers."""
    joined: list[str] = []
    for before, word in pairwise(["", *words]):
        is_tee = word in ("tshirt", "tshirts") or (before == "t" and word in ("shirt", "shirts"))
        joined.append(f"t-{word.removeprefix('t')}" if is_tee else word)
    return [word for word in joined if word == BREAK or (len(word) > 1 and not word.isdecimal())]
