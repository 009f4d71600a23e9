from pathlib import Path

import streamlit as st

from core.domain.job import JobKind, JobState
from core.services.context import Context
from core.services.importing import ImportPreview
from pages._parts import import_preview, import_result, import_source
from pages._shared import caches, launch, layout
from pages._shared.job_monitor import job_monitor


def prepare(ctx: Context, file_path: Path, images_path: Path | None) -> None:
    """Show what the file holds, let the columns be mapped, and import."""
    found = import_preview.read(ctx, file_path, images_path, {})
    mapping = import_preview.column_mapping(found)
    without_category = import_preview.without_category()
    mapped: ImportPreview = import_preview.read(ctx, file_path, images_path, mapping, not without_category)
    platform = import_preview.summary_and_platform(mapped)
    import_preview.problems(mapped)
    import_preview.sample(mapped)
    missing = import_preview.missing_fields(mapping, not without_category)
    if missing:
        st.caption(f"Choose a column for {' and '.join(missing)} to import.")
    if st.button("Import", key="import_go", type="primary", icon=":material/upload:", disabled=bool(missing)):
        arguments = {
            "file_path": str(file_path),
            "images_path": str(images_path) if images_path else None,
            "mapping": mapping,
            "default_platform": platform,
            "without_category": without_category,
        }
        import_source.started()
        launch.launch_and_show(ctx, JobKind.IMPORT, arguments)


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Import", "Bring in products and their images. Importing the same file again changes nothing.")
    job = launch.latest_job(ctx, {JobKind.IMPORT, JobKind.DEMO})
    if job is not None and not job.state.is_final:
        job_monitor(ctx, job, key="import_job")
        return
    if job is not None:
        job_monitor(ctx, job, key="import_job")
        if job.state is JobState.DONE and job.kind is JobKind.IMPORT:
            import_result.draw(job)
    with layout.error_boundary():
        file_path, images_path = import_source.choose(ctx)
        if file_path is not None:
            prepare(ctx, file_path, images_path)
        else:
            import_source.hints()


page()
