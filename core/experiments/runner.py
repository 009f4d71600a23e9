"""Run an experiment cell by cell. What is done stays on disk: a run that was cancelled or killed goes on where it was.

Layout below the folder of an experiment: `<fingerprint>/run.json` says what is computed, `cells/<key>.json` holds the
figures of one cell, `table.csv`, `table.md` and `table.json` the table as far as it is done, `details.csv` the second
table where there is one. The fingerprint stands for the data, the encoders' weights, the classifier's defaults and all
settings but the number of seeds: more seeds only add cells.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.classifier.parameters import TrainingParameters
from core.domain.progress import Progress, SpanProgress
from core.experiments.cards import find_experiment_card
from core.experiments.catalogue import LabelledCatalogue
from core.experiments.experiment import Cell, Experiment, Figures
from core.experiments.settings import ExperimentSettings
from core.experiments.table import Table, build_details, build_table, write_markdown
from core.taxonomy.cells import whole_file

CODE_FORMAT = 2
"""Grows when the same data and settings would give other figures."""
_ENCODED_AT = 0.3


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a table lies, and how many of its cells this run computed."""

    folder: Path
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    n_cells: int
    n_computed: int


def run_experiment_cells(
    experiment: Experiment,
    catalogue: LabelledCatalogue,
    settings: ExperimentSettings,
    folder: Path,
    progress: Progress,
) -> Outcome:
    """Compute the cells that are missing and write the table after each.

    Args:
        experiment: What to compute.
        catalogue: All labelled products.
        settings: Everything else that decides the figures.
        folder: Of this experiment; every fingerprint has its own below.
        progress: Told of every step.

    Raises:
        TooFewProductsError: If the products are too few.
        ParameterError: If a setting does not fit the catalogue.
        JobCancelledError: If `progress` says so; finished cells stay.
    """
    progress.report(0.0, "Choosing the products")
    prepared = experiment.prepare(catalogue, settings)
    cells = experiment.cells(prepared, settings)
    versions = _versions(experiment, prepared, settings, SpanProgress(progress, 0.0, _ENCODED_AT * 0.7))
    own = folder / fingerprint(experiment.name, prepared, settings, versions)
    notes = _notes(prepared, settings, versions)
    found = {cell.key: figures for cell in cells if (figures := _read(own / "cells" / f"{cell.key}.json")) is not None}
    missing = [cell for cell in cells if cell.key not in found]
    _write_run(own, experiment, settings, cells)
    tables = _write_tables(own, experiment, cells, found, notes)
    if missing:
        sources = experiment.sources(prepared, settings)
        prepared.features(sources, SpanProgress(progress, _ENCODED_AT * 0.7, _ENCODED_AT))
    for number, cell in enumerate(missing):
        span = SpanProgress(
            progress, *(_ENCODED_AT + (1 - _ENCODED_AT) * (number + end) / len(missing) for end in (0, 1))
        )
        figures = experiment.run(prepared, settings, cell, _CellProgress(span, cell, len(found) + 1, len(cells)))
        found[cell.key] = figures
        _write_json(own / "cells" / f"{cell.key}.json", _cell_record(cell, figures))
        tables = _write_tables(own, experiment, cells, found, notes)
    progress.report(1.0, f"{len(cells)} of {len(cells)} rows done")
    return Outcome(own, tables, notes, len(cells), len(missing))


def fingerprint(name: str, catalogue: LabelledCatalogue, settings: ExperimentSettings, versions: dict[str, str]) -> str:
    """Identity of everything that decides the figures of a cell."""
    decisive = {key: value for key, value in settings.to_dict().items() if key != "seeds"}
    facts = [CODE_FORMAT, name, decisive, asdict(TrainingParameters()), catalogue.digest(), versions]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


class _CellProgress:
    """Says of which row it tells; figures of trainings are not handed on: curves of many rows would be one tangle."""

    def __init__(self, outer: Progress, cell: Cell, number: int, n_cells: int) -> None:
        self._outer = outer
        self._title = f"Row {number} of {n_cells}: {', '.join(cell.labels)}, seed {cell.seed}"
        outer.report(0.0, self._title)

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        """Report to the outer progress under the row's title."""
        self._outer.report(fraction, self._title)


def _versions(
    experiment: Experiment, catalogue: LabelledCatalogue, settings: ExperimentSettings, progress: Progress
) -> dict[str, str]:
    sources = experiment.sources(catalogue, settings)
    spans = [SpanProgress(progress, i / len(sources), (i + 1) / len(sources)) for i in range(len(sources))]
    return {
        f"{source.modality}: {source.encoder}": catalogue.embedder.version(source, span)
        for source, span in zip(sources, spans, strict=True)
    }


def _notes(catalogue: LabelledCatalogue, settings: ExperimentSettings, versions: dict[str, str]) -> tuple[str, ...]:
    shown = {name: value for name, value in settings.to_dict().items() if value not in ([], "", 0) or name == "seed"}
    listed = ", ".join(
        f"{name} {', '.join(map(str, value)) if isinstance(value, list) else value}" for name, value in shown.items()
    )
    return (
        *catalogue.notes,
        f"Settings: {listed}.",
        f"Encoders: {', '.join(f'{source} ({version})' for source, version in versions.items())}.",
    )


def _write_run(folder: Path, experiment: Experiment, settings: ExperimentSettings, cells: Sequence[Cell]) -> None:
    record = {
        "experiment": experiment.name,
        "is_ordinary": experiment.is_ordinary,
        "settings": settings.to_dict(),
        "cells": [cell.key for cell in cells],
        "started_at": datetime.now(UTC).isoformat(),
    }
    _write_json(folder / "run.json", record)


def _write_tables(
    folder: Path, experiment: Experiment, cells: Sequence[Cell], found: dict[str, Figures], notes: tuple[str, ...]
) -> tuple[Table, ...]:
    card = find_experiment_card(experiment.name)
    tables = [build_table(experiment, card.title, cells, found)]
    tables[0].write_csv(folder / "table.csv")
    if experiment.detail_column:
        tables.append(build_details(experiment, f"{card.title}: by {experiment.detail_column.lower()}", cells, found))
        tables[1].write_csv(folder / "details.csv")
    write_markdown(folder / "table.md", tables, notes)
    record = [{"title": table.title, "columns": table.columns, "rows": table.rows} for table in tables]
    _write_json(folder / "table.json", {"tables": record, "notes": notes})
    return tuple(tables)


def _cell_record(cell: Cell, figures: Figures) -> dict[str, Any]:
    return {"labels": cell.labels, "seed": cell.seed, "options": cell.options, "figures": figures}


def _read(file_path: Path) -> Figures | None:
    if not file_path.exists():
        return None
    record: dict[str, Any] = json.loads(file_path.read_text(encoding="utf-8"))
    return record["figures"]


def _write_json(file_path: Path, record: Any) -> None:
    with whole_file(file_path) as stream:
        json.dump(record, stream, ensure_ascii=False, indent=1)
