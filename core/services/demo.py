"""Load the demo catalogue: draw it, then import it like any other. Worker only."""

from core.catalogue.demo import write_demo
from core.domain.progress import Progress, SpanProgress
from core.services.context import Context
from core.services.importing import ImportResult, run_import


def load_demo(context: Context, author: str, progress: Progress) -> ImportResult:
    """Draw the demo catalogue into the workspace and import it.

    Args:
        context: The open workspace.
        author: Who asked.
        progress: Told of progress.
    """
    folder = context.workspace.home / "demo"
    drawn = write_demo(folder, SpanProgress(progress, 0.0, 0.8))
    span = SpanProgress(progress, 0.8, 1.0)
    return run_import(context, drawn.csv_path, drawn.images_dir, None, "demo", author, span)
