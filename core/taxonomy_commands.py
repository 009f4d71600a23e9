"""The commands `python -m core taxonomy …`: the taxonomy as files, and a published one to start from."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.command_line import AsJson, author, show
from core.domain.product import parse_path
from core.services.context import open_context
from core.services.exports import (
    AssignmentKind,
    ExportKind,
    MigrationKind,
    export_assignments,
    export_migration,
    export_taxonomy,
)

taxonomy = typer.Typer(no_args_is_help=True, help="The taxonomy as files, and a published one to start from.")
Target = Annotated[Path | None, typer.Option("--output", dir_okay=False, help="Where to; default: exports folder.")]
Version = Annotated[int | None, typer.Option("--version", min=1, help="Number of a version; default: as it is now.")]
Language = Annotated[str, typer.Option(help="Language tag of the words in SKOS, such as de; '' for none.")]


@taxonomy.command("export")
def export_(
    kind: Annotated[ExportKind, typer.Option("--format", help="Of the taxonomy.")] = ExportKind.CSV,
    version: Version = None,
    output: Target = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Write the taxonomy as CSV, JSON or SKOS Turtle."""
    found = export_taxonomy(open_context(), kind, version, output, language=language)
    show({"output": str(found)}, as_json, str(found))


@taxonomy.command()
def assignments(
    kind: Annotated[AssignmentKind, typer.Option("--format", help="Of the file.")] = AssignmentKind.CSV,
    output: Target = None,
    as_json: AsJson = False,
) -> None:
    """Write where every product is as CSV, Parquet, or tasks for Label Studio."""
    found = export_assignments(open_context(), kind, output)
    show({"output": str(found)}, as_json, str(found))


@taxonomy.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or Turtle that Shelfwise exported.")],
    note: Annotated[str, typer.Option(help="Note of the new version.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Deprecate categories that the file lacks.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read an exported taxonomy back as a new version; categories are matched by their ids."""
    from core.services.taxonomy_import import import_taxonomy

    found = import_taxonomy(open_context(), file, author(), note, replace=replace)
    show(asdict(found), as_json, f"Version {found.version}. {found.summary}")


@taxonomy.command()
def migration(
    from_version: Annotated[int, typer.Argument(help="Version whose paths are in use elsewhere.")],
    to_version: Annotated[int | None, typer.Argument(help="Version to go to; default: the newest.")] = None,
    kind: Annotated[MigrationKind, typer.Option("--format", help="Of the file.")] = MigrationKind.CSV,
    output: Target = None,
    as_json: AsJson = False,
) -> None:
    """Write old path, new path(s), kind of change and number of products, between any two versions."""
    found = export_migration(open_context(), from_version, to_version, output, kind)
    show({"output": str(found)}, as_json, str(found))


@taxonomy.command()
def start(
    reference: Annotated[str, typer.Argument(help="As `reference list` shows it.")],
    branch: Annotated[str, typer.Option(help="A path such as 'Apparel & Accessories > Shoes'; default: all.")] = "",
    depth: Annotated[int | None, typer.Option(min=0, help="Levels below the branch; default: all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start from an imported reference taxonomy, or a branch of it; what is there stays."""
    from core.services.starting_taxonomy import start_from_reference

    found = start_from_reference(open_context(), reference, author(), parse_path(branch), depth)
    text = f"Version {found.version}: {found.n_added} categories new, {found.n_kept} kept, {found.n_restored} back"
    show(asdict(found), as_json, text)
