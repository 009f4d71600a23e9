"""All configurations measured on this catalogue, the best first."""

from collections.abc import Mapping, Sequence
from math import floor

import pandas as pd
import streamlit as st

from core.domain.classifier import ModelVersion
from core.services import experiments, models
from core.services.context import Context
from core.services.experiments import LeaderboardRow
from pages._shared import words

ROW_HEIGHT, SHOWN = 35, 10
HF1_HELP = "How much of each path is right: precision and recall over all its levels."
TIPS = {
    "Macro F1": "The average over categories: small ones count as much as large ones.",
    "Weighted F1": "The average over products: large categories count more.",
    "Exact": "Products whose path is right to the last level.",
}
IN_USE = "In use"


def draw(ctx: Context, titles: Mapping[str, str]) -> None:
    """Draw the table, or how to begin where nothing is measured yet; `titles` are those of the experiments."""
    rows = experiments.leaderboard(ctx)
    if not rows:
        st.info("Nothing is measured yet: set up an experiment below and run it.", icon=":material/science:")
        return
    best = rows[0]
    shown = frame(rows, titles, models.active_model(ctx))
    with st.container(border=True, key="leaderboard", gap="small"):
        st.markdown("#### Leaderboard")
        st.caption(
            f"{words.count(len(rows), 'configuration')}, each tested on products that it never saw. Best so far: "
            f"**{words.plain(best.configuration)}** with {words.percent(best.hierarchical_f1, 2)}."
        )
        st.dataframe(
            shown,
            hide_index=True,
            key="leaderboard_table",
            height=ROW_HEIGHT * (min(len(rows), SHOWN) + 1) + 3,
            column_config=_columns(_floor(rows[-1].hierarchical_f1)),
        )


def frame(rows: Sequence[LeaderboardRow], titles: Mapping[str, str], active: ModelVersion | None) -> pd.DataFrame:
    """The rows as people read them, shares in percent.

    Args:
        rows: What was measured, best first.
        titles: Title of each experiment by its name.
        active: The classifier in use, whose configuration is marked where a row has the same.
    """
    return pd.DataFrame(
        {
            "Place": range(1, len(rows) + 1),
            "Configuration": [
                f"{IN_USE} · {row.configuration}" if is_in_use(row, active) else row.configuration for row in rows
            ],
            "Experiment": [titles.get(row.experiment, row.experiment) for row in rows],
            "Overall (hF1)": [100 * row.hierarchical_f1 for row in rows],
            "Macro F1": [100 * row.macro_f1 for row in rows],
            "Weighted F1": [100 * row.weighted_f1 for row in rows],
            "Exact": [100 * row.exact for row in rows],
            "Tested on": [row.n_test for row in rows],
            "Seconds": [row.seconds for row in rows],
        }
    )


def is_in_use(row: LeaderboardRow, active: ModelVersion | None) -> bool:
    """Whether a row has the fusion and the modalities of the classifier in use."""
    if active is None or row.experiment != "fusion":
        return False
    fusion, _, modalities = row.configuration.partition(" · ")
    own = str(active.config.get("parameters", {}).get("fusion", ""))
    return fusion == f"{own.capitalize()} fusion" and set(modalities.split(" + ")) == set(active.config["encoders"])


def _floor(share: float) -> int:
    """Where bars begin, in percent: a round number under the worst, so that near ones can be told apart."""
    return max(0, floor(10 * share) * 10 - 10)


def _columns(lowest: int) -> dict[str, object]:
    config = st.column_config
    bar_help = f"{HF1_HELP} Bars begin at {lowest} %." if lowest else HF1_HELP
    return {
        "Place": config.NumberColumn("", width=40),
        "Configuration": config.TextColumn(width=290),
        "Experiment": config.TextColumn(width=170),
        "Overall (hF1)": config.ProgressColumn(
            help=bar_help, min_value=float(lowest), max_value=100.0, format="%.2f %%", width=170
        ),
        "Tested on": config.NumberColumn(help="Products in the test.", format="localized"),
        "Seconds": config.NumberColumn(help="Of training.", format="%.1f"),
    } | {name: config.NumberColumn(help=tip, format="%.1f %%") for name, tip in TIPS.items()}
