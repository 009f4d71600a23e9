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
            _reasons(result["reasons"])
        if result.get("classify_job_id"):
            st.caption("The classifier in use looks at what is new by itself; Predictions shows what it says.")
        with st.container(horizontal=True, key="import_result_buttons"):
            is_classified = bool(result.get("classify_job_id"))
            if is_classified and st.button("See the predictions", key="import_predictions", type="primary",
                                           icon=":material/arrow_forward:"):  # fmt: skip
                st.switch_page("predictions.py")
            if st.button("Discover subcategories", key="import_next", icon=":material/arrow_forward:",
                         type="secondary" if is_classified else "primary"):  # fmt: skip
                st.switch_page("discover.py")
            _rejects(Path(result["rejects_path"]) if result["rejects_path"] else None)
    st.subheader("Import another file", anchor=False)


def _reasons(reasons: dict[str, int]) -> None:
    frame = pd.DataFrame({"reason": list(reasons), "n": list(reasons.values())}).sort_values("n", ascending=False)
    worst, total = frame.iloc[0], int(frame["n"].sum())
    if len(frame) == 1:
        st.markdown(f"All were turned away for one reason: **{worst['reason']}**.")
    elif 2 * worst["n"] > total:
        st.markdown(f"Most were turned away for this reason: **{worst['reason']}** ({worst['n']:,} of {total:,}).")
    else:
        st.markdown(f"They were turned away for {len(frame)} reasons:")
    figure = charts.bars(frame, "reason", "n", hover="%{y}: %{x:,}", height=34 * len(frame) + 20)
    charts.show(figure, key="reject_reasons", alt="Number of rejected rows by reason")


def _rejects(file_path: Path | None) -> None:
    if file_path is not None and file_path.is_file():
        st.download_button(
            "Download rejected rows",
            data=file_path.read_bytes,
            file_name="rejected_rows.csv",
            mime="text/csv",
            key="download_rejects",
            icon=":material/download:",
            on_click="ignore",
        )
