"""The command line. `python -m core --help` lists the commands; each calls the service that the page calls."""

import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from core.classify_commands import classify
from core.command_line import AsJson, JobFailedError
from core.command_line import author as _author
from core.command_line import run_job as _run
from core.command_line import show as _show
from core.domain.classifier import Fusion
from core.domain.discovery import CLUSTERERS, IMAGE_FILTERS, LINKAGES, DiscoveryParameters
from core.domain.errors import AppError
from core.domain.job import JobKind
from core.domain.product import parse_path
from core.drift_commands import drift
from core.experiment_commands import experiment
from core.model_commands import models
from core.services.context import open_context
from core.taxonomy_commands import taxonomy

# Threads that wait in a loop stall one another where the cores are shared with the app or another program.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

USER_MISTAKE = 2
FAILURE = 1

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Refine a product taxonomy: import, discover, approve, train, classify, export.")  # fmt: skip
reference = typer.Typer(no_args_is_help=True, help="Taxonomies of others, to offer names from.")
app.add_typer(reference, name="reference")
app.add_typer(taxonomy, name="taxonomy")
app.command()(experiment)
app.command()(classify)
app.command()(drift)
app.add_typer(models, name="models")
Images = Annotated[Path | None, typer.Option(help="Zip or folder of pictures.")]
Output = Annotated[Path, typer.Option("--output", dir_okay=False, help="CSV to write.")]
ImageFilter = Annotated[Literal[*IMAGE_FILTERS], typer.Option(help="What sets odd images aside.")]
Clusterer = Annotated[Literal[*CLUSTERERS], typer.Option(help="How clusters are found.")]
Linkage = Annotated[Literal[*LINKAGES], typer.Option(help="What agglomerative merges by.")]
Seed = typer.Option(min=0, max=2**32 - 1, help="The same data and seed give the same result.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet.")],
    images: Images = None,
    platform: Annotated[str, typer.Option(help="Platform of rows that name none; default: the file's name.")] = "",
    without_category: Annotated[
        bool, typer.Option("--without-category", help="Take rows without a category, too: the classifier finds one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import a catalogue."""
    arguments = {"file_path": str(file.absolute()), "images_path": str(images.absolute()) if images else None,
                 "default_platform": platform, "without_category": without_category}  # fmt: skip
    result = _run(open_context(), JobKind.IMPORT, arguments, "Importing")
    _show(result, as_json, f"{result['n_rows']} rows: {result['n_new']} new, {result['n_updated']} updated, "
          f"{result['n_unchanged']} unchanged, {result['n_rejected']} rejected"
          + (f" (see {result['rejects_path']})" if result["rejects_path"] else "")
          + ("; a worker classifies them, or run `classify --new`" if result["classify_job_id"] else ""))  # fmt: skip


@app.command()
def demo(as_json: AsJson = False) -> None:
    """Load the demo catalogue."""
    result = _run(open_context(), JobKind.DEMO, {}, "Drawing the demo catalogue")
    _show(result, as_json, f"{result['n_new']} products of the demo catalogue, {result['n_rejected']} rejected")


@app.command()
def encode(as_json: AsJson = False) -> None:
    """Compute the embeddings that are missing."""
    result = _run(open_context(), JobKind.ENCODE, {}, "Encoding")
    _show(result, as_json, ", ".join(f"{name}: {count} products" for name, count in result.items()))


@app.command()
def encoders(as_json: AsJson = False) -> None:
    """List the encoders, whether each can be used here, and what `auto` takes."""
    from core.services.encoders import automatic_choice, list_encoders

    context = open_context()
    choice, known = automatic_choice(context), list_encoders(context)
    listed = [{**asdict(status.card), "state": str(status.state), "names": status.names, "detail": status.detail,
               "remedy": status.remedy} for status in known]  # fmt: skip
    lines = [f"{item['state']:<22}  {item['name']:<24}  {', '.join(item['names']) or item['remedy']}"
             for item in listed]  # fmt: skip
    chosen = f"auto: {choice.image_encoder or 'no image encoder'} and {choice.text_encoder}"
    _show({"auto": asdict(choice), "encoders": listed}, as_json, "\n".join([*lines, chosen, *choice.reasons]))


@app.command()
def discover(
    category: Annotated[str, typer.Argument(help="A path such as 'Apparel > Shoes'.")],
    clusters: Annotated[int | None, typer.Option(help="Number of clusters; default: suggested.", min=1)] = None,
    levels: Annotated[int, typer.Option(help="Levels of the cascade.", min=1, max=6)] = 2,
    seed: Annotated[int, Seed] = 0,
    image_encoder: Annotated[str, typer.Option(help="auto, aligned, simclr, clip:MODEL/PRETRAINED…")] = "auto",
    text_encoder: Annotated[str, typer.Option(help="tfidf, hf-text:NAME_OR_FOLDER, or clip:…")] = "tfidf",
    image_filter: ImageFilter = "hdbscan",
    clusterer: Clusterer = "agglomerative",
    linkage: Linkage = "ward",
    as_json: AsJson = False,
) -> None:
    """Find the groups in a category; prints the run's id."""
    from core.services.taxonomy import find_category

    context = open_context()
    category_id = find_category(context, parse_path(category))
    parameters = DiscoveryParameters(
        n_clusters=clusters, levels=levels, seed=seed, image_encoder=image_encoder, text_encoder=text_encoder,
        image_filter=image_filter, clusterer=clusterer, linkage=linkage,
    )  # fmt: skip
    arguments = {"category_id": category_id, "parameters": asdict(parameters)}
    result = _run(context, JobKind.DISCOVER, arguments, "Discovering")
    from core.services.review import open_review

    review = open_review(context, result["run_id"])
    found = [{"cluster": c.number, "level": c.level, "size": c.size, "suggested_name": c.suggested_names[0]}
             for c in review.clusters]  # fmt: skip
    lines = [
        f"  {item['cluster']:>3}  {item['size']:>6}  {item['suggested_name']}" for item in found if item["level"] == 1
    ]
    _show({**result, "n_products": review.run.n_products, "n_clusters": review.k_current, "clusters": found}, as_json,
          "\n".join([f"run_id {result['run_id']}: {review.k_current} clusters", *lines]))  # fmt: skip


@app.command()
def clusters(run_id: int, output: Output, as_json: AsJson = False) -> None:
    """Write the clusters of a run: product_id, cluster, level, is_noise, distance."""
    from core.services.clusters_csv import write_clusters

    n_rows = write_clusters(open_context(), run_id, output)
    _show({"run_id": run_id, "n_rows": n_rows, "output": str(output)}, as_json, f"{n_rows} rows in {output}")


@app.command()
def approve(
    run_id: int,
    names: Annotated[Path, typer.Option(help="CSV with the columns cluster, name.")],
    note: Annotated[str, typer.Option(help="Note of the new version.")] = "",
    as_json: AsJson = False,
) -> None:
    """Approve the clusters that a file names; those not listed stay open."""
    from core.services.clusters_csv import approve_from_file

    result = asdict(approve_from_file(open_context(), run_id, names, note, _author()))
    n_nodes = len(set(result["node_ids"]))
    text = f"Version {result['version']}: {n_nodes} subcategories, {result['n_products']} products"
    _show({"run_id": run_id, **result}, as_json, text)


@app.command()
def train(
    fusion: Annotated[Literal[*Fusion], typer.Option(help="How modalities meet.")] = "late",
    seed: Annotated[int, Seed] = 0,
    modalities: Annotated[
        str, typer.Option(help="Any of title,brand,description,image; default: all that products have.")
    ] = "",
    drop_label_errors: Annotated[
        float, typer.Option(min=0.0, max=0.5, help="Share of the most doubtful labels not to learn from, such as 0.1.")
    ] = 0.0,
    promote: Annotated[bool, typer.Option(help="Make it the active model.")] = True,
    as_json: AsJson = False,
) -> None:
    """Train the classifier on the newest taxonomy."""
    from core.services.models import get_model, promote_model

    context = open_context()
    chosen = [name.strip() for name in modalities.split(",") if name.strip()] or None
    arguments = {"fusion": fusion, "seed": seed, "modalities": chosen, "drop_label_errors": drop_label_errors}
    result = _run(context, JobKind.TRAIN, arguments, "Training")
    if promote:
        promote_model(context, result["model_id"], _author())
    model = get_model(context, result["model_id"])
    metrics = asdict(model.metrics)
    lines = [f"  level {level.level}: macro F1 {level.macro_f1:.4f}, weighted F1 {level.weighted_f1:.4f}"
             for level in model.metrics.levels]  # fmt: skip
    text = (f"Model {model.id}: hP {metrics['hierarchical_precision']:.4f}, hR {metrics['hierarchical_recall']:.4f}, "
            f"hF1 {metrics['hierarchical_f1']:.4f} on {metrics['n_products']} held-out products")  # fmt: skip
    _show({**result, "is_active": promote, "metrics": metrics}, as_json, "\n".join([text, *lines]))


@app.command("check-labels")
def check_labels(
    share: Annotated[float, typer.Option(min=0.001, max=1.0, help="Doubts at most, as a share of products.")] = 0.1,
    as_json: AsJson = False,
) -> None:
    """Queue the products whose category looks wrong."""
    result = _run(open_context(), JobKind.CHECK_LABELS, {"share": share}, "Checking labels")
    _show(result, as_json, f"{result['n_issues']} of {result['n_checked']} labels look wrong")


@app.command()
def export(
    output: Output,
    assignments: Annotated[
        Path | None, typer.Option(dir_okay=False, help="CSV for where each product is, too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the refined taxonomy as CSV."""
    from core.services.exports import AssignmentKind, ExportKind, export_assignments, export_taxonomy
    from core.services.taxonomy import taxonomy_view

    context = open_context()
    export_taxonomy(context, ExportKind.CSV, file_path=output)
    if assignments:
        export_assignments(context, AssignmentKind.CSV, assignments)
    view = taxonomy_view(context)
    n_nodes = len(view.taxonomy) - 1
    _show({"output": str(output), "version": view.version, "n_nodes": n_nodes}, as_json,
          f"Version {view.version} with {n_nodes} nodes in {output}")  # fmt: skip


@reference.command("import")
def reference_import(
    file: Annotated[Path, typer.Argument(help="Google's taxonomy-with-ids text, or Shopify's CSV.")],
    as_json: AsJson = False,
) -> None:
    """Import a reference taxonomy: clusters are offered its names."""
    from core.services.reference import import_reference

    found = import_reference(open_context(), file, _author())
    _show(asdict(found), as_json, f"{found.label}: {found.n_nodes} categories on {found.n_levels} levels")


@reference.command("list")
def reference_list(as_json: AsJson = False) -> None:
    """List the imported reference taxonomies."""
    from core.services.reference import list_references

    found = list_references(open_context())
    lines = [f"{item.name}  {item.label}  {item.n_nodes} categories" for item in found]
    _show({"references": [asdict(item) for item in found]}, as_json, "\n".join(lines) or "None imported.")


@reference.command("remove")
def reference_remove(name: Annotated[str, typer.Argument(help="As `reference list` shows it.")]) -> None:
    """Remove a reference taxonomy; names suggested from it stay with their clusters."""
    from core.services.reference import remove_reference

    remove_reference(open_context(), name, _author())
    typer.echo(f"Removed {name}.")


@app.command()
def worker(parent: Annotated[int | None, typer.Option(hidden=True)] = None) -> None:
    """Run the jobs that the app queues, until stopped."""
    from core.jobs.worker import run_worker

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if not run_worker(open_context(), parent):
        typer.echo("A worker runs in this workspace already.")


def main() -> None:
    """Run the command line; a user's mistake ends with a message, a remedy and exit code 2."""
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s: %(message)s")
    logging.getLogger("core.jobs.runner").setLevel(logging.CRITICAL)
    try:
        app()
    except AppError as error:
        typer.echo(f"Error: {error.message}\n{error.remedy}", err=True)
        sys.exit(USER_MISTAKE)
    except OSError as error:
        typer.echo(f"Error: {error.filename or 'A file'}: {error.strerror or error}.\nChoose another place.", err=True)
        sys.exit(USER_MISTAKE)
    except JobFailedError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(FAILURE)
    except Exception as error:
        if os.environ.get("SHELFWISE_DEBUG"):
            raise
        typer.echo(f"Error: {type(error).__name__}: {error}\nSet SHELFWISE_DEBUG=1 to see where.", err=True)
        sys.exit(FAILURE)


if __name__ == "__main__":
    main()
