"""What changed between two states of a taxonomy."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.domain.product import format_path
from core.domain.taxonomy import NodeStatus, TaxonomyNode

TOP_LEVEL = "the top level"
Names = Callable[[str], Sequence[str]]


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
        removed: Nodes that are there no more.
        renamed: Same node, other name.
        moved: Same node, other parent.
        reordered: Same parent, other place among the siblings.
        described: Same node, other description.
        synonyms: Same node, other synonyms.
        linked: Same node, other id in the taxonomy it came from.
        merged: Taken out of use in favour of another node.
        split: Taken out of use in favour of its parts.
        deprecated: Taken out of use; what they held went to their own parent, or nowhere.
        restored: In use again.
    """

    added: tuple[TaxonomyNode, ...] = ()
    removed: tuple[TaxonomyNode, ...] = ()
    renamed: tuple[NodeChange, ...] = ()
    moved: tuple[NodeChange, ...] = ()
    reordered: tuple[NodeChange, ...] = ()
    described: tuple[NodeChange, ...] = ()
    synonyms: tuple[NodeChange, ...] = ()
    linked: tuple[NodeChange, ...] = ()
    merged: tuple[NodeChange, ...] = ()
    split: tuple[NodeChange, ...] = ()
    deprecated: tuple[NodeChange, ...] = ()
    restored: tuple[NodeChange, ...] = ()

    @property
    def n_changes(self) -> int:
        """Number of changes of all kinds."""
        return sum(len(getattr(self, kind)) for kind in KINDS)

    def summary(self) -> str:
        """In words, such as "3 added, 1 renamed"; "no change" where there is none."""
        counts = [f"{len(getattr(self, kind))} {words}" for kind, words in KINDS.items() if getattr(self, kind)]
        return ", ".join(counts) or "no change"


KINDS = {
    "added": "added",
    "removed": "removed",
    "renamed": "renamed",
    "moved": "moved",
    "reordered": "put in another place",
    "described": "described anew",
    "synonyms": "with other synonyms",
    "linked": "linked to another taxonomy",
    "merged": "merged",
    "split": "split",
    "deprecated": "deprecated",
    "restored": "restored",
}
"""Kinds of change, which are attributes of `TaxonomyDiff`, and how people read them after a number."""


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
    found: dict[str, list[NodeChange]] = defaultdict(list)
    for change in both:
        for kind in kinds_of_change(change.before, change.after):
            found[kind].append(change)
    return TaxonomyDiff(
        added=tuple(sorted((new[node_id] for node_id in new.keys() - old.keys()), key=_by_name)),
        removed=tuple(sorted((old[node_id] for node_id in old.keys() - new.keys()), key=_by_name)),
        **{kind: tuple(changes) for kind, changes in found.items()},
    )


def kinds_of_change(before: TaxonomyNode, after: TaxonomyNode) -> Iterator[str]:
    """Names of the kinds in `KINDS` that tell two states of one node apart."""
    if before.name != after.name:
        yield "renamed"
    if before.parent_id != after.parent_id:
        yield "moved"
    elif before.position != after.position:
        yield "reordered"
    if before.description != after.description:
        yield "described"
    if before.synonyms != after.synonyms:
        yield "synonyms"
    if before.external_id != after.external_id:
        yield "linked"
    if not is_retired(before) and is_retired(after):
        yield way_out(after)
    elif is_retired(before) and not is_retired(after):
        yield "restored"


def readable(before: TaxonomyNode, after: TaxonomyNode, names: Names) -> str:
    """What tells two states of one node apart, such as "renamed from 'Boots' to 'Ankle boots'".

    Args:
        before: The node as it was seen.
        after: The node as it is.
        names: Names along the path of a node id, such as `Taxonomy.names` of the present taxonomy.

    Returns:
        The changes, parted by commas; "unchanged" where there is none.
    """
    said = [_said(kind, before, after, names) for kind in kinds_of_change(before, after)]
    return ", ".join(said) or "unchanged"


def is_retired(node: TaxonomyNode) -> bool:
    """Whether a node is out of use."""
    return node.status is NodeStatus.DEPRECATED


def way_out(node: TaxonomyNode) -> str:
    """How a deprecated node went out of use: "split", "merged", or "deprecated" in favour of its own parent."""
    if node.split_into:
        return "split"
    return "merged" if node.replaced_by is not None and node.replaced_by != node.parent_id else "deprecated"


def _by_name(node: TaxonomyNode) -> tuple[str, str]:
    return node.name.casefold(), node.id


def _said(kind: str, before: TaxonomyNode, after: TaxonomyNode, names: Names) -> str:
    match kind:
        case "renamed":
            return f"renamed from '{before.name}' to '{after.name}'"
        case "moved":
            return f"moved from {_place(before.parent_id, names)} to {_place(after.parent_id, names)}"
        case "reordered":
            return "put in another place among its siblings"
        case "described":
            return "described anew" if after.description else "its description taken away"
        case "synonyms":
            return f"its synonyms changed to {_listed(after.synonyms)}" if after.synonyms else "its synonyms taken away"
        case "linked":
            return (
                f"linked to '{after.external_id}'" if after.external_id else "its link to another taxonomy taken away"
            )
        case "split":
            return f"split into {_listed([_name(part, names) for part in after.split_into])}"
        case "merged":
            return f"merged into {_place(after.replaced_by, names)}"
        case "deprecated":
            return "deprecated"
        case _:
            return "restored"


def _place(node_id: str | None, names: Names) -> str:
    path = tuple(names(node_id)) if node_id is not None else ()
    return f"'{format_path(path)}'" if path else TOP_LEVEL


def _name(node_id: str, names: Names) -> str:
    return (*names(node_id),)[-1]


def _listed(words: Sequence[str]) -> str:
    quoted = [f"'{word}'" for word in words]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
