"""What clusters are called and how well they hold together, from the words and positions that a run keeps."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.discovery.guided_names import continued_suggestions, group_names
from core.discovery.name_index import NameIndex, squashed
from core.discovery.naming import ClusterNames, suggest_names
from core.discovery.quality import cluster_silhouettes, simplified_silhouette
from core.discovery.run_file import RunFile
from core.domain.arrays import DoubleArray, IntArray
from core.domain.discovery import NameSource, NameSuggestion
from core.services.context import Context
from core.services.known_names import name_index
from core.services.review_rows import below
from core.taxonomy.tree import Taxonomy
from db.models import ClusterRow, MemberRow, RunRow
from db.repositories import runs
from db.repositories import taxonomy as taxonomy_rows

RARE_SHARE = 0.005
"""Words in fewer titles of a cluster than this share name no part of it."""


@dataclass(frozen=True, slots=True)
class Description:
    """Names for one cluster, and its mean silhouette among its siblings."""

    names: ClusterNames
    silhouette: float

    def columns(self) -> dict[str, Any]:
        """Values as a cluster's row keeps them."""
        return {
            "suggested_names": [asdict(item) for item in self.names.suggestions],
            "keywords": runs.keyword_rows(self.names.keywords, self.names.evidence),
            "silhouette": self.silhouette,
            "stability": None,
        }


@dataclass(frozen=True, slots=True)
class Describer:
    """Describes clusters of one run.

    Attributes:
        file: The run's arrays.
        avoid: Names that no cluster should be offered: the category's own and those that groups have already.
        index: Names known from taxonomies.
    """

    file: RunFile
    avoid: tuple[str, ...]
    index: NameIndex

    @classmethod
    def load(cls, context: Context, session: Session, run: RunRow, file: RunFile) -> Self:
        """What names depend on, as it stands."""
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        avoid = (*taxonomy.names(run.category_id), *group_names(file.groups))
        return cls(file, avoid, name_index(context, taxonomy, run.category_id))

    def siblings(self, labels: IntArray, k: int) -> list[Description]:
        """Describe clusters of level 1, told from each other.

        Args:
            labels: Cluster of each product, 0 to k - 1, each used; -1 outside. Shape: (n_products,).
            k: Number of clusters.
        """
        file = self.file
        found = suggest_names(file.counts, file.vocabulary, labels, k, avoid=self.avoid, index=self.index)
        silhouettes = cluster_silhouettes(simplified_silhouette(file.reduced, labels), labels)
        return [
            Description(self._continued(names, labels == cluster), float(silhouettes[cluster]))
            for cluster, names in enumerate(found)
        ]

    def parts(
        self, positions: IntArray, labels: IntArray, k: int, parent_name: str, silhouettes: DoubleArray | None = None
    ) -> list[Description]:
        """Describe the parts of a cluster, told from each other.

        Args:
            positions: Of its products. Shape: (n,).
            labels: Part of each of them, 0 to k - 1, each used; -1 outside. Shape: (n,).
            k: Number of parts.
            parent_name: Of the cluster; no part is called so.
            silhouettes: Of the products among the parts, where they are known already. Shape: (n,).
        """
        counts, vocabulary = _words_inside(self.file, positions)
        found = suggest_names(counts, vocabulary, labels, k, avoid=(parent_name,), index=self.index)
        if silhouettes is None:
            silhouettes = simplified_silhouette(self.file.reduced[positions], labels)
        means = cluster_silhouettes(silhouettes, labels)
        return [Description(names, float(means[part])) for part, names in enumerate(found)]

    def _continued(self, names: ClusterNames, is_inside: np.ndarray) -> ClusterNames:
        if self.file.labels is None:
            return names
        labels = self.file.labels[is_inside]
        return replace(names, suggestions=continued_suggestions(names.suggestions, labels, self.file.groups))


def describe_again(describer: Describer, session: Session, clusters: Sequence[ClusterRow]) -> None:
    """Give clusters that hold other products than before new suggestions, keywords and silhouettes.

    Their siblings keep theirs; no suggestion repeats what a sibling is called, or another of them. One whose products
    have no place in the run's arrays keeps what it had.

    Args:
        describer: Of the run.
        session: The act's transaction; what it changed must be flushed.
        clusters: Siblings: of level 1, or below one parent.
    """
    first = clusters[0]
    rows = [row for row in runs.cluster_rows(session, first.run_id) if row.parent_id == first.parent_id]
    positions, cluster_ids = sibling_places(session, first, [row.id for row in rows])
    anew = {row.id for row in clusters}
    taken = [shown_name(row) for row in rows if row.id not in anew] + [row.name for row in clusters]
    found = describe_siblings(describer, session, first, positions, cluster_ids, sorted(anew), taken)
    for row in clusters:
        if row.id in found:
            for name, value in found[row.id].columns().items():
                setattr(row, name, value)


def describe_siblings(
    describer: Describer,
    session: Session,
    one: ClusterRow,
    positions: IntArray,
    ids: IntArray,
    wanted: Sequence[int],
    taken: Sequence[str],
) -> dict[int, Description]:
    """Describe some of the clusters that stand beside each other.

    Args:
        describer: Of the run.
        session: An open session.
        one: A cluster of theirs.
        positions: Products of all of them. Shape: (n,).
        ids: Cluster of each, whatever its number. Shape: (n,).
        wanted: Which to describe; those before get the better names.
        taken: Names not to be given.

    Returns:
        Those of the wanted that hold any of the products.
    """
    held, labels = np.unique(ids, return_inverse=True)
    if len(held) == 0:
        return {}
    if one.parent_id is None:
        everywhere = np.full(len(describer.file.product_ids), -1, dtype=np.int64)
        everywhere[positions] = labels
        all_found = describer.siblings(everywhere, len(held))
    else:
        above = shown_name(session.get_one(ClusterRow, one.parent_id))
        all_found = describer.parts(positions, labels, len(held), above)
    found = dict(zip(held.tolist(), all_found, strict=True))
    used, chosen = [name for name in taken if name], {}
    for key in wanted:
        if key in found:
            chosen[key] = without_taken(found[key], used)
            used.append(chosen[key].names.names[0])
    return chosen


def sibling_places(session: Session, one: ClusterRow, sibling_ids: Sequence[int]) -> tuple[IntArray, IntArray]:
    """Positions of the products in clusters that stand beside each other, and the cluster each is in.

    Args:
        session: An open session.
        one: One of the clusters.
        sibling_ids: All of them.
    """
    columns = select(MemberRow.position, MemberRow.cluster_id, MemberRow.subcluster_id)
    placed = columns.where(MemberRow.run_id == one.run_id, MemberRow.position >= 0).order_by(MemberRow.position)
    if one.parent_id is None:
        chosen = placed.where(MemberRow.cluster_id.is_not(None))
        found = [(position, cluster_id) for position, cluster_id, _ in session.execute(chosen)]
    else:
        home = {key: sibling for sibling in sibling_ids for key in (sibling, *below(session, one.run_id, sibling))}
        chosen = placed.where(MemberRow.subcluster_id.is_not(None))
        found = [(position, home[part]) for position, _, part in session.execute(chosen) if part in home]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def without_taken(description: Description, taken: Collection[str]) -> Description:
    """Leave out names that other clusters go by; one is always left, "Other ..." where all are taken.

    Args:
        description: Of a cluster.
        taken: What its siblings are called.
    """
    used = {squashed(name) for name in taken}
    free = tuple(item for item in description.names.suggestions if squashed(item.name) not in used)
    if not free:
        first = description.names.suggestions[0]
        plain = first.name.removeprefix("Other ")
        names = (f"Other {plain}{'' if n == 1 else f' {n}'}" for n in range(1, len(used) + 2))
        name = next(name for name in names if squashed(name) not in used)
        free = (NameSuggestion(name, NameSource.WORDS, f"{first.evidence}; the plain name is another group's"),)
    return replace(description, names=replace(description.names, suggestions=free))


def shown_name(cluster: ClusterRow) -> str:
    """What a cluster goes by: the curator's name, the best suggestion, or ''."""
    if cluster.name or not cluster.suggested_names:
        return cluster.name
    return str(cluster.suggested_names[0]["name"])


def _words_inside(file: RunFile, positions: IntArray) -> tuple[csr_matrix, Sequence[str]]:
    """Terms that are not rare among some products: a category has thousands, a cluster of it is named by hundreds."""
    counts = file.counts[positions]
    common = np.flatnonzero(counts.getnnz(axis=0) >= max(RARE_SHARE * len(positions), 1))
    return counts[:, common], [file.vocabulary[column] for column in common.tolist()]
