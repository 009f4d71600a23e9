"""A tiny catalogue whose products came when a test says, with predictions and decisions as a test says."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select, text, update

from core.domain.classifier import ReviewState
from core.domain.taxonomy import AssignmentSource, TaxonomyNode
from core.domain.workspace import Workspace
from core.services.context import Context
from db.base import Base
from db.models import ClusterRow, ModelRow, PredictionRow, ProductRow, RunRow
from db.repositories import products
from db.repositories import taxonomy as taxonomy_rows
from db.session import Database
from tests.core.services.model_world import METRICS

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""Of week 45: the first week of the catalogue."""
NODES = (("shoes", "root"), ("boots", "shoes"), ("clogs", "shoes"), ("coats", "root"), ("bags", "root"))


def open_world(database: Database, home) -> Context:
    """Shoes with Boots and Clogs below, Coats and Bags; no products; model 1 in use."""
    with database.write() as session:
        taxonomy_rows.ensure_root(session)
        taxonomy_rows.insert_nodes(session, [TaxonomyNode(key, parent, key.title()) for key, parent in NODES])
        add_model(session)
    return Context(Workspace(home), database)


def empty(database: Database) -> None:
    """Take every row away and count ids from 1 again."""
    tables = Base.metadata.sorted_tables
    with database.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"TRUNCATE {', '.join(table.name for table in tables)} RESTART IDENTITY CASCADE"))
        else:
            for table in reversed(tables):
                session.execute(delete(table))


def add_model(session, status: str = "active", stop_below: float = 0.0) -> int:
    row = ModelRow(taxonomy_version=1, status=status, config={}, metrics=asdict(METRICS), curve=[], artefact_path="",
                   author="Ada", stop_below=stop_below)  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def add_products(
    context: Context, n: int, node_id: str, *, week: int = 0, platform: str = "a", title: str = "Plain thing",
    brand: str = "",
) -> list[int]:  # fmt: skip
    """So many products at a node that came in a week, counted from the first."""
    with context.database.write() as session:
        start = session.scalar(select(ProductRow.id).order_by(ProductRow.id.desc()).limit(1)) or 0
        ids = products.insert_products(session, [
            {"platform": platform, "external_id": str(start + number), "title": title, "brand": brand,
             "node_id": node_id, "content_hash": "", "price": None, "image_ref": None, "image_hash": None,
             "background_cleanliness": None, "created_at": MONDAY + timedelta(weeks=week)}
            for number in range(n)
        ])  # fmt: skip
        return ids


def predict(
    context: Context, ids: Sequence[int], node_id: str, confidence: float = 0.9, *, model_id: int = 1,
    at: datetime = MONDAY,
) -> None:  # fmt: skip
    """What a model says of products, surely or not; nobody has decided it yet."""
    path = ["shoes", node_id] if node_id in ("boots", "clogs") else [node_id]
    rows = [
        {"model_id": model_id, "product_id": key, "node_id": node_id, "path": path, "predicted_at": at,
         "level_confidences": [max(confidence, 0.8), confidence][-len(path):], "confidence": confidence}
        for key in ids
    ]  # fmt: skip
    with context.database.write() as session:
        session.execute(insert(PredictionRow), rows)


def settle(context: Context, ids: Sequence[int], node_id: str | None = None) -> None:
    """A curator put these products where they are, or at another node."""
    place = {} if node_id is None else {"node_id": node_id}
    with context.database.write() as session:
        chosen = update(ProductRow).where(ProductRow.id.in_(ids))
        session.execute(chosen.values(source=str(AssignmentSource.CURATOR), **place))


def decide(context: Context, ids: Sequence[int], n_corrected: int, at: datetime = MONDAY, model_id: int = 1) -> None:
    """A curator corrected the first of these predictions and accepted the others."""
    with context.database.write() as session:
        query = select(PredictionRow).where(PredictionRow.product_id.in_(ids), PredictionRow.model_id == model_id)
        for number, row in enumerate(session.scalars(query.order_by(PredictionRow.id))):
            state = ReviewState.CORRECTED if number < n_corrected else ReviewState.ACCEPTED
            row.review_state, row.decided_at, row.decided_by = str(state), at, "Ada"


def add_run(context: Context, node_id: str, at: datetime, *, is_open: bool) -> None:
    """A discovery with one cluster, which waits for review or was rejected."""
    with context.database.write() as session:
        run = RunRow(category_id=node_id, status="ready", parameters={}, n_products=1, author="Ada", created_at=at)
        session.add(run)
        session.flush()
        session.add(ClusterRow(run_id=run.id, number=1, level=1, status="open" if is_open else "rejected"))
