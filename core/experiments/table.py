"""Tables of figures: means over seeds, as CSV and as Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from core.experiments.experiment import Cell, Column, Experiment, Figures
from core.taxonomy.cells import whole_file, write_rows

Value = str | float | int | None
ABSENT = "–"
_SPREAD_OF = "hierarchical_f1"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of figures under titles; a figure not computed yet is None. `decimals` has one entry per column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    decimals: tuple[int, ...]

    def texts(self) -> list[list[str]]:
        """What is shown in each cell; empty for what is not there."""
        return [[_text(value, n) for value, n in zip(row, self.decimals, strict=True)] for row in self.rows]

    def to_markdown(self) -> str:
        """The table for a Markdown page, under its title."""
        lines = [
            list(self.columns),
            ["---"] * len(self.columns),
            *([text or ABSENT for text in row] for row in self.texts()),
        ]
        return "\n".join(
            [f"### {_inline(self.title)}", "", *("| " + " | ".join(map(_inline, line)) + " |" for line in lines)]
        )

    def write_csv(self, file_path: Path) -> None:
        """Write the table, whole or not at all."""
        write_rows(file_path, self.columns, self.texts())


def build_table(experiment: Experiment, title: str, cells: Sequence[Cell], found: Mapping[str, Figures]) -> Table:
    """One row per labels, figures as means over the seeds that are done.

    With several seeds, a column tells how far hF1 spreads over them.

    Args:
        experiment: Says which columns.
        title: Of the table.
        cells: All cells, in the order of the rows.
        found: Figures of the cells done, by key.
    """
    columns = experiment.columns(list(found.values()))
    n_seeds = len({cell.seed for cell in cells})
    with_spread = n_seeds > 1 and any(column.figure == _SPREAD_OF for column in columns)
    rows = []
    for labels, figures in _by_labels(cells, found).items():
        row: list[Value] = [*labels, *(mean_figure(figures, column) for column in columns)]
        rows.append((*row, _spread(figures)) if with_spread else tuple(row))
    titles = [*experiment.label_columns, *(column.title for column in columns)]
    decimals = [*[0] * len(experiment.label_columns), *(column.decimals for column in columns)]
    if with_spread:
        titles, decimals = [*titles, f"hF1 spread over {n_seeds} seeds"], [*decimals, 4]
    return Table(title, tuple(titles), tuple(rows), tuple(decimals))


def build_details(experiment: Experiment, title: str, cells: Sequence[Cell], found: Mapping[str, Figures]) -> Table:
    """The second table: a row per entry of the figure `details`, a column per row of the first table.

    Numbers of products stand in the last column.
    """
    by_labels = _by_labels(cells, found)
    names = list(dict.fromkeys(name for figures in found.values() for name in figures.get("details", {})))
    rows = []
    for name in names:
        parts = [
            [item["details"][name] for item in figures if name in item["details"]] for figures in by_labels.values()
        ]
        counts = [item["Test products"] for part in parts for item in part]
        rows.append((name, *(fmean(item["hF1"] for item in part) if part else None for part in parts), max(counts)))
    titles = (experiment.detail_column, *(f"hF1, {labels[0]}" for labels in by_labels), "Test products")
    return Table(title, titles, tuple(rows), (0, *[4] * len(by_labels), 0))


def mean_figure(figures: Sequence[Figures], column: Column) -> Value:
    """Mean over seeds; a whole number stays one. None where no seed has the figure."""
    values = [item[column.figure] for item in figures if item.get(column.figure) is not None]
    if not values:
        return None
    mean = fmean(values)
    return round(mean) if column.decimals == 0 else round(mean, column.decimals)


def write_markdown(file_path: Path, tables: Sequence[Table], notes: Sequence[str]) -> None:
    """Write tables one below the other and the notes as a list, whole or not at all."""
    parts = [table.to_markdown() for table in tables]
    if notes:
        parts.append("\n".join(f"- {_inline(note)}" for note in notes))
    with whole_file(file_path) as stream:
        stream.write("\n\n".join(parts) + "\n")


def _by_labels(cells: Sequence[Cell], found: Mapping[str, Figures]) -> dict[tuple[str, ...], list[Figures]]:
    rows: dict[tuple[str, ...], list[Figures]] = {cell.labels: [] for cell in cells}
    for cell in cells:
        if cell.key in found:
            rows[cell.labels].append(found[cell.key])
    return rows


def _spread(figures: Sequence[Figures]) -> float | None:
    values = [item[_SPREAD_OF] for item in figures if _SPREAD_OF in item]
    return round(stdev(values), 4) if len(values) > 1 else None


def _text(value: Any, decimals: int) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.{decimals}f}"


def _inline(text: str) -> str:
    """Text that neither ends a cell nor a line nor starts markup."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
