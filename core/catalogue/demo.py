"""Writes a demo catalogue: invented shops, drawn products, and the faults that real catalogues have."""

import csv
import io
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.catalogue.demo_plan import Entry, Fault, plan_entries
from core.catalogue.demo_scene import Shot, photograph
from core.domain.errors import TooFewProductsError
from core.domain.progress import Progress

COLUMNS = (
    "product_id", "platform", "gtin", "title", "brand", "description", "currency", "price", "sku", "category", "image",
)  # fmt: skip
TRUTH_COLUMNS = ("product_id", "platform", "subtype")
_JPEG_QUALITY = 88
_SECONDS_BETWEEN_REPORTS = 0.5


@dataclass(frozen=True, slots=True)
class DemoCatalogue:
    """Where a demo catalogue lies. `truth_path` names every row's subtype; it is never imported."""

    csv_path: Path
    images_dir: Path
    truth_path: Path


def write_demo(directory: Path, progress: Progress, n_products: int = 1500, seed: int = 7) -> DemoCatalogue:
    """Draw and write a catalogue whose category paths hide eleven subtypes.

    Products are drawn into a folder aside, which takes its place only when complete; a cancelled run leaves
    an earlier demo as it was.

    Args:
        directory: Folder to write into; made where it is missing.
        progress: Told about every half second; may cancel.
        n_products: Distinct offers. Duplicates, resold pictures and faulty rows come on top, about 3 %.
        seed: Same seed, same bytes.

    Returns:
        Paths of the written files.

    Raises:
        TooFewProductsError: If `n_products` is below 1.
        JobCancelledError: If somebody asked for the run to stop.
    """
    if n_products < 1:
        raise TooFewProductsError(
            f"A demo catalogue needs at least 1 product, got {n_products}.", "Ask for 1 product or more."
        )
    demo = DemoCatalogue(directory / "products.csv", directory / "images", directory / "truth.csv")
    aside = directory / "images.partial"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    progress.report(0.0, "Planning the demo catalogue")
    entries = plan_entries(n_products, seed)
    try:
        _draw_all(entries, aside, seed, progress)
        demo.csv_path.unlink(missing_ok=True)  # a half-replaced demo must not look importable
        shutil.rmtree(demo.images_dir, ignore_errors=True)
        aside.rename(demo.images_dir)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _write_table(demo.truth_path, TRUTH_COLUMNS, _truth_rows(entries))
    _write_table(demo.csv_path, COLUMNS, [_row(entry) for entry in entries])
    progress.report(1.0, f"Wrote {len(entries)} catalogue rows")
    return demo


def _draw_all(entries: list[Entry], folder: Path, seed: int, progress: Progress) -> None:
    pictures: dict[int, bytes] = {}
    reported = 0.0
    for k, entry in enumerate(entries):
        if time.monotonic() - reported > _SECONDS_BETWEEN_REPORTS:
            progress.report(k / len(entries), f"Drawing product {k + 1} of {len(entries)}")
            reported = time.monotonic()
        if entry.drawing not in pictures:
            pictures[entry.drawing] = _encoded_picture(entry, seed)
        content = pictures[entry.drawing]
        if entry.fault is Fault.BROKEN_IMAGE:
            content = b"<html><body>404 - picture not found</body></html>\n"
        if entry.fault is not Fault.NO_IMAGE:
            (folder / entry.image).write_bytes(content)


def _encoded_picture(entry: Entry, seed: int) -> bytes:
    shot = Shot(entry.shop.backdrop, entry.is_cluttered, entry.shop.softness)
    image = photograph(entry.subtype, entry.model, entry.look, shot, np.random.default_rng([seed, 4, entry.drawing]))
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        entry.product_id, entry.shop.name, entry.gtin, entry.title, entry.brand, entry.description,
        entry.shop.currency, f"{entry.price:.2f}", entry.sku, entry.category, entry.image,
    )  # fmt: skip


def _truth_rows(entries: list[Entry]) -> list[tuple[str, ...]]:
    rows = {(entry.product_id, entry.shop.name): entry.subtype.name for entry in entries}
    return [(product_id, platform, subtype) for (product_id, platform), subtype in rows.items()]


def _write_table(file_path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    partial = file_path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    partial.replace(file_path)
