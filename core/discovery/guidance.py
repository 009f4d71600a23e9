"""What the curator already decided about the products of a category, as a discovery takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.domain.arrays import BoolArray, FloatArray, IntArray
from core.domain.errors import ShapeError

UNKNOWN = -1
"""Label of a product the curator said nothing about."""


@dataclass(frozen=True, slots=True)
class Group:
    """Products that belong together in the curator's eyes.

    Attributes:
        name: What the curator calls them; '' where they were only moved together.
        node_id: The approved subcategory they are in; None where nothing is approved yet.
    """

    name: str
    node_id: str | None = None


@dataclass(frozen=True, slots=True)
class Separation:
    """Products that must not share a cluster with others, such as those moved out of it with those that stayed.

    Attributes:
        movers: Positions in the run. Shape: (n_movers,).
        stayers: Positions in the run; none is a mover. Shape: (n_stayers,).
    """

    movers: IntArray
    stayers: IntArray


@dataclass(frozen=True, slots=True)
class Teachers:
    """Products elsewhere in the taxonomy whose groups are known: they teach what a difference of kind looks like.

    Attributes:
        embeddings: Per modality, in the space of the run's own. Shapes: (n_teachers, d).
        labels: Group of each. Shape: (n_teachers,).
        families: Category whose children the groups are; each is centred on its own. Shape: (n_teachers,).
    """

    embeddings: Mapping[str, FloatArray]
    labels: IntArray
    families: IntArray


@dataclass(frozen=True, slots=True)
class Guidance:
    """Everything that earlier acts ask of a cut. Positions are those of the run's products.

    Attributes:
        labels: Index in `groups` of each product, -1 where nothing is known. Shape: (n_products,).
        groups: The groups; seeds of one share a cluster, seeds of two never do.
        is_set_aside: Products the curator excluded: they stay out of the clusters. Shape: (n_products,).
        separations: What must not be together besides.
        n_moved: Products that were moved by hand, for people.
        teachers: Known groups elsewhere, heard only where this one `teaches` too; None where there are none.
    """

    labels: IntArray
    groups: tuple[Group, ...]
    is_set_aside: BoolArray
    separations: tuple[Separation, ...] = ()
    n_moved: int = 0
    teachers: Teachers | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.is_set_aside):
            raise ShapeError(
                f"Guidance expected one label and one mark per product, got {len(self.labels)} labels and "
                f"{len(self.is_set_aside)} marks.",
                "Collect it for the products of the run.",
            )
        if len(self.labels) and int(self.labels.max()) >= len(self.groups):
            raise ShapeError(
                f"Guidance names {len(self.groups)} groups, but a product is in group {int(self.labels.max())}.",
                "Give every label a group.",
            )

    @property
    def constrains(self) -> bool:
        """Whether any cut could break what the curator decided."""
        return bool((self.labels >= 0).any() or self.is_set_aside.any() or self.separations)

    @property
    def teaches(self) -> bool:
        """Whether it shows what tells groups of this category apart: at least two with two products each."""
        return can_teach(self.labels)

    @property
    def says_nothing(self) -> bool:
        """Whether a run with it is the same as one without: teachers only help where something is known here."""
        return not self.constrains

    def noise_after(self, is_noise: BoolArray) -> BoolArray:
        """What a filter sets aside, but for seeds, with what the curator excluded; never all. Shape: (n_products,)."""
        aside = (is_noise & (self.labels < 0)) | self.is_set_aside
        return aside if int((~aside).sum()) > 1 else np.zeros_like(aside)

    def describe(self) -> str:
        """What guides the run, for people; '' where nothing does."""
        is_approved = np.array([group.node_id is not None for group in self.groups], dtype=bool)
        seeds = self.labels[self.labels >= 0]
        approved = is_approved[seeds]
        parts = [
            _in_groups(int(approved.sum()), len(np.unique(seeds[approved])), "approved subcategory",
                       "approved subcategories"),
            _in_groups(int((~approved).sum()), len(np.unique(seeds[~approved])), "group in review",
                       "groups in review"),
            _counted(self.n_moved, "moved product"),
            _counted(int(self.is_set_aside.sum()), "excluded product"),
        ]  # fmt: skip
        if self.teachers is not None:
            parts.append(_counted(len(np.unique(self.teachers.labels)), "known group") + " elsewhere")
        return _listed([part for part in parts if part])


def can_teach(labels: IntArray) -> bool:
    """Whether at least two groups have two members each; -1 is none. Shape of `labels`: (n,)."""
    _, counts = np.unique(labels[labels > UNKNOWN], return_counts=True)
    return int((counts > 1).sum()) > 1


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}" if n else ""


def _in_groups(n_products: int, n_groups: int, one: str, many: str) -> str:
    return f"{_counted(n_products, 'product')} in {n_groups:,} {one if n_groups == 1 else many}" if n_products else ""


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
