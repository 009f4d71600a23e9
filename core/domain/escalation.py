"""How many products a text stage may settle by itself, and what that costs."""

import math
from dataclasses import dataclass

from core.domain.errors import ParameterError

MAX_LOSS = 0.002
"""hF1 that the suggested threshold may lose against the full model, on the products that choose it."""


def check_threshold(escalate_below: float | None) -> None:
    """Make sure that products can be escalated by a threshold; None leaves it to the model.

    Raises:
        ParameterError: If it is negative or no number: nothing would be below it.
    """
    if escalate_below is not None and not (math.isfinite(escalate_below) and escalate_below >= 0):
        raise ParameterError(
            f"Expected escalate_below of at least 0, got {escalate_below}.", "Choose a number from 0 to 1.01."
        )


@dataclass(frozen=True, slots=True)
class EscalationPoint:
    """What comes of escalating the products whose text confidence is below `threshold`. Shares and hF1 in [0, 1]."""

    threshold: float
    share_escalated: float
    hierarchical_f1: float
    share_right: float


@dataclass(frozen=True, slots=True)
class EscalationReport:
    """A text stage against the full model, on products that taught neither.

    Attributes:
        points: One per threshold, rising; on the test part. The first escalates nothing, the last everything.
        suggested: The least threshold from which on, with 95 % certainty, at most `MAX_LOSS` is lost; chosen on the
            validation part. Where that is too small to tell, or the stages never differ on it, not below a half.
        n_products: Of the test part.
        text_calibration_error: Expected calibration error of the text stage, in [0, 1].
    """

    points: tuple[EscalationPoint, ...]
    suggested: float
    n_products: int
    text_calibration_error: float

    @property
    def text_only(self) -> EscalationPoint:
        """Nothing is escalated."""
        return self.points[0]

    @property
    def full(self) -> EscalationPoint:
        """Everything is escalated."""
        return self.points[-1]


@dataclass(frozen=True, slots=True)
class Prices:
    """What classifying 1,000 products costs at each stage, in any currency. The full stage comes on top."""

    text_per_1000: float = 0.01
    full_per_1000: float = 0.5
    currency: str = "€"

    def per_100_000(self, share_escalated: float) -> float:
        """Cost of 100,000 products, of which a share goes on to the full stage."""
        return 100 * (self.text_per_1000 + share_escalated * self.full_per_1000)
