"""What a classifier said of the products that it never saw, kept as a table."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.domain.classifier import PredictedPath

TEST_FILE = "test.parquet"
SPLIT_FILE = "split.json"
"""Ids of the products of each part, beside a classifier."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One entry per product of the test part, in one order: its id, platform, true path and prediction."""

    product_ids: tuple[int, ...]
    platforms: tuple[str, ...]
    true_paths: tuple[tuple[str, ...], ...]
    predicted: tuple[PredictedPath, ...]

    def to_bytes(self) -> bytes:
        """A Parquet file; paths and the confidences of their levels are JSON lists, as paths differ in length."""
        table = pa.table(
            {
                "product_id": pa.array(self.product_ids, pa.int64()),
                "platform": pa.array(self.platforms, pa.string()),
                "true_path": pa.array(map(json.dumps, self.true_paths), pa.string()),
                "predicted_path": pa.array((json.dumps(each.node_ids) for each in self.predicted), pa.string()),
                "level_confidences": pa.array(
                    (json.dumps(each.level_confidences) for each in self.predicted), pa.string()
                ),
                "confidence": pa.array((each.confidence for each in self.predicted), pa.float64()),
            }
        )
        stream = io.BytesIO()
        pq.write_table(table, stream, compression="zstd")
        return stream.getvalue()


def read_held_out(source: Path | bytes) -> HeldOut:
    """Read back what `HeldOut.to_bytes` wrote.

    Args:
        source: The file, or its content.

    Raises:
        OSError: If it is not there.
        ValueError: If it is damaged.
        KeyError: If a column is missing.
    """
    table = pq.read_table(io.BytesIO(source) if isinstance(source, bytes) else source)
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    confidences = (tuple(json.loads(text)) for text in columns["level_confidences"])
    return HeldOut(
        product_ids=tuple(columns["product_id"]),
        platforms=tuple(columns["platform"]),
        true_paths=_paths(columns["true_path"]),
        predicted=tuple(map(PredictedPath, _paths(columns["predicted_path"]), confidences)),
    )


def _paths(texts: list[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(json.loads(text)) for text in texts)
