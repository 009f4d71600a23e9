"""Classify a file of products with the active model: one row out for each row in, in the input's order. Worker only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from core.catalogue.archive import open_images
from core.catalogue.clean import ID_FIELDS, clean_rows, clean_text
from core.catalogue.columns import check_mapping, suggest_mapping
from core.catalogue.images import ImageFault, store_images
from core.catalogue.table import read_table
from core.classifier.artefact import load_classifier
from core.classifier.stopping import stop
from core.classifier.trained import TrainedClassifier
from core.domain.classifier import ModelStatus, ModelVersion, PredictedPath
from core.domain.errors import ModelNotFoundError
from core.domain.product import Offer, Product, StoredImage, format_path
from core.domain.progress import Progress, SpanProgress
from core.inference.predictor import classify_features
from core.services.context import Context
from core.services.encoding import classifier_features, load_encoders
from core.services.models import list_models
from core.taxonomy.cells import write_rows
from core.taxonomy.tree import Taxonomy
from db.repositories import taxonomy as taxonomy_rows

COLUMNS = ("product_id", "path", "confidence", "stage")
ROW_COLUMN = "(row)"
UNREAD = 0
"""Number of a row that could not be read; the others count from 1."""
STAGE = 2
"""Every product is seen by the multimodal model; a first stage on text alone does not exist yet."""


@dataclass(frozen=True, slots=True)
class ClassificationResult:
    """What came of a file: rows in, rows with a path, and rows that could not be classified."""

    n_rows: int
    n_classified: int
    n_failed: int
    output_path: str
    model_id: int


def classify_file(
    context: Context, file_path: Path, images_path: Path | None, output_path: Path, progress: Progress
) -> ClassificationResult:
    """Classify every row of a catalogue file; a row without a title gets an empty path and confidence 0.

    The active model is used, or the newest candidate where none was promoted; paths end where it stops for being
    unsure. No category column is needed; a row whose picture is missing or broken is classified by its text.

    Args:
        context: The open workspace.
        file_path: CSV or Parquet.
        images_path: Zip or folder of pictures; None for text alone.
        output_path: A CSV with `COLUMNS` is written here, whole or not at all; cells that a spreadsheet would run
            as a formula get a leading apostrophe.
        progress: Told of progress.

    Raises:
        ModelNotFoundError: If no classifier was trained.
        CatalogueFormatError: If the file cannot be read or has no title column.
    """
    model, trained = _load_model(context)
    progress.report(0.02, f"Reading {file_path.name}")
    table = read_table(file_path)
    frame = table.frame
    columns = [str(column) for column in frame.columns]
    mapping = suggest_mapping(columns)
    check_mapping(mapping, columns, require_category=False)
    rows = _with_malformed(_rows(frame, mapping), table.malformed_rows)
    images = _images(context, rows, images_path, SpanProgress(progress, 0.05, 0.5))
    titled = [offer for offer in rows if offer.title]
    products = [_product(offer, images.get(offer.row)) for offer in titled]
    predicted: list[PredictedPath] = []
    if products:
        encoders = load_encoders(context, model.config["encoders"])
        features = classifier_features(context, encoders, products, SpanProgress(progress, 0.5, 0.9))
        features = {name: values for name, values in features.items() if name in trained.dimensions}
        predicted = classify_features(trained, features, progress=SpanProgress(progress, 0.9, 0.95))
    by_row = {offer.row: stop(path, model.stop_below) for offer, path in zip(titled, predicted, strict=True)}
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    progress.report(0.95, "Writing the result")
    _write(output_path, rows, by_row, taxonomy)
    n_failed = len(rows) - len(by_row)
    return ClassificationResult(len(rows), len(by_row), n_failed, str(output_path), model.id)


def _load_model(context: Context) -> tuple[ModelVersion, TrainedClassifier]:
    models = list_models(context)
    chosen = next((model for model in models if model.status is ModelStatus.ACTIVE), None)
    chosen = chosen or next((model for model in models if model.status is ModelStatus.CANDIDATE), None)
    if chosen is None:
        raise ModelNotFoundError("No classifier has been trained yet.", "Press Retrain, or run `python -m core train`.")
    return chosen, load_classifier(context.workspace.models / chosen.artefact_path)


def _rows(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[Offer]:
    """One offer per row of the file, in its order, duplicates too; what lacks a title keeps its place without one."""
    numbers = [str(row) for row in range(1, len(frame) + 1)]
    ids = _external_ids(frame, mapping)
    numbered = frame.assign(**{ROW_COLUMN: numbers})
    outcomes = clean_rows(numbered, {**mapping, "product_id": ROW_COLUMN}, "", require_category=False)
    rows = []
    for external_id, outcome in zip(ids, outcomes, strict=True):
        if isinstance(outcome, Offer):
            rows.append(replace(outcome, external_id=external_id, category_path=()))
        else:
            rows.append(Offer(outcome.row, "", external_id, "", "", "", None, "", (), None))
    return rows


def _with_malformed(rows: Sequence[Offer], malformed: Sequence[int]) -> list[Offer]:
    """Rows whose fields could not be told apart keep their place, known by their number and without a title."""
    lost, readable = set(malformed), iter(rows)
    return [
        Offer(UNREAD, "", str(number), "", "", "", None, "", (), None) if number in lost else next(readable)
        for number in range(1, len(rows) + len(lost) + 1)
    ]


def _external_ids(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[str]:
    """What identifies each row, as an import would say; its number where nothing does."""
    columns = [frame[mapping[name]].tolist() for name in ID_FIELDS if mapping.get(name)]
    return [
        next((value for value in (clean_text(column[row]) for column in columns) if value), str(row + 1))
        for row in range(len(frame))
    ]


def _images(
    context: Context, rows: Sequence[Offer], images_path: Path | None, progress: Progress
) -> dict[int, StoredImage]:
    refs = [(offer.row, offer.image_ref) for offer in rows if offer.image_ref]
    if images_path is None or not refs:
        return {}

    def tell(n_done: int) -> None:
        progress.report(n_done / len(refs), f"Reading images: {n_done:,} of {len(refs):,}")

    with open_images(images_path) as source:
        found = store_images(refs, source, context.workspace, tell)
    return {row: image for row, image in found.items() if not isinstance(image, ImageFault)}


def _product(offer: Offer, image: StoredImage | None) -> Product:
    return Product(offer.row, offer.platform, offer.external_id, offer.title, offer.brand, offer.description,
                   offer.price, offer.currency, image.sha256 if image else None, "")  # fmt: skip


def _write(output_path: Path, rows: Sequence[Offer], by_row: Mapping[int, PredictedPath], taxonomy: Taxonomy) -> None:
    def line(offer: Offer) -> tuple[str | int, ...]:
        found = by_row.get(offer.row)
        if found is None:
            return offer.external_id, "", "0.0000", STAGE
        live = taxonomy.replacement(found.node_ids[-1])
        return offer.external_id, format_path(taxonomy.names(live.id)), f"{found.confidence:.4f}", STAGE

    write_rows(output_path, COLUMNS, map(line, rows))
