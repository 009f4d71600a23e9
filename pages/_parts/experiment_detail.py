"""One experiment: what it asks, how to run it, and what it measured."""

import streamlit as st

from core.domain.errors import ParameterError
from core.domain.job import Job, JobKind, JobState
from core.experiments.settings import ExperimentSettings
from core.services import experiments
from core.services.context import Context
from core.services.experiments import ExperimentStatus, ExperimentTable
from pages._parts import experiment_form, experiment_list, experiment_result, experiment_words
from pages._shared import launch, layout
from pages._shared.job_monitor import job_monitor

EVERY_SECONDS = 4.0


def draw(ctx: Context, status: ExperimentStatus, job: Job | None, busy_with: str | None) -> None:
    """Draw an experiment.

    Args:
        ctx: The workspace.
        status: The experiment.
        job: Its newest job, where it has one.
        busy_with: Title of the experiment at work, this one or another.
    """
    st.button(
        "All experiments",
        key="experiment_back",
        type="tertiary",
        icon=":material/arrow_back:",
        on_click=experiment_list.open_experiment,
        args=(None,),
    )
    table = experiments.experiment_table(ctx, status.card.name)
    _setup(ctx, status, table, job, busy_with)
    if job is not None and experiment_words.is_running(job):
        job_monitor(ctx, job, key="experiment_job")
        st.fragment(_result, run_every=EVERY_SECONDS)(ctx, status)
    else:
        _result(ctx, status)


def settings_before(table: ExperimentTable | None, job: Job | None) -> ExperimentSettings:
    """What the experiment was run with last: resuming needs the same again."""
    asked = job.arguments.get("settings") if job is not None else None
    try:
        return ExperimentSettings.from_dict(asked or (table.settings if table is not None else {}))
    except ParameterError:  # of an earlier version of Shelfwise
        return ExperimentSettings()


def _result(ctx: Context, status: ExperimentStatus) -> None:
    with layout.error_boundary():
        table = experiments.experiment_table(ctx, status.card.name)
        if table is not None and table.n_done:
            experiment_result.draw(status.card, table)


def _setup(
    ctx: Context, status: ExperimentStatus, table: ExperimentTable | None, job: Job | None, busy_with: str | None
) -> None:
    card = status.card
    with st.container(border=True, key="experiment_setup"):
        left, right = st.columns([4, 1.5], vertical_alignment="center", gap="large")
        with left.container(gap="xsmall"):
            st.markdown(f"### {card.title}")
            st.markdown(card.question)
            st.caption(f"{card.table}. After {experiment_words.source_links(card.source)}")
        start = settings_before(table, job)
        chosen = experiment_form.draw(ctx, card.name, start)
        problem = experiment_form.problem(ctx, card.name, chosen)
        if problem:
            layout.show_problem(problem, "", is_error=False)
            if card.name == "recategorization":
                st.page_link("discover.py", label="Discover subcategories", icon=":material/arrow_forward:")
        _fault(job)
        with right:
            _go(ctx, status, job, chosen, is_same=chosen == start, is_held=bool(problem or busy_with))
            if busy_with and not experiment_words.is_running(job):
                st.caption(f"“{busy_with}” is running; one runs at a time.")
            else:
                st.markdown(experiment_words.how_far(status, job))


def _go(
    ctx: Context, status: ExperimentStatus, job: Job | None, chosen: ExperimentSettings, *, is_same: bool, is_held: bool
) -> None:
    is_unfinished = experiment_words.is_unfinished(status, job)
    is_done = is_same and bool(status.n_done) and not is_unfinished
    label = "Run again" if is_done else "Resume" if is_same and is_unfinished else "Run"
    if st.button(
        label,
        key="experiment_go",
        type="secondary" if is_done else "primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=is_held,
        help="It runs beside your work; rows that are measured already are kept.",
    ):
        launch.launch_and_show(ctx, JobKind.EXPERIMENT, {"name": status.card.name, "settings": chosen.to_dict()})


def _fault(job: Job | None) -> None:
    if job is not None and job.state is JobState.FAILED:
        layout.show_problem(job.error or "It failed.", job.remedy)
    if job is not None and job.state is JobState.INTERRUPTED:
        layout.show_problem("It was interrupted: the worker stopped.", "Resume it; finished rows are kept.", False)
