import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.__main__ import app
from core.domain.errors import AppError, CatalogueFormatError, JobCancelledError, ParameterError, RunNotFoundError
from core.domain.job import JobKind, JobState
from core.domain.progress import NullProgress
from core.experiments.cards import CARDS
from core.services.experiment_run import run_experiment
from core.services.experiments import experiment_table, leaderboard, list_experiments

QUICK = {"min_products": 5, "max_epochs": 2, "folds": 2}
N_ROWS = {"flat": 3, "decision-fusion": 22, "fusion": 8, "cross-platform": 4, "masking": 4, "imbalance": 5}


class CancelAtSecondRow:
    def report(self, fraction, message="", **metrics):
        if message.startswith("Row 2 "):
            raise JobCancelledError


@pytest.mark.parametrize("name", N_ROWS)
def test_every_experiment_on_the_demo_ends_in_a_whole_table(discovered, name):
    encoders = ["tfidf", "aligned", "simclr"]  # not what else lies on this machine
    result = run_experiment(discovered, name, {**QUICK, "encoders": encoders}, "Ada", NullProgress())
    table = experiment_table(discovered, name)
    assert len(table.rows) == table.n_done == table.n_cells == result["n_computed"] == N_ROWS[name]
    assert all(None not in row for row in table.rows)
    assert 0 < table.rows[0][table.columns.index("hF1")] <= 1
    assert Path(result["csv"]) == table.csv_path
    assert len(table.csv_path.read_text().splitlines()) == N_ROWS[name] + 1
    assert table.settings["max_epochs"] == 2
    assert any("max_epochs 2" in note for note in table.notes)


def test_recategorization_judges_the_newest_run_by_a_file_of_true_labels(discovered, tmp_path):
    truth = tmp_path / "truth.csv"
    with discovered.database.read() as session:
        from db.repositories import products

        known = products.all_products(session)
    truth.write_text("product_id,label\n" + "\n".join(f"{item.external_id},{item.title.split()[-1]}" for item in known))
    settings = {**QUICK, "truth_file": str(truth)}
    run_experiment(discovered, "recategorization", settings, "Ada", NullProgress())
    table = experiment_table(discovered, "recategorization")
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert row["Number of clusters"] == 5
    assert 0 < row["Purity before retraining"] <= 1
    assert row["Products after"] >= row["Products before"] > 50
    assert "Run 1 in Apparel & Accessories > Shoes" in table.notes[0]


def test_recategorization_says_what_is_missing(discovered, imported, tmp_path):
    with pytest.raises(RunNotFoundError, match="no finished discovery run"):
        run_experiment(imported, "recategorization", QUICK, "Ada", NullProgress())
    with pytest.raises(RunNotFoundError, match="no discovery run 9"):
        run_experiment(discovered, "recategorization", {**QUICK, "run_id": 9}, "Ada", NullProgress())
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("id,label\n1,a\n")
    with pytest.raises(CatalogueFormatError, match="expected the columns product_id and label, got id, label"):
        run_experiment(discovered, "recategorization", {"truth_file": str(wrong)}, "Ada", NullProgress())


def test_a_cancelled_experiment_shows_how_far_it_is_and_goes_on_there(discovered):
    with pytest.raises(JobCancelledError):
        run_experiment(discovered, "masking", QUICK, "Ada", CancelAtSecondRow())
    table = experiment_table(discovered, "masking")
    assert (table.n_done, table.n_cells) == (1, 4)
    assert table.rows[1][2] is None
    assert run_experiment(discovered, "masking", QUICK, "Ada", NullProgress())["n_computed"] == 3


def test_the_leaderboard_ranks_the_newest_comparable_rows(discovered):
    run_experiment(discovered, "flat", {**QUICK, "encoders": ["tfidf"]}, "Ada", NullProgress())
    run_experiment(discovered, "flat", {**QUICK, "encoders": ["tfidf", "aligned"]}, "Ada", NullProgress())
    run_experiment(discovered, "cross-platform", QUICK, "Ada", NullProgress())
    rows = leaderboard(discovered)
    assert {(row.experiment, row.configuration) for row in rows} == {
        ("flat", "tfidf · title"),
        ("flat", "aligned · image"),
    }
    assert rows[0].hierarchical_f1 >= rows[1].hierarchical_f1
    assert rows[0].n_test > 0


def test_every_card_is_listed_and_nothing_was_run_at_first(context):
    found = list_experiments(context)
    assert [status.card for status in found] == list(CARDS)
    assert all((status.n_cells, status.n_done, status.latest) == (0, 0, None) for status in found)
    assert all(experiment_table(context, card.name) is None for card in CARDS)
    assert leaderboard(context) == ()


def test_wrong_names_and_settings_are_clear_errors(discovered):
    with pytest.raises(ParameterError, match="no experiment 'magic'"):
        run_experiment(discovered, "magic", {}, "Ada", NullProgress())
    with pytest.raises(ParameterError, match="no experiment 'magic'"):
        experiment_table(discovered, "magic")
    with pytest.raises(AppError, match="no encoder 'magic'"):
        run_experiment(discovered, "flat", {"encoders": ["magic"]}, "Ada", NullProgress())


def test_an_empty_catalogue_is_a_clear_error(context):
    with pytest.raises(AppError, match="No product has a category"):
        run_experiment(context, "masking", {}, "Ada", NullProgress())


def test_a_job_runs_an_experiment(discovered):
    from core.jobs.inline import run_inline

    arguments = {"name": "flat", "settings": {**QUICK, "encoders": ["tfidf"]}}
    job = run_inline(discovered, JobKind.EXPERIMENT, arguments, "Ada", "Experiment")
    assert job.state is JobState.DONE
    assert job.result["n_cells"] == 1


def test_reading_tables_loads_no_deep_learning_library():
    check = (
        "import sys, core.services.experiments; print([m for m in ('torch', 'hiclass', 'sklearn') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_command_prints_the_table_and_copies_it(discovered, tmp_path, monkeypatch):
    monkeypatch.setenv("SHELFWISE_HOME", str(discovered.workspace.home))
    command = ["experiment", "flat", "--encoders", "tfidf", "--min-products", "5", "--output", str(tmp_path / "out")]
    shown = CliRunner().invoke(app, command)
    assert shown.stdout.startswith("### Encoders alone\n\n| Encoder | Modality |")
    assert (tmp_path / "out" / "flat.md").read_text() == shown.stdout.removesuffix("\n")
    again = CliRunner().invoke(app, [*command, "--json"])
    assert json.loads(again.stdout)["n_computed"] == 0
    listed = CliRunner().invoke(app, ["experiment", "list"])
    assert listed.stdout.startswith("flat                 1 of   1 rows")
