"""How right each classifier was by the curator's decisions: on its random sample, and on all that was looked at."""

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.classifier.report_file import metrics_from_dict
from core.domain.classifier import ReviewState
from core.domain.prediction_queue import ReviewRound
from core.inference.proportions import wilson_interval
from core.inference.review_sample import sample_order
from core.services.context import Context
from db.models import ModelRow
from db.repositories import predictions


def rounds(context: Context) -> list[ReviewRound]:
    """One round per model with decisions, oldest first. Decisions taken back do not count.

    The sample counts as far as it was decided in its own random order, without a gap: whoever follows the queue, or
    accepts what the classifier is sure of, decides some of it for how doubtful they are, and their share of right ones
    would say as little as that of all.
    """
    with context.database.read() as session:
        counted = predictions.decided_counts(session)
        models = session.scalars(select(ModelRow).where(ModelRow.id.in_(counted)).order_by(ModelRow.id))
        return [_round(session, model, counted[model.id]) for model in models]


def _round(session: Session, model: ModelRow, counted: tuple[int, int]) -> ReviewRound:
    n_decided, n_right = counted
    ids, states = predictions.sample_states(session, model.id)
    places = sample_order(np.array(ids, dtype=np.int64), model.id)
    in_order = [states[at] for at in np.argsort(-places, kind="stable")]
    waits = str(ReviewState.PENDING)
    n_sample = in_order.index(waits) if waits in in_order else len(in_order)
    n_sample_right = in_order[:n_sample].count(str(ReviewState.ACCEPTED))
    low, high = wilson_interval(n_sample_right, n_sample)
    test_f1 = metrics_from_dict(model.metrics).hierarchical_f1
    return ReviewRound(model.id, n_decided, n_right, n_sample, n_sample_right, low, high, test_f1)
