"""Workspaces for the tests: made once a session by the services themselves, then copied for every test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.catalogue.demo import DemoCatalogue, write_demo
from core.classifier.parameters import TrainingParameters
from core.domain.discovery import DiscoveryParameters
from core.domain.progress import NullProgress
from core.domain.workspace import Workspace
from core.services.context import Context, open_context
from core.services.importing import run_import
from core.services.taxonomy import find_category

os.environ["HF_HUB_OFFLINE"] = "1"  # no test may wait on the network

SHOES = ("Apparel & Accessories", "Shoes")
IMAGE_SECONDS = "2"
N_PRODUCTS = 220
N_CLUSTERS = 5


@pytest.fixture
def quick_encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Image encoders train for seconds."""
    monkeypatch.setenv("SHELFWISE_IMAGE_SECONDS", IMAGE_SECONDS)


@pytest.fixture(scope="session")
def small_catalogue(tmp_path_factory: pytest.TempPathFactory) -> DemoCatalogue:
    """A file of 228 rows with drawn images: shoes, clothing and bags, six rows of them faulty."""
    return write_demo(tmp_path_factory.mktemp("catalogue"), NullProgress(), N_PRODUCTS)


@pytest.fixture(scope="session")
def imported_template(small_catalogue: DemoCatalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that holds the small catalogue."""
    context = open_context(Workspace(tmp_path_factory.mktemp("imported") / "home"))
    run_import(context, small_catalogue.csv_path, small_catalogue.images_dir, None, "shop", "Ada", NullProgress())
    return _close(context)


@pytest.fixture(scope="session")
def discovered_template(imported_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small catalogue, encoded, with run 1 finished in Shoes."""
    from core.services.discovery import run_discovery
    from core.services.encoding import encode_catalogue

    context = open_context(Workspace(_copy(imported_template, tmp_path_factory.mktemp("discovered"))))
    parameters = DiscoveryParameters(n_clusters=N_CLUSTERS, n_neighbors=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHELFWISE_IMAGE_SECONDS", IMAGE_SECONDS)
        encode_catalogue(context, NullProgress())
        run_discovery(context, find_category(context, SHOES), parameters, "Ada", NullProgress())
    return _close(context)


@pytest.fixture(scope="session")
def trained_template(discovered_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clusters of Shoes approved, model 1 trained on that and promoted."""
    from core.services.models import promote_model
    from core.services.review import approve_clusters, open_review
    from core.services.training import run_training

    context = open_context(Workspace(_copy(discovered_template, tmp_path_factory.mktemp("trained"))))
    clusters = [cluster for cluster in open_review(context, 1).clusters if cluster.level == 1]
    approve_clusters(context, 1, {clusters[0].id: "First kind", clusters[1].id: "Second kind"}, "", "Ada")
    parameters = TrainingParameters(batch_size=16, max_epochs=12)
    promote_model(context, run_training(context, parameters, "Ada", NullProgress()), "Ada")
    return _close(context)


@pytest.fixture
def context(tmp_path: Path, quick_encoders: None) -> Iterator[Context]:
    """An empty workspace."""
    yield from _opened(tmp_path / "empty")


@pytest.fixture
def imported(imported_template: Path, tmp_path: Path, quick_encoders: None) -> Iterator[Context]:
    """A copy of the imported workspace."""
    yield from _opened(_copy(imported_template, tmp_path / "imported"))


@pytest.fixture
def discovered(discovered_template: Path, tmp_path: Path, quick_encoders: None) -> Iterator[Context]:
    """A copy of the discovered workspace."""
    yield from _opened(_copy(discovered_template, tmp_path / "discovered"))


@pytest.fixture
def trained(trained_template: Path, tmp_path: Path, quick_encoders: None) -> Iterator[Context]:
    """A copy of the workspace with an active model."""
    yield from _opened(_copy(trained_template, tmp_path / "trained"))


def _opened(home: Path) -> Iterator[Context]:
    opened = open_context(Workspace(home))
    yield opened
    opened.database.engine.dispose()


def _copy(template: Path, folder: Path) -> Path:
    """A copy that shares the bytes of files which are never written again once they are there."""
    return Path(shutil.copytree(template, folder / "home", copy_function=_link_or_copy))


def _link_or_copy(source: str, target: str) -> None:
    is_final = Path(source).suffix in (".webp", ".safetensors", ".lance", ".npz") or "/images/" in source
    (os.link if is_final else shutil.copy2)(source, target)


def _close(context: Context) -> Path:
    """Fold the write-ahead log back into the database, so that a copy of the files is whole."""
    context.database.engine.dispose()
    return context.workspace.home
