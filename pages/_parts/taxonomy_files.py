"""Files to take away, and published taxonomies to begin with."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.services import exports
from core.services.context import Context
from core.services.exports import AssignmentKind, ExportKind, MigrationKind
from pages._parts import reference_names, taxonomy_start
from pages._parts.taxonomy_data import TaxonomyData
from pages._shared import layout, words

TREES = {
    ExportKind.CSV: ("Taxonomy (CSV)", "text/csv", "A table: every category with its path, status and product count. "
                     "Old paths point at what replaced them. Can be imported again."),
    ExportKind.JSON: ("Taxonomy (JSON)", "application/json", "For programs. Holds everything, and can be imported "
                      "again without loss."),
    ExportKind.SKOS: ("Taxonomy (SKOS)", "text/turtle", "SKOS is the web's standard for vocabularies: for catalogues "
                      "and search engines that read linked data. Categories out of use say what replaces them."),
}  # fmt: skip
PRODUCTS = {
    AssignmentKind.CSV: ("Product assignments (CSV)", "text/csv", "Every product with the category it is in, and who "
                         "put it there."),
    AssignmentKind.PARQUET: ("Product assignments (Parquet)", "application/vnd.apache.parquet", "The same for data "
                             "tools: Parquet is a compact table that keeps types and opens fast."),
    AssignmentKind.LABEL_STUDIO: ("Labelling tasks (Label Studio)", "application/json", "One task a product for Label "
                                  "Studio, a tool in which people label pictures and texts."),
}  # fmt: skip
MIGRATION_HELP = (
    "A migration file says what became of every path between two versions: the old path, the new path or paths, the "
    "kind of change, and how many products it concerns. Shops that use the old paths can follow it."
)


def draw(ctx: Context, data: TaxonomyData) -> None:
    """Draw the tab."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Download", anchor=False)
        if data.unsaved.n_changes:
            st.caption(
                f"Files hold the taxonomy as it is now, with {words.count(data.unsaved.n_changes, 'unsaved change')}."
            )
        _whole(ctx, data)
        _migration(ctx, data)
    with right:
        begin(ctx)


def begin(ctx: Context) -> None:
    """Draw what brings categories in."""
    taxonomy_start.draw(ctx)
    reference_names.draw(ctx)


def _whole(ctx: Context, data: TaxonomyData) -> None:
    version = data.view.version
    with st.container(border=True, key="downloads"):
        for kind, about in TREES.items():
            name = f"taxonomy_v{version}{kind.suffix}"
            _download(*about, lambda kind=kind: exports.export_taxonomy(ctx, kind), name, f"download_taxonomy_{kind}")
    with st.container(border=True, key="downloads_products"):
        for kind, about in PRODUCTS.items():
            name = f"assignments_v{version}{kind.suffix}"
            _download(
                *about, lambda kind=kind: exports.export_assignments(ctx, kind), name, f"download_products_{kind}"
            )


def _migration(ctx: Context, data: TaxonomyData) -> None:
    numbers = [version.number for version in data.versions]
    st.subheader("Migration file", anchor=False, help=MIGRATION_HELP)
    with st.container(border=True, key="migration"):
        if len(numbers) < 2:
            st.caption("It needs two versions. Save your edits as a version, and it can say what became of every path.")
            return
        one, two, three = st.columns(3)
        a = one.selectbox("From version", numbers, index=1, key="migration_from")
        b = two.selectbox("To version", numbers, index=0, key="migration_to")
        kind = three.selectbox("As", list(MigrationKind), key="migration_kind", format_func=lambda kind: kind.upper())
        mime = "text/csv" if kind is MigrationKind.CSV else "application/json"
        _download(
            f"Migration from version {a} to {b}",
            mime,
            MIGRATION_HELP,
            lambda: exports.export_migration(ctx, a, b, kind=kind),
            f"migration_v{a}_to_v{b}.{kind}",
            "download_migration",
        )


def _download(label: str, mime: str, tip: str, make: Callable[[], Path], name: str, key: str) -> None:
    with layout.error_boundary():
        st.download_button(
            label,
            data=lambda: make().read_bytes(),
            file_name=name,
            mime=mime,
            key=key,
            help=tip,
            width="stretch",
            icon=":material/download:",
            on_click="ignore",
        )
