import csv
import json
from dataclasses import replace

import pytest

from core.domain.errors import JobCancelledError, ParameterError
from core.experiments.registry import load_experiment
from tests.core.experiments.small_catalogue import QUICK, make_catalogue

TIMES = ("seconds", "seconds_to_decide")


class CancelAt:
    """Raises at the first report of a row."""

    def __init__(self, row):
        self._row = f"Row {row} "

    def report(self, fraction, message="", **metrics):
        if message.startswith(self._row):
            raise JobCancelledError


def cells_of(outcome):
    return sorted((outcome.folder / "cells").glob("*.json"))


def figures_of(outcome):
    records = [json.loads(file_path.read_text()) for file_path in cells_of(outcome)]
    return [{key: value for key, value in record["figures"].items() if key not in TIMES} for record in records]


def test_a_resumed_run_keeps_finished_cells_and_ends_in_the_same_figures(run, tmp_path):
    whole = run("imbalance")
    expected, whole_folder = figures_of(whole), whole.folder
    whole_folder.rename(tmp_path / "aside")
    with pytest.raises(JobCancelledError):
        run("imbalance", progress=CancelAt(3))
    kept = {path: path.stat().st_mtime_ns for path in sorted((whole_folder / "cells").glob("*.json"))}
    assert len(kept) == 2
    resumed = run("imbalance")
    assert (resumed.n_cells, resumed.n_computed) == (5, 3)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert figures_of(resumed) == expected


def test_a_cancelled_run_leaves_a_table_of_what_is_done(run, tmp_path):
    with pytest.raises(JobCancelledError):
        run("imbalance", progress=CancelAt(2))
    (table,) = tmp_path.glob("imbalance/*/table.csv")
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [bool(row["hF1"]) for row in rows] == [True, False, False, False, False]


def test_a_finished_run_computes_nothing_again(run, catalogue):
    run("masking")
    catalogue.embedder.embedded.clear()
    again = run("masking", other=make_catalogue())
    assert again.n_computed == 0
    assert again.tables[0].rows[0][2] is not None


@pytest.mark.parametrize(
    "changed", [{"seed": 1}, {"min_products": 6}, {"max_epochs": 7}, {"modalities": ("title",)}, {"folds": 4}]
)
def test_a_changed_setting_has_a_folder_of_its_own(run, changed):
    assert run("flat", replace(QUICK, **changed)).folder != run("flat").folder


def test_changed_data_have_a_folder_of_their_own(run, catalogue):
    first = run("flat")
    assert run("flat", other=replace(make_catalogue(), content="other titles")).folder != first.folder
    assert run("flat", other=make_catalogue(145)).folder != first.folder
    assert run("flat", other=make_catalogue()).folder == first.folder


def test_other_weights_of_an_encoder_have_a_folder_of_their_own(run):
    first, other = run("flat"), make_catalogue()
    other.embedder.version = lambda source, progress: "v2"
    assert run("flat", other=other).folder != first.folder


def test_more_seeds_only_add_cells_and_a_column_of_their_spread(run):
    run("flat")
    more = run("flat", replace(QUICK, seeds=2))
    assert (more.n_cells, more.n_computed) == (4, 2)
    assert more.tables[0].columns[-1] == "hF1 spread over 2 seeds"
    hf1 = more.tables[0].columns.index("hF1")
    by_seed = [json.loads(path.read_text()) for path in cells_of(more)]
    title = [cell["figures"]["hierarchical_f1"] for cell in by_seed if cell["labels"] == ["tfidf", "title"]]
    assert more.tables[0].rows[0][hf1] == pytest.approx(sum(title) / 2, abs=1e-4)


def test_half_a_cell_file_is_never_there(run):
    outcome = run("flat")
    assert all("figures" in json.loads(path.read_text()) for path in cells_of(outcome))
    assert not list(outcome.folder.rglob("*.tmp"))


def test_an_unknown_experiment_lists_the_valid_names():
    with pytest.raises(ParameterError, match="Choose one of: flat, fusion, cross-platform"):
        load_experiment("magic")


def test_keys_of_cells_differ_where_labels_do(catalogue):
    cells = load_experiment("fusion").cells(catalogue, replace(QUICK, seeds=3))
    assert len({cell.key for cell in cells}) == len(cells) == 24
