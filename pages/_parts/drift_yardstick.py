"""The first week: nothing to compare yet, but what the next one will be compared with."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.domain.drift import DriftWeek
from pages._parts import drift_words


def draw(weeks: Sequence[DriftWeek]) -> None:
    """Draw what the only week holds, and say what comes next."""
    st.subheader("The yardstick", anchor=False)
    with st.container(border=True, key="drift_yardstick", gap="small"):
        week = drift_words.named(weeks[0].week) if weeks else "This week"
        st.markdown(f"**{week}** is the first week of this workspace: there is nothing to compare it with yet.")
        st.markdown(
            "- The next week's **brands and title words** are held against those of this one.\n"
            "- Its share of **unsure predictions** is held against the one below, platform by platform.\n"
            "- Categories whose **share of new products** rises are named."
        )
        frame = pd.DataFrame(
            {
                "Platform": [found.platform for found in weeks],
                "Products": [found.n_products for found in weeks],
                "New to the model": [found.n_predicted for found in weeks],
                "Unsure": [100 * found.share_unsure if found.n_predicted else None for found in weeks],
                "Words per title": [found.n_words / found.n_products for found in weeks],
            }
        )
        config = {
            "Unsure": st.column_config.NumberColumn(format="%.1f %%", help="Of products new to the model."),
            "New to the model": st.column_config.NumberColumn(help="Predicted products that it did not learn from."),
            "Words per title": st.column_config.NumberColumn(format="%.1f"),
        }
        st.dataframe(frame.sort_values("Products", ascending=False), hide_index=True, key="drift_yardstick_table",
                     column_config=config)  # fmt: skip
