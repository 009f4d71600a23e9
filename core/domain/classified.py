"""Products on their way through the classifier, and what came of each: what batches, the API and pages share."""

from dataclasses import dataclass

FAILED = 0
"""Stage of a product that no stage could classify; its `reason` says why."""
TEXT_STAGE, FULL_STAGE = 1, 2


@dataclass(frozen=True, slots=True)
class ProductToClassify:
    """One row of an input. `row` counts from 1; `image_ref` is what the row calls its picture, '' for none.

    `fault` says why the row cannot be read; '' for a sound one.
    """

    row: int
    product_id: str
    title: str = ""
    brand: str = ""
    description: str = ""
    image_ref: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ClassifiedProduct:
    """What the two stages say of a product.

    Attributes:
        row: As in `ProductToClassify`.
        product_id: As in `ProductToClassify`.
        node_ids: Path from below the root, as deep as the model is sure enough; empty for one that failed.
        names: Names of these nodes in the present taxonomy; nodes that were merged are where they went.
        level_confidences: Cumulative confidence down to each level, in [0, 1]; same length.
        stage: `TEXT_STAGE`, `FULL_STAGE` or `FAILED`.
        reason: Why it failed, for people; '' otherwise.
        note: What was missing although it was classified, such as its picture; '' otherwise.
        text_node_ids: Whole path that the text stage gave, not stopped anywhere; empty where it was not asked.
        text_confidence: Of that whole path, by which the product was escalated or not; None where it was not asked.
    """

    row: int
    product_id: str
    node_ids: tuple[str, ...]
    names: tuple[str, ...]
    level_confidences: tuple[float, ...]
    stage: int
    reason: str = ""
    note: str = ""
    text_node_ids: tuple[str, ...] = ()
    text_confidence: float | None = None

    @property
    def confidence(self) -> float:
        """Of the whole path that is given, in [0, 1]; 0 for one that failed."""
        return self.level_confidences[-1] if self.level_confidences else 0.0
