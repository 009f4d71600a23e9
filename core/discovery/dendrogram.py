"""The stored tree of merges that every cut is read from."""

from dataclasses import dataclass

from core.domain.arrays import DoubleArray, IntArray
from core.domain.errors import ShapeError

EXACT_WARD = "ward, exact"
MICRO_CLUSTER_WARD = "ward on weighted micro-clusters"
EXACT_AVERAGE, EXACT_COMPLETE = "average, exact", "complete, exact"
MICRO_CLUSTER_AVERAGE = "average on weighted micro-clusters"
MICRO_CLUSTER_COMPLETE = "complete on micro-clusters"
EXACT_HDBSCAN = "HDBSCAN, exact"
MICRO_CLUSTER_HDBSCAN = "HDBSCAN on micro-clusters"


@dataclass(frozen=True, slots=True)
class Dendrogram:
    """A whole hierarchy of merges, in SciPy's linkage format, and the leaf each product sits on.

    Attributes:
        linkage: Row i joins the nodes in columns 0 and 1 into node m + i, at the height in column 2; column 3 counts
            products. Sorted by height. Shape: (m - 1, 4) for m leaves.
        leaf_of_product: Leaf of each product, -1 for a product outside the tree (noise). Shape: (n_products,).
        method: How the tree was built, for people.
    """

    linkage: DoubleArray
    leaf_of_product: IntArray
    method: str = EXACT_WARD

    def __post_init__(self) -> None:
        if self.linkage.ndim != 2 or self.linkage.shape[1] != 4:
            raise ShapeError(
                f"A dendrogram expected a linkage of shape (m - 1, 4), got {self.linkage.shape}.",
                "Build it with core.discovery.tree.build_tree.",
            )

    @property
    def n_leaves(self) -> int:
        """How many leaves the tree has: the finest possible cut."""
        return len(self.linkage) + 1

    @property
    def n_products(self) -> int:
        """How many products the tree was asked to place, noise included."""
        return len(self.leaf_of_product)
