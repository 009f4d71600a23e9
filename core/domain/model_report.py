"""What is known of a trained classifier from products that it never saw."""

from dataclasses import dataclass

from core.domain.classifier import HierarchicalMetrics

WHOLE_PATH = 0
"""The level of figures that are about the whole path."""


@dataclass(frozen=True, slots=True)
class NodeMetrics:
    """Scores of one node on held-out products; `n_products` lie at or below it in truth, `n_predicted` by prediction.

    `level` counts from 1 below the root.
    """

    node_id: str
    level: int
    n_products: int
    n_predicted: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class PlatformMetrics:
    """Scores on the held-out products of one platform, in [0, 1]."""

    platform: str
    n_products: int
    hierarchical_precision: float
    hierarchical_recall: float
    hierarchical_f1: float
    exact_path_accuracy: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Held-out products of one node that were put under one of its siblings; `parent_id` is '' below the root.

    `share` is of the products that truly are at or below `true_node_id`. `product_ids` are some of them, those first
    of which the classifier was most certain.
    """

    parent_id: str
    true_node_id: str
    predicted_node_id: str
    n_products: int
    share: float
    product_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Products whose confidence lies in (low, high]: how sure the classifier was, and how often it was right."""

    low: float
    high: float
    n_products: int
    mean_confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class LevelCalibration:
    """How honest confidences are, before and after the temperature; `level` is `WHOLE_PATH` or from 1.

    The confidence of a level is that of the path down to it, which is right where its node is; `temperature` is 1 for
    the whole path. Errors are expected calibration errors, in [0, 1].
    """

    level: int
    temperature: float
    error_before: float
    error_after: float
    bins_before: tuple[ReliabilityBin, ...]
    bins_after: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True)
class StoppingPoint:
    """What comes of stopping at the parent where the cumulative confidence falls under `threshold`.

    `share_stopped` of the products get a shorter path than the classifier's; `share_right` of all get a path that is
    right as far as it goes; `mean_depth` is the mean number of levels given.
    """

    threshold: float
    hierarchical_precision: float
    hierarchical_recall: float
    hierarchical_f1: float
    share_stopped: float
    share_right: float
    mean_depth: float


@dataclass(frozen=True, slots=True)
class TestReport:
    """Everything measured on the test part. `share_invalid` of the predicted paths are no path of the tree."""

    __test__ = False  # no test of pytest

    metrics: HierarchicalMetrics
    nodes: tuple[NodeMetrics, ...]
    platforms: tuple[PlatformMetrics, ...]
    confusions: tuple[Confusion, ...]
    calibration: tuple[LevelCalibration, ...]
    stopping: tuple[StoppingPoint, ...]
    share_invalid: float
