import csv
import shutil
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st

from core.domain.errors import JobCancelledError
from core.domain.job import JobKind
from core.domain.progress import NullProgress
from core.experiments.cards import CARDS
from core.experiments.settings import ExperimentSettings
from core.jobs import queue
from core.services import experiments, jobs, models
from core.services.experiment_run import run_experiment
from core.services.experiments import ExperimentTable, LeaderboardRow
from pages._parts import experiment_chart, experiment_figures, experiment_leaderboard, experiment_words

SMALL = {"modalities": ["title"], "max_epochs": 2, "min_products": 5}


@pytest.fixture
def home(request, tmp_path, monkeypatch):
    """A copy of the workspace without images, where no image encoder must be trained; or of the trained one."""
    kind = "trained_home" if "is_trained" in request.fixturenames else "plain_home"
    copied = shutil.copytree(request.getfixturevalue(kind), tmp_path / "home")
    monkeypatch.setenv("SHELFWISE_HOME", str(copied))
    st.cache_data.clear()
    st.cache_resource.clear()
    return copied


class StopAfterFirstRow(NullProgress):
    """Cancels as soon as the second row is begun."""

    def report(self, fraction, message="", **metrics):
        if message.startswith("Row 2"):
            raise JobCancelledError


def measure(ctx, name="masking", settings=SMALL, progress=None):
    run_experiment(ctx, name, ExperimentSettings.from_dict(settings).to_dict(), "Ada", progress or NullProgress())


def queue_job(ctx, name="masking", settings=SMALL):
    arguments = {"name": name, "settings": ExperimentSettings.from_dict(settings).to_dict()}
    return queue.submit(ctx, JobKind.EXPERIMENT, arguments, "Ada")


def shown_text(at):
    return "\n".join(str(element.value) for element in [*at.markdown, *at.caption])


def keys(elements):
    return {element.key for element in elements}


def test_every_experiment_is_listed_with_its_question_and_table(home, open_page):
    at = open_page("experiments.py")
    assert {f"experiment_open_{card.name}" for card in CARDS} <= keys(at.button)
    for card in CARDS:
        assert card.question in shown_text(at)
        assert card.table in shown_text(at)
    assert "Nothing is measured yet" in at.info[0].value
    assert all(at.button(key=f"experiment_open_{card.name}").label == "Set up" for card in CARDS)


def test_an_empty_workspace_leads_to_an_import(empty_home, open_page):
    assert open_page("experiments.py").button(key="empty_state_go").label == "Import"


def test_opening_an_experiment_and_going_back(home, open_page):
    at = open_page("experiments.py")
    at.button(key="experiment_open_fusion").click().run()
    assert at.button(key="experiment_go").label == "Run"
    assert "[Gross et al. 2025](https://arxiv.org/abs/2508.20013)" in shown_text(at)
    at.button(key="experiment_back").click().run()
    assert "experiment_open_fusion" in keys(at.button)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_each_experiment_can_be_set_up_from_its_address(home, open_page, card):
    at = open_page("experiments.py", experiment=card.name)
    assert card.question in shown_text(at)
    assert not at.button(key="experiment_go").disabled


def test_running_queues_a_job_with_the_settings_chosen(home, ctx, worker_held, open_page):
    at = open_page("experiments.py", experiment="cross-platform")
    at.number_input(key="experiment_cross-platform_seed").set_value(3)
    at.number_input(key="experiment_cross-platform_seeds").set_value(2)
    at.number_input(key="experiment_cross-platform_smallest").set_value(5)
    at.multiselect(key="experiment_cross-platform_modalities").set_value(["title", "brand"])
    at.multiselect(key="experiment_cross-platform_platforms").set_value(["two"])
    at.run().button(key="experiment_go").click().run()
    job = jobs.list_jobs(ctx)[0]
    assert (job.kind, job.arguments["name"]) == (JobKind.EXPERIMENT, "cross-platform")
    assert ExperimentSettings.from_dict(job.arguments["settings"]) == ExperimentSettings(
        seed=3, seeds=2, min_products=5, modalities=("title", "brand"), train_platforms=("two",)
    )
    assert at.button(key="experiment_go").disabled
    assert at.button(key="experiment_job_cancel").label == "Cancel"


def test_only_what_the_catalogue_has_can_be_learned_from(home, open_page):
    at = open_page("experiments.py", experiment="fusion")
    assert at.multiselect(key="experiment_fusion_modalities").options == ["Title", "Brand"]


def test_encoders_at_hand_are_offered_for_the_flat_experiment(home, open_page):
    at = open_page("experiments.py", experiment="flat")
    offered = at.multiselect(key="experiment_flat_encoders").options
    assert any("(tfidf)" in option for option in offered)
    assert not any("(auto)" in option for option in offered)


def test_an_experiment_waits_while_another_runs(home, ctx, worker_held, open_page):
    queue_job(ctx, "masking")
    at = open_page("experiments.py", experiment="fusion")
    assert at.button(key="experiment_go").disabled
    assert "is running; one runs at a time" in shown_text(at)
    at.button(key="experiment_back").click().run()
    assert at.button(key="experiment_open_masking").label == "Watch"
    assert at.button(key="experiment_job_cancel").label == "Cancel"


def test_no_shop_left_to_test_on_is_said_before_it_runs(home, ctx, open_page):
    at = open_page("experiments.py", experiment="cross-platform")
    widget = at.multiselect(key="experiment_cross-platform_platforms")
    widget.set_value(list(widget.options)).run()
    assert "No shop is left" in at.warning[0].value
    assert at.button(key="experiment_go").disabled


def test_a_measured_table_shows_its_figures_notes_and_files(home, ctx, open_page):
    measure(ctx)
    at = open_page("experiments.py", experiment="masking")
    table = experiments.experiment_table(ctx, "masking")
    shown = at.dataframe[0].value
    assert list(shown.columns) == list(table.columns)
    assert list(shown["hF1"]) == [row[table.columns.index("hF1")] for row in table.rows]
    assert "at least 5 products" in shown_text(at)
    assert at.button(key="experiment_go").label == "Run again"
    assert {"experiment_csv", "experiment_markdown"} <= keys(at.get("download_button"))
    written = list(csv.reader(StringIO(table.csv_path.read_text(encoding="utf-8"))))
    assert tuple(written[0]) == table.columns


def test_the_leaderboard_holds_what_was_measured_best_first(home, ctx, open_page):
    measure(ctx)
    at = open_page("experiments.py")
    shown = at.dataframe[0].value
    assert len(shown) == experiments.experiment_table(ctx, "masking").n_done
    assert shown["Overall (hF1)"].is_monotonic_decreasing
    assert set(shown["Experiment"]) == {"Only children of the parent"}
    assert at.button(key="experiment_open_masking").label == "See results"


def test_a_cancelled_run_is_resumed_with_its_settings(home, ctx, worker_held, open_page):
    with pytest.raises(JobCancelledError):
        measure(ctx, progress=StopAfterFirstRow())
    job = queue_job(ctx)
    jobs.cancel_job(ctx, job.id)
    at = open_page("experiments.py")
    assert at.button(key="experiment_open_masking").label == "Resume"
    assert "Stopped at 1 of 4 rows" in shown_text(at)
    at.button(key="experiment_open_masking").click().run()
    assert at.dataframe[0].value["hF1"].notna().sum() == 1
    assert at.button(key="experiment_go").label == "Resume"
    at.button(key="experiment_go").click().run()
    again = jobs.list_jobs(ctx)[0]
    assert again.id != job.id
    assert again.arguments == job.arguments


def test_other_settings_are_no_resumption(home, ctx, open_page):
    with pytest.raises(JobCancelledError):
        measure(ctx, progress=StopAfterFirstRow())
    at = open_page("experiments.py", experiment="masking")
    assert at.number_input(key="experiment_masking_epochs").value == SMALL["max_epochs"]
    at.number_input(key="experiment_masking_seed").set_value(8).run()
    assert at.button(key="experiment_go").label == "Run"


@pytest.mark.usefixtures("is_trained")
def test_the_configuration_in_use_is_marked(home, ctx, open_page):
    models.promote_model(ctx, 1, "Ada")
    active = models.active_model(ctx)
    own = " + ".join(active.config["encoders"])
    rows = [row("fusion", f"Late fusion · {own}"), row("fusion", f"Early fusion · {own}"), row("masking", "Masked")]
    frame = experiment_leaderboard.frame(rows, {}, active)
    assert [experiment_leaderboard.IN_USE in name for name in frame["Configuration"]] == [True, False, False]


def row(experiment, configuration):
    return LeaderboardRow(experiment, configuration, 0.9, 0.8, 0.85, 0.7, 1.0, 100)


@pytest.mark.parametrize(
    ("values", "is_more_better", "best"),
    [
        ([0.1, 0.3, None, 0.3], True, [False, True, False, True]),
        ([0.1, 0.3, None, 0.0], False, [False, False, False, True]),
        ([0.5, 0.5], True, [False, False]),
        ([0.5, None], True, [False, False]),
    ],
)
def test_the_best_of_a_column(values, is_more_better, best):
    found = experiment_figures.best_rows(pd.Series(values, dtype=float), is_more_better=is_more_better)
    assert list(found) == best


def test_sources_become_links():
    said = experiment_words.source_links("Ada and Bob 1999, https://a.org/1; Cy 2000 (masks); Di 2001, https://b.org/2")
    assert said == "[Ada and Bob 1999](https://a.org/1) · Cy 2000 (masks) · [Di 2001](https://b.org/2)"


def table_of(columns, rows):
    return ExperimentTable(columns, rows, (), Path("table.csv"), Path("table.md"), len(rows), len(rows), {})


def test_labels_that_repeat_for_every_row_become_series():
    rows = (("Masked", "Best path", 0.9), ("Masked", "Greedy", 0.8), ("Unmasked", "Best path", 0.7),
            ("Unmasked", "Greedy", None))  # fmt: skip
    table = table_of(("Mask", "Decision", "hF1"), rows)
    full = table_of(table.columns, (*rows[:3], ("Unmasked", "Greedy", 0.6)))
    assert experiment_chart.points(full) == (["Masked", "Unmasked"], {"Best path": [0.9, 0.7], "Greedy": [0.8, 0.6]})
    names, series = experiment_chart.points(table)
    assert names == ["Masked · Best path", "Masked · Greedy", "Unmasked"]
    assert series == {"hF1": [0.9, 0.8, 0.7]}


def test_the_reading_names_the_best_and_its_lead_and_counts_many_ties():
    columns = ("Fusion", "hF1")
    lead = experiment_chart.in_a_sentence(table_of(columns, (("Late", 0.98), ("Early", 0.97), ("Peer", None))))
    assert lead == "Late does best: 98.00 % hF1, 1.00 points ahead of the next."
    ties = experiment_chart.in_a_sentence(table_of(columns, (("a", 0.9), ("b", 0.9), ("c", 0.9), ("d", 0.8))))
    assert ties.startswith("3 of 4 rows do best: 90.00 % hF1")


def test_a_share_is_said_in_percent_and_a_count_is_not():
    said = experiment_figures.number_format(pd.Series([0.98765, 1.0], name="hF1"))
    assert said(0.98765) == "98.77"
    assert experiment_figures.number_format(pd.Series([1036.0, None], name="Test products"))(1036) == "1,036"
    assert experiment_figures.number_format(pd.Series([0.94, 3.25], name="Seconds"))(3.25) == "3.2"
