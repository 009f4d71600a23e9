"""What the groups of commands share: who acts, how a job is run, and how a result is shown."""

import getpass
import json
import os
from typing import Annotated, Any

import typer

from core.domain.errors import AppError
from core.domain.job import JobKind, JobState
from core.services.context import Context

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of standard output.")]


class JobFailedError(Exception):
    """A job ended badly for another reason than a user's mistake."""


def author() -> str:
    """Who acts: `SHELFWISE_USER`, or the user of the machine."""
    try:
        return os.environ.get("SHELFWISE_USER") or getpass.getuser()
    except (KeyError, OSError):  # a container may run under a user id that has no name
        return f"user {os.getuid()}"


def show(result: dict[str, Any], as_json: bool, text: str) -> None:
    """Print a result, for programs or for people."""
    typer.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else text)


def run_job(context: Context, kind: JobKind, arguments: dict[str, Any], title: str) -> dict[str, Any]:
    """Run a job in this process, with a bar on standard error.

    Args:
        context: The open workspace.
        kind: What to do.
        arguments: As for `core.jobs.queue.submit`.
        title: Shown before the bar.

    Returns:
        The job's result.

    Raises:
        AppError: If a user's mistake ended the job.
        JobFailedError: If anything else did.
    """
    from core.jobs.inline import run_inline

    job = run_inline(context, kind, arguments, author(), title)
    if job.state is JobState.DONE:
        return job.result
    if "fault" in job.result:
        raise AppError(job.error, job.remedy)
    raise JobFailedError(f"{job.error or job.state} {job.remedy}".strip())
