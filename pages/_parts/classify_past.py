"""Files classified earlier, each to look at again or to take away."""

from pathlib import Path

import streamlit as st

from core.domain.job import Job
from core.services import classified_files
from core.services.context import Context
from pages._parts import classify_result
from pages._shared import state, words

SHOWN = 10


def draw(ctx: Context) -> None:
    """Draw the list, newest first."""
    past = classified_files.past_classifications(ctx, SHOWN)
    if not past:
        return
    st.subheader("Earlier classifications", anchor=False)
    with st.container(border=True, key="classify_past", gap="xsmall"):
        for job in past:
            _row(job)


def _row(job: Job) -> None:
    what, came, when, look, take = st.columns([4, 3, 2.6, 1, 1.6], vertical_alignment="center")
    what.markdown(f"**{words.plain(Path(job.arguments['file_path']).name)}**")
    failed = f", {job.result['n_failed']:,} without a category" if job.result["n_failed"] else ""
    came.caption(f"{words.count(job.result['n_rows'], 'row')}{failed}")
    when.caption(f"{words.plain(job.author)} · {words.ago(job.finished_at)}")
    if look.button("Show", key=f"classify_show_{job.id}", type="tertiary"):
        st.query_params[state.RESULT] = str(job.id)
        st.rerun()
    with take:
        classify_result.download(job, key=f"classify_take_{job.id}", label="Download", kind="tertiary")
