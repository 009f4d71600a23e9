"""Names for clusters out of the titles of their products. Quick enough to re-name at every move of a slider."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from scipy.sparse import csr_matrix

from core.discovery.name_index import NameIndex, NameMatch, squashed
from core.discovery.name_scores import TermScores, class_tfidf, score_terms
from core.discovery.name_terms import build_token_counts
from core.domain.arrays import DoubleArray, IntArray
from core.domain.discovery import NameSource, NameSuggestion
from core.domain.errors import ShapeError

__all__ = ["ClusterNames", "add_known_names", "build_token_counts", "class_tfidf", "suggest_names"]

BIGRAM_COVERAGE = 0.6
"""Two words are preferred to one of them where they hold at least this share of its titles in the cluster."""
LEAST_KNOWN = 0.12
"""Every word of a known name must stand in more than this share of the cluster's titles."""
N_CANDIDATES = 25
_MAKESHIFT = re.compile(r"Group \d+|Other .+")
N_KEYWORDS = 8
N_KNOWN = 2
"""At most so many known names beside those out of the titles."""


@dataclass(frozen=True, slots=True)
class ClusterNames:
    """What a cluster could be called, and why.

    Attributes:
        suggestions: Best first; the first is distinct from the first names of its siblings.
        keywords: The words that tell the cluster from its siblings, strongest first.
        evidence: Share of the cluster's titles that contain each keyword, same order, in [0, 1].
    """

    suggestions: tuple[NameSuggestion, ...]
    keywords: tuple[str, ...]
    evidence: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names alone, best first."""
        return tuple(suggestion.name for suggestion in self.suggestions)


def suggest_names(
    counts: csr_matrix,
    vocabulary: Sequence[str],
    cluster_ids: IntArray,
    k: int,
    n_names: int = 3,
    avoid: Collection[str] = (),
    index: NameIndex | None = None,
) -> list[ClusterNames]:
    """Suggest names for sibling clusters.

    Args:
        counts: Terms of each product, from `build_token_counts`. Shape: (n_products, n_terms).
        vocabulary: The terms. Length: n_terms.
        cluster_ids: Cluster of each product, 0 to k - 1, -1 for noise. Shape: (n_products,).
        k: Number of clusters.
        n_names: How many names out of the titles per cluster, at most.
        avoid: Names not to be given again, such as the parent's.
        index: Names known from taxonomies, offered where they fit the titles.

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
    scores = score_terms(counts, vocabulary, cluster_ids, k)
    offers = [_offers(scores, vocabulary, cluster) for cluster in range(k)]
    # Where siblings want one name, the larger is the better bearer of it unless it is much less typical there.
    strengths = [[fitness * np.sqrt(sizes[cluster]) for _, fitness in found] for cluster, found in enumerate(offers)]
    words = [[suggestion for suggestion, _ in found] for found in offers]
    names = _distinct_names(words, strengths, n_names, avoid)
    if index is not None:
        matches = index.match(vocabulary, scores.share, scores.elsewhere, LEAST_KNOWN)
        names = _with_known(names, matches, avoid)
    keywords = [_strongest(scores.weights[cluster], N_KEYWORDS) for cluster in range(k)]
    return [
        ClusterNames(
            tuple(names[cluster]),
            tuple(vocabulary[term] for term in keywords[cluster]),
            tuple(round(float(scores.share[cluster, term]), 4) for term in keywords[cluster]),
        )
        for cluster in range(k)
    ]


def add_known_names(
    suggestions: Sequence[Sequence[NameSuggestion]],
    counts: csr_matrix,
    vocabulary: Sequence[str],
    cluster_ids: IntArray,
    index: NameIndex,
    avoid: Collection[str] = (),
) -> list[tuple[NameSuggestion, ...]]:
    """Offer names known from taxonomies for sibling clusters that have names already.

    Args:
        suggestions: Of each cluster, best first; none is empty. Length: k.
        counts: Terms of each product. Shape: (n_products, n_terms).
        vocabulary: The terms. Length: n_terms.
        cluster_ids: Cluster of each product, 0 to k - 1, -1 for noise. Shape: (n_products,).
        index: The known names.
        avoid: Names not to be given again.

    Returns:
        For each cluster its names, best first.
    """
    scores = score_terms(counts, vocabulary, cluster_ids, len(suggestions))
    matches = index.match(vocabulary, scores.share, scores.elsewhere, LEAST_KNOWN)
    return [tuple(items) for items in _with_known([list(items) for items in suggestions], matches, avoid)]


def titles_evidence(words: str, share: float, elsewhere: float) -> str:
    """How often words stand in the titles of a cluster and of the others, for people."""
    return f"'{words}' in {100 * share:.0f} % of titles here, {100 * elsewhere:.0f} % elsewhere"


def _offers(scores: TermScores, vocabulary: Sequence[str], cluster: int) -> list[tuple[NameSuggestion, float]]:
    """Names out of the titles of one cluster, best first, with their fitness; each name once."""
    strongest = _strongest(scores.fitness[cluster], N_CANDIDATES)
    found = _prefer_pairs(strongest, scores, cluster)
    fitness = {term: float(scores.fitness[cluster, term]) for term in found}
    # The plain word that a pair stands for comes last: "Sneakers" where all are running sneakers.
    weakest = min(fitness.values(), default=0.0)
    fitness |= {term: weakest / 2 for term in strongest.tolist() if term not in fitness}
    offers: dict[str, tuple[NameSuggestion, float]] = {}
    for term in fitness:
        evidence = titles_evidence(
            vocabulary[term], float(scores.share[cluster, term]), float(scores.elsewhere[cluster, term])
        )
        suggestion = NameSuggestion(_titled(vocabulary[term]), NameSource.WORDS, evidence)
        offers.setdefault(squashed(suggestion.name), (suggestion, fitness[term]))
    return list(offers.values())


def _strongest(scores: DoubleArray, n: int) -> IntArray:
    """Terms with the highest scores above zero, best first; ties in the order of the vocabulary."""
    found = np.argsort(-scores, kind="stable")[:n]
    return found[scores[found] > 0]


def _prefer_pairs(found: IntArray, scores: TermScores, cluster: int) -> list[int]:
    """Candidates with each word replaced by the pair that nearly always holds it in this cluster."""
    counts = scores.counts[cluster]
    chosen = []
    for term in found.tolist():
        fullest = max(scores.fuller.get(term, []), key=lambda pair: counts[pair], default=term)
        chosen.append(fullest if counts[fullest] >= BIGRAM_COVERAGE * counts[term] else term)
    return list(dict.fromkeys(chosen))


def _distinct_names(
    words: list[list[NameSuggestion]], strengths: list[list[float]], n_names: int, avoid: Collection[str]
) -> list[list[NameSuggestion]]:
    """First names go to the clusters they fit best, each once; further names never repeat a sibling's first."""
    taken = {squashed(name) for name in avoid}
    first: dict[int, NameSuggestion] = {}
    offers = [
        (-strength, rank, cluster)
        for cluster, of_cluster in enumerate(strengths)
        for rank, strength in enumerate(of_cluster)
    ]
    for _, rank, cluster in sorted(offers):
        suggestion = words[cluster][rank]
        if cluster not in first and squashed(suggestion.name) not in taken:
            first[cluster] = suggestion
            taken.add(squashed(suggestion.name))
    for cluster, of_cluster in enumerate(words):
        if cluster not in first:
            first[cluster] = _other(of_cluster[0], taken) if of_cluster else _numbered(cluster)
            taken.add(squashed(first[cluster].name))
    return [
        [first[cluster], *[item for item in of_cluster if squashed(item.name) not in taken][: n_names - 1]]
        for cluster, of_cluster in enumerate(words)
    ]


def _numbered(cluster: int) -> NameSuggestion:
    return NameSuggestion(f"Group {cluster + 1}", NameSource.WORDS, "Its titles share no words")


def _other(suggestion: NameSuggestion, taken: set[str]) -> NameSuggestion:
    """A name for the rest of a kind whose own name is taken."""
    other = f"Other {suggestion.name}"
    if squashed(other) in taken:
        other = next(numbered for n in count(2) if squashed(numbered := f"{other} {n}") not in taken)
    return NameSuggestion(other, NameSource.WORDS, f"{suggestion.evidence}; the plain name fits another group better")


def _with_known(
    names: list[list[NameSuggestion]], matches: list[list[NameMatch]], avoid: Collection[str]
) -> list[list[NameSuggestion]]:
    """Names with the known ones among them: in the place of the same name, else right after the first."""
    taken = {squashed(name) for name in avoid} | {squashed(of_cluster[0].name) for of_cluster in names}
    merged = []
    for of_cluster, found in zip(names, matches, strict=True):
        taken -= {squashed(of_cluster[0].name)} if is_makeshift(of_cluster[0]) else set()
        known = {squashed(match.known.name): _as_suggestion(match) for match in found}
        same = [
            known.get(squashed(item.name), item) if item.source is NameSource.WORDS else item for item in of_cluster
        ]
        offered = taken | {squashed(item.name) for item in same}
        fresh = [item for key, item in known.items() if key not in offered][:N_KNOWN]
        merged.append([*fresh, *same] if is_makeshift(same[0]) else [same[0], *fresh, *same[1:]])
        taken.add(squashed(merged[-1][0].name))
    return merged


def is_makeshift(suggestion: NameSuggestion) -> bool:
    """Whether a name only stands in for one, such as "Group 3" or "Other Shoes"."""
    return suggestion.source is NameSource.WORDS and _MAKESHIFT.fullmatch(suggestion.name) is not None


def _as_suggestion(match: NameMatch) -> NameSuggestion:
    evidence = f"{match.known.origin}; {titles_evidence(match.words, match.share, match.elsewhere)}"
    return NameSuggestion(match.known.name, match.known.source, evidence)


def _titled(term: str) -> str:
    return " ".join(word.capitalize() for word in term.split(" "))
