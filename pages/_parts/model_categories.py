"""Every category of a model's report, the worst first."""

import pandas as pd
import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.model_report import TestReport
from core.services.context import Context
from pages._parts.model_levels import share_column, table_height
from pages._parts.model_words import F1_HELP
from pages._shared import model_caches, words

FEW = 5
COLUMNS = {
    "F1": F1_HELP,
    "Precision": "Of the products it puts here, the share that belongs here.",
    "Recall": "Of the products that belong here, the share that it puts here.",
}


def draw(ctx: Context, model: ModelVersion, report: TestReport) -> None:
    """Draw a table that can be searched and sorted."""
    frame = _frame(report, model_caches.version_paths(ctx, model.taxonomy_version))
    search, level, few = st.columns([4, 3, 3], vertical_alignment="bottom", gap="medium")
    text = search.text_input("Find a category", key="model_categories_search", placeholder="Part of its path")
    levels = sorted(frame["Level"].unique())
    chosen = level.segmented_control(
        "Level", levels, selection_mode="multi", key="model_categories_level", format_func=lambda number: f"{number}"
    )
    hides_few = few.toggle(
        f"Only with {FEW} products or more",
        key="model_categories_few",
        help="A score from a handful of products is mostly chance.",
    )
    if text:
        frame = frame[frame["Category"].str.contains(text.strip(), case=False, regex=False)]
    if chosen:
        frame = frame[frame["Level"].isin(chosen)]
    if hides_few:
        frame = frame[frame["Products"] >= FEW]
    if frame.empty:
        st.info("No category under these filters.", icon=":material/search_off:")
        return
    st.dataframe(
        frame,
        hide_index=True,
        key="model_categories_table",
        height=table_height(len(frame)),
        column_config={"Category": st.column_config.TextColumn(width="large")}
        | {name: share_column(name, tip) for name, tip in COLUMNS.items()},
    )
    st.caption(f"{words.count(len(frame), 'category', 'categories')}, the worst first. Press a heading to sort.")


def _frame(report: TestReport, paths: dict[str, str]) -> pd.DataFrame:
    ordered = sorted(report.nodes, key=lambda node: (node.f1, -node.n_products, node.node_id))
    return pd.DataFrame(
        {
            "Category": [paths.get(node.node_id, node.node_id) for node in ordered],
            "Level": [node.level for node in ordered],
            "Products": [node.n_products for node in ordered],
            "Predicted": [node.n_predicted for node in ordered],
            "F1": [100 * node.f1 for node in ordered],
            "Precision": [100 * node.precision for node in ordered],
            "Recall": [100 * node.recall for node in ordered],
        }
    )
