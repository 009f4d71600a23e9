"""Names for clusters out of the titles of their products. Quick enough to re-name at every move of a slider."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

import numpy as np
from scipy.sparse import csr_matrix

from core.discovery.english import is_mass_noun, is_plural, plural, rejoined, singular
from core.domain.arrays import BoolArray, DoubleArray, IntArray
from core.domain.errors import ShapeError

HEAD_SHARE = 0.25
"""A word that ends at least this share of the titles it is in names a thing, and gets a plural."""
BIGRAM_COVERAGE = 0.6
"""Two words are preferred to one of them where they hold at least this share of its titles in the cluster."""
GENERAL_SHARE = 0.5
"""A word in this share of the titles of three clusters in four adds nothing as the first of two: where nearly all is
casual, "casual boots" are "boots"."""
KIND_BONUS = 1.5
QUALITY_MALUS = 0.4
"""Names should be kinds of things: their plurals are lifted, and words that mostly stand before another are lowered."""
LEAST_EVIDENCE = 0.12
"""A name must stand in at least this share of the cluster's titles: it has to describe the group, not a few of it."""
N_CANDIDATES = 25
N_KEYWORDS = 8


@dataclass(frozen=True, slots=True)
class NameSuggestion:
    """What a cluster could be called, and why.

    Attributes:
        names: Best first; the first is distinct from the first names of its siblings.
        keywords: The words that tell the cluster from its siblings, strongest first.
        evidence: Share of the cluster's titles that contain each keyword, same order, in [0, 1].
    """

    names: tuple[str, ...]
    keywords: tuple[str, ...]
    evidence: tuple[float, ...]


def build_token_counts(tokens: Sequence[Sequence[str]], min_df: int = 3) -> tuple[csr_matrix, tuple[str, ...]]:
    """Count words and neighbouring pairs of words; a word and its plural are one term.

    Args:
        tokens: Lower-case words of each product's title, in order. Length: n_products.
        min_df: Terms in fewer titles than this are left out.

    Returns:
        A sparse matrix with 1 where a title contains a term (a title that repeats a word says no more by it), shape
        (n_products, n_terms), and the terms as they are shown: one or two words, plural where they name a thing.
    """
    titles = [rejoined(words) for words in tokens]
    rows = [_terms(words) for words in titles]
    document_counts = Counter(term for row in rows for term in row)
    terms = sorted(term for term, count in document_counts.items() if count >= min_df)
    columns = {term: column for column, term in enumerate(terms)}
    kept = [sorted(columns[term] for term in row if term in columns) for row in rows]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in kept])])
    indices = np.fromiter((column for row in kept for column in row), dtype=np.int64, count=int(indptr[-1]))
    counts = csr_matrix((np.ones(len(indices), dtype=np.float32), indices, indptr), shape=(len(rows), len(terms)))
    return counts, _shown_forms(terms, titles)


def class_tfidf(counts: csr_matrix, cluster_ids: IntArray, k: int) -> DoubleArray:
    """Class-based TF-IDF: how typical each term is of each cluster.

    With tf the share of the term among all terms of the cluster, f its total frequency and A the mean number of
    terms per cluster: tf · log(1 + A / f).

    Args:
        counts: Terms of each product. Shape: (n_products, n_terms).
        cluster_ids: Cluster of each product, -1 for noise. Shape: (n_products,).
        k: Number of clusters.

    Returns:
        Shape: (k, n_terms).

    Source:
        Grootendorst 2022, BERTopic, https://arxiv.org/abs/2203.05794
    """
    return _weigh(_counts_per_cluster(counts, cluster_ids, k))


def suggest_names(
    counts: csr_matrix,
    vocabulary: Sequence[str],
    cluster_ids: IntArray,
    k: int,
    n_names: int = 3,
    avoid: Collection[str] = (),
) -> list[NameSuggestion]:
    """Suggest names for sibling clusters.

    Args:
        counts: Terms of each product, from `build_token_counts`. Shape: (n_products, n_terms).
        vocabulary: The terms. Length: n_terms.
        cluster_ids: Cluster of each product, 0 to k - 1, -1 for noise. Shape: (n_products,).
        k: Number of clusters.
        n_names: How many names per cluster, at most.
        avoid: Names not to be given again, such as the parent's.

    Returns:
        One suggestion per cluster; a cluster without words is called "Group N", N counting from 1.

    Raises:
        ShapeError: If the shapes do not fit.
    """
    if counts.shape != (len(cluster_ids), len(vocabulary)):
        raise ShapeError(
            f"Expected counts of shape {(len(cluster_ids), len(vocabulary))}, got {counts.shape}.",
            "Pass the counts and the vocabulary of the same run.",
        )
    sizes = np.bincount(cluster_ids[cluster_ids >= 0], minlength=k)
    per_cluster = _counts_per_cluster(counts, cluster_ids, k)  # (k, n_terms)
    scores = _weigh(per_cluster)
    share = per_cluster / np.maximum(sizes, 1)[:, None]
    is_general = np.quantile(share, 0.25, axis=0) >= GENERAL_SHARE  # (n_terms,)
    pairs = _pairs_of_word(vocabulary, is_general)
    bonus = _kind_bonus(vocabulary, per_cluster.sum(axis=0), is_general)
    # The root of the share keeps a telling word of half the titles ahead of a rare one that is more telling still.
    fitness = np.where(share >= LEAST_EVIDENCE, scores * bonus * np.sqrt(share), 0.0)
    keywords = [_strongest(scores[cluster], N_KEYWORDS) for cluster in range(k)]
    candidates = [
        _prefer_pairs(_strongest(fitness[cluster], N_CANDIDATES), per_cluster[cluster], pairs) for cluster in range(k)
    ]
    titles = [[_titled(vocabulary[term]) for term in found] for found in candidates]
    # Where siblings want one name, the larger is the better bearer of it unless it is much less typical there.
    strengths = [
        (fitness[cluster][found] * np.sqrt(sizes[cluster])).tolist() for cluster, found in enumerate(candidates)
    ]
    names = _distinct_names(titles, strengths, n_names, avoid)
    return [
        NameSuggestion(
            names[cluster],
            tuple(vocabulary[term] for term in keywords[cluster]),
            tuple(round(float(share[cluster, term]), 4) for term in keywords[cluster]),
        )
        for cluster in range(k)
    ]


def _terms(words: Sequence[str]) -> list[str]:
    """Words and neighbouring pairs of a title by their singulars, each once."""
    stems = [singular(word) for word in words]
    return list(dict.fromkeys([*stems, *(f"{first} {last}" for first, last in pairwise(stems) if first != last)]))


def _shown_forms(terms: Sequence[str], titles: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Terms as people write them: each word in its usual form, the last one plural where it names a thing."""
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    n_ends: Counter[str] = Counter()
    for words in titles:
        for word in words:
            forms[singular(word)][word] += 1
        n_ends.update(singular(word) for word in words[-1:])
    usual = {stem: max(counter, key=lambda form: (counter[form], form)) for stem, counter in forms.items()}
    heads = {stem for stem, n in n_ends.items() if n >= HEAD_SHARE * forms[stem].total()}

    def shown(term: str) -> str:
        *before, last = term.split(" ")
        return " ".join([*(usual[stem] for stem in before), plural(usual[last]) if last in heads else usual[last]])

    return tuple(shown(term) for term in terms)


def _counts_per_cluster(counts: csr_matrix, cluster_ids: IntArray, k: int) -> DoubleArray:
    inside = np.flatnonzero(cluster_ids >= 0)
    members = csr_matrix(
        (np.ones(len(inside)), (cluster_ids[inside], inside)), shape=(k, len(cluster_ids)), dtype=np.float64
    )
    return (members @ counts).toarray()  # (k, n_products) @ (n_products, n_terms)


def _weigh(per_cluster: DoubleArray) -> DoubleArray:
    totals = per_cluster.sum(axis=1)
    frequency = np.maximum(per_cluster.sum(axis=0), 1)
    share = per_cluster / np.maximum(totals, 1)[:, None]
    return share * np.log1p(totals.mean() / frequency)


def _strongest(scores: DoubleArray, n: int) -> IntArray:
    """Terms with the highest scores above zero, best first; ties in the order of the vocabulary."""
    found = np.argsort(-scores, kind="stable")[:n]
    return found[scores[found] > 0]


def _pairs_of_word(vocabulary: Sequence[str], is_general: BoolArray) -> dict[int, list[int]]:
    """For each single word, the pairs that say more than it: not those that only put a general word before it."""
    column_of = {singular(term): column for column, term in enumerate(vocabulary) if " " not in term}
    pairs: defaultdict[int, list[int]] = defaultdict(list)
    for column, term in enumerate(vocabulary):
        if " " in term:
            first, last = (column_of.get(singular(word)) for word in term.split(" "))
            if first is not None:
                pairs[first].append(column)
            if last is not None and (first is None or not is_general[first]):
                pairs[last].append(column)
    return pairs


def _prefer_pairs(found: IntArray, counts: DoubleArray, pairs: dict[int, list[int]]) -> list[int]:
    """Candidates with each word replaced by the pair that nearly always holds it in this cluster."""
    chosen = []
    for term in found.tolist():
        fullest = max(pairs.get(term, []), key=lambda pair: counts[pair], default=term)
        chosen.append(fullest if counts[fullest] >= BIGRAM_COVERAGE * counts[term] else term)
    return list(dict.fromkeys(chosen))


def _distinct_names(
    titles: list[list[str]], strengths: list[list[float]], n_names: int, avoid: Collection[str]
) -> list[tuple[str, ...]]:
    """First names go to the clusters they fit best, each once; further names never repeat a sibling's first."""
    taken = {name.casefold() for name in avoid}
    first: dict[int, str] = {}
    offers = [
        (-strength, rank, cluster)
        for cluster, of_cluster in enumerate(strengths)
        for rank, strength in enumerate(of_cluster)
    ]
    for _, rank, cluster in sorted(offers):
        name = titles[cluster][rank]
        if cluster not in first and name.casefold() not in taken:
            first[cluster] = name
            taken.add(name.casefold())
    for cluster, of_cluster in enumerate(titles):
        if cluster not in first:
            first[cluster] = _other(of_cluster[0], taken) if of_cluster else f"Group {cluster + 1}"
            taken.add(first[cluster].casefold())
    return [
        (first[cluster], *[name for name in of_cluster if name.casefold() not in taken][: n_names - 1])
        for cluster, of_cluster in enumerate(titles)
    ]


def _other(name: str, taken: set[str]) -> str:
    """A name for the rest of a kind whose own name is taken."""
    other = f"Other {name}"
    if other.casefold() not in taken:
        return other
    return next(numbered for n in count(2) if (numbered := f"{other} {n}").casefold() not in taken)


def _kind_bonus(vocabulary: Sequence[str], n_titles_with: DoubleArray, is_general: BoolArray) -> DoubleArray:
    """Factor of each term by whether its last word names a thing or only tells of one. Shape: (n_terms,)."""
    n_before: Counter[str] = Counter()  # how often a word stands before another
    n_alone: dict[str, float] = {}
    general = {singular(term) for term, holds in zip(vocabulary, is_general.tolist(), strict=True) if holds}
    for term, n in zip(vocabulary, n_titles_with.tolist(), strict=True):
        first, _, second = term.partition(" ")
        if second:
            n_before[singular(first)] += n
        else:
            n_alone[singular(first)] = n

    def factor(term: str) -> float:
        first, _, second = (singular(word) for word in term.partition(" "))
        last = term.rpartition(" ")[2]
        if 2 * n_before[singular(last)] > n_alone.get(singular(last), 0.0):
            return QUALITY_MALUS
        if second and first in general:
            return QUALITY_MALUS
        return KIND_BONUS if is_plural(last) or is_mass_noun(last) else 1.0

    return np.array([factor(term) for term in vocabulary])


def _titled(term: str) -> str:
    return " ".join(word.capitalize() for word in term.split(" "))
