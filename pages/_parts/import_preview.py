"""What a catalogue file holds, before anything is written."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from core.services import importing
from core.services.context import Context
from core.services.importing import FIELDS, FieldSpec, ImportPreview
from pages._shared import words
from pages._shared.layout import show_problem

ABSENT = "— not in this file —"
PER_ROW = 4


@st.cache_data(show_spinner="Reading the file…", max_entries=8)
def _preview(
    _ctx: Context,
    file_path: Path,
    images_path: Path | None,
    mapping: dict[str, str] | None,
    require_category: bool,
    changed: tuple[float, ...],
) -> ImportPreview:
    return importing.preview_import(_ctx, file_path, images_path, mapping, require_category)


def read(
    ctx: Context,
    file_path: Path,
    images_path: Path | None,
    mapping: Mapping[str, str],
    require_category: bool = True,
) -> ImportPreview:
    """The file's columns and first rows under a mapping; an empty mapping lets the columns be recognised."""
    changed = tuple(path.stat().st_mtime for path in (file_path, images_path) if path is not None)
    return _preview(ctx, file_path, images_path, dict(mapping) or None, require_category, changed)


def column_mapping(preview: ImportPreview) -> dict[str, str]:
    """Draw one choice per field, with the recognised column chosen, and return field -> column."""
    st.subheader("Columns", anchor=False)
    st.caption("Recognised by their names; change what was taken for the wrong thing. Those with \\* are needed.")
    with st.container(border=True, key="column_mapping"):
        return field_choices(preview, FIELDS)


def field_choices(preview: ImportPreview, fields: Sequence[FieldSpec], form: str = "map") -> dict[str, str]:
    """Draw one choice per field, with the recognised column chosen, and return field -> column."""
    mapping: dict[str, str] = {}
    for start in range(0, len(fields), PER_ROW):
        for column, field in zip(st.columns(PER_ROW), fields[start : start + PER_ROW], strict=False):
            with column:
                chosen = _field_choice(field, preview, form)
            if chosen != ABSENT:
                mapping[field.name] = chosen
    return mapping


def _field_choice(field: FieldSpec, preview: ImportPreview, form: str) -> str:
    options = [ABSENT, *preview.columns]
    recognised = preview.mapping.get(field.name)
    return st.selectbox(
        field.label + (" *" if field.is_required else ""),
        options,
        index=options.index(recognised) if recognised in options else 0,
        key=f"{form}_{field.name}_{'|'.join(preview.columns)}",
        help=field.description,
    )


def missing_fields(mapping: Mapping[str, str], require_category: bool = True) -> list[str]:
    """Labels of required fields that no column was chosen for."""
    return [
        field.label.lower()
        for field in FIELDS
        if field.is_required and field.name not in mapping and (require_category or field.name != "category")
    ]


def without_category() -> bool:
    """Ask whether rows without a category are wanted, too."""
    return st.checkbox(
        "Take products without a category too: the classifier finds one",
        key="import_without_category",
        help="They wait under All products until the classifier in use has seen them; Predictions shows what it says. "
        "Otherwise such a row is rejected.",
    )


def summary_and_platform(preview: ImportPreview) -> str:
    """Say what was read, and ask which platform rows belong to that do not say."""
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="medium")
    left.markdown(facts(preview))
    return right.text_input(
        "Platform, where a row does not say",
        value="own",
        key="default_platform",
        help="The shop of these products.",
    )


def facts(preview: ImportPreview) -> str:
    """What was read, in a line."""
    names = {",": "comma", ";": "semicolon", "\t": "tab"}
    said = [words.count(preview.n_rows + preview.n_malformed, "row"), words.count(len(preview.columns), "column")]
    said += [preview.encoding] if preview.encoding else []
    said += [f"{names.get(preview.delimiter, preview.delimiter)} separated"] if preview.delimiter else []
    said += [words.count(preview.n_images, "image file")] if preview.n_images is not None else ["no images given"]
    return " · ".join(said)


def problems(preview: ImportPreview) -> None:
    """Say what will go wrong, before it does."""
    for problem in preview.problems:
        show_problem(problem, "", is_error=False)


def sample(preview: ImportPreview) -> None:
    """Draw the first rows as they stand in the file."""
    with st.expander("First rows of the file", expanded=True, key="import_sample"):
        st.dataframe(
            preview.sample, hide_index=True, height=min(280, 36 * (len(preview.sample) + 1)), key="import_sample_table"
        )
