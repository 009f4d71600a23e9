"""Trained classifiers, their figures and what they predict."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Fusion(StrEnum):
    """How modalities meet."""

    EARLY = "early"
    LATE = "late"
    ATTENTION = "attention"


class ModelStatus(StrEnum):
    """Where a trained classifier stands. One at most is active."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    RETIRED = "retired"


class ReviewState(StrEnum):
    """What the curator said of a prediction."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class LevelMetrics:
    """Scores of one level on held-out products, in [0, 1]; `n_products` reach that level in truth."""

    level: int
    n_products: int
    macro_f1: float
    weighted_f1: float


@dataclass(frozen=True, slots=True)
class HierarchicalMetrics:
    """Scores on held-out products. hP, hR and hF1 are micro-averaged over ancestor sets.

    Source: Kiritchenko et al. 2006; HiClass (Miranda et al. 2023).
    """

    hierarchical_precision: float
    hierarchical_recall: float
    hierarchical_f1: float
    levels: tuple[LevelMetrics, ...]
    n_products: int
    exact_path_accuracy: float
    expected_calibration_error: float


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A trained classifier: what it learned from, how well it does, where it lies.

    `previous_id` is the model that was in use when this one was promoted: roll back returns to it. Paths stop at the
    parent where their cumulative confidence falls under `stop_below`; 0 never stops. Products of which the text stage
    is less sure than `escalate_below` go to the full model; None where there is no text stage, so that all do.
    """

    id: int
    taxonomy_version: int
    status: ModelStatus
    config: dict[str, Any]
    metrics: HierarchicalMetrics
    artefact_path: str
    author: str
    created_at: datetime
    curve: tuple[dict[str, float], ...] = field(default=())
    previous_id: int | None = None
    promoted_at: datetime | None = None
    stop_below: float = 0.0
    escalate_below: float | None = None


@dataclass(frozen=True, slots=True)
class PredictedPath:
    """A path of node ids from below the root, with the calibrated confidence at each level.

    `level_confidences[i]` is the cumulative confidence of the path down to level i + 1;
    `confidence` is that of the whole path.
    """

    node_ids: tuple[str, ...]
    level_confidences: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """Calibrated confidence of the whole path, in [0, 1]."""
        return self.level_confidences[-1] if self.level_confidences else 0.0
