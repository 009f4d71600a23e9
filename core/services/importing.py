"""Import a catalogue: turn the rows of a file into products, or into rejects with a reason."""

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
from sqlalchemy.orm import Session

from core.catalogue.archive import open_images
from core.catalogue.clean import clean_rows
from core.catalogue.columns import FIELDS, FieldSpec, check_mapping, suggest_mapping
from core.catalogue.images import ImageFault, store_images
from core.catalogue.table import read_table
from core.domain.product import Offer, Reject, RejectReason, StoredImage
from core.domain.progress import Progress, SpanProgress
from core.domain.taxonomy import AssignmentSource
from core.services.categories import nodes_for_paths
from core.services.context import Context
from core.services.import_preview import ImportPreview, preview_import
from core.taxonomy.cells import write_rows
from db.base import utc_now
from db.repositories import assignments, events, imports, products

__all__ = ["FIELDS", "FieldSpec", "ImportPreview", "ImportResult", "preview_import", "run_import", "save_upload"]

MAX_ID = 500
"""Characters of an id within its platform: what its column holds."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of the rows of a file. `reasons` counts rejects by reason; `rejects_path` is a CSV, or ''."""

    n_rows: int
    n_new: int
    n_updated: int
    n_unchanged: int
    n_rejected: int
    reasons: dict[str, int]
    rejects_path: str
    seconds: float


def save_upload(context: Context, name: str, data: BinaryIO) -> Path:
    """Keep an uploaded file in the workspace under its content's hash and its own suffix.

    Returns:
        Where it lies.
    """
    digest = hashlib.file_digest(data, "sha256").hexdigest()
    data.seek(0)
    folder = context.workspace.uploads / digest[:16]
    folder.mkdir(parents=True, exist_ok=True)
    file_path = folder / (Path(name).name.lstrip(".") or "upload")
    unfinished = file_path.with_suffix(".part")
    with unfinished.open("wb") as stream:
        shutil.copyfileobj(data, stream)
    unfinished.replace(file_path)
    return file_path


def run_import(
    context: Context,
    file_path: Path,
    images_path: Path | None,
    mapping: Mapping[str, str] | None,
    default_platform: str,
    author: str,
    progress: Progress,
    without_category: bool = False,
) -> ImportResult:
    """Import a catalogue. Importing the same file twice changes nothing.

    Args:
        context: The open workspace.
        file_path: CSV or Parquet.
        images_path: Zip or folder of pictures; None imports text alone, whatever the image column says: products
            keep the pictures they have.
        mapping: Field name to column; None recognises columns by their names.
        default_platform: Platform of rows that name none.
        author: Who imports.
        progress: Told of progress; a cancelled import leaves the catalogue as it was.
        without_category: Whether rows without a category become products, too: under the root, where they wait for the
            classifier; products that are there already keep their place. Otherwise such a row is rejected.

    Raises:
        CatalogueFormatError: If the file or archive cannot be read, or a required column is missing.
        UnsafeArchiveError: If the archive would write outside its folder.
    """
    started = time.monotonic()
    progress.report(0.0, f"Reading {file_path.name}")
    table = read_table(file_path)
    frame = table.frame
    chosen = dict(suggest_mapping([str(column) for column in frame.columns]) if mapping is None else mapping)
    check_mapping(chosen, [str(column) for column in frame.columns], require_category=not without_category)
    outcomes = list(clean_rows(frame, chosen, default_platform, require_category=not without_category))
    offers = [outcome for outcome in outcomes if isinstance(outcome, Offer)]
    rejects = [outcome for outcome in outcomes if isinstance(outcome, Reject)]
    images, faults = _keep_images(context, offers, images_path, SpanProgress(progress, 0.05, 0.8))
    rejects += [faults[offer.row] for offer in offers if offer.row in faults]
    rejects = _with_malformed(rejects, len(frame), table.malformed_rows)
    n_rows = len(frame) + table.n_malformed
    kept = [offer for offer in offers if offer.row not in faults]
    progress.report(0.82, f"Writing {len(kept):,} products")
    attributes = _attributes(frame, chosen)
    with context.database.write() as session:
        counts = _write(session, kept, None if images_path is None else images, attributes, file_path.name, author)
        record = imports.add_import(session, file_path.name, author, n_rows, counts, rejects)
        record.seconds = time.monotonic() - started
        import_id = record.id
    rejects_path = write_rejects(context, import_id)
    reasons = Counter(str(reject.reason) for reject in rejects)
    return ImportResult(n_rows, *counts, len(rejects), dict(reasons), rejects_path, time.monotonic() - started)


def latest_import(context: Context) -> ImportResult | None:
    """What came of the newest import, None before the first."""
    with context.database.read() as session:
        row = imports.latest(session)
        if row is None:
            return None
        reasons = imports.reasons(session, row.id)
    file_path = context.workspace.exports / f"rejects-{row.id}.csv"
    return ImportResult(row.n_rows, row.n_new, row.n_updated, row.n_unchanged, row.n_rejected, reasons,
                        str(file_path) if file_path.exists() else "", row.seconds)  # fmt: skip


def write_rejects(context: Context, import_id: int) -> str:
    """Write the rejects of an import as CSV: row, product_id, title, reason, detail; no cell runs as a formula.

    Returns:
        The file's path; '' where nothing was rejected.
    """
    with context.database.read() as session:
        rows = imports.rejects(session, import_id)
    if not rows:
        return ""
    file_path = context.workspace.exports / f"rejects-{import_id}.csv"
    write_rows(file_path, ("row", "product_id", "title", "reason", "detail"), map(astuple, rows))
    return str(file_path)


def _keep_images(
    context: Context, offers: Sequence[Offer], images_path: Path | None, progress: Progress
) -> tuple[dict[int, StoredImage], dict[int, Reject]]:
    refs = [(offer.row, offer.image_ref) for offer in offers if offer.image_ref]
    if images_path is None or not refs:
        return {}, {}
    by_row = {offer.row: offer for offer in offers}

    def tell(n_done: int) -> None:
        progress.report(n_done / len(refs), f"Reading images: {n_done:,} of {len(refs):,}")

    with open_images(images_path) as source:
        found = store_images(refs, source, context.workspace, tell)
    images = {row: image for row, image in found.items() if isinstance(image, StoredImage)}
    faults = {
        row: Reject(row, by_row[row].external_id, by_row[row].title, RejectReason(fault.reason), fault.detail)
        for row, fault in found.items()
        if isinstance(fault, ImageFault)
    }
    return images, faults


def _with_malformed(rejects: Sequence[Reject], n_read: int, malformed: Sequence[int]) -> list[Reject]:
    """Rejects under the numbers their rows have in the file, those among them that could not be read at all."""
    left_out = set(malformed)
    numbers = [number for number in range(1, n_read + len(left_out) + 1) if number not in left_out]
    detail = "it has more fields than the header has columns"
    unread = [Reject(number, "", "", RejectReason.MALFORMED, detail) for number in malformed]
    return [replace(reject, row=numbers[reject.row - 1]) for reject in rejects] + unread


def _attributes(frame: pd.DataFrame, mapping: Mapping[str, str]) -> list[dict[str, str]]:
    """Identifiers and addresses of each row that have no column of their own."""
    names = [name for name in ("gtin", "sku", "offer_id", "batch_id", "url") if mapping.get(name)]
    columns = [frame[mapping[name]].tolist() for name in names]
    if not names:
        return [{}] * len(frame)
    return [
        {name: value.strip() for name, value in zip(names, values, strict=True) if value.strip()}
        for values in zip(*columns, strict=True)
    ]


def _write(
    session: Session,
    offers: Sequence[Offer],
    images: Mapping[int, StoredImage] | None,
    attributes: Sequence[dict[str, str]],
    file_name: str,
    author: str,
) -> tuple[int, int, int]:
    """Insert what is new and update what changed; returns how many are new, updated, unchanged."""
    node_of = nodes_for_paths(session, {offer.category_path for offer in offers}, f"Import of {file_name}", author)
    known = products.existing_offers(session)
    new: list[tuple[dict[str, Any], str]] = []
    changed: list[tuple[dict[str, Any], str | None]] = []
    for offer in offers:
        values = _values(offer, attributes[offer.row - 1])
        picture = _picture(images.get(offer.row)) if images is not None else {}
        product_id, content_hash, image_hash = known.get((values["platform"], values["external_id"]), (None, "", None))
        is_same = content_hash == values["content_hash"] and picture.get("image_hash", image_hash) == image_hash
        values |= picture
        if product_id is None:
            new.append(({**_picture(None), **values}, node_of[offer.category_path]))
        elif not is_same:
            place = node_of[offer.category_path] if offer.category_path else None
            changed.append(({"id": product_id, "updated_at": utc_now(), **values}, place))
    ids = products.insert_products(session, [{**values, "node_id": node_id} for values, node_id in new])
    placements = [(product_id, node_id) for product_id, (_, node_id) in zip(ids, new, strict=True)]
    products.update_products(session, [values for values, _ in changed])
    before = assignments.newest_of_source(session, [values["id"] for values, _ in changed], AssignmentSource.IMPORT)
    placements += [
        (values["id"], place) for values, place in changed if place is not None and before.get(values["id"]) != place
    ]
    assignments.assign(session, placements, AssignmentSource.IMPORT, author)
    if new or changed:
        events.record(session, author, "import", f"Imported {file_name}: {len(new)} new, {len(changed)} updated")
    return len(new), len(changed), len(offers) - len(new) - len(changed)


def _values(offer: Offer, attributes: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "platform": offer.platform[:200], "external_id": _shortened(offer.external_id), "title": offer.title,
        "brand": offer.brand[:300], "description": offer.description, "price": offer.price,
        "currency": offer.currency[:10], "image_ref": offer.image_ref, "attributes": attributes,
    }  # fmt: skip
    content = json.dumps([values, offer.category_path], sort_keys=True, ensure_ascii=False, default=str)
    return {**values, "content_hash": hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()}


def _shortened(external_id: str) -> str:
    """An id that fits its column; a long one, such as a URL, keeps its beginning and ends in its hash."""
    if len(external_id) <= MAX_ID:
        return external_id
    digest = hashlib.sha256(external_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{external_id[: MAX_ID - 33]}#{digest}"


def _picture(image: StoredImage | None) -> dict[str, Any]:
    return {"image_hash": image.sha256 if image else None,
            "background_cleanliness": image.background_cleanliness if image else None}  # fmt: skip
