"""The command `python -m core drift`, run in this process through the same `main`."""

import json
import sys
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.__main__ import main
from core.services.taxonomy import find_category
from db.models import ProductRow
from tests.core.services.model_world import add_model
from tests.db.drift_world import MONDAY, decide, predict


@pytest.fixture
def command(monkeypatch, capsys, imported):
    """Run the command; gives the exit code, what was printed and what was said of mistakes."""

    def run(*words):
        monkeypatch.setenv("SHELFWISE_HOME", str(imported.workspace.home))
        monkeypatch.setattr(sys, "argv", ["python -m core", "drift", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def came_in(imported, week: int, ids: range) -> None:
    with imported.database.write() as session:
        chosen = update(ProductRow).where(ProductRow.id.in_(ids))
        session.execute(chosen.values(created_at=MONDAY + timedelta(weeks=week)))


def test_without_a_model_it_says_what_to_do(command):
    code, _, said = command()
    assert code == 2
    assert "none is in use" in said and "Retrain" in said


def test_it_tells_of_the_newest_week_and_of_the_proposals(command, imported):
    shoes = find_category(imported, ("Apparel & Accessories", "Shoes"))
    add_model(imported, status="active")
    came_in(imported, 0, range(1, 1000))
    code, out, _ = command()
    assert (code, "Only one week" in out) == (0, True)
    came_in(imported, 1, range(101, 1000))
    predict(imported, range(1, 41), shoes)
    decide(imported, range(1, 41), 30)
    code, out, _ = command()
    assert code == 0
    assert "Week 2026-W46" in out and "30 of 40 decided predictions were corrected." in out
    code, out, _ = command("--json")
    told = json.loads(out.rstrip("\n").rpartition("\n")[2])
    assert code == 0
    assert (told["newest_week"], told["n_weeks"]) == ("2026-W46", len(told["weeks"]))
    assert sum(week["n_predicted"] for week in told["weeks"]) == 40
    assert told["proposals"][0]["node_id"] == shoes
