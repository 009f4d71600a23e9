"""Products, the rows they come from, and why a row is turned away."""

from dataclasses import dataclass
from enum import StrEnum

PATH_SEPARATOR = " > "


class RejectReason(StrEnum):
    """Why an imported row did not become a product; the value is what people read."""

    MISSING_TITLE = "missing title"
    MISSING_CATEGORY = "missing category"
    IMAGE_MISSING = "image missing"
    IMAGE_CORRUPT = "image corrupt"
    IMAGE_TOO_LARGE = "image too large"
    DUPLICATE = "duplicate"
    MALFORMED = "malformed row"


@dataclass(frozen=True, slots=True)
class Offer:
    """One row of a catalogue file after cleaning, before its image is read.

    `row` counts data rows from 1. `category_path` holds names from below the root. `image_ref` is what
    the row said: a file name, a path or a URL; None where it said nothing.
    """

    row: int
    platform: str
    external_id: str
    title: str
    brand: str
    description: str
    price: float | None
    currency: str
    category_path: tuple[str, ...]
    image_ref: str | None


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that was turned away, with the reason and what exactly was wrong."""

    row: int
    external_id: str
    title: str
    reason: RejectReason
    detail: str


@dataclass(frozen=True, slots=True)
class Product:
    """One offer in the catalogue. `node_id` is where its strongest assignment puts it, `source` who made that."""

    id: int
    platform: str
    external_id: str
    title: str
    brand: str
    description: str
    price: float | None
    currency: str
    image_hash: str | None
    node_id: str
    source: str = "import"


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A decoded, kept image: original by content hash, thumbnail beside it.

    `background_cleanliness` is the share of border pixels near the border's median colour, in [0, 1];
    above `CLEAN_BACKGROUND` an image counts as shot on a clean background.
    """

    sha256: str
    width: int
    height: int
    background_cleanliness: float


CLEAN_BACKGROUND = 0.9


def parse_path(text: str) -> tuple[str, ...]:
    """Names of a category path such as `Apparel > Shoes`, trimmed; empty where there is none."""
    return tuple(name for name in (part.strip() for part in text.split(">")) if name)


def format_path(names: tuple[str, ...] | list[str]) -> str:
    """A category path for people: names joined by ` > `."""
    return PATH_SEPARATOR.join(names)
