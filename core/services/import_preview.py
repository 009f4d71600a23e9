"""What a catalogue file holds, before anything is written."""

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.catalogue.archive import IMAGE_SUFFIXES, open_images
from core.catalogue.clean import clean_text
from core.catalogue.columns import check_mapping, suggest_mapping
from core.catalogue.table import read_table
from core.domain.errors import AppError
from core.services.context import Context

N_SAMPLE = 20


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a file holds, before anything is written. `n_images` is None where no pictures were given.

    `n_untitled` rows say nothing where the title should be.
    """

    columns: tuple[str, ...]
    mapping: dict[str, str]
    sample: pd.DataFrame
    n_rows: int
    n_malformed: int
    encoding: str
    delimiter: str
    n_images: int | None
    problems: tuple[str, ...]
    n_untitled: int = 0


def preview_import(
    context: Context,
    file_path: Path,
    images_path: Path | None,
    mapping: Mapping[str, str] | None = None,
    require_category: bool = True,
) -> ImportPreview:
    """Read a file and say what an import would make of it; nothing is written.

    Args:
        context: The open workspace.
        file_path: CSV or Parquet.
        images_path: Zip or folder of pictures, None for none.
        mapping: Field name to column; None recognises columns by their names.
        require_category: Whether it is a problem where no column holds the category.

    Raises:
        CatalogueFormatError: If the file or the archive cannot be read.
        UnsafeArchiveError: If the archive would write outside its folder.
    """
    table = read_table(file_path)
    columns = tuple(str(column) for column in table.frame.columns)
    chosen = dict(suggest_mapping(columns) if mapping is None else mapping)
    problems = []
    try:
        check_mapping(chosen, columns, require_category)
    except AppError as error:
        problems.append(str(error))
    n_images = None if images_path is None else _count_images(images_path)
    if table.n_malformed:
        problems.append(f"Rejected, for having more fields than there are columns: {table.n_malformed} of the rows.")
    sample = table.frame.head(N_SAMPLE)
    return ImportPreview(columns, chosen, sample, len(table.frame), table.n_malformed, table.encoding, table.delimiter,
                         n_images, tuple(problems), _count_untitled(table.frame, chosen.get("title")))  # fmt: skip


def _count_images(images_path: Path) -> int:
    """Pictures in a folder or an archive, by their names' suffixes; an archive is checked first."""
    with open_images(images_path):
        if images_path.is_dir():
            names = [name for _, _, files in os.walk(images_path) for name in files]
        else:
            with zipfile.ZipFile(images_path) as archive:
                names = archive.namelist()
    return sum(name.lower().endswith(IMAGE_SUFFIXES) for name in names)


def _count_untitled(frame: pd.DataFrame, column: str | None) -> int:
    if column not in frame:
        return 0
    return sum(not clean_text(text) for text in frame[column].fillna("").astype(str).tolist())
