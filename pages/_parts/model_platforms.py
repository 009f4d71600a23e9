"""How good a model is on each shop and marketplace."""

import pandas as pd
import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.model_report import TestReport
from core.services.context import Context
from pages._parts.model_levels import share_column
from pages._parts.model_words import FIGURES
from pages._shared import words


def draw(ctx: Context, model: ModelVersion, report: TestReport) -> None:
    """Draw a row per platform, the worst first."""
    ordered = sorted(report.platforms, key=lambda found: (found.hierarchical_f1, found.platform))
    if not ordered:
        st.info("The test says nothing of platforms.", icon=":material/info:")
        return
    figures = {name: [100 * getattr(found, field) for found in ordered] for name, field, _ in FIGURES}
    names, sizes = [found.platform for found in ordered], [found.n_products for found in ordered]
    frame = pd.DataFrame({"Platform": names, "Products": sizes, **figures})
    config = {name: share_column(name, tip) for name, _, tip in FIGURES}
    st.dataframe(frame, hide_index=True, key="model_platforms_table", column_config=config)
    worst = ordered[0]
    st.caption(
        f"Hardest: {words.plain(worst.platform)}, with {words.percent(worst.hierarchical_f1, 1)} on "
        f"{words.count(worst.n_products, 'product')} that it never saw."
    )
