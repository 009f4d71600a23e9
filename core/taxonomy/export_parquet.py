"""Where every product is, as Parquet: typed columns for programs."""

from collections.abc import Iterable
from pathlib import Path

from core.taxonomy.cells import whole_path
from core.taxonomy.export_csv import AssignmentRow


def write_assignments_parquet(file_path: Path, rows: Iterable[AssignmentRow]) -> int:
    """Write where products are as Parquet, whole or not at all.

    The columns are those of the CSV. `path` is a list of names, `confidence` a number, null where a person said so.

    Returns:
        Number of rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.string()
    schema = pa.schema(
        [
            pa.field("product_id", text, nullable=False),
            pa.field("platform", text, nullable=False),
            pa.field("title", text, nullable=False),
            pa.field("path", pa.list_(text), nullable=False),
            pa.field("node_id", text, nullable=False),
            pa.field("source", text, nullable=False),
            pa.field("confidence", pa.float64()),
        ]
    )
    listed = list(rows)
    columns = [[getattr(row, name) for row in listed] for name in schema.names]
    columns[schema.get_field_index("source")] = [str(row.source) for row in listed]
    columns[schema.get_field_index("path")] = [list(row.path) for row in listed]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    with whole_path(file_path) as unfinished:
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), unfinished, compression="zstd")
    return len(listed)
