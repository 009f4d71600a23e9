"""What an experiment is made of: cells, each one row of a table under one seed, and the columns of the table."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import numpy as np

from core.domain.progress import Progress
from core.experiments.catalogue import LabelledCatalogue, Source, without_rare_paths
from core.experiments.settings import TOGETHER, ExperimentSettings

Figures = dict[str, Any]
"""Figures of a cell by name, numbers or `details` by row: what JSON can hold."""

_SLUG_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of a table under one seed. `labels` stand in its first columns, `options` say what to compute."""

    labels: tuple[str, ...]
    seed: int
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """A file name that no other cell of the experiment has."""
        slug = re.sub(r"[^a-z0-9]+", "-", "-".join(self.labels).lower()).strip("-")[:_SLUG_LENGTH]
        return f"{slug}-{sha256(repr(self.labels).encode()).hexdigest()[:6]}-seed{self.seed}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures: its title, which figure it shows, and with how many decimals."""

    title: str
    figure: str
    decimals: int = 4


def prepare_common(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> LabelledCatalogue:
    """Leave out or cut up rare paths, and say which products a split may not part."""
    prepared = without_rare_paths(catalogue, settings.min_products, settings.rare_paths)
    if settings.duplicates == TOGETHER:
        return prepared
    note = "Duplicates may be parted by the split, so that a twin of a tested product may have taught."
    return replace(prepared, groups=np.arange(len(prepared), dtype=np.int64), notes=(*prepared.notes, note))


@dataclass(frozen=True)
class Experiment:
    """A table that is computed cell by cell.

    Attributes:
        name: As on its card.
        label_columns: Titles of the first columns, which tell rows apart.
        cells: All cells of the table, in its order.
        run: Computes one cell from products that no training saw.
        sources: Every embedding that the cells need.
        columns: The columns of figures, given the figures that are there.
        prepare: Chooses the products.
        is_ordinary: Whether figures come from a random split of the catalogue, so that they may be compared.
        detail_column: Title of the first column of a second table, of the figure `details` by row; "" has none.
    """

    name: str
    label_columns: tuple[str, ...]
    cells: Callable[[LabelledCatalogue, ExperimentSettings], list[Cell]]
    run: Callable[[LabelledCatalogue, ExperimentSettings, Cell, Progress], Figures]
    sources: Callable[[LabelledCatalogue, ExperimentSettings], tuple[Source, ...]]
    columns: Callable[[Sequence[Figures]], list[Column]]
    prepare: Callable[[LabelledCatalogue, ExperimentSettings], LabelledCatalogue] = prepare_common
    is_ordinary: bool = True
    detail_column: str = ""
