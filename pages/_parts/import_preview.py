"""What a catalogue file holds, before anything is written."""

from collections.abc import Mapping
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
    _ctx: Context, file_path: Path, images_path: Path | None, mapping: dict[str, str] | None, changed: tuple[float, ...]
) -> ImportPreview:
    return importing.preview_import(_ctx, file_path, images_path, mapping)


def read(ctx: Context, file_path: Path, images_path: Path | None, mapping: Mapping[str, str]) -> ImportPreview:
    """The file's columns and first rows under a mapping; an empty mapping lets the columns be recognised."""
    changed = tuple(path.stat().st_mtime for path in (file_path, images_path) if path is not None)
    return _preview(ctx, file_path, images_path, dict(mapping) or None, changed)


def column_mapping(preview: ImportPreview) -> dict[str, str]:
    """Draw one choice per field, with the recognised column chosen, and return field -> column."""
    st.subheader("Columns", anchor=False)
    st.caption("Recognised by their names; change what was taken for the wrong thing. Those with \\* are needed.")
    mapping: dict[str, str] = {}
    with st.container(border=True, key="column_mapping"):
        for start in range(0, len(FIELDS), PER_ROW):
            for column, field in zip(st.columns(PER_ROW), FIELDS[start : start + PER_ROW], strict=False):
                with column:
                    chosen = _field_choice(field, preview)
                if chosen != ABSENT:
                    mapping[field.name] = chosen
    return mapping


def _field_choice(field: FieldSpec, preview: ImportPreview) -> str:
    options = [ABSENT, *preview.columns]
    recognised = preview.mapping.get(field.name)
    return st.selectbox(
        field.label + (" *" if field.is_required else ""),
        options,
        index=options.index(recognised) if recognised in options else 0,
        key=f"map_{field.name}_{'|'.join(preview.columns)}",
        help=field.description,
    )


def missing_fields(mapping: Mapping[str, str]) -> list[str]:
    """Labels of required fields that no column was chosen for."""
    return [field.label.lower() for field in FIELDS if field.is_required and field.name not in mapping]


def summary_and_platform(preview: ImportPreview) -> str:
    """Say what was read, and ask which platform rows belong to that do not say."""
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="medium")
    names = {",": "comma", ";": "semicolon", "\t": "tab"}
    facts = [words.count(preview.n_rows, "row"), words.count(len(preview.columns), "column")]
    facts += [preview.encoding] if preview.encoding else []
    facts += [f"{names.get(preview.delimiter, preview.delimiter)} separated"] if preview.delimiter else []
    facts += [words.count(preview.n_images, "image file")] if preview.n_images is not None else ["no images given"]
    left.markdown(" · ".join(facts))
    return right.text_input(
        "Platform, where a row does not say",
        value="own",
        key="default_platform",
        help="The shop of these products.",
    )


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
