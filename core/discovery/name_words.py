"""The words of titles from which names are made: no brands, sizes or model numbers; phrases kept apart. Worker only."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from core.discovery.english import BREAK
from core.discovery.name_lexicon import COUNTERS, JOINERS, LEADS, PEOPLE, SIZES
from core.domain.errors import ShapeError

OWN_SHARE = 0.5
"""A brand of one word is a brand in any title where at least this share of its titles are that brand's own."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_POSSESSIVE = re.compile(r"(?<=\w)['’`´]s?\b")
_SIZED = re.compile(r"\b(?:uk|us|eu|size|sz|no|number)\b\.?\s*[-:#]?\s*\d+(?:\.\d+)?\b")
_SPACED_DASH = re.compile(r"\s-\s")  # a hyphen without spaces is part of a compound such as "t-shirt"
_BREAKS = frozenset(",;:|()[]{}–—/+•")
Phrase = tuple[str, ...]


def name_words(titles: Sequence[str], brands: Sequence[str]) -> list[list[str]]:
    """Words of each title that may be part of a name, case-folded, in their order.

    Brands known in the category go from every title, and so do sizes, measures, model numbers and whom a thing is for.

    Args:
        titles: Of the category's products.
        brands: In the same order; empty where unknown.

    Returns:
        For each title its words, with `BREAK` between phrases; empty where nothing is left.

    Raises:
        ShapeError: If there is not one brand per title.
    """
    if len(titles) != len(brands):
        raise ShapeError(
            f"Expected a brand for every title, got {len(titles)} titles and {len(brands)} brands.",
            "Pass an empty brand where it is unknown.",
        )
    tokens = [_tokens(title) for title in titles]
    own = [tuple(word for word in _tokens(brand) if word[0].isalnum()) for brand in brands]
    known = _known_brands(tokens, own)
    return [_kept(_without_brands(words, brand, known)) for words, brand in zip(tokens, own, strict=True)]


def folded(word: str) -> str:
    """The word without accents: "é" and "e" are one."""
    if word.isascii():
        return word
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


def _tokens(text: str) -> list[str]:
    plain = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
    return [folded(token) for token in _TOKEN.findall(_SPACED_DASH.sub(" | ", _SIZED.sub(" ", plain)))]


def _known_brands(tokens: Sequence[Sequence[str]], own: Sequence[Phrase]) -> dict[str, list[Phrase]]:
    """Brands to be taken out of every title, by their first word, longest first.

    A brand such as "Gold" that is an ordinary word in the titles of others stays there.
    """
    n_titles: Counter[str] = Counter()
    n_own: Counter[str] = Counter()
    for words, brand in zip(tokens, own, strict=True):
        present = set(words)
        n_titles.update(present)
        n_own.update(present.intersection(brand))
    known: dict[str, list[Phrase]] = {}
    for brand in sorted(set(own), key=lambda phrase: (-len(phrase), phrase)):
        if len(brand) > 1 or (brand and n_own[brand[0]] >= OWN_SHARE * n_titles[brand[0]]):
            known.setdefault(brand[0], []).append(brand)
    return known


def _without_brands(words: list[str], own: Phrase, known: dict[str, list[Phrase]]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(words):
        found = next((b for b in known.get(words[at], ()) if tuple(words[at : at + len(b)]) == b), None)
        if found is None and own and words[at] == own[0]:
            found = _start_of(own, words[at:])
        if found is None:
            kept.append(words[at])
        at += len(found) if found else 1
    return kept


def _start_of(brand: Phrase, words: Sequence[str]) -> Phrase | None:
    """The longest start of the brand that begins the words: a shop writes "Turtle" for "Turtle Clothing"."""
    for length in range(len(brand), 0, -1):
        if tuple(words[:length]) == brand[:length]:
            return brand[:length]
    return None


def _kept(words: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for at, word in enumerate(words):
        if word == "of":
            while kept and kept[-1] in COUNTERS:
                kept.pop()
            is_break = at > 0 and words[at - 1] not in COUNTERS and not words[at - 1].isdecimal()
        else:
            is_break = word in _BREAKS or word in LEADS
        if is_break:
            if kept and kept[-1] != BREAK:
                kept.append(BREAK)
        elif _may_name(word):
            kept.append(word)
    return kept[:-1] if kept and kept[-1] == BREAK else kept


def _may_name(word: str) -> bool:
    return (
        word[0].isalpha()
        and not any(letter.isdecimal() for letter in word)
        and word not in SIZES
        and word not in PEOPLE
        and word not in JOINERS
    )
