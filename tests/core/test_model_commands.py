"""The commands `python -m core models …`, run in this process through the same `main`."""

import json
import sys

import pytest

from core.__main__ import main
from core.services.models import active_model, get_model
from core.services.taxonomy import find_category, taxonomy_view
from tests.core.services.model_world import add_model, write_artefact


@pytest.fixture
def command(monkeypatch, capsys, imported):
    """Run a command; gives the exit code, the last line and what was said of mistakes."""

    def run(*words):
        monkeypatch.setenv("SHELFWISE_HOME", str(imported.workspace.home))
        monkeypatch.setenv("SHELFWISE_USER", "Ada")
        monkeypatch.setattr(sys, "argv", ["python -m core", "models", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture
def two(imported):
    """The imported workspace with two models that put every product under Shoes."""
    shoes = find_category(imported, ("Apparel & Accessories", "Shoes"))
    path = tuple(node.id for node in taxonomy_view(imported).taxonomy.path(shoes))
    for _ in range(2):
        write_artefact(imported, add_model(imported), [path], dict.fromkeys(range(1, 60), path))
    return imported


def said(out):
    return json.loads(out.rstrip("\n").rpartition("\n")[2])


def test_models_are_listed(command, two):
    code, out, _ = command("list", "--json")
    assert code == 0
    assert [(model["model_id"], model["status"]) for model in said(out)["models"]] == [
        (2, "candidate"),
        (1, "candidate"),
    ]
    assert command("list")[1].count("hF1 0.8500") == 2


def test_without_models_it_says_so(command, imported):
    assert command("list")[1].strip() == "None trained."


def test_a_model_is_shown_with_its_figures(command, two):
    code, out, _ = command("show", 1, "--json")
    assert (code, said(out)["metrics"]["hierarchical_f1"], said(out)["stop_below"]) == (0, 0.85, 0.0)


def test_promote_roll_back_retire_and_restore(command, two):
    assert command("promote", 1)[0] == command("promote", 2)[0] == 0
    assert active_model(two).id == 2
    code, out, _ = command("rollback", "--json")
    assert (code, said(out)) == (0, {"model_id": 1})
    assert active_model(two).id == 1
    assert "No model is in use now." in command("retire", 1)[1]
    assert active_model(two) is None
    assert command("restore", 1)[0] == 0
    assert str(get_model(two, 1).status) == "candidate"


def test_a_mistake_ends_with_a_remedy_and_its_exit_code(command, two):
    for words in (("rollback",), ("promote", 9), ("compare", 1, 1)):
        code, _, error = command(*words)
        assert code == 2
        assert error.startswith("Error: ")
        assert len(error.strip().splitlines()) == 2


def test_two_models_are_compared(command, two):
    code, out, _ = command("compare", 1, 2, "--json")
    found = said(out)
    assert (code, found["is_enough"], found["disagreements"]) == (0, True, [])
    assert found["a"] == found["b"]
    assert "They differ on 0 products." in command("compare", 1, 2)[1]


def test_too_few_common_products_show_each_on_its_own(command, two):
    add_model(two)
    assert "too few to tell" in command("compare", 1, 3)[1]
