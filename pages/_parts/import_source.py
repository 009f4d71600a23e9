"""Where a catalogue comes from: files of the browser, or paths on the server."""

from pathlib import Path
from typing import Any

import streamlit as st

from core.domain.errors import CatalogueFormatError
from core.services import importing
from core.services.context import Context
from core.services.importing import FIELDS
from pages._shared import state

HINTS_PER_ROW = 3
UPLOAD, SERVER = "Upload files", "Path on the server"


def choose(ctx: Context, form: str = "import") -> tuple[Path | None, Path | None]:
    """Let the curator name the product file and its images; None for what was not named yet.

    Args:
        ctx: The workspace.
        form: Prefix of the widgets' keys.

    Raises:
        CatalogueFormatError: If a path on the server does not exist.
    """
    source = st.segmented_control(
        "Source", [UPLOAD, SERVER], default=UPLOAD, key=f"{form}_source", required=True, label_visibility="collapsed"
    )
    left, right = st.columns(2, gap="medium")
    if source == UPLOAD:
        table = left.file_uploader(
            "Products",
            type=["csv", "tsv", "txt", "parquet"],
            key=_key(form, "file"),
            help="CSV or Parquet, one row a product.",
        )
        images = right.file_uploader(
            "Images, if you have them", type=["zip"], key=_key(form, "images"), help="A zip file."
        )
        return _kept(ctx, table), _kept(ctx, images)
    table_text = left.text_input("Products", key=_key(form, "file_path"), placeholder="/data/catalogue.csv")
    images_text = right.text_input(
        "Images, if you have them", key=_key(form, "images_path"), placeholder="/data/images"
    )
    return _existing(table_text), _existing(images_text)


def started(form: str = "import") -> None:
    """Empty the form: what it named is being worked on."""
    key = state.FORMS_STARTED.format(form=form)
    st.session_state[key] = st.session_state.get(key, 0) + 1


def _key(form: str, name: str) -> str:
    n_started = st.session_state.get(state.FORMS_STARTED.format(form=form), 0)
    return f"{form}_{name}_{n_started}" if n_started else f"{form}_{name}"


def _kept(ctx: Context, upload: Any) -> Path | None:
    if upload is None:
        return None
    key = state.UPLOADED.format(file_id=upload.file_id)
    if key not in st.session_state:
        st.session_state[key] = importing.save_upload(ctx, upload.name, upload)
    return st.session_state[key]


def _existing(text: str | None) -> Path | None:
    if not text or not text.strip():
        return None
    path = Path(text.strip()).expanduser()
    if not path.exists():
        raise CatalogueFormatError(f"There is no file or folder {path} on the server.", "Check the path.")
    return path


def hints() -> None:
    """Say what a product file may hold, before there is one."""
    st.subheader("What is read from the file", anchor=False)
    st.caption("Columns are recognised by many common names, and you can change the choice before anything is written.")
    with st.container(border=True, key="import_hints"):
        for start in range(0, len(FIELDS), HINTS_PER_ROW):
            row = FIELDS[start : start + HINTS_PER_ROW]
            for column, field in zip(st.columns(HINTS_PER_ROW, gap="medium"), row, strict=False):
                needed = " :primary-badge[needed]" if field.is_required else ""
                column.markdown(f"**{field.label}**{needed}  \n:gray[{field.description}]")
