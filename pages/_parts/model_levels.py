"""How good a classifier is on each level of the tree."""

from typing import Literal

import pandas as pd
import streamlit as st

from core.domain.classifier import HierarchicalMetrics

MANY_ROWS = 15
TIPS = {
    "Macro F1": "The average over categories: small ones count as much as large ones.",
    "Weighted F1": "The average over products: large categories count more.",
}


def draw(metrics: HierarchicalMetrics, against: HierarchicalMetrics | None, *, key: str) -> None:
    """Draw a table with a row per level, and what changed against another classifier where there is one."""
    frame = pd.DataFrame(
        {
            "Level": [f"Level {level.level}" for level in metrics.levels],
            "Products": [level.n_products for level in metrics.levels],
            "Macro F1": [100 * level.macro_f1 for level in metrics.levels],
            "Weighted F1": [100 * level.weighted_f1 for level in metrics.levels],
        }
    )
    if against is not None:
        before = {level.level: level.macro_f1 for level in against.levels}
        changes = [100 * (x.macro_f1 - before[x.level]) if x.level in before else None for x in metrics.levels]
        frame["Change"] = pd.Series(changes, dtype="float64")
    config = {name: share_column(name, tip) for name, tip in TIPS.items()}
    change = st.column_config.NumberColumn(format="%+.1f", help="Macro F1 against the model in use, in points.")
    st.dataframe(frame, hide_index=True, key=key, column_config=config | {"Change": change})


def share_column(name: str, tip: str) -> object:
    """A column of shares in per cent, drawn as bars."""
    return st.column_config.ProgressColumn(name, help=tip, min_value=0.0, max_value=100.0, format="%.1f %%")


def table_height(n_rows: int) -> int | Literal["auto"]:
    """Of a table: as tall as its rows, up to where it scrolls."""
    return "auto" if n_rows < MANY_ROWS else 560
