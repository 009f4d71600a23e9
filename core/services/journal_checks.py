"""What must hold before an act is taken back or done again: other acts may have built on it meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.errors import StaleRevisionError, TaxonomyError
from core.domain.taxonomy import NodeStatus
from core.services.journal_image import Image, keys_of
from core.services.review_rows import approved_ids, cluster_label
from db.models import AssignmentRow, ClusterRow, MemberRow, NodeRow, ProductRow
from db.repositories import assignments
from db.repositories.products import chunks

Place = tuple[int | None, ...]


def check_places(session: Session, image: Image, other: Image) -> set[int]:
    """Products must not come back into a cluster that is gone, nor in or out of one that was approved meanwhile.

    Args:
        session: An open session.
        image: The rows to be put back.
        other: The same rows as they are.

    Returns:
        Clusters that products would leave or join, other than those in the image.

    Raises:
        StaleRevisionError: If they would.
    """
    before, after = _places(other), _places(image)
    moved = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    own = set(keys_of(image["tables"].get(ClusterRow.__tablename__, {"rows": [], "absent": []})))
    reached = {cluster_id for key in moved for cluster_id in (*before[key], *after[key])} - own - {None}
    if not reached:
        return set()
    rows = {row.id: row for part in chunks(sorted(reached)) for row in _clusters(session, part)}
    if len(rows) < len(reached):
        raise StaleRevisionError(
            "A cluster that these products would go back to is gone: the run was cut, merged or split again since.",
            "Take that back first, in the history.",
        )
    for run_id in {row.run_id for row in rows.values()}:
        for cluster_id in approved_ids(session, run_id) & reached:
            raise StaleRevisionError(
                f"{cluster_label(rows[cluster_id])} was approved meanwhile, with the products it held.",
                "Undo the approval first.",
            )
    return reached


def _places(image: Image) -> dict[int, Place]:
    table = image["tables"].get(MemberRow.__tablename__)
    if not table or not table["rows"]:
        return {}
    chosen = [table["columns"].index(name) for name in ("cluster_id", "subcluster_id")]
    return {row[0]: tuple(row[index] for index in chosen) for row in table["rows"]}


def _clusters(session: Session, ids: Sequence[int]) -> Any:
    return session.scalars(select(ClusterRow).where(ClusterRow.id.in_(ids)))


def check_unused(session: Session, node_ids: Sequence[str]) -> None:
    """Nodes that an act made may go again only while they hold nothing from elsewhere.

    Raises:
        TaxonomyError: If one holds products that came after the act.
    """
    for part in chunks(list(node_ids)):
        held = list(session.scalars(select(ProductRow.node_id).where(ProductRow.node_id.in_(part)).distinct()))
        inside = AssignmentRow.is_retracted.is_(False) & AssignmentRow.node_id.in_(held)
        placed = session.scalar(select(AssignmentRow.node_id).where(inside).limit(1)) if held else None
        if placed is not None:
            raise TaxonomyError(
                f"'{session.get_one(NodeRow, placed).name}' holds products or subcategories that came after this.",
                "Move those away first.",
            )


def check_unpointed(session: Session, node_ids: Sequence[str]) -> None:
    """Nodes that an act made may go again only while no products of others were led to them.

    Call it when the rows are put back: what the act itself led to them leads elsewhere by then.

    Raises:
        TaxonomyError: If something was.
    """
    pointing = assignments.leading_to(session, node_ids) - set(node_ids) if node_ids else set()
    inside = AssignmentRow.is_retracted.is_(False) & ProductRow.node_id.in_(node_ids)
    for part in chunks(sorted(pointing)):
        led = select(AssignmentRow.node_id).join(ProductRow, ProductRow.id == AssignmentRow.product_id)
        found = session.scalar(led.where(inside, AssignmentRow.node_id.in_(part)).limit(1))
        if found is not None:
            raise TaxonomyError(
                f"The products of '{session.get_one(NodeRow, found).name}' went where this would go.",
                "Bring that category back first.",
            )


def check_tree(session: Session, node_ids: Sequence[str]) -> None:
    """What other acts did meanwhile must not hang a live node below one that goes, or make a circle.

    Raises:
        TaxonomyError: If it would.
    """
    columns = (NodeRow.id, NodeRow.parent_id, NodeRow.status, NodeRow.name)
    rows = {key: rest for key, *rest in session.execute(select(*columns))}
    gone = {key for key, (_, status, _) in rows.items() if status == str(NodeStatus.DEPRECATED)}
    concerned = set(node_ids)
    _check_names(rows, gone, concerned)
    for key, (parent_id, *_) in rows.items():
        if key not in gone and parent_id in gone and (key in concerned or parent_id in concerned):
            raise TaxonomyError(
                f"'{session.get_one(NodeRow, parent_id).name}' would go, but holds products or subcategories that came "
                f"after this, such as '{session.get_one(NodeRow, key).name}'.",
                "Move those away first.",
            )
    for key in concerned:
        above, passed = rows[key][0], {key}
        while above is not None and above not in passed:
            passed.add(above)
            above = rows[above][0]
        if above is not None:
            raise TaxonomyError(
                f"'{session.get_one(NodeRow, key).name}' would come to lie below itself: categories around it were "
                "moved since.",
                "Take those moves back first.",
            )


def _check_names(rows: Mapping[str, Sequence[Any]], gone: set[str], concerned: set[str]) -> None:
    """Names that differ in capitals alone are one name: the database would let them stand beside each other."""
    beside: dict[tuple[Any, str], str] = {}
    for key, (parent_id, _, name) in rows.items():
        if key not in gone:
            other = beside.setdefault((parent_id, name.casefold()), key)
            if other != key and concerned & {key, other}:
                raise TaxonomyError(
                    f"A category called '{name}' is there by now.", "Rename or move one of the two, then try again."
                )
