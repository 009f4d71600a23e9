"""How well each term would name each cluster."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from core.discovery.english import is_mass_noun, is_plural, singular
from core.discovery.name_lexicon import ATTRIBUTES, HOLLOW, MATERIALS
from core.domain.arrays import BoolArray, DoubleArray, IntArray

GENERAL_SHARE = 0.5
"""A word in this share of the titles of three clusters in four adds nothing as the first of two: where nearly all is
casual, "casual boots" are "boots"."""
KIND_BONUS = 1.5
QUALITY_MALUS = 0.4
"""Names should be kinds of things: their plurals are lifted, and words that mostly stand before another are lowered."""
LEAST_EVIDENCE = 0.12
"""A name must stand in at least this share of the cluster's titles: it has to describe the group, not a few of it."""
TAIL_SHARE = 0.4
"""A word that follows one other in this share of its titles is the end of a longer attribute: "round neck t-shirts"."""


VOWELS = frozenset("aeiouy")


@dataclass(frozen=True, slots=True)
class TermScores:
    """Figures of every term in every cluster.

    Attributes:
        weights: Class-based TF-IDF. Shape: (k, n_terms).
        fitness: How well the term would do as a name; 0 where it would not do. Shape: (k, n_terms).
        share: Share of the cluster's titles with the term. Shape: (k, n_terms).
        elsewhere: Share of the titles of all other clusters with it. Shape: (k, n_terms).
        counts: Titles of the cluster with the term. Shape: (k, n_terms).
        fuller: For each single word, the pairs that say more than it.
    """

    weights: DoubleArray
    fitness: DoubleArray
    share: DoubleArray
    elsewhere: DoubleArray
    counts: DoubleArray
    fuller: dict[int, list[int]]


def score_terms(counts: csr_matrix, vocabulary: Sequence[str], cluster_ids: IntArray, k: int) -> TermScores:
    """Score every term as a name of every cluster.

    Args:
        counts: Terms of each product. Shape: (n_products, n_terms).
        vocabulary: The terms. Length: n_terms.
        cluster_ids: Cluster of each product, -1 for noise. Shape: (n_products,).
        k: Number of clusters.
    """
    sizes = np.bincount(cluster_ids[cluster_ids >= 0], minlength=k).astype(np.float64)
    per_cluster = _counts_per_cluster(counts, cluster_ids, k)
    weights = _weigh(per_cluster)
    share = per_cluster / np.maximum(sizes, 1)[:, None]
    beside = np.maximum(sizes.sum() - sizes, 1)[:, None]
    elsewhere = (per_cluster.sum(axis=0) - per_cluster) / beside
    is_general = np.quantile(share, 0.25, axis=0) >= GENERAL_SHARE  # (n_terms,)
    usage = _Usage.of(vocabulary, per_cluster.sum(axis=0), is_general)
    factors = np.array([usage.factor(term) for term in vocabulary])
    # The root of the share keeps a telling word of half the titles ahead of a rare one that is more telling still.
    fitness = np.where(share >= LEAST_EVIDENCE, weights * factors * np.sqrt(share), 0.0)
    is_kind = np.array([usage.is_kind(term) for term in vocabulary], dtype=bool)
    has_kind = (fitness[:, is_kind] > 0).any(axis=1)
    fitness[np.ix_(has_kind, ~is_kind)] = 0.0
    loose, plain = usage.loose_pairs(vocabulary)
    fitness[:, loose] = np.where(fitness[:, plain] > 0, 0.0, fitness[:, loose])
    return TermScores(weights, fitness, share, elsewhere, per_cluster, _fuller(vocabulary, usage))


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


@dataclass(frozen=True, slots=True)
class _Usage:
    """Where words stand: in how many titles at all, before another, after another; which are general."""

    n_alone: dict[str, float]
    n_before: Counter[str]
    n_after: Counter[str]
    general: frozenset[str]

    @classmethod
    def of(cls, vocabulary: Sequence[str], n_titles: DoubleArray, is_general: BoolArray) -> "_Usage":
        n_alone: dict[str, float] = {}
        n_before: Counter[str] = Counter()
        n_after: Counter[str] = Counter()
        for term, n in zip(vocabulary, n_titles.tolist(), strict=True):
            first, _, second = term.partition(" ")
            if second:
                n_before[singular(first)] += 0 if singular(second) in HOLLOW | ATTRIBUTES else n
                n_after[singular(second)] = max(n_after[singular(second)], 0 if first in ATTRIBUTES else n)
            else:
                n_alone[singular(first)] = n
        general = {singular(term) for term, holds in zip(vocabulary, is_general.tolist(), strict=True) if holds}
        return cls(n_alone, n_before, n_after, frozenset(general))

    def is_kind(self, term: str) -> bool:
        """Whether the term names a thing: its last word is a plural that does not mostly stand before another."""
        last = term.rpartition(" ")[2]
        stem = singular(last)
        if (
            last in ATTRIBUTES
            or not VOWELS.intersection(last)
            or stem in ATTRIBUTES
            or 2 * self.n_before[stem] > self.n_alone.get(stem, 0.0)
        ):
            return False
        return is_plural(last) or is_mass_noun(last)

    def is_loose(self, first: str) -> bool:
        """Whether a word before another adds no kind: general, a material or colour, the end of a longer attribute."""
        stem = singular(first)
        is_tail = self.n_after[stem] > TAIL_SHARE * self.n_alone.get(stem, np.inf)
        return stem in self.general or first in ATTRIBUTES or is_tail

    def extends(self, first: str, pair: str) -> bool:
        """Whether a pair says better than its first word what a thing is."""
        return first not in ATTRIBUTES and self.is_kind(pair) >= self.is_kind(first)

    def loose_pairs(self, vocabulary: Sequence[str]) -> tuple[list[int], list[int]]:
        """Columns of pairs that only put a loose word before a kind, and the columns of those kinds."""
        column_of = {singular(term): column for column, term in enumerate(vocabulary) if " " not in term}
        found = [
            (column, column_of[singular(last)])
            for column, (first, _, last) in enumerate(term.partition(" ") for term in vocabulary)
            if last and singular(last) in column_of and first not in MATERIALS and self.is_loose(first)
        ]
        return [pair for pair, _ in found], [kind for _, kind in found]

    def factor(self, term: str) -> float:
        first, _, second = term.partition(" ")
        last = singular(second or first)
        is_before = 2 * self.n_before[last] > self.n_alone.get(last, 0.0)
        if is_before or (second and self.is_loose(first)) or (not second and last in HOLLOW):
            return QUALITY_MALUS
        return KIND_BONUS if self.is_kind(term) else 1.0


def _fuller(vocabulary: Sequence[str], usage: _Usage) -> dict[int, list[int]]:
    """For each single word, the pairs that say more than it: not those that only put a loose word before it."""
    column_of = {singular(term): column for column, term in enumerate(vocabulary) if " " not in term}
    pairs: defaultdict[int, list[int]] = defaultdict(list)
    for column, term in enumerate(vocabulary):
        if " " not in term:
            continue
        first, last = term.split(" ")
        if (before := column_of.get(singular(first))) is not None and usage.extends(vocabulary[before], term):
            pairs[before].append(column)
        if (after := column_of.get(singular(last))) is not None and not usage.is_loose(first):
            pairs[after].append(column)
    return pairs
