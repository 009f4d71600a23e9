"""Rows of a table as columns of numbers in text: images of acts on 100,000 products are read and written at once."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zlib import compress, decompress

import numpy as np

from core.domain.arrays import BoolArray, IntArray

NOTHING = -(2**63)
"""Stands for None among whole numbers."""
KINDS: dict[type, str] = {int: "i8", float: "f8", bool: "?"}

Packed = dict[str, Any]


def pack(columns: Mapping[str, Sequence[Any]]) -> Packed:
    """Pack columns of equal length, each of ints, floats or bools; ints may be missing.

    Args:
        columns: Name → values, the key first.
    """
    return {name: _packed_column(values) for name, values in columns.items()}


def unpack(packed: Packed) -> list[list[Any]]:
    """The rows again, one list of values each, exactly as they were."""
    columns = [_column(block) for block in packed.values()]
    return [list(row) for row in zip(*columns, strict=True)]


def keys(packed: Packed) -> list[int]:
    """The first column alone."""
    return _array(next(iter(packed.values()))).tolist()


def not_among(ids: IntArray, blocks: Iterable[Packed]) -> BoolArray:
    """Which ids none of the blocks holds. Shape: (n,)."""
    held = [_array(next(iter(block.values()))) for block in blocks]
    return np.isin(ids, np.concatenate(held), invert=True) if held else np.ones(len(ids), dtype=bool)


def _packed_column(values: Sequence[Any]) -> list[str]:
    if isinstance(values, np.ndarray):
        kind, array = values.dtype.str.lstrip("<|").replace("b1", "?"), values
    else:
        kind = next((KINDS[type(value)] for value in values if value is not None), "i8")
        array = np.array([NOTHING if value is None else value for value in values], dtype=_dtype(kind))
    return [kind, b64encode(compress(np.ascontiguousarray(array, dtype=_dtype(kind)).tobytes(), 1)).decode()]


def _column(block: Sequence[str]) -> list[Any]:
    array = _array(block)
    values: list[Any] = array.tolist()
    if block[0] == KINDS[int] and (array == NOTHING).any():
        return [None if value == NOTHING else value for value in values]
    return values


def _array(block: Sequence[str]) -> np.ndarray:
    return np.frombuffer(decompress(b64decode(block[1])), dtype=_dtype(block[0]))


def _dtype(kind: str) -> np.dtype:
    """Little-endian, whatever machine reads it."""
    return np.dtype(kind if kind == KINDS[bool] else f"<{kind}")
