"""The command `python -m core experiment …`: the papers' tables on this catalogue."""

import shutil
from pathlib import Path
from typing import Annotated, Literal

import typer

from core.command_line import AsJson, run_job, show
from core.domain.job import JobKind
from core.experiments.settings import DUPLICATES, RARE_PATHS, TOGETHER
from core.services.context import Context, open_context

LIST = "list"
_COPIES = {"table.csv": "{}.csv", "table.md": "{}.md", "details.csv": "{}-details.csv"}


def experiment(
    name: Annotated[str, typer.Argument(help="flat, fusion, cross-platform, …; `list` shows all.")],
    seed: Annotated[int, typer.Option(min=0, help="The first seed.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each row; figures are their means.")] = 1,
    platforms: Annotated[str, typer.Option(help="cross-platform learns from these, parted by commas.")] = "",
    min_products: Annotated[int, typer.Option(min=1, help="Products that a category needs to count.")] = 10,
    rare_paths: Annotated[Literal[*RARE_PATHS], typer.Option(help="What becomes of rarer ones.")] = "leave_out",
    duplicates: Annotated[Literal[*DUPLICATES], typer.Option(help="Whether a split may part them.")] = TOGETHER,
    encoders: Annotated[str, typer.Option(help="As `encoders` lists them, parted by commas.")] = "",
    modalities: Annotated[str, typer.Option(help="title, brand, description, image, parted by commas.")] = "",
    max_epochs: Annotated[int, typer.Option(min=1, help="Of each training.")] = 60,
    folds: Annotated[int, typer.Option(min=2, help="Of out-of-fold predictions.")] = 5,
    run_id: Annotated[int, typer.Option(min=0, help="recategorization: the discovery run; 0: the newest.")] = 0,
    truth: Annotated[Path | None, typer.Option(help="recategorization: CSV with product_id, label.")] = None,
    output: Annotated[Path | None, typer.Option(file_okay=False, help="Folder for a copy of the table.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compute one of the papers' tables on this catalogue; what is computed already is not computed again."""
    context = open_context()
    if name == LIST:
        _list(context, as_json)
        return
    settings = {
        "seed": seed, "seeds": seeds, "train_platforms": _names(platforms), "min_products": min_products,
        "rare_paths": rare_paths, "duplicates": duplicates, "encoders": _names(encoders),
        "modalities": _names(modalities), "folds": folds,
        "max_epochs": max_epochs, "run_id": run_id, "truth_file": str(truth.absolute()) if truth else "",
    }  # fmt: skip
    result = run_job(context, JobKind.EXPERIMENT, {"name": name, "settings": settings}, f"Experiment {name}")
    copies = _copy(Path(result["csv"]).parent, name, output) if output else []
    show({**result, "copies": copies}, as_json, Path(result["markdown"]).read_text(encoding="utf-8"))


def _list(context: Context, as_json: bool) -> None:
    from core.services.experiments import list_experiments

    found = list_experiments(context)
    lines = [f"{status.card.name:<17}  {status.n_done:>3} of {status.n_cells:>3} rows  {status.card.question}"
             for status in found]  # fmt: skip
    listed = [{"name": status.card.name, "question": status.card.question, "table": status.card.table,
               "source": status.card.source, "n_cells": status.n_cells, "n_done": status.n_done,
               "latest": status.latest} for status in found]  # fmt: skip
    show({"experiments": listed}, as_json, "\n".join(lines))


def _names(text: str) -> list[str]:
    return [name for name in (part.strip() for part in text.split(",")) if name]


def _copy(folder: Path, name: str, output: Path) -> list[str]:
    output.mkdir(parents=True, exist_ok=True)
    made = [(folder / source, output / title.format(name)) for source, title in _COPIES.items()]
    return [str(shutil.copyfile(source, target)) for source, target in made if source.exists()]
