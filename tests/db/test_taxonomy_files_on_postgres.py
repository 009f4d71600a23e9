"""Exports, imports and a start from a published taxonomy on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.workspace import Workspace
from core.services import history
from core.services.context import Context, open_context
from core.services.exports import AssignmentKind, ExportKind, export_assignments, export_migration, export_taxonomy
from core.services.reference import import_reference
from core.services.starting_taxonomy import start_from_reference
from core.services.taxonomy import find_category, taxonomy_view
from core.services.taxonomy_edit import add_category, merge
from core.services.taxonomy_import import import_taxonomy


@pytest.fixture
def on_postgres(postgres_url: str, tmp_path: Path) -> Iterator[Context]:
    context = open_context(Workspace(tmp_path / "postgres", postgres_url))
    yield context
    context.database.engine.dispose()


@pytest.mark.parametrize("kind", list(ExportKind))
def test_a_tree_goes_from_sqlite_to_postgres_and_back_unchanged(imported, on_postgres, kind):
    apparel = find_category(imported, ("Apparel & Accessories",))
    made = [
        add_category(imported, apparel, name, revisions={}, author="Ada").node_ids[0] for name in ("Zips", "Buttons")
    ]
    merge(imported, made[:1], made[1], revisions={}, author="Ada")
    file_path = export_taxonomy(imported, kind)
    summary = import_taxonomy(on_postgres, file_path, "Ada")
    assert summary.n_added == len(taxonomy_view(imported).taxonomy) - 1
    assert import_taxonomy(imported, export_taxonomy(on_postgres, ExportKind.JSON), "Ada").event_id is None
    assert history.undo(on_postgres, "taxonomy", "Ada")
    assert len(taxonomy_view(on_postgres).taxonomy.leaves()) == 1


def test_a_published_taxonomy_is_a_start_and_files_are_written(on_postgres, tmp_path):
    (tmp_path / "shopify_taxonomy_2024-07.csv").write_text("id,path\nt,Toys\nt-1,Toys > Kites\n")
    import_reference(on_postgres, tmp_path / "shopify_taxonomy_2024-07.csv", "Ada")
    assert start_from_reference(on_postgres, "shopify", "Ada").n_added == 2
    assert "Toys > Kites,added" in export_migration(on_postgres, 1).read_text()
    assert len(export_assignments(on_postgres, AssignmentKind.CSV).read_text().splitlines()) == 1
