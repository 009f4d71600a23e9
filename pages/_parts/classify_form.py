"""A file to classify: what was understood of it, how it shall go through the stages, and the start."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from core.domain.classifier import ModelStatus, ModelVersion
from core.domain.escalation import EscalationReport
from core.domain.job import JobKind
from core.services import classified_files, escalation
from core.services.context import Context
from core.services.importing import FIELDS, ImportPreview
from pages._parts import import_preview, import_source
from pages._shared import launch, layout, words

FORM = "classify"
READ = ("title", "brand", "description", "image", "product_id", "sku", "gtin")
SHOWN = [field for field in FIELDS if field.name in READ]
AS_MODEL, ALL_TEXT, ALL_FULL = "As the model is set", "All by their text", "All by the full model"
THRESHOLDS = {AS_MODEL: None, ALL_TEXT: escalation.NEVER, ALL_FULL: escalation.ALWAYS}


def hints(model: ModelVersion) -> None:
    """Say what a file needs, before there is one."""
    st.caption(
        f"{_which(model)} classifies. A title is all that a row needs; brand, description and a picture make it surer. "
        "Columns are recognised by many common names, and nothing enters your catalogue."
    )


def draw(ctx: Context, model: ModelVersion, file_path: Path, images_path: Path | None) -> None:
    """Show what the file holds, ask how it shall be classified, and start."""
    found = import_preview.read(ctx, file_path, images_path, {}, require_category=False)
    understood = st.container(border=True, key="classify_understood", gap="small")
    with st.expander("Change the columns", key="classify_columns"):
        mapping = import_preview.field_choices(found, SHOWN, FORM)
    mapped = import_preview.read(ctx, file_path, images_path, mapping, require_category=False)
    missing = "title" not in mapping
    with understood:
        _understood(file_path, mapped, mapping)
    threshold = _threshold(ctx, model, mapped)
    if st.button("Classify", key="classify_go", type="primary", icon=":material/play_arrow:", disabled=missing):
        arguments = {
            "file_path": str(file_path),
            "images_path": str(images_path) if images_path else None,
            "output_path": str(classified_files.new_output_path(ctx, file_path)),
            "mapping": mapping,
            "keep_columns": True,
            "escalate_below": threshold,
        }
        import_source.started(FORM)
        launch.launch_and_show(ctx, JobKind.CLASSIFY, arguments)
    import_preview.sample(mapped)


def _which(model: ModelVersion) -> str:
    return f"Model {model.id}" + ("" if model.status is ModelStatus.ACTIVE else ", the newest candidate,")


def _understood(file_path: Path, preview: ImportPreview, mapping: Mapping[str, str]) -> None:
    st.markdown(f"**{words.plain(file_path.name)}** · {import_preview.facts(preview)}")
    badges = []
    for field in SHOWN:
        if field.name in mapping:
            badges.append(f":green-badge[{field.label}: {words.plain(mapping[field.name])}]")
        elif field.name in ("title", "brand", "description", "image"):
            badges.append(f":gray-badge[no {field.label.lower()}]")
    st.markdown(" ".join(badges))
    for problem in _problems(preview, mapping):
        layout.show_problem(problem, "", is_error=False)


def _problems(preview: ImportPreview, mapping: Mapping[str, str]) -> list[str]:
    """What will go wrong, before it does."""
    if "title" not in mapping:
        return ["No column holds titles. Choose it under Change the columns."]
    problems = []
    if preview.n_malformed:
        problems.append(f"{_rows(preview.n_malformed)} more fields than there are columns")
    if preview.n_untitled:
        problems.append(f"{_rows(preview.n_untitled)} no title")
    if problems:
        problems = [f"{' and '.join(problems)}. Such rows come back without a category, with the reason."]
    if preview.n_images and "image" not in mapping:
        problems.append("There are pictures, but no column names them: choose it under Change the columns.")
    return problems


def _rows(n_rows: int) -> str:
    return f"{words.count(n_rows, 'row')} {'has' if n_rows == 1 else 'have'}"


def _threshold(ctx: Context, model: ModelVersion, preview: ImportPreview) -> float | None:
    """Ask which rows the full model shall see; None as the model is set."""
    report = escalation.escalation_report(ctx, model.id)
    if report is None or model.escalate_below is None:
        st.caption("This model has no text stage: every row goes to the full model.")
        return None
    share = _share_escalated(report, model.escalate_below)
    captions = [
        f"It {escalation.said(model.escalate_below)}: about {words.sure(share)} of the rows"
        if escalation.NEVER < model.escalate_below < 1.0
        else f"It {escalation.said(model.escalate_below)}",
        "The fastest; pictures are not looked at",
        "The slowest; every picture is looked at" if preview.n_images else "Without pictures, it reads the text too",
    ]
    chosen = st.radio("Which rows the full model sees", list(THRESHOLDS), captions=captions, key="classify_threshold",
                      horizontal=True)  # fmt: skip
    return THRESHOLDS[chosen]


def _share_escalated(report: EscalationReport, threshold: float) -> float:
    """Share that a threshold sent on when the model was tested, in [0, 1]."""
    return next((point.share_escalated for point in report.points if point.threshold >= threshold), 1.0)
