"""Trained classifiers: which there are, which one is in use, and every way from one to another.

Each act is an event, and none is final: a promotion is rolled back, a retired model is restored or promoted again.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.classifier.report_file import metrics_from_dict
from core.domain.classifier import ModelStatus, ModelVersion
from core.domain.errors import ModelNotFoundError, ParameterError, StaleRevisionError
from core.services.context import Context
from core.services.training_readiness import TrainingReadiness, training_readiness
from db.base import utc_now
from db.models import ModelRow
from db.repositories import events

__all__ = [
    "TrainingReadiness", "active_model", "active_row", "get_model", "list_models", "promote_model", "restore_model",
    "retire_model", "roll_back", "set_stop_below", "training_readiness",
]  # fmt: skip


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
    """The classifier in use; None before the first promotion and after it was retired."""
    with context.database.read() as session:
        row = active_row(session)
        return None if row is None else _to_model(row)


def active_row(session: Session) -> ModelRow | None:
    """The row of the classifier in use."""
    query = select(ModelRow).where(ModelRow.status == str(ModelStatus.ACTIVE)).order_by(ModelRow.id.desc())
    return session.scalars(query.limit(1)).first()


def promote_model(context: Context, model_id: int, author: str) -> None:
    """Put a classifier into use. The one in use until then is retired, and `roll_back` returns to it.

    A classifier that is in use already stays as it is.

    Raises:
        ModelNotFoundError: If there is none with this id.
    """
    with context.database.write() as session:
        row, former = _row(session, model_id), active_row(session)
        if former is row:
            return
        row.previous_id = None if former is None else former.id
        _put_into_use(row, former)
        instead = "" if former is None else f" instead of model {former.id}"
        _record(session, author, "promote", f"Promoted model {model_id}{instead}", row)


def roll_back(context: Context, author: str, seen_id: int | None = None) -> int:
    """Return to the classifier that was in use before the present one, which is retired.

    Args:
        context: The open workspace.
        author: Who decides.
        seen_id: The classifier that its author saw in use: two who roll back at once go back one step, not two. None
            rolls back whichever is in use.

    Returns:
        The id of the classifier that is in use now.

    Raises:
        ModelNotFoundError: If none is in use, or there was none before it.
        StaleRevisionError: If another than `seen_id` is in use by now; nothing is written.
    """
    with context.database.write() as session:
        present = active_row(session)
        if seen_id is not None and present is not None and present.id != seen_id:
            raise StaleRevisionError(
                f"Model {seen_id} is not in use any more: model {present.id} took its place. Nothing was changed.",
                "Look at the list again: it shows how things stand now.",
            )
        if present is None:
            raise ModelNotFoundError(
                "No model is in use, so there is nothing to roll back.", "Promote a model instead."
            )
        if present.previous_id is None:
            raise ModelNotFoundError(
                f"No model was in use before model {present.id}.", "Promote another model, or retire this one."
            )
        earlier = _row(session, present.previous_id)
        _put_into_use(earlier, present)
        _record(session, author, "roll back", f"Rolled back from model {present.id} to model {earlier.id}", earlier)
        return earlier.id


def retire_model(context: Context, model_id: int, author: str) -> bool:
    """Put a classifier aside, also the one in use: there is none in use then. `restore_model` brings it back.

    Returns:
        Whether it was the one in use.

    Raises:
        ModelNotFoundError: If there is none with this id.
    """
    with context.database.write() as session:
        row = _row(session, model_id)
        was_active = row.status == str(ModelStatus.ACTIVE)
        if row.status != str(ModelStatus.RETIRED):
            left = "; no model is in use now" if was_active else ""
            row.status = str(ModelStatus.RETIRED)
            _record(session, author, "retire", f"Retired model {model_id}{left}", row)
        return was_active


def restore_model(context: Context, model_id: int, author: str) -> None:
    """Make a retired classifier a candidate again; one that is not retired stays as it is.

    Raises:
        ModelNotFoundError: If there is none with this id.
    """
    with context.database.write() as session:
        row = _row(session, model_id)
        if row.status != str(ModelStatus.RETIRED):
            return
        row.status = str(ModelStatus.CANDIDATE)
        _record(session, author, "restore", f"Restored model {model_id}", row)


def set_stop_below(context: Context, model_id: int, threshold: float, author: str) -> None:
    """Let a classifier stop at the parent where it is less sure than this.

    Args:
        context: The open workspace.
        model_id: Which classifier.
        threshold: Cumulative confidence in [0, 1); 0 never stops.
        author: Who decides.

    Raises:
        ModelNotFoundError: If there is none with this id.
        ParameterError: If the threshold is out of its range.
    """
    if not 0.0 <= threshold < 1.0:
        raise ParameterError(f"Expected a threshold from 0 up to, but not, 1; got {threshold}.", "Choose one between.")
    with context.database.write() as session:
        row = _row(session, model_id)
        if row.stop_below == threshold:
            return
        said = f"stops at the parent where it is less than {100 * threshold:.0f} % sure" if threshold else "never stops"
        row.stop_below, before = threshold, row.stop_below
        _record(session, author, "stop below", f"Model {model_id} {said}", row, before=before, after=threshold)


def _put_into_use(row: ModelRow, former: ModelRow | None) -> None:
    if former is not None:
        former.status = str(ModelStatus.RETIRED)
    row.status, row.promoted_at = str(ModelStatus.ACTIVE), utc_now()


def _record(session: Session, author: str, kind: str, summary: str, row: ModelRow, **details: float) -> None:
    events.record(session, author, kind, summary, details={"model_id": row.id, **details})


def _row(session: Session, model_id: int) -> ModelRow:
    row = session.get(ModelRow, model_id)
    if row is None:
        raise ModelNotFoundError(f"There is no model {model_id}.", "Choose one from the list, or press Retrain.")
    return row


def _to_model(row: ModelRow) -> ModelVersion:
    return ModelVersion(row.id, row.taxonomy_version, ModelStatus(row.status), row.config,
                        metrics_from_dict(row.metrics), row.artefact_path, row.author, row.created_at,
                        tuple(row.curve), row.previous_id, row.promoted_at, row.stop_below,
                        row.escalate_below)  # fmt: skip
