"""Names that somebody already gave to kinds of products, ready to be compared with the titles of clusters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.discovery.english import is_mass_noun, is_plural, rejoined, singular
from core.discovery.name_lexicon import HOLLOW, PEOPLE
from core.discovery.name_words import folded
from core.domain.arrays import DoubleArray
from core.domain.discovery import NameSource

LEAST_LIKENESS = 0.5
"""Words with at least this share of letter trigrams in common are spellings of one: jewellery and jewelry."""
LAST_NAME_WEIGHT = 2 / 3
"""How much the category's own name says about where its kinds stand elsewhere; the names above it share the rest."""
LEAST_TELLING = 0.6
"""A known name needs a word of which at least this share is here: the share here by the sum of here and elsewhere."""
PATH_END = 2
_PARTS = re.compile(r"\s*(?:&|,|/|\band\b|\bor\b|\(|\))\s*")
NARROW_FACTOR = 0.5
"""A place for babies alone is no good place for a category of everybody's things."""
DEPTH_FACTOR = 0.97
"""Of two places as near, the higher one says it more simply."""
_POSSESSIVE = re.compile(r"(?<=\w)['’]s?\b")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name from a taxonomy: its path from below the root, and who says so, such as "Shopify 2024-07"."""

    path: tuple[str, ...]
    source: NameSource
    authority: str

    @property
    def name(self) -> str:
        """The last name of the path."""
        return self.path[-1]

    @property
    def origin(self) -> str:
        """Where it stands, for people: `Shopify 2024-07: … > Shoes > Sneakers`."""
        shown = self.path if len(self.path) <= PATH_END else ("…", *self.path[-PATH_END:])
        return f"{self.authority}: {' > '.join(shown)}"


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A known name that fits a cluster. `share` and `elsewhere` are of titles with its words, in [0, 1]."""

    known: KnownName
    score: float
    words: str
    share: float
    elsewhere: float


class NameIndex:
    """Known names near a category, with their words apart. Building it takes a while, matching does not.

    Args:
        names: From any number of taxonomies.
        category: Names of the category's path from below the root. Names that stand in no place like it are left out,
            unless none does.
    """

    def __init__(self, names: Sequence[KnownName], category: Sequence[str]) -> None:
        places = _places(names, category)
        is_near = places > 0 if (places > 0).any() else np.ones(len(names), dtype=bool)
        self._names = [name for name, near in zip(names, is_near.tolist(), strict=True) if near]
        self._places = np.maximum(places[is_near], 0.0)
        above = {part.stems for name in category for part in _parts(name)}
        found = ((row, part) for row, name in enumerate(self._names) for part in _kinds(name.name))
        parts = [(row, part) for row, part in found if part.stems not in above]
        self._name_of_part = np.array([row for row, _ in parts], dtype=np.int64)
        self._n_parts = np.bincount(self._name_of_part, minlength=len(self._names))
        self._words = [" ".join(part.words) for _, part in parts]
        stems = dict.fromkeys(stem for _, part in parts for stem in part.stems)
        self._stems = {stem: i for i, stem in enumerate(stems)}
        self._entries = np.array([self._stems[stem] for _, part in parts for stem in part.stems], dtype=np.int64)
        self._starts = np.cumsum([0, *(len(part.stems) for _, part in parts)])[:-1].astype(np.int64)

    def __len__(self) -> int:
        return len(self._names)

    def match(
        self, vocabulary: Sequence[str], share: DoubleArray, elsewhere: DoubleArray, least: float, n: int = 3
    ) -> list[list[NameMatch]]:
        """The known names that fit each cluster best.

        Args:
            vocabulary: Terms of the run. Length: n_terms.
            share: Share of each cluster's titles with each term. Shape: (k, n_terms).
            elsewhere: The same for the titles of all other clusters. Shape: (k, n_terms).
            least: Every word of a name must stand in more than this share of a cluster's titles.
            n: How many names per cluster, at most.

        Returns:
            For each cluster, best first. A name counts by the share of titles with its rarest word, by how much more
            often its words stand here than elsewhere, and by how near to the category it stands.
        """
        if not len(self._entries):
            return [[] for _ in share]
        columns = {_key(term): column for column, term in reversed(list(enumerate(vocabulary)))}
        present = [(row, columns[stem]) for stem, row in self._stems.items() if stem in columns]
        here = np.zeros((len(self._stems), len(share)))  # (n_stems, k)
        beside = np.zeros_like(here)
        if present:
            rows, taken = (list(part) for part in zip(*present, strict=True))
            here[rows], beside[rows] = share[:, taken].T, elsewhere[:, taken].T
        telling = here / np.maximum(here + beside, 1e-9)
        rarest = np.minimum.reduceat(here[self._entries], self._starts, axis=0)  # (n_parts, k)
        distinct = np.maximum.reduceat(telling[self._entries], self._starts, axis=0)
        near = (0.5 + 0.5 * self._places[self._name_of_part])[:, None]
        whole = (1.0 / np.sqrt(self._n_parts[self._name_of_part]))[:, None]  # "Shirts" before "Shirts & Tops"
        is_told = (rarest > least) & (distinct > LEAST_TELLING)
        scores = np.where(is_told, rarest * distinct * near * whole, 0.0)
        beside_of_part = np.minimum.reduceat(beside[self._entries], self._starts, axis=0)
        return [self._best(scores[:, c], rarest[:, c], beside_of_part[:, c], n) for c in range(len(share))]

    def _best(self, scores: DoubleArray, share: DoubleArray, elsewhere: DoubleArray, n: int) -> list[NameMatch]:
        chosen: dict[str, NameMatch] = {}
        for part in np.argsort(-scores, kind="stable").tolist():
            if scores[part] <= 0 or len(chosen) == n:
                break
            known = self._names[self._name_of_part[part]]
            match = NameMatch(known, float(scores[part]), self._words[part], float(share[part]), float(elsewhere[part]))
            chosen.setdefault(squashed(known.name), match)
        return list(chosen.values())


def squashed(name: str) -> str:
    """A name without spaces, hyphens, accents and plurals: "T-Shirts" and "tshirt" are one."""
    return "".join(singular(word) for word in _WORD.findall(folded(name.casefold())))


def _key(term: str) -> str:
    return "".join(singular(word) for word in term.replace("-", "").split(" "))


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the kinds that a name joins: its words as written, and their stems."""

    words: tuple[str, ...]
    stems: tuple[str, ...]


@lru_cache(maxsize=65_536)
def _parts(name: str) -> tuple[_Part, ...]:
    split = (rejoined(_WORD.findall(part)) for part in _PARTS.split(folded(_POSSESSIVE.sub("", name.casefold()))))
    return tuple(
        _Part(tuple(words), tuple(dict.fromkeys(singular(word.replace("-", "")) for word in words)))
        for words in split
        if words
    )


def _kinds(name: str) -> list[_Part]:
    """The kinds that a name joins: "Flip Flops & Thongs" are two, "Black & White Film" is none by its first part."""
    parts = _parts(name)
    if len(parts) == 1:
        return list(parts)
    return [part for part in parts if _is_kind(part)]


def _is_kind(part: _Part) -> bool:
    last = part.words[-1]
    return (is_plural(last) or is_mass_noun(last)) and (len(part.stems) > 1 or part.stems[0] not in HOLLOW)


def _places(names: Sequence[KnownName], category: Sequence[str]) -> DoubleArray:
    """How near each name stands to places called like the category, in [0, 1]. Shape: (n_names,)."""
    if not category:
        return np.ones(len(names))
    wanted = [_stems_for_all(name) for name in category]
    weights = [*([(1 - LAST_NAME_WEIGHT) / max(len(category) - 1, 1)] * (len(category) - 1)), LAST_NAME_WEIGHT]
    is_for_some = any(PEOPLE.intersection(part.words) for name in category for part in _parts(name))
    alike: dict[str, tuple[tuple[bool, ...], bool]] = {}

    def likeness(name: str) -> tuple[tuple[bool, ...], bool]:
        if name not in alike:
            own = _stems_for_all(name)
            found = tuple(any(_are_like(a, b) for a in own for b in of_name) for of_name in wanted)
            alike[name] = found, any(PEOPLE.intersection(part.words) for part in _parts(name))
        return alike[name]

    def place(name: KnownName) -> float:
        above = [likeness(part) for part in name.path[:-1]]
        nearness = sum(weight for i, weight in enumerate(weights) if any(found[i] for found, _ in above))
        is_narrow = not is_for_some and any(narrow for _, narrow in above)
        return nearness * (NARROW_FACTOR if is_narrow else 1.0) * DEPTH_FACTOR ** len(name.path)

    return np.array([place(name) for name in names])


def _stems_for_all(name: str) -> list[tuple[str, ...]]:
    """Stems of the kinds that a name joins, without whom they are for: "Women's Footwear" is footwear."""
    found = [tuple(stem for stem in part.stems if stem not in PEOPLE) for part in _parts(name)]
    return [stems for stems in found if stems]


def _are_like(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(one) == len(other) and all(_is_like(a, b) for a, b in zip(one, other, strict=True))


def _is_like(one: str, other: str) -> bool:
    if one == other:
        return True
    if one[0] != other[0] or min(len(one), len(other)) < 5:
        return False
    first, second = _trigrams(one), _trigrams(other)
    return 2 * len(first & second) >= LEAST_LIKENESS * (len(first) + len(second))


def _trigrams(word: str) -> set[str]:
    return {word[at : at + 3] for at in range(len(word) - 2)}
