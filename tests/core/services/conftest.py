"""What the tests of the services share: files to import, and dumps to compare."""

import csv
import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import inspect, select

from core.domain.discovery import ClusterQuality, NameSource, NameSuggestion
from core.domain.progress import NullProgress
from core.services.context import Context
from core.services.importing import ImportResult, run_import
from db.base import Base
from db.models import ClusterRow, MemberRow, NodeRow, ProductRow
from db.repositories import runs

VOLATILE = ("revision", "updated_at", "created_at")


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    """Write rows as a CSV; keywords `delimiter` and `encoding` change its form."""

    def write(rows: Sequence[dict[str, str]], name: str = "offers.csv", delimiter: str = ",", encoding: str = "utf-8"):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        file_path = tmp_path / name
        file_path.write_bytes(text.getvalue().encode(encoding))
        return file_path

    return write


@pytest.fixture
def import_file() -> Callable[..., ImportResult]:
    """Import a file as Ada, without pictures unless some are given."""

    def import_(context: Context, file_path: Path, images: Path | None = None, mapping: dict | None = None):
        return run_import(context, file_path, images, mapping, "shop", "Ada", NullProgress())

    return import_


@pytest.fixture
def draw_pictures(tmp_path: Path) -> Callable[[int], Path]:
    """A folder with so many different small pictures, named 0.png and on."""

    def draw(n_pictures: int) -> Path:
        folder = tmp_path / "pictures"
        folder.mkdir()
        for number in range(n_pictures):
            random_of = random.Random(number)
            picture = Image.new("RGB", (64, 64), "white")
            corner = (random_of.randrange(5, 25), random_of.randrange(5, 25))
            colour = tuple(random_of.randrange(200) for _ in range(3))
            ImageDraw.Draw(picture).ellipse((*corner, 50, 58), fill=colour)
            picture.save(folder / f"{number}.png")
        return folder

    return draw


@pytest.fixture
def dump_run() -> Callable[[Context, int], dict[str, Any]]:
    """Everything an act of the review may change: members, clusters, where products are, live nodes."""

    def dump(context: Context, run_id: int) -> dict[str, Any]:
        with context.database.read() as session:
            members = session.scalars(select(MemberRow).where(MemberRow.run_id == run_id).order_by(MemberRow.id))
            clusters = session.scalars(select(ClusterRow).where(ClusterRow.run_id == run_id).order_by(ClusterRow.id))
            places = session.execute(select(ProductRow.id, ProductRow.node_id, ProductRow.source))
            live = session.execute(select(NodeRow.id, NodeRow.name).where(NodeRow.status != "deprecated"))
            return {
                "members": [_values(row) for row in members],
                "clusters": [_values(row) for row in clusters],
                "places": sorted(tuple(row) for row in places),
                "nodes": sorted(tuple(row) for row in live),
            }

    return dump


@pytest.fixture
def subdivided(discovered: Context) -> Context:
    """The discovered workspace, with the largest cluster of run 1 parted into two below it."""
    _subdivide(discovered, 1)
    return discovered


@pytest.fixture(scope="session")
def subdivide() -> Callable[[Context, int], None]:
    """Part the largest level-1 cluster of a run into two below it."""
    return _subdivide


def _subdivide(context: Context, run_id: int) -> None:
    with context.database.write() as session:
        rows = runs.cluster_rows(session, run_id)
        parent = rows[0]
        members = [member for member in runs.member_rows(session, run_id) if member.cluster_id == parent.id]
        for half in (0, 1):
            number = max(row.number for row in rows) + 1 + half
            part = NameSuggestion(f"Part {half}", NameSource.WORDS, "")
            key = runs.add_cluster(session, run_id, number, 2, parent.id, [part], [], ClusterQuality(0.5))
            for member in members[half::2]:
                member.subcluster_id = key


@pytest.fixture
def dump_all() -> Callable[[Context], dict[str, list[tuple[Any, ...]]]]:
    """Every row of every table."""

    def dump(context: Context) -> dict[str, list[tuple[Any, ...]]]:
        with context.database.read() as session:
            return {
                name: sorted((tuple(map(str, row)) for row in session.execute(select(table))), key=repr)
                for name, table in Base.metadata.tables.items()
            }

    return dump


def _values(row: Base) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs if column.key not in VOLATILE
    }
