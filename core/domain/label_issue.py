"""Labels that are probably wrong, and what a curator said of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LabelIssueState(StrEnum):
    """What became of a doubt. `outdated`: the product was moved by another act since."""

    PENDING = "pending"
    KEPT = "kept"
    CORRECTED = "corrected"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class LabelIssue:
    """A product whose label other products contradict.

    `quality` is the out-of-fold probability of its present label, `suggested_confidence` that of the suggested one,
    both in [0, 1].
    """

    id: int
    product_id: int
    node_id: str
    suggested_node_id: str
    quality: float
    suggested_confidence: float
    state: LabelIssueState
    decided_by: str
    decided_at: datetime | None
