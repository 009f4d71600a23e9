"""Assignments as Parquet."""

import pyarrow as pa
import pyarrow.parquet as pq

from core.domain.taxonomy import AssignmentSource
from core.taxonomy.export_csv import ASSIGNMENT_COLUMNS, AssignmentRow
from core.taxonomy.export_parquet import write_assignments_parquet

ROWS = [
    AssignmentRow("7", "shop", "=Boot, black", ("Shoes", "Boots"), "b", AssignmentSource.CLASSIFIER, 0.91),
    AssignmentRow("8", "shop", "Bag", (), "root", AssignmentSource.CURATOR, None),
]


def test_columns_are_typed_and_values_unchanged(tmp_path):
    assert write_assignments_parquet(tmp_path / "a.parquet", iter(ROWS)) == 2
    table = pq.read_table(tmp_path / "a.parquet")
    assert tuple(table.column_names) == ASSIGNMENT_COLUMNS
    assert table.schema.field("path").type.value_type == pa.string()
    assert table.schema.field("confidence").type == pa.float64()
    assert table.to_pylist() == [
        {
            "product_id": row.product_id,
            "platform": row.platform,
            "title": row.title,
            "path": list(row.path),
            "node_id": row.node_id,
            "source": str(row.source),
            "confidence": row.confidence,
        }
        for row in ROWS
    ]


def test_no_products_make_a_file_with_the_same_columns(tmp_path):
    assert write_assignments_parquet(tmp_path / "a.parquet", []) == 0
    assert tuple(pq.read_schema(tmp_path / "a.parquet").names) == ASSIGNMENT_COLUMNS
