"""Any two models side by side: overall, per category, per platform, and where they differ."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from core.domain.classifier import ModelStatus, ModelVersion
from core.domain.model_comparison import ENOUGH, ModelComparison
from core.services.context import Context
from pages._parts import model_disagreements, model_words
from pages._parts.model_levels import share_column, table_height
from pages._shared import layout, model_caches, words

A, B = "model_a", "model_b"


def draw(ctx: Context, known: Sequence[ModelVersion]) -> None:
    """Draw the choice of two models and what tells them apart."""
    if len(known) < 2:
        layout.show_problem("There is only one model so far. Retrain, and the two can be compared.", "", is_error=False)
        return
    by_id = {model.id: model for model in known}
    first = next((model.id for model in known if model.status is ModelStatus.ACTIVE), known[1].id)
    defaults = (first, next(model.id for model in known if model.id != first))
    for key, default in zip((A, B), defaults, strict=True):
        if st.session_state.get(key) not in by_id:
            st.session_state[key] = default
    left, right = st.columns(2, gap="medium")
    a = left.selectbox("Model", list(by_id), key=A, format_func=lambda key: model_words.title(by_id[key]))
    b = right.selectbox("Against it", list(by_id), key=B, format_func=lambda key: model_words.title(by_id[key]))
    with layout.error_boundary():
        comparison = model_caches.comparison(ctx, a, b)
        _judged(comparison)
        if comparison.is_enough:
            _overall(comparison)
            _section(ctx, comparison)
        else:
            _own_figures(comparison)


def _judged(comparison: ModelComparison) -> None:
    if comparison.is_enough:
        judged = words.count(comparison.n_common, "product")
        apart = f" {comparison.n_left_out:,} more cannot be judged now." if comparison.n_left_out else ""
        st.caption(
            f"On the {judged} from which neither learned, by where they are today, in today's taxonomy, as deep as "
            f"both models know it.{apart}"
        )
        return
    layout.show_problem(
        f"Only {words.count(comparison.n_common, 'product')} can be judged from which neither model learned; "
        f"{ENOUGH} are needed to compare them.",
        "Below is what each scored on its own test products. These differ, so small differences mean nothing.",
        is_error=False,
    )


def _overall(comparison: ModelComparison) -> None:
    for column, (label, field, tip) in zip(st.columns(4), model_words.FIGURES, strict=True):
        a, b = getattr(comparison.a, field), getattr(comparison.b, field)
        said = model_words.points(b - a)
        column.metric(label, words.percent(b, 1), said, help=tip, **model_words.delta_style(said))
    st.caption(f"Figures of model {comparison.b_id}; below them, the difference from model {comparison.a_id}.")


def _own_figures(comparison: ModelComparison) -> None:
    for number, metrics in ((comparison.a_id, comparison.own_a), (comparison.b_id, comparison.own_b)):
        with st.container(border=True, key=f"model_own_{number}"):
            st.markdown(f"**Model {number}** :gray[on {words.count(metrics.n_products, 'product')} of its own]")
            layout.metric_row(
                [(label, words.percent(getattr(metrics, field), 1), tip) for label, field, tip in model_words.FIGURES]
            )


def _section(ctx: Context, comparison: ModelComparison) -> None:
    sections: dict[str, Callable[[], None]] = {
        "Categories": lambda: _categories(comparison),
        "Platforms": lambda: _platforms(comparison),
        f"Where they differ ({len(comparison.disagreements):,})": lambda: model_disagreements.draw(ctx, comparison),
    }
    names = list(sections)
    chosen = st.segmented_control(
        "Show", names, default=names[0], required=True, key=f"compare_section_{comparison.a_id}_{comparison.b_id}",
        label_visibility="collapsed",
    )  # fmt: skip
    sections[chosen or names[0]]()


def _categories(comparison: ModelComparison) -> None:
    text = st.text_input("Find a category", key="compare_search", placeholder="Part of its path")
    nodes = [node for node in comparison.nodes if text.strip().casefold() in node.path.casefold()]
    sizes = {"Category": [node.path for node in nodes], "Products": [node.n_products for node in nodes]}
    shares = [(node.f1_a, node.f1_b, node.difference) for node in nodes]
    _table(comparison, sizes, shares, "F1", model_words.F1_HELP, "compare_categories")


def _platforms(comparison: ModelComparison) -> None:
    found = comparison.platforms
    sizes = {"Platform": [part.platform for part in found], "Products": [part.n_products for part in found]}
    shares = [(part.a.hierarchical_f1, part.b.hierarchical_f1, part.difference) for part in found]
    _table(comparison, sizes, shares, "hF1", model_words.FIGURES[0][2], "compare_platforms")


def _table(
    comparison: ModelComparison,
    sizes: dict[str, list],
    shares: Sequence[tuple[float, float, float]],
    figure: str,
    tip: str,
    key: str,
) -> None:
    names = (f"{figure}, model {comparison.a_id}", f"{figure}, model {comparison.b_id}")
    values = [[100 * row[side] for row in shares] for side in range(3)]
    frame = pd.DataFrame(sizes | dict(zip((*names, "Difference"), values, strict=True)))
    config = {name: share_column(name, tip) for name in names}
    config["Difference"] = st.column_config.NumberColumn(
        format="%+.1f", help=f"In points, above 0 where model {comparison.b_id} is better."
    )
    st.dataframe(frame, hide_index=True, key=key, column_config=config, height=table_height(len(frame)))
