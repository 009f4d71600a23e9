"""What the groups of commands share: who acts, and how a result is shown."""

import getpass
import json
import os
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of standard output.")]


def author() -> str:
    """Who acts: `SHELFWISE_USER`, or the user of the machine."""
    try:
        return os.environ.get("SHELFWISE_USER") or getpass.getuser()
    except (KeyError, OSError):  # a container may run under a user id that has no name
        return f"user {os.getuid()}"


def show(result: dict[str, Any], as_json: bool, text: str) -> None:
    """Print a result, for programs or for people."""
    typer.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else text)
