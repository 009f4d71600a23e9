"""Every experiment in a row of its own: what it answers, where its table comes from, how far it is."""

import streamlit as st

from core.domain.job import Job
from core.services.experiments import ExperimentStatus
from pages._parts import experiment_words
from pages._shared import state


def draw(statuses: tuple[ExperimentStatus, ...], jobs: dict[str, Job]) -> None:
    """Draw the list.

    Args:
        statuses: All experiments.
        jobs: The newest job of each experiment that has one, by its name.
    """
    with st.container(border=True, key="experiment_list", gap="small"):
        for status in statuses:
            with st.container(key=f"experiment_row_{status.card.name}"):
                _row(status, jobs.get(status.card.name))


def open_experiment(name: str | None) -> None:
    """Go to an experiment, or back to all of them."""
    if name is None:
        st.query_params.pop(state.EXPERIMENT, None)
    else:
        st.query_params[state.EXPERIMENT] = name


def _row(status: ExperimentStatus, job: Job | None) -> None:
    card = status.card
    about, table, go = st.columns([5, 3.6, 1.4], vertical_alignment="center", gap="medium")
    with about.container(gap="xxsmall"):
        st.markdown(f"**{card.title}**")
        st.caption(card.question)
    with table.container(gap="xxsmall"):
        st.markdown(experiment_words.how_far(status, job))
        st.caption(card.table)
    go.button(
        experiment_words.invitation(status, job),
        key=f"experiment_open_{card.name}",
        width="stretch",
        on_click=open_experiment,
        args=(card.name,),
    )
