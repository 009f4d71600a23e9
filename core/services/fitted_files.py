"""Which fitted encoder of a workspace is in use: a small file beside the folders of its versions."""

import json
from pathlib import Path
from typing import Any

REFIT_GROWTH = 1.5
"""An encoder is fitted anew once the catalogue holds this many times what it was fitted on."""


def current(folder: Path, name: str = "current") -> dict[str, Any] | None:
    """Its `version` and `n_items`, what it was fitted on; None where there is none, or its folder is gone."""
    file_path = folder / f"{name}.json"
    if not file_path.exists():
        return None
    in_use = json.loads(file_path.read_text(encoding="utf-8"))
    return in_use if (folder / in_use["version"]).is_dir() else None


def set_current(folder: Path, name: str, version: str, n_items: int) -> None:
    """Put a version in use, whole or not at all."""
    file_path = folder / f"{name}.json"
    unfinished = file_path.with_suffix(".tmp")
    unfinished.write_text(json.dumps({"version": version, "n_items": n_items}), encoding="utf-8")
    unfinished.replace(file_path)
