"""Two-stage inference: a light text model settles what it is sure of, the rest goes on to the one that sees pictures.

Source: Gross et al. 2025, https://arxiv.org/abs/2508.20013 (deployment: weekly batches, escalation by confidence)
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from core.classifier.artefact import load_classifier
from core.classifier.stopping import stop
from core.classifier.trained import PathPredictor
from core.domain.arrays import FloatArray, IntArray
from core.domain.classified import FAILED, FULL_STAGE, TEXT_STAGE, ClassifiedProduct, ProductToClassify
from core.domain.classifier import PredictedPath
from core.domain.errors import EncoderUnavailableError
from core.domain.product import RejectReason
from core.inference.bundle import ModelBundle
from core.inference.pictures import PictureEmbeddings, Pictures
from core.inference.predictor import classify_features
from core.inference.stage_encoders import IMAGE, StageEncoders
from core.inference.stopwatch import Stopwatch

CHUNK = 4096
"""Products at a time: bounds the memory, whatever the number of products."""
Features = dict[str, FloatArray]
_UNSAID = PredictedPath((), ()), "", FAILED


class TwoStageClassifier:
    """The loaded models and encoders of a bundle. Made by `load`; one per process is enough.

    Args:
        bundle: Thresholds and names.
        full_stage: Sees all modalities.
        text_stage: Sees text alone; None where all products are the full stage's.
        encoders: Of every modality that either stage sees.

    Attributes:
        seconds: Wall time since loading of each part: text encode, text predict, pictures, image encode, full predict.
    """

    def __init__(
        self,
        bundle: ModelBundle,
        full_stage: PathPredictor,
        text_stage: PathPredictor | None,
        encoders: StageEncoders,
    ) -> None:
        self.bundle, self.encoders = bundle, encoders
        self.full_stage, self.text_stage = full_stage, text_stage
        self._stopwatch = Stopwatch()
        self.seconds = self._stopwatch.seconds
        for stage in (full_stage, *([text_stage] if text_stage is not None else [])):
            _require_encoders(stage, encoders)

    @classmethod
    def load(cls, bundle: ModelBundle) -> Self:
        """Load the models and encoders of a bundle.

        Raises:
            ModelNotFoundError: If a stage is missing or damaged.
            EncoderUnavailableError: If an encoder is missing or damaged, or a stage needs one that the bundle lacks.
        """
        text_stage = None if bundle.text_stage is None else load_classifier(Path(bundle.text_stage))
        return cls(bundle, load_classifier(Path(bundle.full_stage)), text_stage, StageEncoders.load(bundle.encoders))

    def classify(
        self,
        products: Sequence[ProductToClassify],
        pictures: Pictures | None = None,
        escalate_below: float | None = None,
    ) -> list[ClassifiedProduct]:
        """The path of each product, and by which stage.

        A product whose picture is missing or broken is classified from its text, with a note. The same products in
        the same call always give the same result.

        Args:
            products: A row with a fault or without a title comes back `FAILED` with the reason.
            pictures: Gives the pictures of those that go on to the full stage, and is asked for no others; None
                classifies all from text.
            escalate_below: Products of which the text stage is less sure go on: 0 none, more than 1 all; as the
                bundle says where None.

        Returns:
            One per product, in their order.
        """
        threshold = self.bundle.escalate_below if escalate_below is None else escalate_below
        looked_at = None
        if pictures is not None and self.encoders.image is not None and IMAGE in self.full_stage.dimensions:
            looked_at = PictureEmbeddings(self.encoders.image, pictures, self._stopwatch)
        classified: list[ClassifiedProduct] = []
        for start in range(0, len(products), CHUNK):
            classified += self._classify_chunk(products[start : start + CHUNK], looked_at, threshold)
        return classified

    def _classify_chunk(
        self, products: Sequence[ProductToClassify], looked_at: PictureEmbeddings | None, threshold: float | None
    ) -> list[ClassifiedProduct]:
        faults = [_fault(product) for product in products]
        sound = [product for product, fault in zip(products, faults, strict=True) if not fault]
        said = iter(self._classify_sound(sound, looked_at, threshold))
        return [
            ClassifiedProduct(product.row, product.product_id, (), (), (), FAILED, fault) if fault else next(said)
            for product, fault in zip(products, faults, strict=True)
        ]

    def _classify_sound(
        self, products: Sequence[ProductToClassify], looked_at: PictureEmbeddings | None, threshold: float | None
    ) -> list[ClassifiedProduct]:
        if not products:
            return []
        with self._stopwatch.part("text encode"):
            features = self.encoders.embed_texts(products)
        texts = self._text_paths(features)
        escalated = _escalated(texts, threshold, len(products))
        features = {name: values[escalated] for name, values in features.items()}
        fulls, notes = self._full_paths([products[row] for row in escalated.tolist()], features, looked_at)
        said = [(path, "", TEXT_STAGE) for path in texts or ()] or [_UNSAID] * len(products)
        for row, path, note in zip(escalated.tolist(), fulls, notes, strict=True):
            said[row] = path, note, FULL_STAGE
        return [
            self._classified(product, *opinion, None if texts is None else texts[row])
            for row, (product, opinion) in enumerate(zip(products, said, strict=True))
        ]

    def _text_paths(self, features: Features) -> list[PredictedPath] | None:
        if self.text_stage is None:
            return None
        with self._stopwatch.part("text predict"):
            return _paths(self.text_stage, features)

    def _full_paths(
        self, products: Sequence[ProductToClassify], features: Features, looked_at: PictureEmbeddings | None
    ) -> tuple[list[PredictedPath], list[str]]:
        if not products:
            return [], []
        notes = [""] * len(products)
        if looked_at is not None:
            features[IMAGE], notes = looked_at.embed([product.image_ref for product in products])
        elif IMAGE in self.full_stage.dimensions:
            features[IMAGE] = np.zeros((len(products), self.full_stage.dimensions[IMAGE]), dtype=np.float32)
        with self._stopwatch.part("full predict"):
            return _paths(self.full_stage, features), notes

    def _classified(
        self, product: ProductToClassify, whole: PredictedPath, note: str, stage: int, text: PredictedPath | None
    ) -> ClassifiedProduct:
        path = stop(whole, self.bundle.stop_below)
        return ClassifiedProduct(
            row=product.row,
            product_id=product.product_id,
            node_ids=path.node_ids,
            names=self.bundle.node_paths.get(path.node_ids[-1], ()),
            level_confidences=path.level_confidences,
            stage=stage,
            note=note,
            text_node_ids=() if text is None else text.node_ids,
            text_confidence=None if text is None else text.confidence,
        )


def _fault(product: ProductToClassify) -> str:
    """Why a product cannot be classified; '' where it can."""
    if product.fault:
        return product.fault
    return "" if product.title.strip() else str(RejectReason.MISSING_TITLE)


def _escalated(texts: Sequence[PredictedPath] | None, threshold: float | None, n_products: int) -> IntArray:
    """Rows that go on to the full stage: of which the text stage is less sure, or all."""
    if texts is None or threshold is None:
        return np.arange(n_products)
    return np.flatnonzero(np.array([path.confidence for path in texts]) < threshold)


def _paths(stage: PathPredictor, features: Features) -> list[PredictedPath]:
    """What a stage says of the features that it looks at."""
    return classify_features(stage, {name: rows for name, rows in features.items() if name in stage.dimensions})


def _require_encoders(stage: PathPredictor, encoders: StageEncoders) -> None:
    lacking = sorted(set(stage.dimensions) - encoders.modalities)
    if lacking:
        raise EncoderUnavailableError(
            f"The model looks at {', '.join(lacking)}, and no encoder of that came with it.", "Retrain the classifier."
        )
