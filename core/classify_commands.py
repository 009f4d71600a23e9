"""The command `python -m core classify`: files of any size, and what was imported since the last run."""

import os
from typing import Annotated, Any

import typer

from core.command_line import AsJson, run_job, show
from core.domain.errors import ParameterError
from core.domain.job import JobKind
from core.services.context import open_context

KINDS = "CSV, Parquet, Lance or Delta, also at s3://, gs:// or https://"


def classify(
    file: Annotated[str | None, typer.Argument(help=f"{KINDS}.")] = None,
    output: Annotated[str | None, typer.Option(help="Where to write; the suffix names the format.")] = None,
    images: Annotated[str | None, typer.Option(help="Zip, folder or address of pictures.")] = None,
    new: Annotated[bool, typer.Option("--new", help="What the catalogue holds without a prediction yet.")] = False,
    keep_columns: Annotated[bool, typer.Option("--keep-columns", help="The input's columns come out, too.")] = False,
    escalate_below: Annotated[
        float | None,
        typer.Option(min=0.0, help="Products whose text says less go to the full model: 0 none, above 1 all."),
    ] = None,
    fetch_urls: Annotated[bool, typer.Option("--fetch-urls", help="Fetch pictures that rows name by address.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Model actors; default: as the machine allows.")] = None,
    as_json: AsJson = False,
) -> None:
    """Classify the rows of a file, a row for each row in its order, or with --new the new products of the catalogue."""
    if new:
        if file is not None or output is not None:
            raise ParameterError(
                "--new classifies the catalogue, not a file.", "Leave out the file, or leave out --new."
            )
        _classify_new(as_json)
        return
    if file is None or output is None:
        raise ParameterError("Expected a file and --output, or --new.", "Run `python -m core classify --help`.")
    arguments = {
        "file_path": _absolute(file), "images_path": _absolute(images) if images else None,
        "output_path": _absolute(output), "keep_columns": keep_columns, "escalate_below": escalate_below,
        "fetch_urls": fetch_urls, "n_workers": workers,
    }  # fmt: skip
    result = run_job(open_context(), JobKind.CLASSIFY, arguments, "Classifying")
    show(result, as_json, _said(result, output))


def _classify_new(as_json: bool) -> None:
    result = run_job(open_context(), JobKind.CLASSIFY_NEW, {}, "Classifying what is new")
    share = f", {result['n_escalated']} of them by the full model" if result["n_classified"] else ""
    show(result, as_json, f"{result['n_classified']} of {result['n_new']} new products classified{share}")


def _said(result: dict[str, Any], output: str) -> str:
    failed = f"; {result['n_failed']} failed, see the column reason" if result["n_failed"] else ""
    full = f", {result['n_escalated']} by the full model" if result["n_escalated"] else ""
    return f"{result['n_classified']} of {result['n_rows']} rows classified{full} in {output}{failed}"


def _absolute(place: str) -> str:
    """A job runs wherever its worker runs; an address stays as it is."""
    return place if "://" in place else os.path.abspath(os.path.expanduser(place))  # noqa: PTH100, PTH111
