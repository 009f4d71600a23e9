"""How far curators agree, category by category."""

import streamlit as st

from core.services.context import Context
from core.services.opinions import CategoryAgreement
from pages._shared import caches

BEYOND_CHANCE = (
    "Cohen's kappa: how much more often curators agree than if each had chosen at random, with their own "
    "preferences. 1 is perfect, 0 is no better than chance; from about 0.6 on, a category is clearly drawn."
)
NO_KAPPA = "–: everybody chose the same for every cluster, which chance would do as well; judge more clusters there."
PAIRS = "With more than two curators: the mean over all pairs of them."


def agreement_table(ctx: Context) -> None:
    """Draw agreement by category, the least first: that is where a definition is missing."""
    found = caches.agreement(ctx)
    if not found:
        st.caption("No cluster has been judged by two curators yet.")
        return
    st.dataframe(
        [_row(item) for item in sorted(found, key=_least_first)],
        key="agreement_table",
        hide_index=True,
        placeholder="–",
        column_config={
            "Category": st.column_config.TextColumn(width="large"),
            "Clusters": st.column_config.NumberColumn(help="Judged by at least two curators.", format="localized"),
            "Same choice": st.column_config.ProgressColumn(
                help="Share of these clusters on which two curators chose the same name, or both to reject, before "
                "they saw each other's choice.",
                format="percent",
                min_value=0.0,
                max_value=1.0,
            ),
            "Beyond chance": st.column_config.NumberColumn(help=BEYOND_CHANCE, format="%.2f"),
        },
    )
    notes = [NO_KAPPA] if any(item.kappa is None for item in found) else []
    notes += [PAIRS] if any(len(item.authors) > 2 for item in found) else []
    for note in notes:
        st.caption(note)


def _least_first(item: CategoryAgreement) -> tuple[float, float]:
    return (item.observed if item.kappa is None else item.kappa, -item.n_clusters)


def _row(item: CategoryAgreement) -> dict[str, str | int | float | None]:
    return {
        "Category": item.path,
        "Clusters": item.n_clusters,
        "Same choice": item.observed,
        "Beyond chance": item.kappa,
        "Curators": ", ".join(item.authors),
    }
