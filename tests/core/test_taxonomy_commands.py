"""The commands of `python -m core taxonomy`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.__main__ import app
from core.services.context import Context
from core.services.reference import import_reference
from core.services.taxonomy import list_versions
from core.services.taxonomy_edit import add_category
from core.services.versions import save_version

Command = Callable[..., dict[str, Any]]


@pytest.fixture
def command(imported: Context, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command on the imported workspace as Grace; what it prints as JSON."""
    monkeypatch.setenv("SHELFWISE_HOME", str(imported.workspace.home))
    monkeypatch.setenv("SHELFWISE_USER", "Grace")

    def run(*words: object) -> dict[str, Any]:
        ended = CliRunner().invoke(app, ["taxonomy", *map(str, words), "--json"], catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return json.loads(ended.output.rstrip("\n").rpartition("\n")[2])

    return run


@pytest.mark.parametrize(("kind", "suffix"), [("csv", ".csv"), ("json", ".json"), ("skos", ".ttl")])
def test_a_taxonomy_is_exported_and_read_back(command, kind, suffix):
    written = Path(command("export", "--format", kind)["output"])
    assert (written.suffix, written.parent.name) == (suffix, "exports")
    assert command("import", written)["summary"] == "Nothing changed"


def test_an_edit_in_the_file_becomes_a_version_by_who_imported(command, imported, tmp_path):
    target = tmp_path / "t.csv"
    command("export", "--output", target)
    target.write_text(target.read_text().replace("Shoes", "Footwear"))
    found = command("import", target, "--note", "Renamed in a spreadsheet")
    assert (found["n_changed"], found["n_added"]) == (1, 0)
    newest = list_versions(imported)[0]
    assert (newest.number, newest.note, newest.author) == (found["version"], "Renamed in a spreadsheet", "Grace")


@pytest.mark.parametrize("kind", ["csv", "parquet", "label_studio"])
def test_places_of_products_are_written(command, kind, tmp_path):
    target = tmp_path / "places"
    assert command("assignments", "--format", kind, "--output", target)["output"] == str(target)
    assert target.stat().st_size > 1000


def test_a_migration_lies_between_two_versions(command, imported):
    first = list_versions(imported)[0].number
    add_category(imported, "root", "Bags of the future", revisions={}, author="Ada")
    save_version(imported, "", "Ada")
    written = Path(command("migration", first, first + 1)["output"])
    assert written.name == f"migration-v{first}-v{first + 1}.csv"
    assert ",Bags of the future,added," in written.read_text()
    assert command("migration", first, "--format", "json")["output"].endswith(f"-v{first + 1}.json")


def test_a_branch_of_a_reference_taxonomy_is_a_start(command, imported, tmp_path):
    (tmp_path / "shopify_taxonomy_2024-07.csv").write_text(
        "id,path\nt,Toys\nt-1,Toys > Kites\nt-1-1,Toys > Kites > Red\n"
    )
    import_reference(imported, tmp_path / "shopify_taxonomy_2024-07.csv", "Ada")
    assert command("start", "shopify", "--branch", "Toys", "--depth", 1)["n_added"] == 2
    assert command("start", "shopify")["n_kept"] == 2
