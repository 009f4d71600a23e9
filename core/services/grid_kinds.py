"""What a grid can be asked to show, and what it gets."""

from dataclasses import dataclass
from enum import StrEnum

from core.services.grid_items import GridItem


class GridSource(StrEnum):
    """Where the products of a grid come from."""

    CLUSTER = "cluster"
    RUN = "run"
    ASIDE = "aside"
    CHOSEN = "chosen"
    SIMILAR = "similar"
    SEARCH = "search"


class GridOnly(StrEnum):
    """Which of them to show.

    OUTLIERS are far from the centre of their cluster, see `core.services.grid_only`; NOISE is what the image filter
    set aside; MOVED was put into its cluster by hand.
    """

    ALL = "all"
    OUTLIERS = "outliers"
    NOISE = "noise"
    NEAR_DUPLICATES = "near_duplicates"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class GridQuery:
    """A question for a grid. Every part of it narrows what is shown.

    Attributes:
        run_id: The run under review: notes and places are of it, whatever the source.
        source: Where the products come from.
        cluster_id: Of `GridSource.CLUSTER`, of any level.
        aside: Of `GridSource.ASIDE`: an `AsideKind`.
        product_ids: Of `GridSource.CHOSEN` those to show, of `GridSource.SIMILAR` those to compare with.
        words: All must be in the title, brand, description or id.
        platform: '' for all.
        brand: '' for all.
        only: Which of them.
        is_everywhere: Search the whole catalogue, not the run alone.
    """

    run_id: int
    source: GridSource
    cluster_id: int | None = None
    aside: str = ""
    product_ids: tuple[int, ...] = ()
    words: str = ""
    platform: str = ""
    brand: str = ""
    only: GridOnly = GridOnly.ALL
    is_everywhere: bool = False


@dataclass(frozen=True, slots=True)
class GridPage:
    """One page of a grid. `total` counts all pages; `note` says for people what was not looked at, if anything."""

    items: tuple[GridItem, ...]
    total: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """What a filter can be set to, the largest first: (value, number of products)."""

    platforms: tuple[tuple[str, int], ...]
    brands: tuple[tuple[str, int], ...]
