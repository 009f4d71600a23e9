"""How an import went: what came in, what was turned away and why."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.domain.job import Job
from pages._shared import charts, layout, words


def draw(job: Job) -> None:
    """Draw the figures of a finished import, the reasons for rejects, and their download."""
    result = job.result
    n_accepted = result["n_rows"] - result["n_rejected"]
    with st.container(border=True, key="import_result"):
        st.markdown(f"#### :green[:material/check_circle:] {words.count(n_accepted, 'row')} accepted")
        st.caption(f"Imported by {words.plain(job.author)} {words.ago(job.finished_at)}, in {result['seconds']:.0f} s.")
        layout.metric_row(
            [
                ("New", f"{result['n_new']:,}", "Products that were not in the catalogue."),
                ("Updated", f"{result['n_updated']:,}", "Products whose row had changed."),
                ("Unchanged", f"{result['n_unchanged']:,}", "Products that were there already, word for word."),
                ("Rejected", f"{result['n_rejected']:,}", "Rows turned away, each for one reason."),
            ]
        )
        if result["n_rejected"]:
            _rejects(result["reasons"], result["rejects_path"])
        if st.button("Discover subcategories", key="import_next", type="primary", icon=":material/arrow_forward:"):
            st.switch_page("discover.py")
    st.subheader("Import another file", anchor=False)


def _rejects(reasons: dict[str, int], rejects_path: str) -> None:
    frame = pd.DataFrame({"reason": list(reasons), "n": list(reasons.values())}).sort_values("n", ascending=False)
    worst = frame.iloc[0]
    st.markdown(f"Most rows were turned away for this reason: **{worst['reason']}** ({worst['n']:,}).")
    figure = charts.bars(frame, "reason", "n", hover="%{y}: %{x:,}")
    charts.show(figure, key="reject_reasons", alt="Number of rejected rows by reason")
    path = Path(rejects_path)
    if path.is_file():
        st.download_button(
            "Download rejected rows",
            data=path.read_bytes,
            file_name="rejected_rows.csv",
            mime="text/csv",
            key="download_rejects",
            icon=":material/download:",
            on_click="ignore",
        )
