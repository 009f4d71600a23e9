"""Every product with the assignment that counts, read at once: for exports."""

from dataclasses import dataclass

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from core.domain.taxonomy import AssignmentSource, NodeStatus
from db.models import AssignmentRow, NodeRow, ProductRow


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a product is, who put it there, and what shows it. `image_ref` is what its row in the catalogue said."""

    external_id: str
    platform: str
    title: str
    brand: str
    node_id: str
    source: AssignmentSource
    confidence: float
    image_ref: str | None
    image_hash: str | None


def placements(session: Session) -> list[Placement]:
    """Every product by its id; those without an assignment are left out."""
    best = _ranked()
    columns = (ProductRow.external_id, ProductRow.platform, ProductRow.title, ProductRow.brand, ProductRow.node_id,
               ProductRow.source, best.c.confidence, ProductRow.image_ref, ProductRow.image_hash)  # fmt: skip
    query = select(*columns).join(best, (ProductRow.id == best.c.product_id) & (best.c.rank == 1))
    sources = {str(source): source for source in AssignmentSource}
    rows = session.execute(query.order_by(ProductRow.id))
    return [Placement(*row[:5], sources[row.source], *row[6:]) for row in rows]


def counts_of_retired(session: Session) -> dict[str, int]:
    """Deprecated node id → products that were put there, and follow it to its replacement."""
    best = _ranked()
    is_retired = NodeRow.status == str(NodeStatus.DEPRECATED)
    query = select(best.c.node_id, func.count()).join(NodeRow, NodeRow.id == best.c.node_id)
    return dict(session.execute(query.where(best.c.rank == 1, is_retired).group_by(best.c.node_id)).all())


def _ranked() -> Subquery:
    """Assignments that were not retracted; rank 1 is the one that counts for its product."""
    order = (AssignmentRow.strength.desc(), AssignmentRow.id.desc())
    rank = func.row_number().over(partition_by=AssignmentRow.product_id, order_by=order).label("rank")
    columns = (AssignmentRow.product_id, AssignmentRow.node_id, AssignmentRow.confidence, rank)
    return select(*columns).where(AssignmentRow.is_retracted.is_(False)).subquery()
