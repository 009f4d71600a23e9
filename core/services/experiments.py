"""Experiments as people see them: what there is, how far each is, its table. Reads files only. Web-safe: no torch."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from core.experiments.cards import CARDS, ExperimentCard, find_experiment_card
from core.services.context import Context

Value = str | float | int | None


@dataclass(frozen=True, slots=True)
class ExperimentStatus:
    """An experiment and how far its newest run is; `latest` is when that was started, None before the first."""

    card: ExperimentCard
    n_cells: int
    n_done: int
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class DetailTable:
    """A second table of an experiment, such as one row per platform."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class ExperimentTable:
    """The newest table of an experiment as far as it is done; a figure not computed yet is None."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...]
    csv_path: Path
    markdown_path: Path
    n_done: int
    n_cells: int
    settings: dict[str, Any]
    details: tuple[DetailTable, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """One row of a table whose figures come from a random split of the catalogue; means over seeds.

    `macro_f1` and `weighted_f1` take each whole path for one class; `exact` is the share of whole paths that are right.
    """

    experiment: str
    configuration: str
    hierarchical_f1: float
    macro_f1: float
    weighted_f1: float
    exact: float
    seconds: float
    n_test: int


@dataclass(frozen=True, slots=True)
class _Run:
    """The newest run of an experiment: its folder, what its file says, and when it was started."""

    folder: Path
    record: dict[str, Any]
    started_at: datetime

    def cell_paths(self) -> list[Path]:
        """Files of the cells that are done, in the table's order."""
        files = [self.folder / "cells" / f"{key}.json" for key in self.record["cells"]]
        return [file_path for file_path in files if file_path.exists()]


def list_experiments(context: Context) -> tuple[ExperimentStatus, ...]:
    """Every experiment, in the order of the cards."""
    return tuple(_status(context, card) for card in CARDS)


def experiment_table(context: Context, name: str) -> ExperimentTable | None:
    """The newest table of an experiment; None where it was never run.

    Raises:
        ParameterError: If there is no such experiment.
    """
    run = _newest_run(context, find_experiment_card(name).name)
    if run is None or not (run.folder / "table.json").exists():
        return None
    stored = _read(run.folder / "table.json")
    first, *others = stored["tables"]
    return ExperimentTable(
        columns=tuple(first["columns"]),
        rows=_rows(first),
        notes=tuple(stored["notes"]),
        csv_path=run.folder / "table.csv",
        markdown_path=run.folder / "table.md",
        n_done=len(run.cell_paths()),
        n_cells=len(run.record["cells"]),
        settings=run.record["settings"],
        details=tuple(DetailTable(other["title"], tuple(other["columns"]), _rows(other)) for other in others),
    )


def leaderboard(context: Context) -> tuple[LeaderboardRow, ...]:
    """Rows of the newest tables whose figures may be compared, best hF1 first."""
    rows = [row for card in CARDS for row in _comparable_rows(context, card.name)]
    return tuple(sorted(rows, key=lambda row: -row.hierarchical_f1))


def _status(context: Context, card: ExperimentCard) -> ExperimentStatus:
    run = _newest_run(context, card.name)
    if run is None:
        return ExperimentStatus(card, 0, 0, None)
    return ExperimentStatus(card, len(run.record["cells"]), len(run.cell_paths()), run.started_at)


def _newest_run(context: Context, name: str) -> _Run | None:
    records = [(path.parent, _read(path)) for path in (context.workspace.experiments / name).glob("*/run.json")]
    found = [_Run(folder, record, datetime.fromisoformat(record["started_at"])) for folder, record in records]
    return max(found, key=lambda run: run.started_at, default=None)


def _comparable_rows(context: Context, name: str) -> Iterator[LeaderboardRow]:
    run = _newest_run(context, name)
    if run is None or not run.record["is_ordinary"]:
        return
    by_labels: dict[str, list[dict[str, Any]]] = {}
    for file_path in run.cell_paths():
        cell = _read(file_path)
        if "hierarchical_f1" in cell["figures"]:
            by_labels.setdefault(" · ".join(cell["labels"]), []).append(cell["figures"])
    for configuration, figures in by_labels.items():
        means = {
            key: fmean(item[key] for item in figures)
            for key in ("hierarchical_f1", "macro_f1", "weighted_f1", "exact", "seconds", "n_test")
        }
        yield LeaderboardRow(name, configuration, **{**means, "n_test": round(means["n_test"])})


def _rows(table: dict[str, Any]) -> tuple[tuple[Value, ...], ...]:
    return tuple(tuple(row) for row in table["rows"])


def _read(file_path: Path) -> dict[str, Any]:
    return json.loads(file_path.read_text(encoding="utf-8"))
