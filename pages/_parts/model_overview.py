"""A model at a glance: its figures, its levels, and what it was made from."""

import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.model_report import TestReport
from core.services import escalation, model_predictions
from core.services.context import Context
from pages._parts import model_levels, model_words
from pages._shared import caches, layout, training_curves, words

MIGRATION_HELP = (
    "Where every category that this model speaks of is today. What it predicts is shown in today's categories "
    "everywhere in Shelfwise; the file is for those who stored its paths elsewhere."
)
PARTS = {"train": "to learn from", "validation": "to know when to stop", "test": "to test it"}
OFF_BY_HELP = "How far what it says of its certainty is from the truth, on average: the expected calibration error."


def draw(ctx: Context, model: ModelVersion, report: TestReport | None) -> None:
    """Draw the section."""
    metrics = model.metrics
    figures = [(label, words.percent(getattr(metrics, field), 1), tip) for label, field, tip in model_words.FIGURES]
    off_by = ("Confidence off by", f"{100 * metrics.expected_calibration_error:.1f} points", OFF_BY_HELP)
    layout.metric_row([*figures, off_by])
    st.space("small")
    left, right = st.columns([5, 4], gap="large")
    with left:
        st.markdown("#### Level by level")
        model_levels.draw(metrics, None, key=f"model_levels_{model.id}")
        st.caption(model_words.measured_on(model))
        if report is not None:
            invalid = f"{words.sure(report.share_invalid)} of the paths it gave are not in the taxonomy."
            st.caption(words.plain(invalid) if report.share_invalid else "Every path it gave is one of the taxonomy.")
    with right:
        st.markdown("#### How it was made")
        st.markdown(_made_of(model))
        _version(ctx, model)
    if model.curve:
        with st.expander("How the training went", key="model_report_curve_box"):
            training_curves.draw(model.curve, key="model_report")


def _made_of(model: ModelVersion) -> str:
    parameters, sizes = model.config.get("parameters", {}), model.config.get("split_sizes", {})
    n_dropped = int(model.config.get("n_dropped", 0))
    facts = {
        "Reads": words.plain(", ".join(model_words.modalities(model))),
        "Puts them together": model_words.fusion_in_words(model),
        "Rare categories": "count more" if parameters.get("class_balance") else "count as they are",
        "Doubtful labels": f"{words.count(n_dropped, 'product')} left out" if n_dropped else "kept",
        "Products": ", ".join(f"{count:,} {PARTS.get(part, words.plain(part))}" for part, count in sizes.items()),
        "Stops when unsure": f"below {words.percent(model.stop_below)}" if model.stop_below else "never",
        "Two stages": _stages(model),
        "Trained": f"{words.plain(model.author)} · {words.ago(model.created_at)}",
        "Promoted": words.ago(model.promoted_at) or "never",
    }
    return "\n".join(f"- :gray[{name}:] {said}" for name, said in facts.items() if said)


def _stages(model: ModelVersion) -> str:
    if model.escalate_below is None:
        return "no: it sees every product whole"
    return words.plain(escalation.said(model.escalate_below))


def _version(ctx: Context, model: ModelVersion) -> None:
    newest = caches.taxonomy_view(ctx).version
    if model.taxonomy_version == newest:
        st.caption(f"It speaks of taxonomy version {newest}, the newest.")
        return
    st.caption(f"It speaks of taxonomy version {model.taxonomy_version}; the newest is {newest}.")

    def content() -> bytes:
        found = model_predictions.model_migration(ctx, model.id)
        return found.read_bytes() if found is not None else b""

    st.download_button(
        f"Migration from version {model.taxonomy_version} to {newest}",
        data=content,
        file_name=f"migration_v{model.taxonomy_version}_to_v{newest}.csv",
        mime="text/csv",
        key=f"model_migration_{model.id}",
        help=MIGRATION_HELP,
        icon=":material/download:",
        on_click="ignore",
    )
