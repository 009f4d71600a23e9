"""What changed between two states of a taxonomy."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.taxonomy import NodeStatus, TaxonomyNode


@dataclass(frozen=True, slots=True)
class NodeChange:
    """One node before and after."""

    before: TaxonomyNode
    after: TaxonomyNode


@dataclass(frozen=True, slots=True)
class TaxonomyDiff:
    """Changes by kind, each sorted by name. A node that was renamed and moved stands in both.

    Attributes:
        added: Nodes that were not there.
        removed: Nodes that are there no more: a rollback went before their time.
        renamed: Same node, other name.
        moved: Same node, other parent.
        deprecated: Taken out of use; what they held went to their own parent, or nowhere.
        merged: Taken out of use in favour of another node.
        restored: In use again.
    """

    added: tuple[TaxonomyNode, ...] = ()
    removed: tuple[TaxonomyNode, ...] = ()
    renamed: tuple[NodeChange, ...] = ()
    moved: tuple[NodeChange, ...] = ()
    deprecated: tuple[NodeChange, ...] = ()
    merged: tuple[NodeChange, ...] = ()
    restored: tuple[NodeChange, ...] = ()

    @property
    def n_changes(self) -> int:
        """Number of changes of all kinds."""
        return sum(len(getattr(self, kind)) for kind in KINDS)

    def summary(self) -> str:
        """In words, such as "3 added, 1 renamed"; "no change" where there is none."""
        counts = [f"{len(getattr(self, kind))} {kind}" for kind in KINDS if getattr(self, kind)]
        return ", ".join(counts) or "no change"


KINDS = ("added", "removed", "renamed", "moved", "merged", "deprecated", "restored")


def diff(before: Iterable[TaxonomyNode], after: Iterable[TaxonomyNode]) -> TaxonomyDiff:
    """Compare two states of one taxonomy by node id.

    Args:
        before: All nodes of the earlier state.
        after: All nodes of the later state.

    Returns:
        The changes.
    """
    old, new = {node.id: node for node in before}, {node.id: node for node in after}
    both = sorted(
        (NodeChange(old[node_id], new[node_id]) for node_id in old.keys() & new.keys()),
        key=lambda change: _by_name(change.after),
    )
    retired = [change for change in both if not _is_retired(change.before) and _is_retired(change.after)]
    return TaxonomyDiff(
        added=tuple(sorted((new[node_id] for node_id in new.keys() - old.keys()), key=_by_name)),
        removed=tuple(sorted((old[node_id] for node_id in old.keys() - new.keys()), key=_by_name)),
        renamed=tuple(change for change in both if change.before.name != change.after.name),
        moved=tuple(change for change in both if change.before.parent_id != change.after.parent_id),
        deprecated=tuple(change for change in retired if not _is_merged(change.after)),
        merged=tuple(change for change in retired if _is_merged(change.after)),
        restored=tuple(change for change in both if _is_retired(change.before) and not _is_retired(change.after)),
    )


def _is_retired(node: TaxonomyNode) -> bool:
    return node.status is NodeStatus.DEPRECATED


def _is_merged(node: TaxonomyNode) -> bool:
    return node.replaced_by is not None and node.replaced_by != node.parent_id


def _by_name(node: TaxonomyNode) -> tuple[str, str]:
    return node.name.casefold(), node.id
