"""Keeps the words of a title that say what kind of product it is.

Brand words go, and so do words that are spread over the known categories much as the products themselves are: colours,
gender, marketing. "Heels" is at home in one category, "blue" in all.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Self

from core.domain.errors import ShapeError

MANY_CATEGORIES = 5
MIN_TITLES = 3
"""Below `MANY_CATEGORIES` a word must be in so many titles before its spread counts."""
MAX_SPREAD = 0.5
_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"['’]s\b")

# Used beside the entropies where these come from few categories.
_COLOURS = """
    beige black blue bronze brown burgundy charcoal coloured cream cyan fuchsia gold golden gray green grey indigo
    ivory khaki lavender lilac magenta maroon mauve metallic multi multicolor multicolored multicolour multicoloured
    mustard navy neutral nude olive orange pink purple red rose silver tan taupe teal turquoise violet white yellow"""
_PEOPLE = """
    adult adults babies baby boy boys child children female gents girl girls her him infant infants junior juniors kid
    kids ladies lady male man men mens teen teens toddler toddlers unisex woman women womens youth"""
_SIZES = """
    extra large long medium pack packs pair pairs pc pcs petite piece pieces regular size sized slim small standard tall
    tiny s m l xl xs xxl xxxl cm inch inches kg lb lbs litre litres liter liters mm ml oz"""
_MARKETING = """
    authentic best brand cheap classic collection deal deluxe design discount edition elegant exclusive fashion
    fashionable favourite favorite free genuine great hot latest limited lovely luxury modern new nice offer original
    perfect popular premium quality sale season special style stylish super trendy ultimate value"""
_FILLERS = "a an and at by for from in into is it of off on or the to with without"
_SAYING_NOTHING = frozenset(" ".join((_COLOURS, _PEOPLE, _SIZES, _MARKETING, _FILLERS)).split())


class TypeFocus:
    """Knows which words say nothing about the kind of product. Made by `fit`.

    Args:
        dropped: Case-folded words without accents that say nothing.
    """

    def __init__(self, dropped: Iterable[str]) -> None:
        self.dropped = frozenset(dropped)

    @classmethod
    def fit(
        cls, titles: Sequence[str], brands: Sequence[str], categories: Sequence[str], max_spread: float = MAX_SPREAD
    ) -> Self:
        """Learn from the known categories which words say nothing.

        Where fewer than five categories are known they tell less, and a built-in list of English words for colours,
        people, sizes and marketing goes as well.

        Args:
            titles: Of every product with a known category.
            brands: In the same order; empty where unknown.
            categories: In the same order, at a level whose categories differ in kind.
            max_spread: Words more evenly spread than this go. The spread is the entropy of a word over the categories,
                as a share of the entropy of all products over them.

        Returns:
            The fitted focus.

        Raises:
            ShapeError: If the three differ in length.
        """
        if not len(titles) == len(brands) == len(categories):
            raise ShapeError(
                f"Expected a title, a brand and a category for every product, got {len(titles)}, {len(brands)} and "
                f"{len(categories)}.",
                "Pass three lists of one length.",
            )
        has_many = len(set(categories)) >= MANY_CATEGORIES
        places: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for title, brand, category in zip(titles, brands, categories, strict=True):
            for word in set(_without_brand(_words(title), _words(brand))):
                places[_fold(word)][category] += 1
        limit = max_spread * _entropy(Counter(categories))
        enough = 1 if has_many else MIN_TITLES
        spread = {word for word, counts in places.items() if counts.total() >= enough and _entropy(counts) > limit}
        return cls(spread if has_many else spread | _SAYING_NOTHING)

    def focus(self, titles: Sequence[str], brands: Sequence[str]) -> list[str]:
        """Each title with only its telling words, `''` where it has none."""
        return [" ".join(words) for words in self.tokens(titles, brands)]

    def tokens(self, titles: Sequence[str], brands: Sequence[str]) -> list[list[str]]:
        """The telling words of each title, case-folded, in their order. Numbers and sizes such as `500ml` go too.

        Raises:
            ShapeError: If there is not one brand per title.
        """
        if len(titles) != len(brands):
            raise ShapeError(
                f"Expected a brand for every title, got {len(titles)} titles and {len(brands)} brands.",
                "Pass an empty brand where it is unknown.",
            )
        return [
            [word for word in _without_brand(_words(title), _words(brand)) if self._is_telling(word)]
            for title, brand in zip(titles, brands, strict=True)
        ]

    def _is_telling(self, word: str) -> bool:
        return not word[0].isdigit() and _fold(word) not in self.dropped


def _words(text: str) -> list[str]:
    return _WORD.findall(_POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold()))


def _without_brand(words: list[str], brand: list[str]) -> list[str]:
    """Words without each run of them that spells the brand, whatever its accents; else without a run of its start.

    A shop writes "Turtle" in a title where the brand reads "Turtle Clothing".
    """
    folded, target = [_fold(word) for word in words], [_fold(word) for word in brand]
    for length in range(len(target), 0, -1):
        starts = [at for at in range(len(folded) - length + 1) if folded[at : at + length] == target[:length]]
        if length < len(target):
            starts = [at for at in starts if at == 0]
        if starts:
            gone = {at + offset for at in starts for offset in range(length)}
            return [word for at, word in enumerate(words) if at not in gone]
    return words


@lru_cache(maxsize=100_000)
def _fold(word: str) -> str:
    """The word without accents: "é" and "e" are one."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


def _entropy(counts: Counter[str]) -> float:
    """In nats."""
    total = counts.total()
    return -sum(n / total * math.log(n / total) for n in counts.values())
