"""Runs of the cascade and the groups they find."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

IMAGE_FILTERS = ("hdbscan", "kmeans", "none")
CLUSTERERS = ("agglomerative", "hdbscan")
LINKAGES = ("ward", "average", "complete")


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
    Each modality borrows from `smoothing_neighbors` neighbours in the others, 0 for none; weights scale the
    L2-normalised results before they are concatenated. `n_components` of UMAP and `linear_components` of a PCA, 0 for
    none, make the space that is clustered. `image_filter` is one of "hdbscan", "kmeans" and "none";
    `clusterer` "agglomerative", cut from a dendrogram with `linkage` ("ward", "average" or "complete"), or "hdbscan"
    with a tree of its own. `is_guided` lets the curator's earlier acts steer the clusters.
    """

    n_clusters: int | None = None
    levels: int = 2
    seed: int = 0
    image_encoder: str = "auto"
    text_encoder: str = "tfidf"
    image_weight: float = 1.0
    text_weight: float = 0.7
    n_neighbors: int = 30
    n_components: int = 10
    pca_components: int = 50
    linear_components: int = 20
    smoothing_neighbors: int = 10
    image_filter: str = "hdbscan"
    clusterer: str = "agglomerative"
    linkage: str = "ward"
    is_guided: bool = True


class OutlierReason(IntEnum):
    """Why a run keeps a product out of every cluster."""

    NONE = 0
    UNLIKE = 1
    BUSY_BACKGROUND = 2
    BETWEEN = 3

    @property
    def words(self) -> str:
        """What people read; empty for a product in a cluster."""
        return ("", "unlike the rest", "busy background", "between clusters")[self]


class NameSource(StrEnum):
    """Where a suggested name comes from; the value is what people read."""

    WORDS = "words"
    REFERENCE = "reference"
    APPROVED = "approved"
    CURATOR = "curator"
    LANGUAGE_MODEL = "language model"


@dataclass(frozen=True, slots=True)
class NameSuggestion:
    """What a cluster could be called, who says so, and what speaks for it, in a sentence."""

    name: str
    source: NameSource
    evidence: str


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

    `level` is 1 for the first cut below the category. `suggested_names` best first; `suggestions` are
    the same names with their evidence.
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
    suggestions: tuple[NameSuggestion, ...] = ()


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
