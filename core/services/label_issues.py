"""Doubts about labels, as a queue: what waits, what was decided, and what the last check looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.domain.label_issue import LabelIssue, LabelIssueState
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services.context import Context
from core.services.grid_items import GridItem, load_items, node_paths
from core.taxonomy.tree import Taxonomy
from db.models import EventRow, LabelIssueRow, ProductRow
from db.repositories import label_issues
from db.repositories import taxonomy as taxonomy_rows


@dataclass(frozen=True, slots=True)
class LabelQuery:
    """Which doubts to look at; None asks for all. `node_id`: those about labels at this node or below it."""

    state: LabelIssueState = LabelIssueState.PENDING
    platform: str | None = None
    node_id: str | None = None


@dataclass(frozen=True, slots=True)
class LabelItem:
    """A doubt as the page shows it.

    Attributes:
        issue: The doubt.
        product: What it is about; `product.path` is where it is now.
        labelled_path: The category that is doubted.
        suggested_path: Where products like it are; '' where nothing can be put there any more.
        suggested_node_id: The node of that path: a suggestion that was merged since leads on; None where there is none.
    """

    issue: LabelIssue
    product: GridItem
    labelled_path: str
    suggested_path: str
    suggested_node_id: str | None


@dataclass(frozen=True, slots=True)
class LastCheck:
    """When labels were last checked, and what came of it."""

    at: datetime
    author: str
    n_checked: int
    n_issues: int


def label_counts(context: Context) -> dict[LabelIssueState, int]:
    """Doubts by state; zeros before the first check."""
    with context.database.read() as session:
        return label_issues.counts(session)


def last_check(context: Context) -> LastCheck | None:
    """The newest check; None before the first."""
    query = select(EventRow.at, EventRow.author, EventRow.details).where(EventRow.kind == "check_labels")
    with context.database.read() as session:
        found = session.execute(query.order_by(EventRow.id.desc()).limit(1)).first()
    return None if found is None else LastCheck(found[0], found[1], found[2]["n_checked"], found[2]["n_issues"])


def list_label_issues(
    context: Context, query: LabelQuery, limit: int = 20, offset: int = 0
) -> tuple[list[LabelItem], int]:
    """Doubts that wait, worst first; decided ones, the newest decision first.

    Args:
        context: The open workspace.
        query: Which doubts.
        limit: Items of a page.
        offset: Items to skip.

    Returns:
        Items of this page, and how many there are in all.
    """
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        chosen = filtered(taxonomy, query)
        total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        rows = list(session.scalars(chosen.order_by(*_order(query.state)).limit(limit).offset(offset)))
        return _items(session, rows, query.state, taxonomy), total


def filtered(taxonomy: Taxonomy, query: LabelQuery) -> Select[Any]:
    """The rows of doubts that a query means, in no order."""
    chosen = label_issues.in_state(query.state)
    if query.platform:
        chosen = chosen.where(ProductRow.platform == query.platform)
    if query.node_id:
        chosen = chosen.where(LabelIssueRow.node_id.in_(taxonomy.subtree_ids(query.node_id, include_deprecated=True)))
    return chosen


def suggested_node(taxonomy: Taxonomy, row: LabelIssueRow) -> TaxonomyNode | None:
    """What a doubt suggests, or what that has become since; None where it can hold no products."""
    node = taxonomy.replacement(row.suggested_node_id)
    return node if can_hold(node) else None


def can_hold(node: TaxonomyNode) -> bool:
    """Whether products can be put under a node."""
    return node.status is not NodeStatus.DEPRECATED and node.parent_id is not None


def _order(state: LabelIssueState) -> tuple[Any, ...]:
    if state in (LabelIssueState.PENDING, LabelIssueState.OUTDATED):
        return LabelIssueRow.quality.asc(), LabelIssueRow.id.asc()
    return LabelIssueRow.decided_at.desc(), LabelIssueRow.id.asc()


def _items(
    session: Session, rows: Sequence[LabelIssueRow], state: LabelIssueState, taxonomy: Taxonomy
) -> list[LabelItem]:
    products = {item.product_id: item for item in load_items(session, [row.product_id for row in rows])}
    paths = node_paths(taxonomy)
    items = []
    for row in rows:
        node = suggested_node(taxonomy, row)
        suggested = (paths[node.id], node.id) if node else ("", None)
        issue = label_issues.to_issue(row, state)
        items.append(LabelItem(issue, products[row.product_id], paths[row.node_id], *suggested))
    return items
