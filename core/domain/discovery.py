"""Runs of the cascade and the groups they find."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RunStatus(StrEnum):
    """Where a discovery run stands."""

    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class ClusterStatus(StrEnum):
    """What the curator decided about a cluster."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class DiscoveryParameters:
    """Everything that decides the outcome of a run, besides the data.

    `n_clusters` and `levels`: None lets the run suggest the number of clusters; levels is 1 or 2 or more.
    Weights scale L2-normalised modality embeddings before they are concatenated.
    """

    n_clusters: int | None = None
    levels: int = 2
    seed: int = 0
    image_encoder: str = "simclr"
    text_encoder: str = "tfidf"
    image_weight: float = 0.7
    text_weight: float = 1.0
    n_neighbors: int = 30
    n_components: int = 10
    pca_components: int = 50


@dataclass(frozen=True, slots=True)
class ClusterQuality:
    """How good a cluster looks without knowing the truth.

    `silhouette`: mean simplified silhouette of its members in UMAP space, in [-1, 1].
    `stability`: mean Jaccard overlap with its best match over bootstrap cuts, in [0, 1]; None where not measured.
    """

    silhouette: float
    stability: float | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A machine's group in a run. `number` is unique in the run over all levels, from 1.

    `level` is 1 for the first cut below the category. `suggested_names` best first.
    `revision` grows with every change, so that a stale act can be refused.
    """

    id: int
    run_id: int
    number: int
    level: int
    parent_id: int | None
    status: ClusterStatus
    name: str
    suggested_names: tuple[str, ...]
    keywords: tuple[str, ...]
    size: int
    quality: ClusterQuality
    node_id: str | None
    is_touched: bool
    revision: int


@dataclass(frozen=True, slots=True)
class DiscoveryRun:
    """One seeded cascade over the products of a category."""

    id: int
    category_id: str
    status: RunStatus
    parameters: DiscoveryParameters
    n_products: int
    author: str
    created_at: datetime
    quality: dict[str, float] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
