"""Folders that are there whole or not at all. Light to import: no deep-learning library."""

import os
import shutil
from pathlib import Path


def replace_folder(partial: Path, folder: Path) -> None:
    """Put a folder that was written beside another in its place; the other is gone afterwards.

    Args:
        partial: What was written, on the same disk.
        folder: Where it shall lie; there may be nothing yet.
    """
    previous = folder.with_name(f".{folder.name}.previous-{os.getpid()}")
    if folder.exists():
        folder.rename(previous)
    partial.rename(folder)
    shutil.rmtree(previous, ignore_errors=True)
