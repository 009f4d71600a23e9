"""Trained classifiers: compare, promote, retire."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.domain.classifier import HierarchicalMetrics, LevelMetrics, ModelStatus, ModelVersion
from core.domain.errors import ModelNotFoundError
from core.services.context import Context
from core.services.training_set import teaching_placements
from core.taxonomy.tree import Taxonomy
from db.models import ModelRow
from db.repositories import events
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

MIN_PRODUCTS = 10


@dataclass(frozen=True, slots=True)
class TrainingReadiness:
    """What a training would learn from now. `problems` is empty where it can begin."""

    n_products: int
    n_nodes: int
    n_left_out: int
    problems: tuple[str, ...]
    taxonomy_version: int


def training_readiness(context: Context) -> TrainingReadiness:
    """Whether there is enough to train on, and if not, why."""
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        counts = product_rows.placement_counts(session)
        version = taxonomy_rows.latest_version_number(session)
    teaching = teaching_placements(taxonomy, ((node_id, source) for node_id, source, _ in counts))
    n_products = sum(count for node_id, source, count in counts if (node_id, source) in teaching)
    n_nodes = len({node_id for node_id, _ in teaching})
    problems = []
    if n_products < MIN_PRODUCTS:
        problems.append(f"Only {n_products} products have a category to learn from; {MIN_PRODUCTS} are needed.")
    if n_nodes < 2:
        problems.append("At least two categories must hold products: approve clusters, or import another category.")
    n_left_out = sum(count for _, _, count in counts) - n_products
    return TrainingReadiness(n_products, n_nodes, n_left_out, tuple(problems), version)


def list_models(context: Context) -> list[ModelVersion]:
    """All trained classifiers, newest first."""
    with context.database.read() as session:
        return [_to_model(row) for row in session.scalars(select(ModelRow).order_by(ModelRow.id.desc()))]


def get_model(context: Context, model_id: int) -> ModelVersion:
    """One classifier.

    Raises:
        ModelNotFoundError: If there is none with this id.
    """
    with context.database.read() as session:
        return _to_model(_row(session, model_id))


def active_model(context: Context) -> ModelVersion | None:
    """The promoted classifier; None before the first promotion."""
    with context.database.read() as session:
        row = active_row(session)
        return None if row is None else _to_model(row)


def active_row(session: Session) -> ModelRow | None:
    """The row of the promoted classifier."""
    query = select(ModelRow).where(ModelRow.status == str(ModelStatus.ACTIVE)).order_by(ModelRow.id.desc())
    return session.scalars(query.limit(1)).first()


def promote_model(context: Context, model_id: int, author: str) -> None:
    """Make a classifier the active one; the former one is retired and can be promoted again.

    Raises:
        ModelNotFoundError: If there is none with this id.
    """
    with context.database.write() as session:
        row = _row(session, model_id)
        was_active = update(ModelRow).where(ModelRow.status == str(ModelStatus.ACTIVE), ModelRow.id != model_id)
        session.execute(was_active.values(status=str(ModelStatus.RETIRED)))
        row.status = str(ModelStatus.ACTIVE)
        events.record(session, author, "promote", f"Promoted model {model_id}")


def retire_model(context: Context, model_id: int, author: str) -> None:
    """Put a classifier aside.

    Raises:
        ModelNotFoundError: If there is none with this id.
    """
    with context.database.write() as session:
        _row(session, model_id).status = str(ModelStatus.RETIRED)
        events.record(session, author, "retire", f"Retired model {model_id}")


def _row(session: Session, model_id: int) -> ModelRow:
    row = session.get(ModelRow, model_id)
    if row is None:
        raise ModelNotFoundError(f"There is no model {model_id}.", "Choose one from the list, or press Retrain.")
    return row


def _to_model(row: ModelRow) -> ModelVersion:
    return ModelVersion(row.id, row.taxonomy_version, ModelStatus(row.status), row.config, _metrics(row.metrics),
                        row.artefact_path, row.author, row.created_at, tuple(row.curve), row.previous_id,
                        row.promoted_at, row.stop_below)  # fmt: skip


def _metrics(values: dict[str, Any]) -> HierarchicalMetrics:
    return HierarchicalMetrics(**{**values, "levels": tuple(LevelMetrics(**level) for level in values["levels"])})
