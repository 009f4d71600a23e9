"""What a person can decide of an experiment, nearly all of it decided already."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from core.experiments.settings import CUT_UP, LEAVE_OUT, ExperimentSettings
from core.services.context import Context
from core.services.encoders import AUTO, title_of
from pages._shared import caches

MODALITY_NAMES = {"title": "Title", "brand": "Brand", "description": "Description", "image": "Image"}
RARE_NAMES = {LEAVE_OUT: "Leave them out", CUT_UP: "Count them for the category above"}
SEED_HELP = "Chance decides which products are tested and how a training begins. The same seed gives the same figures."
REPEATS_HELP = "Each row is measured so many times, with another seed each time; the table shows the mean."
SMALLEST_HELP = "Categories with fewer products are too small to be tested; see below what becomes of their products."
PASSES_HELP = "A training ends by itself once it stops getting better. Fewer passes are faster, often a little worse."
FOLDS_HELP = "Every product is judged by classifiers that did not learn from it: so many are trained for that."
TEACH_HELP = "A classifier learns from these shops and is tested on all others."


def draw(ctx: Context, name: str, start: ExperimentSettings) -> ExperimentSettings:
    """Draw the settings of an experiment, folded; they begin as `start`."""
    key = f"experiment_{name}"
    with st.expander("Settings", key=f"{key}_settings", icon=":material/tune:", type="compact"):
        chosen = _numbers(key, start) | _products(ctx, key, start)
        if name in _OWN:
            chosen |= _OWN[name](ctx, key, start)
    return replace(start, **chosen)


def problem(ctx: Context, name: str, settings: ExperimentSettings) -> str:
    """Why an experiment cannot begin, in one plain sentence; '' where it can."""
    platforms = set(caches.platform_names(ctx))
    if name == "cross-platform" and len(platforms) < 2:
        return "It needs products of at least two shops; this catalogue has one."
    if name == "cross-platform" and platforms <= set(settings.train_platforms):
        return "No shop is left to be tested on: take one away under Settings."
    if name == "recategorization" and not caches.runs(ctx):
        return "It needs clusters to look at: discover subcategories first."
    return ""


def _numbers(key: str, start: ExperimentSettings) -> dict[str, Any]:
    one, two, three, four = st.columns(4)
    seed = one.number_input("Seed", 0, 2**31 - 1, start.seed, key=f"{key}_seed", help=SEED_HELP)
    seeds = two.number_input("Repeats", 1, 20, start.seeds, key=f"{key}_seeds", help=REPEATS_HELP)
    epochs = three.number_input("Passes at most", 1, 500, start.max_epochs, key=f"{key}_epochs", help=PASSES_HELP)
    smallest = four.number_input(
        "Smallest category", 1, 10_000, start.min_products, key=f"{key}_smallest", help=SMALLEST_HELP
    )
    return {"seed": seed, "seeds": seeds, "max_epochs": epochs, "min_products": smallest}


def _products(ctx: Context, key: str, start: ExperimentSettings) -> dict[str, Any]:
    left, right = st.columns(2)
    present = caches.modalities(ctx)
    modalities = left.multiselect(
        "What it learns from",
        present,
        default=[name for name in start.modalities if name in present],
        format_func=lambda name: MODALITY_NAMES[name],
        placeholder="Everything the catalogue has",
        key=f"{key}_modalities",
    )
    rare = right.selectbox(
        "Products of smaller categories",
        list(RARE_NAMES),
        index=list(RARE_NAMES).index(start.rare_paths),
        format_func=RARE_NAMES.get,
        key=f"{key}_rare",
    )
    return {"modalities": tuple(modalities), "rare_paths": rare}


def _encoders(ctx: Context, key: str, start: ExperimentSettings) -> dict[str, Any]:
    at_hand = [*caches.encoder_names(ctx, "text"), *caches.encoder_names(ctx, "image"), *start.encoders]
    chosen = st.multiselect(
        "Encoders",
        list(dict.fromkeys(name for name in at_hand if name != AUTO)),
        default=start.encoders,
        format_func=lambda name: f"{title_of(name)} ({name})",
        placeholder="The best at hand",
        key=f"{key}_encoders",
        help="One row each. The Encoders page says what they are.",
    )
    return {"encoders": tuple(chosen)}


def _platforms(ctx: Context, key: str, start: ExperimentSettings) -> dict[str, Any]:
    names = caches.platform_names(ctx)
    chosen = st.multiselect(
        "Shops to learn from",
        names,
        default=[name for name in start.train_platforms if name in names],
        placeholder="The largest one",
        key=f"{key}_platforms",
        help=TEACH_HELP,
    )
    return {"train_platforms": tuple(chosen)}


def _folds(ctx: Context, key: str, start: ExperimentSettings) -> dict[str, Any]:
    return {"folds": st.number_input("Folds", 2, 20, start.folds, key=f"{key}_folds", help=FOLDS_HELP, width=220)}


def _run(ctx: Context, key: str, start: ExperimentSettings) -> dict[str, Any]:
    runs = {summary.run.id: summary for summary in caches.runs(ctx)}
    choices = [0, *runs]

    def said(run_id: int) -> str:
        return f"{runs[run_id].category_path} · run {run_id}" if run_id else "The newest"

    index = choices.index(start.run_id) if start.run_id in choices else 0
    return {"run_id": st.selectbox("Discovery", choices, index=index, format_func=said, key=f"{key}_run")}


_OWN: dict[str, Callable[[Context, str, ExperimentSettings], dict[str, Any]]] = {
    "flat": _encoders,
    "cross-platform": _platforms,
    "decision-fusion": _folds,
    "recategorization": _run,
}
