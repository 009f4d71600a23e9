"""What a week brought from a platform that the classifier has not met before."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DriftWeek:
    """One platform in one week; `week` is ISO 8601, such as 2026-W47. The first week of a workspace is the measure.

    Counts: `n_predicted` predictions of products that the model did not learn from, `n_unsure` those of them under the
    limit of low confidence, `n_unseen_brands` products whose brand no earlier week had, `n_unseen_words` title words
    (with repetition) that no earlier week had. `categories` counts products by the node where a curator put
    them or else the model, `unseen` holds the most frequent new brands and words with their counts.
    """

    platform: str
    week: str
    n_products: int
    n_predicted: int
    n_unsure: int
    n_branded: int
    n_unseen_brands: int
    n_words: int
    n_unseen_words: int
    categories: dict[str, int] = field(default_factory=dict)
    unseen: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def share_unsure(self) -> float:
        """Of the predicted products that did not teach the model, in [0, 1]."""
        return self.n_unsure / self.n_predicted if self.n_predicted else 0.0

    @property
    def share_unseen_brands(self) -> float:
        """Of the products with a brand, in [0, 1]."""
        return self.n_unseen_brands / self.n_branded if self.n_branded else 0.0

    @property
    def share_unseen_words(self) -> float:
        """Of the words of titles, in [0, 1]."""
        return self.n_unseen_words / self.n_words if self.n_words else 0.0


@dataclass(frozen=True, slots=True)
class DiscoveryProposal:
    """A category that deserves another discovery, and why; `reasons` are whole sentences for people, with figures.

    `n_products` are in it and below it. `dismissed_by` is who turned it down, '' where nobody did.
    """

    node_id: str
    path: str
    score: float
    reasons: tuple[str, ...]
    n_products: int = 0
    dismissed_by: str = ""
    dismissed_at: datetime | None = None
