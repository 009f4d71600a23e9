"""The terms of titles: words and pairs of words, counted, and written as people write them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
from scipy.sparse import csr_matrix

from core.discovery.english import BREAK, is_plural, plural, rejoined, singular
from core.discovery.name_lexicon import ATTRIBUTES

HEAD_SHARE = 0.25
"""A word that is the head of at least this share of the titles it is in names a thing."""
INVENTED_SHARE = 0.5
"""A plural that no title spells out is written only for words that are heads at least this often."""


def build_token_counts(tokens: Sequence[Sequence[str]], min_df: int = 3) -> tuple[csr_matrix, tuple[str, ...]]:
    """Count words and neighbouring pairs of words; a word and its plural are one term.

    Args:
        tokens: Lower-case words of each product's title, in order, with `BREAK` between phrases. Length: n_products.
        min_df: Terms in fewer titles than this are left out.

    Returns:
        A sparse matrix with 1 where a title contains a term (a title that repeats a word says no more by it), shape
        (n_products, n_terms), and the terms as they are shown: one or two words, plural where they name a thing.
    """
    titles = [_phrases(words) for words in tokens]
    rows = [_terms(phrases) for phrases in titles]
    document_counts = Counter(term for row in rows for term in row)
    terms = sorted(term for term, count in document_counts.items() if count >= min_df)
    columns = {term: column for column, term in enumerate(terms)}
    kept = [sorted(columns[term] for term in row if term in columns) for row in rows]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in kept])])
    indices = np.fromiter((column for row in kept for column in row), dtype=np.int64, count=int(indptr[-1]))
    counts = csr_matrix((np.ones(len(indices), dtype=np.float32), indices, indptr), shape=(len(rows), len(terms)))
    return counts, _shown_forms(terms, titles, document_counts)


def _phrases(words: Sequence[str]) -> list[list[str]]:
    return [list(phrase) for is_break, phrase in groupby(rejoined(words), BREAK.__eq__) if not is_break]


def _terms(phrases: Sequence[Sequence[str]]) -> list[str]:
    """Words and neighbouring pairs of a title by their singulars, each once."""
    stems = [[singular(word) for word in phrase] for phrase in phrases]
    pairs = [f"{first} {last}" for phrase in stems for first, last in pairwise(phrase) if first != last]
    return list(dict.fromkeys([*(stem for phrase in stems for stem in phrase), *pairs]))


def _head(phrases: Sequence[Sequence[str]]) -> str | None:
    """The singular of the word that says what the thing is: the last of the first phrase that is no attribute."""
    stems = ((word, singular(word)) for phrase in phrases for word in reversed(phrase))
    return next((stem for word, stem in stems if word not in ATTRIBUTES and stem not in ATTRIBUTES), None)


def _shown_forms(
    terms: Sequence[str], titles: Sequence[Sequence[Sequence[str]]], n_titles: Counter[str]
) -> tuple[str, ...]:
    """Terms as people write them: each word in its usual form, the last one plural where it names a thing."""
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    n_heads: Counter[str | None] = Counter()
    for phrases in titles:
        for phrase in phrases:
            for word in phrase:
                forms[singular(word)][word] += 1
        n_heads[_head(phrases)] += 1
    usual = {stem: max(counter, key=lambda form: (counter[form], form)) for stem, counter in forms.items()}

    def many(stem: str) -> str:
        share = n_heads[stem] / n_titles[stem]
        is_spelled = any(is_plural(form) for form in forms[stem])
        is_thing = share >= (HEAD_SHARE if is_spelled else INVENTED_SHARE)
        return plural(usual[stem]) if is_thing else usual[stem]

    def shown(term: str) -> str:
        *before, last = term.split(" ")
        return " ".join([*(usual[stem] for stem in before), many(last)])

    return tuple(shown(term) for term in terms)
