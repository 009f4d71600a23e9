"""Rows of a batch: from staged cells to products, and from what the model says to cells."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
import pyarrow as pa

from core.catalogue.clean import ID_FIELDS, clean_rows, clean_text
from core.catalogue.table import as_texts
from core.domain.classified import ClassifiedProduct, ProductToClassify
from core.domain.product import Offer, format_path
from core.inference.batch_plan import BatchPlan, Partition
from core.inference.batch_staging import COLUMN_PREFIX, FAULT_COLUMN

ROW_COLUMN = "(row)"
_TEXT_FIELDS = ("title", "brand", "description", "image")
_DIGITS = 6
"""Of a confidence: what lies beyond depends on how many products share a multiplication."""


def products_of(table: pa.Table, partition: Partition, mapping: Mapping[str, str]) -> list[ProductToClassify]:
    """Clean the rows of a staged partition as an import would; duplicates stay, and every row keeps its number."""
    cells = {field: as_texts(table[f"{COLUMN_PREFIX}{column}"]) for field, column in mapping.items()}
    numbers = [str(row) for row in range(partition.first, partition.first + table.num_rows)]
    frame = pd.DataFrame({field: pd.Series(cells[field], dtype=str) for field in _TEXT_FIELDS if field in cells})
    # rows are known by their number here, so that none counts as another's duplicate
    outcomes = clean_rows(
        frame.assign(**{ROW_COLUMN: numbers}), {**{name: name for name in frame}, "product_id": ROW_COLUMN}, "", False
    )
    faults = table[FAULT_COLUMN].to_pylist()
    found = zip(outcomes, _ids(cells, numbers), faults, strict=True)
    return [_product(row, *rest) for row, rest in enumerate(found, start=partition.first)]


def results_table(
    plan: BatchPlan, staged: pa.Table, classified: Sequence[ClassifiedProduct], n_levels: int
) -> pa.Table:
    """What comes out for the rows of a partition: the columns to keep, the product's id, and what the model says."""
    kept = staged.select([f"{COLUMN_PREFIX}{column}" for column in plan.columns])
    columns: dict[str, pa.Array] = {
        ROW_COLUMN: pa.array([product.row for product in classified], pa.int64()),
        "product_id": pa.array([product.product_id for product in classified], pa.string()),
        "path": pa.array([format_path(product.names) for product in classified], pa.string()),
        "confidence": pa.array([round(float(product.confidence), _DIGITS) for product in classified], pa.float64()),
        "stage": pa.array([product.stage for product in classified], pa.int64()),
        **{
            f"level_{level + 1}": pa.array(list(_names_at(classified, level)), pa.string()) for level in range(n_levels)
        },
        "reason": pa.array([product.reason for product in classified], pa.string()),
        "note": pa.array([product.note for product in classified], pa.string()),
    }
    for name, column in columns.items():
        kept = kept.append_column(name, column)
    return kept


def _product(row: int, outcome: object, product_id: str, fault: str) -> ProductToClassify:
    if fault or not isinstance(outcome, Offer):
        return ProductToClassify(row, product_id, fault=fault)
    return ProductToClassify(
        row, product_id, outcome.title, outcome.brand, outcome.description, outcome.image_ref or ""
    )


def _ids(cells: Mapping[str, Sequence[str]], numbers: Sequence[str]) -> Iterator[str]:
    """What identifies each row, as an import would say; its number where nothing does."""
    columns = [cells[name] for name in ID_FIELDS if name in cells]
    for position, number in enumerate(numbers):
        yield next((value for value in (clean_text(column[position]) for column in columns) if value), number)


def _names_at(classified: Sequence[ClassifiedProduct], level: int) -> Iterator[str]:
    for product in classified:
        yield product.names[level] if level < len(product.names) else ""
