"""What came of a classified file: figures, the least certain rows, those that failed, and the file itself."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.domain.classified import FULL_STAGE, TEXT_STAGE
from core.domain.job import Job
from core.services import classified_files
from core.services.classified_files import ClassifiedFile
from pages._shared import charts, layout, words

STAGES = {TEXT_STAGE: "text", FULL_STAGE: "full model"}
NAMES = {
    "row": "Row", "product_id": "Product", "title": "Title", "path": "Category", "confidence": "Sure",
    "stage": "Settled by", "reason": "Reason",
}  # fmt: skip
TABLE_HEIGHT = 330
FEW_ROWS = 8


@st.cache_data(show_spinner="Reading the result…", max_entries=4)
def _read(file_path: Path, title_column: str | None, changed: float) -> ClassifiedFile:
    return classified_files.read_classified(file_path, title_column)


def draw(job: Job) -> None:
    """Draw the result of a finished classification."""
    file_path = Path(job.result["output_path"])
    title_column = (job.arguments.get("mapping") or {}).get("title")
    found = _read(file_path, title_column, file_path.stat().st_mtime)
    with st.container(border=True, key="classify_result"):
        left, right = st.columns([4, 1.4], vertical_alignment="center")
        n_classified = found.n_rows - found.n_failed
        left.markdown(f"#### :green[:material/check_circle:] {words.count(n_classified, 'row')} classified")
        name, author = Path(job.arguments["file_path"]).name, words.plain(job.author)
        left.caption(f"{words.plain(name)} · {author} · {words.ago(job.finished_at)}, in {_took(job)}")
        with right:
            download(job, key="classify_download", label="Download the result", kind="primary", width="stretch")
        _figures(found)
        certainty, rows = st.columns([2, 5], gap="large")
        with certainty:
            _certainty(found)
        with rows:
            _rows(found)


def download(job: Job, *, key: str, label: str, kind: str, width: str = "content") -> None:
    """The button that takes a result away."""
    file_path = Path(job.result["output_path"])
    st.download_button(
        label,
        data=file_path.read_bytes,
        file_name=file_path.name,
        mime="text/csv",
        key=key,
        type=kind,
        icon=":material/download:",
        width=width,
        on_click="ignore",
    )


def _took(job: Job) -> str:
    seconds = float(job.result["seconds"])
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"


def _figures(found: ClassifiedFile) -> None:
    by_full = "Rows that the text stage was not sure of; every row where it was not asked, or there is none."
    layout.metric_row(
        [
            ("Rows", f"{found.n_rows:,}", "Of the file; as many come back."),
            ("Settled by text", f"{found.n_text:,}",
             f"{words.sure(found.share_text)} of the classified rows: the full model never saw them."),
            ("By the full model", f"{found.n_full:,}", by_full),
            ("Without a category", f"{found.n_failed:,}", "Each says why, in the column reason."),
        ]
    )  # fmt: skip
    if found.n_notes:
        st.caption(
            f"{words.count(found.n_notes, 'row')} went by text alone for want of a picture: see the column note."
        )


def _certainty(found: ClassifiedFile) -> None:
    st.markdown("**How sure it is**")
    width = 100 // len(found.certainty)
    labels = [f"{start}–{start + width} %" for start in range(0, 100, width)]
    frame = pd.DataFrame({"sure": labels, "n": found.certainty})
    first = next((place for place, n in enumerate(found.certainty) if n), 0)
    shown = frame.iloc[first:][::-1]
    figure = charts.bars(shown, "sure", "n", hover="%{y} sure: %{x:,} rows", height=34 * len(shown) + 20)
    charts.show(figure, key="classify_certainty", alt="Number of rows by how sure the model is")


def _rows(found: ClassifiedFile) -> None:
    failed = f"Without a category ({found.n_failed:,})"
    tabs = st.tabs(["Least certain", failed] if found.n_failed else ["Least certain"], key="classify_rows")
    with tabs[0]:
        frame = found.least_certain.assign(
            stage=found.least_certain["stage"].map(STAGES), confidence=100 * found.least_certain["confidence"]
        )
        _table(frame, "classify_least_certain")
    if found.n_failed:
        with tabs[1]:
            _table(found.failed, "classify_failed")


def _table(frame: pd.DataFrame, key: str) -> None:
    config = {
        NAMES["row"]: st.column_config.NumberColumn(width=60),
        NAMES["confidence"]: st.column_config.NumberColumn(format="%.0f %%", width=70),
        NAMES["title"]: st.column_config.TextColumn(width=220),
        NAMES["path"]: st.column_config.TextColumn(width=240),
        NAMES["stage"]: st.column_config.TextColumn(width=80),
        NAMES["reason"]: st.column_config.TextColumn(width=240),
    }
    height = "content" if len(frame) <= FEW_ROWS else TABLE_HEIGHT
    st.dataframe(frame.rename(columns=NAMES), hide_index=True, key=key, column_config=config, height=height)
