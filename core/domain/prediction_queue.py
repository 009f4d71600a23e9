"""The queue of predictions that wait for a curator."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.classifier import ReviewState


class QueueOrder(StrEnum):
    """What comes first."""

    VALUE = "value"
    LEAST_CERTAIN = "least_certain"
    MOST_CERTAIN = "most_certain"
    CATEGORY = "category"
    PLATFORM = "platform"
    NEWEST_DECISION = "newest_decision"


@dataclass(frozen=True, slots=True)
class PredictionQuery:
    """Which predictions of the active model to look at; None asks for all.

    `node_id`: those shown at this node or below it. `only_changes`: where the category shown contradicts the product's
    present one. `only_disagreements`: where the two stages say different things. `only_sample`: the random ones by
    which the model's accuracy is judged. `only_unplaced`: of products that have no category yet. `stage`: of the path
    that is shown. `group_id`: the look-alikes of one group.
    """

    state: ReviewState = ReviewState.PENDING
    platform: str | None = None
    node_id: str | None = None
    only_changes: bool = False
    only_disagreements: bool = False
    only_sample: bool = False
    only_unplaced: bool = False
    stage: int | None = None
    group_id: int | None = None
    min_confidence: float = 0.0
    order: QueueOrder = QueueOrder.VALUE


@dataclass(frozen=True, slots=True)
class ReviewRound:
    """What the curator's decisions say of one model. Accepted ones were right, corrected ones wrong.

    `n_sample` counts the predictions of its random sample that were decided in the sample's own order without a gap:
    not all of the sample that was decided. `n_sample_right` are the accepted among them: their share is an honest
    accuracy, with the 95 % interval `low` to `high` (Wilson). Of the others, some were chosen for being doubtful and
    some accepted for being sure, so that `n_right` of `n_decided` says little of the truth.
    """

    model_id: int
    n_decided: int
    n_right: int
    n_sample: int
    n_sample_right: int
    low: float
    high: float
    test_hierarchical_f1: float
