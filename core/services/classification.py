"""Classify a file of products with the model in use: one row out for each row in, in the input's order. Worker only."""

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.domain.errors import ParameterError
from core.domain.escalation import check_threshold
from core.domain.progress import Progress, SpanProgress
from core.services.context import Context

if TYPE_CHECKING:
    from core.inference.batch import BatchOptions
    from core.inference.bundle import ModelBundle

KEPT_DAYS = 7
"""How long the parts of a run that nobody took up again are kept."""
AnyPath = Path | str
"""A path, or the address of something in object storage or on the web."""


@dataclass(frozen=True, slots=True)
class ClassificationResult:
    """What came of a file.

    Rows in; rows with a path, and rows that could not be classified; those that the full model had to see, and those
    that lacked something on the way, such as their picture.
    """

    n_rows: int
    n_classified: int
    n_failed: int
    n_escalated: int
    n_notes: int
    output_path: str
    model_id: int
    seconds: float


def classify_file(
    context: Context,
    file_path: AnyPath,
    images_path: AnyPath | None,
    output_path: AnyPath,
    progress: Progress,
    *,
    escalate_below: float | None = None,
    keep_columns: bool = False,
    fetch_urls: bool = False,
    n_workers: int | None = None,
    mapping: Mapping[str, str] | None = None,
) -> ClassificationResult:
    """Classify every row of a file of products; a row without a title gets an empty path and a reason.

    The active model is used, or the newest candidate where none was promoted; paths end where it stops for being
    unsure. No category column is needed; a row whose picture is missing or broken is classified by its text. A run
    that was killed or cancelled goes on where it was when the same is asked for again.

    Args:
        context: The open workspace.
        file_path: CSV, Parquet, Lance or Delta; see `core.inference.batch`.
        images_path: Zip, folder or address of pictures; None for text alone.
        output_path: Written whole or not at all, in the format that its suffix names; cells of a CSV that a
            spreadsheet would run as a formula get a leading apostrophe.
        progress: Told of progress.
        escalate_below: Products of which the text stage is less sure go on to the full model: 0 for none,
            1.01 for all (a confidence of exactly 1 does occur); None as the model is set.
        keep_columns: Whether the input's columns come out, too, before the others.
        fetch_urls: Whether pictures that a row names by address are fetched.
        n_workers: Model actors; None as the machine allows.
        mapping: Field name to column; None recognises columns by their names.

    Raises:
        ModelNotFoundError: If no classifier was trained.
        CatalogueFormatError: If the file cannot be read or has no title column.
        ParameterError: If `escalate_below` is no such number or the model has no text stage that it could be for, or
            this very run goes on elsewhere.
    """
    from core.inference.batch import BatchOptions, run_batch
    from core.services.model_bundle import bundle_of

    started = time.monotonic()
    check_threshold(escalate_below)
    bundle = _with_threshold(bundle_of(context), escalate_below)
    images = str(images_path) if images_path else None
    options = BatchOptions(input=str(file_path), output=str(output_path), images=images, fetch_urls=fetch_urls,
                           mapping=dict(mapping) if mapping else None, keep_columns=keep_columns,
                           n_workers=n_workers)  # fmt: skip
    _remove_old(context.workspace.batches)
    folder = context.workspace.batches / _run_name(options)
    result = run_batch(bundle, options, folder, SpanProgress(progress, 0.01, 1.0))
    shutil.rmtree(folder, ignore_errors=True)
    return ClassificationResult(result.n_rows, result.n_classified, result.n_failed, result.n_escalated, result.n_notes,
                                str(output_path), bundle.model_id, time.monotonic() - started)  # fmt: skip


def _with_threshold(bundle: "ModelBundle", escalate_below: float | None) -> "ModelBundle":
    if escalate_below is None:
        return bundle
    if bundle.text_stage is not None:
        return replace(bundle, escalate_below=escalate_below)
    if escalate_below > 1.0:  # all products go to its only stage anyway
        return bundle
    raise ParameterError(
        f"Model {bundle.model_id} has no text stage, so every product goes to the full model.",
        "Classify without a threshold, or retrain with titles and images.",
    )


def _run_name(options: "BatchOptions") -> str:
    """Name of a run's folder: the same input, pictures and choices find it again; the batch knows whether it fits."""
    choices = {**asdict(options), "n_workers": None, "output": None}
    text = json.dumps(choices, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _remove_old(batches: Path) -> None:
    """Remove the parts of runs that were given up long ago."""
    limit = time.time() - KEPT_DAYS * 86_400
    for folder in batches.glob("*"):
        inside = (item for item in (folder, *folder.rglob("*")) if item.exists())
        if max((item.stat().st_mtime for item in inside), default=limit) < limit:
            shutil.rmtree(folder, ignore_errors=True)
