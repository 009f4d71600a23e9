"""Files on their way through the classifier, as people see them: what one holds, what came of it, all earlier ones."""

import csv
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import select

from core.domain.classified import FAILED, FULL_STAGE, TEXT_STAGE
from core.domain.errors import CatalogueFormatError
from core.domain.job import Job, JobKind, JobState
from core.services.context import Context
from core.taxonomy.cells import restored
from db.models import JobRow
from db.repositories.jobs import to_job

FOLDER = "classified"
N_BINS = 10
N_SHOWN = 200
N_SEARCHED = 100
"""Newest classifications that are looked at: those of the command line have their results elsewhere."""


@dataclass(frozen=True, slots=True)
class ClassifiedFile:
    """What came of a file's rows.

    `n_text` were settled by their text, `n_full` by the full model, `n_failed` by none; `n_notes` lacked something,
    such as their picture. `certainty` counts the classified rows by confidence, in `N_BINS` equal parts of [0, 1].
    `least_certain` (row, confidence, title, path, stage, product_id) and `failed` (row, reason, title, product_id)
    hold at most `N_SHOWN` rows; `row` counts from 1.
    """

    n_rows: int
    n_text: int
    n_full: int
    n_failed: int
    n_notes: int
    certainty: tuple[int, ...]
    least_certain: pd.DataFrame
    failed: pd.DataFrame

    @property
    def share_text(self) -> float:
        """Of the classified rows, those settled by their text; in [0, 1]."""
        n_classified = self.n_text + self.n_full
        return self.n_text / n_classified if n_classified else 0.0


def new_output_path(context: Context, file_path: Path) -> Path:
    """Where the result of a file will lie: in a folder of its own, named after the file."""
    return context.workspace.exports / FOLDER / uuid.uuid4().hex[:12] / f"{file_path.stem}_classified.csv"


def past_classifications(context: Context, limit: int = 20) -> list[Job]:
    """Finished classifications whose result lies in the workspace, newest first."""
    folder = context.workspace.exports / FOLDER
    query = select(JobRow).where(JobRow.kind == str(JobKind.CLASSIFY), JobRow.state == str(JobState.DONE))
    with context.database.read() as session:
        jobs = [to_job(row) for row in session.scalars(query.order_by(JobRow.id.desc()).limit(N_SEARCHED))]
    found = [job for job in jobs if (path := Path(job.result["output_path"])).is_relative_to(folder) and path.is_file()]
    return found[:limit]


def read_classified(file_path: Path, title_column: str | None = None) -> ClassifiedFile:
    """Read a classified CSV back.

    Args:
        file_path: As `classify_file` wrote it.
        title_column: The input's column of titles, where its columns were kept.

    Raises:
        CatalogueFormatError: If the file is gone, or is none of `classify_file`'s.
    """
    frame = _read(file_path, title_column)
    stage = frame["stage"].to_numpy()
    is_done = stage != FAILED
    confidence = frame["confidence"].to_numpy()[is_done]
    certainty = np.histogram(confidence, bins=N_BINS, range=(0.0, 1.0))[0]
    least = frame[is_done].sort_values("confidence", kind="stable").head(N_SHOWN)
    return ClassifiedFile(
        n_rows=len(frame), n_text=int((stage == TEXT_STAGE).sum()), n_full=int((stage == FULL_STAGE).sum()),
        n_failed=int((~is_done).sum()), n_notes=int((frame["note"] != "").sum()),
        certainty=tuple(certainty.tolist()),
        least_certain=_shown(least, ["row", "confidence", "title", "path", "stage", "product_id"]),
        failed=_shown(frame[~is_done].head(N_SHOWN), ["row", "reason", "title", "product_id"]),
    )  # fmt: skip


def _read(file_path: Path, title_column: str | None) -> pd.DataFrame:
    """The columns that are looked at. A kept column of the input may bear the name of a result: the last is meant."""
    try:
        with file_path.open(newline="", encoding="utf-8") as stream:
            header = next(csv.reader(stream), [])
        places = {name: len(header) - 1 - header[::-1].index(name)
                  for name in ("product_id", "path", "confidence", "stage", "reason", "note")}  # fmt: skip
        if title_column in header[: places["product_id"]]:
            places["title"] = header.index(str(title_column))
        frame = pd.read_csv(file_path, header=None, skiprows=1, usecols=list(places.values()), dtype=str,
                            keep_default_na=False)  # fmt: skip
    except (OSError, ValueError) as error:
        raise CatalogueFormatError(
            f"'{file_path.name}' cannot be read: {error}.", "Classify the file again."
        ) from error
    frame = frame.rename(columns={place: name for name, place in places.items()})
    frame["confidence"] = pd.to_numeric(frame["confidence"])
    frame["stage"] = pd.to_numeric(frame["stage"])
    frame["row"] = np.arange(1, len(frame) + 1)
    return frame


def _shown(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Some columns, with the texts as they were before they were guarded against spreadsheets."""
    kept = frame[[name for name in columns if name in frame]].reset_index(drop=True)
    texts = [name for name in ("product_id", "title", "path", "reason") if name in kept]
    return kept.assign(**{name: kept[name].map(restored) for name in texts})
