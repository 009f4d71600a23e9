"""A small workspace made by the services themselves: an import, a discovery, nothing invented in between."""

import csv
import fcntl
import random
import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.classifier.parameters import TrainingParameters
from core.domain.discovery import DiscoveryParameters
from core.domain.progress import NullProgress
from core.domain.workspace import Workspace
from core.services import discovery, importing, review, training
from core.services.context import Context, open_context
from core.services.taxonomy import find_category

ROUTER = Path(__file__).resolve().parents[2] / "pages" / "_router.py"
SHOES = ("Apparel", "Shoes")
KINDS = {"running sneaker": "red", "ankle boot": "brown", "beach sandal": "blue"}
PER_KIND = 24
WORDS = ("classic", "soft", "city", "summer", "light")
SHOP = "Shop | <b>one</b>"


def catalogue_rows() -> list[dict[str, str]]:
    """Shoes of three kinds, some bags, one row without a title."""
    draw = random.Random(7)
    rows = []
    for number, kind in enumerate([kind for kind in KINDS for _ in range(PER_KIND)]):
        title = f"{draw.choice(WORDS)} {kind} {number}".capitalize()
        rows.append({"id": f"s{number}", "title": title, "category": " > ".join(SHOES), "image": f"{number}.png"})
    for number in range(12):
        rows.append({"id": f"b{number}", "title": f"Leather handbag {number}", "category": "Bags", "image": ""})
    for row in rows:
        row |= {"brand": draw.choice(["Nord <3", "Sol", ""]), "shop": draw.choice([SHOP, "two"]), "price": "19.90"}
    return [*rows, {**rows[0], "id": "bad", "title": ""}]


def write_catalogue(file_path: Path, rows: list[dict[str, str]], *, images: bool) -> Path:
    """A CSV of the rows."""
    with file_path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "image": row["image"] if images else ""} for row in rows)
    return file_path


def write_images(file_path: Path) -> Path:
    """A zip with a plain picture for every shoe but a few."""
    with zipfile.ZipFile(file_path, "w") as archive:
        for number in range(len(KINDS) * PER_KIND):
            colour = list(KINDS.values())[number // PER_KIND]
            picture = Image.new("RGB", (80, 80), "white")
            picture.paste(colour, (20, 20, 60, 40 + number % 15))
            data = BytesIO()
            picture.save(data, "PNG")
            archive.writestr(f"{number}.png", data.getvalue())
    return file_path


@pytest.fixture(scope="session")
def plain_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three kinds of shoes imported without images and discovered by their titles. Made once."""
    folder = tmp_path_factory.mktemp("catalogue")
    ctx = open_context(Workspace(tmp_path_factory.mktemp("plain")))
    plain = write_catalogue(folder / "plain.csv", catalogue_rows(), images=False)
    importing.run_import(ctx, plain, None, None, "own", "Ada", NullProgress())
    parameters = DiscoveryParameters(n_clusters=3, levels=2, image_weight=0.0, n_neighbors=10)
    discovery.run_discovery(ctx, find_category(ctx, SHOES), parameters, "Ada", NullProgress())
    return ctx.workspace.home


@pytest.fixture(scope="session")
def discovered_home(plain_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The discovered workspace, its products given their images. Made once."""
    return give_images(shutil.copytree(plain_home, tmp_path_factory.mktemp("discovered") / "home"))


@pytest.fixture(scope="session")
def trained_home(plain_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The discovered workspace with two clusters approved and a classifier trained on titles. Made once."""
    home = shutil.copytree(plain_home, tmp_path_factory.mktemp("trained") / "home")
    ctx = open_context(Workspace(home))
    level_1 = [cluster for cluster in review.open_review(ctx, 1).clusters if cluster.level == 1]
    names = dict(zip([cluster.id for cluster in level_1], ("First kind", "Second kind"), strict=False))
    review.approve_clusters(ctx, 1, names, "", "Ada")
    training.run_training(ctx, TrainingParameters(max_epochs=12), "Ada", NullProgress())
    return give_images(home)


def give_images(home: Path) -> Path:
    """Import the catalogue once more, with its images."""
    files = home.parent
    table = write_catalogue(files / "images.csv", catalogue_rows(), images=True)
    archive = write_images(files / "images.zip")
    importing.run_import(open_context(Workspace(home)), table, archive, None, "own", "Ada", NullProgress())
    return home


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the discovered workspace, of the trained one where a test is marked so, and nothing kept."""
    kind = "trained_home" if "is_trained" in request.fixturenames else "discovered_home"
    return _enter(shutil.copytree(request.getfixturevalue(kind), tmp_path / "home"), monkeypatch)


@pytest.fixture
def is_trained() -> None:
    """Ask `home` for the workspace with a trained classifier."""


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with nothing in it."""
    return _enter(tmp_path / "empty", monkeypatch)


def _enter(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHELFWISE_HOME", str(home))
    st.cache_data.clear()
    st.cache_resource.clear()
    return home


@pytest.fixture
def ctx(home: Path) -> Context:
    """The copied workspace, opened beside the pages."""
    return open_context(Workspace(home))


@pytest.fixture
def worker_held(request: pytest.FixtureRequest):
    """Hold the worker's lock, so that jobs stay queued as they do while a real worker is busy."""
    home = request.getfixturevalue("home" if "home" in request.fixturenames else "empty_home")
    lock_path = Workspace(home).worker_lock_path
    lock_path.parent.mkdir(parents=True, exist_ok=True)
    with lock_path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """Open a page through the router; keywords go to the address bar."""

    def open_named(page: str = "home.py", **query: str) -> AppTest:
        at = AppTest.from_file(str(ROUTER), default_timeout=30)
        at.run()
        for key, value in query.items():
            at.query_params[key] = value
        if page != "home.py":
            at.switch_page(page)
        return check(at.run())

    return open_named


def check(at: AppTest) -> AppTest:
    """Fail where the page showed a fault it did not foresee."""
    assert not at.exception, [fault.value for fault in at.exception]
    calm = [fault.value for fault in at.error if "on our side" in fault.value]
    assert not calm, calm
    return at
