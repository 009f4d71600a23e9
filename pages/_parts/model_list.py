"""Every model in a row of its own, with what can be done with it."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.domain.classifier import ModelStatus, ModelVersion
from core.services import models
from core.services.context import Context
from pages._parts import model_words
from pages._shared import state, words
from pages._shared.layout import acting

SHOWN = 5
OPEN = "model_open"
WIDTHS = (2.2, 1.5, 2.9, 2.2, 4.4)


def draw(ctx: Context, known: Sequence[ModelVersion]) -> None:
    """Draw the models, the one in use first, then the newest."""
    ordered = sorted(known, key=lambda model: (model.status is not ModelStatus.ACTIVE, -model.id))
    if ordered[0].status is not ModelStatus.ACTIVE:
        st.info("No model is in use. Promote one, and its predictions wait for you.", icon=":material/info:")
    shows_all = len(ordered) > SHOWN and st.toggle(f"Show all {len(ordered)}", key="models_all")
    with st.container(border=True, key="models", gap="small"):
        for model in ordered if shows_all else ordered[:SHOWN]:
            _row(ctx, model)


def _row(ctx: Context, model: ModelVersion) -> None:
    name, score, made_of, when, acts = st.columns(WIDTHS, vertical_alignment="center")
    badge = f":{model_words.STATUS_COLOURS[model.status]}-badge[{model_words.STATUS_NAMES[model.status]}]"
    name.markdown(f"**Model {model.id}** {badge}")
    tip = f"Measured on {words.count(model.metrics.n_products, 'product')} it never saw: {model_words.FIGURES[0][2]}"
    score.markdown(f"**{words.percent(model.metrics.hierarchical_f1, 1)}** :small[:gray[hF1]]", help=tip)
    reads = words.plain(", ".join(model_words.modalities(model)))
    stops = f" · stops below {words.percent(model.stop_below)}" if model.stop_below else ""
    made_of.caption(f"{reads} · {model_words.fusion(model)}{stops}")
    when.caption(
        f"Taxonomy version {model.taxonomy_version}  \n{words.plain(model.author)} · {words.ago(model.created_at)}"
    )
    with acts.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
        if model.status is ModelStatus.ACTIVE:
            _acts_of_active(ctx, model)
        else:
            _acts_of_others(ctx, model)
        st.button(
            "Report",
            key=f"model_show_{model.id}",
            icon=":material/monitoring:",
            type="tertiary",
            help=f"Show the report of model {model.id} below.",
            on_click=lambda: show(model.id),
        )


def show(model_id: int) -> None:
    """Open the report of a model."""
    st.session_state[OPEN], st.session_state["models_tab"] = model_id, "Report"


def _acts_of_active(ctx: Context, model: ModelVersion) -> None:
    if model.previous_id is not None:
        tip = f"Model {model.previous_id} was in use before. It takes over again; model {model.id} is kept."
        _act("Roll back", f"model_back_{model.id}", "settings_backup_restore", tip, lambda: _roll_back(ctx, model.id))
    _retire(ctx, model, "No model is in use then. You can promote it again at any time.")


def _acts_of_others(ctx: Context, model: ModelVersion) -> None:
    tip = "It becomes the model in use; Roll back returns to the present one."
    _act("Promote", f"model_promote_{model.id}", "publish", tip, lambda: _promote(ctx, model.id))
    if model.status is ModelStatus.CANDIDATE:
        _retire(ctx, model, "Put it aside. You can restore it at any time.")
        return
    tip = "Make it a candidate again, as it was before it was retired."
    _act("Restore", f"model_restore_{model.id}", "undo", tip, lambda: _restore(ctx, model.id))


def _retire(ctx: Context, model: ModelVersion, tip: str) -> None:
    _act("Retire", f"model_retire_{model.id}", "archive", tip, lambda: _retired(ctx, model))


def _act(label: str, key: str, icon: str, tip: str, act: Callable[[], str]) -> None:
    kind = "tertiary" if label in ("Retire", "Restore") else "secondary"
    st.button(label, key=key, icon=f":material/{icon}:", type=kind, help=tip, on_click=lambda: acting(act))


def _promote(ctx: Context, model_id: int) -> str:
    models.promote_model(ctx, model_id, state.author())
    return f"Model {model_id} is now in use. Its predictions wait for you."


def _roll_back(ctx: Context, seen_id: int) -> str:
    return f"Back to model {models.roll_back(ctx, state.author(), seen_id)}, which is in use again."


def _restore(ctx: Context, model_id: int) -> str:
    models.restore_model(ctx, model_id, state.author())
    return f"Model {model_id} is a candidate again."


def _retired(ctx: Context, model: ModelVersion) -> str:
    was_active = models.retire_model(ctx, model.id, state.author())
    left = " No model is in use now: promote one." if was_active else ""
    return f"Model {model.id} is retired.{left}"
