"""Two classifiers side by side, on products that neither of them learned from."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.classifier import HierarchicalMetrics

ENOUGH = 20
"""Common products under which a difference says little."""


class Right(StrEnum):
    """Which of the two is right about a product on which they differ."""

    A = "a"
    B = "b"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores on the common products, in [0, 1]."""

    hierarchical_precision: float
    hierarchical_recall: float
    hierarchical_f1: float
    exact_path_accuracy: float


@dataclass(frozen=True, slots=True)
class NodeDifference:
    """One category under both; `n_products` of the common ones lie at or below it. A difference is B less A."""

    node_id: str
    path: str
    level: int
    n_products: int
    f1_a: float
    f1_b: float

    @property
    def difference(self) -> float:
        """F1 of B less that of A."""
        return self.f1_b - self.f1_a


@dataclass(frozen=True, slots=True)
class PlatformDifference:
    """One platform under both."""

    platform: str
    n_products: int
    a: Scores
    b: Scores

    @property
    def difference(self) -> float:
        """hF1 of B less that of A."""
        return self.b.hierarchical_f1 - self.a.hierarchical_f1


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A product that the two put in different places; paths are for people, '' is no category."""

    product_id: int
    platform: str
    true_path: str
    path_a: str
    path_b: str
    right: Right


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Two classifiers side by side.

    `n_common` products were held out by both and can be judged; `n_left_out` were held out by both but cannot: they
    left the catalogue, wait unsorted in a category that was refined since, or are where one of the two knows nothing.
    `a` and `b` are None without common products; `own_a` and `own_b` are what each scored on all it held out.
    """

    a_id: int
    b_id: int
    n_common: int
    n_left_out: int
    own_a: HierarchicalMetrics
    own_b: HierarchicalMetrics
    a: Scores | None
    b: Scores | None
    nodes: tuple[NodeDifference, ...]
    platforms: tuple[PlatformDifference, ...]
    disagreements: tuple[Disagreement, ...]

    @property
    def is_enough(self) -> bool:
        """Whether there are enough common products to tell the two apart."""
        return self.n_common >= ENOUGH
