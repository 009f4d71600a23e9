"""What an experiment measured: its table as the papers lay it out, what to know of it, and files to take away."""

from pathlib import Path

import streamlit as st

from core.experiments.cards import ExperimentCard
from core.services.experiments import ExperimentTable
from pages._parts import experiment_chart, experiment_figures
from pages._shared import layout, words

DOWNLOADS = (
    ("CSV", "csv_path", "For a spreadsheet."),
    ("Markdown", "markdown_path", "For a report or a wiki, notes included."),
)


def draw(card: ExperimentCard, table: ExperimentTable) -> None:
    """Draw the chart, the table, its notes and its files."""
    with layout.error_boundary():
        experiment_chart.draw(card.name, table)
    with st.container(border=True, key="experiment_result", gap="small"):
        left, *files = st.columns([5, 1, 1.2], vertical_alignment="center")
        left.markdown(f"#### {card.table}")
        for column, (label, field, tip) in zip(files, DOWNLOADS, strict=True):
            with column:
                _download(label, getattr(table, field), tip, key=f"experiment_{label.lower()}")
        experiment_figures.draw(table.columns, table.rows, key=f"experiment_table_{card.name}")
        st.caption("Shares are in percent; the best of each column is bold. Point at a title to learn what it says.")
        for detail in table.details:
            with st.expander(words.plain(detail.title), key=f"experiment_detail_{card.name}"):
                experiment_figures.draw(detail.columns, detail.rows, key=f"experiment_detail_table_{card.name}")
        st.caption("\n".join(f"- {words.plain(note)}" for note in table.notes))


def _download(label: str, file_path: Path, tip: str, *, key: str) -> None:
    st.download_button(
        label,
        data=file_path.read_bytes,
        file_name=file_path.name,
        key=key,
        help=tip,
        width="stretch",
        icon=":material/download:",
        on_click="ignore",
    )
