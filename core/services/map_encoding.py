"""A map as the browser reads it: one small header and bare arrays, instead of megabytes of JSON."""

import json
from struct import pack

import numpy as np

from core.domain.arrays import AnyArray
from core.services.run_map import MapColour, MapPoints

ALIGNMENT = 4
"""Bytes to whose multiple every part is filled up: a browser reads arrays in place only from there."""


def encode_map(points: MapPoints) -> bytes:
    """Write a map down.

    Args:
        points: The map.

    Returns:
        The header's length (uint32, little-endian), the header (JSON in UTF-8), then for n points: x and y (float32),
        product ids (int32), groups (uint16), clusters (int16). Every part is filled up to a multiple of four bytes.
    """
    header = json.dumps(
        {
            "n": len(points.product_ids),
            "n_total": points.n_total,
            "notes": notes(points),
            "colour": str(points.colour),
            "legend": [group._asdict() for group in points.legend],
            "clusters": [{"id": item.id, "label": item.label, "parent": item.parent} for item in points.labels],
        }
    ).encode()
    columns: list[AnyArray] = [
        points.positions[:, 0].astype("<f4"),
        points.positions[:, 1].astype("<f4"),
        points.product_ids.astype("<i4"),
        points.groups.astype("<u2"),
        points.clusters.astype("<i2"),
    ]
    parts = [_filled(header, b" "), *(_filled(np.ascontiguousarray(column).tobytes()) for column in columns)]
    return pack("<I", len(parts[0])) + b"".join(parts)


def notes(points: MapPoints) -> list[str]:
    """What somebody should know who looks at a map."""
    said = []
    if len(points.product_ids) < points.n_total:
        said.append(f"{len(points.product_ids):,} of {points.n_total:,} shown")
    if points.colour is MapColour.CONFIDENCE and all(group.kind == "none" for group in points.legend if group.count):
        said.append("No predictions for these products yet: press Retrain first")
    if points.n_elsewhere:
        products = "1 product" if points.n_elsewhere == 1 else f"{points.n_elsewhere:,} products"
        said.append(f"{products} brought in later {'has' if points.n_elsewhere == 1 else 'have'} no place here")
    return said


def _filled(data: bytes, filling: bytes = b"\0") -> bytes:
    return data + filling * (-len(data) % ALIGNMENT)
