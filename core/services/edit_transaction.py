"""One edit of the taxonomy: revisions checked, changed rows written and journalled, products placed anew."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from core.domain.errors import StaleRevisionError
from core.domain.taxonomy import AssignmentSource, TaxonomyNode
from core.services.history import TAXONOMY
from core.services.journal import Journal
from core.taxonomy.tree import Taxonomy
from db.base import utc_now
from db.models import NodeRow
from db.repositories import assignments, events
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

N_TOLD = 3
"""Acts of others that a refusal tells of."""
Placements = Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the tree: all its nodes, the act in a line, and (product id, node id) of products that move."""

    nodes: Iterable[TaxonomyNode]
    summary: str
    placements: Placements = ()


Operation = Callable[[Taxonomy, int], Change]
"""The tree as it is and the number of the version to come → the change."""


@dataclass(frozen=True, slots=True)
class EditResult:
    """What an edit did.

    Attributes:
        summary: In a line.
        node_ids: Nodes that changed, those that are new first.
        n_products: Products that are in another category now.
        event_id: The act in the history; None where nothing changed.
    """

    summary: str
    node_ids: tuple[str, ...]
    n_products: int
    event_id: int | None


def apply_edit(
    session: Session,
    kind: str,
    operation: Operation,
    revisions: Mapping[str, int],
    author: str,
    why: str = "",
    details: dict[str, Any] | None = None,
) -> EditResult:
    """Do one edit inside a transaction; see `core.services.taxonomy_edit.edit` for what it raises."""
    tree = Taxonomy(taxonomy_rows.load_nodes(session))
    check_revisions(session, tree, revisions)
    change = operation(tree, taxonomy_rows.latest_version_number(session) + 1)
    nodes = list(change.nodes)
    new = [node for node in nodes if node.id not in tree]
    changed = [node for node in nodes if node.id in tree and node != tree.node(node.id)]
    if not new and not changed and not change.placements:
        return EditResult("Nothing changed", (), 0, None)
    journal = Journal(session)
    journal.keep(NodeRow, [node.id for node in changed])
    taxonomy_rows.save_nodes(session, [replace(node, revision=node.revision + 1) for node in changed], new)
    journal.made_nodes([node.id for node in new])
    n_products = _place(session, journal, tree, changed, change.placements, author)
    node_ids = tuple(node.id for node in (*new, *changed))
    event_id = events.record(session, author, kind, change.summary, scope=TAXONOMY, why=why.strip(), journal=journal,
                             details={"n_products": n_products, **(details or {})}, nodes=node_ids)  # fmt: skip
    return EditResult(change.summary, node_ids, n_products, event_id)


def _place(
    session: Session,
    journal: Journal,
    before: Taxonomy,
    changed: Sequence[TaxonomyNode],
    placements: Placements,
    author: str,
) -> int:
    """Put products where the change leads them; how many are elsewhere than before."""
    counts = product_rows.direct_counts(session)
    rerouted = [
        node.id
        for node in changed
        if (node.status, node.replaced_by) != (before.node(node.id).status, before.node(node.id).replaced_by)
    ]
    if placements:
        journal.assigned(assignments.assign(session, placements, AssignmentSource.CURATOR, author))
    if rerouted:
        assignments.refresh_under(session, rerouted)
    if not placements and not rerouted:
        return 0
    after = product_rows.direct_counts(session)
    return sum(max(counts[node_id] - after.get(node_id, 0), 0) for node_id in counts)


def check_revisions(session: Session, tree: Taxonomy, revisions: Mapping[str, int]) -> None:
    """Refuse to change nodes that somebody changed since they were seen.

    Raises:
        StaleRevisionError: Naming who changed what, and when.
        NodeNotFoundError: If there is no such node.
    """
    for node_id, seen in revisions.items():
        node = tree.node(node_id)
        if node.revision != seen:
            raise _stale(session, node, seen)


def _stale(session: Session, node: TaxonomyNode, seen: int) -> StaleRevisionError:
    n_missed = min(max(node.revision - seen, 1), N_TOLD)
    told = events.entries(session, events.about_nodes([node.id]), n_missed)
    if not told:
        return StaleRevisionError(f"'{node.name}' was changed meanwhile.", "Look at it as it is now, then try again.")
    acts = "; ".join(f"{entry.author}, {_ago(entry)}: {entry.summary}" for entry in told)
    return StaleRevisionError(
        f"'{node.name}' was changed since you opened it. {acts}. Nothing of yours was written.",
        "Look at it as it is now, then try again.",
    )


def _ago(entry: events.Entry) -> str:
    minutes = int((utc_now() - entry.at).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            n = minutes // size
            return f"{n} {unit}{'' if n == 1 else 's'} ago"
    return "just now"
