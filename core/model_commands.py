"""The commands `python -m core models …`: which classifiers there are, which one is in use, and how two differ."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from core.command_line import AsJson, author, show
from core.domain.classifier import ModelVersion
from core.domain.model_comparison import ModelComparison, Scores
from core.services.context import open_context
from core.services.models import get_model, list_models, promote_model, restore_model, retire_model, roll_back

models = typer.Typer(no_args_is_help=True, help="Trained classifiers: compare, promote, retire, roll back.")
ModelId = Annotated[int, typer.Argument(metavar="ID", help="As `models list` shows it.")]
N_WORST = 10


@models.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the trained classifiers, newest first."""
    known = list_models(open_context())
    lines = [_line(model) for model in known]
    show({"models": [_summary(model) for model in known]}, as_json, "\n".join(lines) or "None trained.")


@models.command("show")
def show_(model_id: ModelId, as_json: AsJson = False) -> None:
    """Show what is known of a classifier."""
    from core.services.model_report import model_report

    context = open_context()
    model, report = get_model(context, model_id), model_report(context, model_id)
    metrics = model.metrics
    lines = [
        _line(model),
        f"  hP {metrics.hierarchical_precision:.4f}, hR {metrics.hierarchical_recall:.4f}, whole path right "
        f"{metrics.exact_path_accuracy:.4f}, calibration error {metrics.expected_calibration_error:.4f} on "
        f"{metrics.n_products} held-out products",
        *(f"  level {level.level}: macro F1 {level.macro_f1:.4f}, weighted F1 {level.weighted_f1:.4f}"
          for level in metrics.levels),
        *(f"  {part.platform}: hF1 {part.hierarchical_f1:.4f} on {part.n_products} products"
          for part in (report.platforms if report else ())),
    ]  # fmt: skip
    found = {**_summary(model), "config": model.config, "metrics": asdict(metrics)}
    show({**found, "report": asdict(report) if report else None}, as_json, "\n".join(lines))


@models.command()
def promote(model_id: ModelId, as_json: AsJson = False) -> None:
    """Put a classifier into use."""
    promote_model(open_context(), model_id, author())
    show({"model_id": model_id}, as_json, f"Model {model_id} is in use.")


@models.command()
def retire(model_id: ModelId, as_json: AsJson = False) -> None:
    """Put a classifier aside; `restore` brings it back."""
    was_active = retire_model(open_context(), model_id, author())
    left = " No model is in use now." if was_active else ""
    show({"model_id": model_id, "was_active": was_active}, as_json, f"Model {model_id} is retired.{left}")


@models.command()
def restore(model_id: ModelId, as_json: AsJson = False) -> None:
    """Make a retired classifier a candidate again."""
    restore_model(open_context(), model_id, author())
    show({"model_id": model_id}, as_json, f"Model {model_id} is a candidate.")


@models.command()
def rollback(as_json: AsJson = False) -> None:
    """Return to the classifier that was in use before the present one."""
    model_id = roll_back(open_context(), author())
    show({"model_id": model_id}, as_json, f"Model {model_id} is in use again.")


@models.command()
def compare(a: ModelId, b: ModelId, as_json: AsJson = False) -> None:
    """Set two classifiers side by side on the products from which neither learned."""
    from core.services.model_comparison import compare_models

    found = compare_models(open_context(), a, b)
    show({**asdict(found), "is_enough": found.is_enough}, as_json, "\n".join(_compared(found)))


@models.command("export")
def export_(
    model_id: ModelId,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="New or empty, or an earlier export.")],
    as_json: AsJson = False,
) -> None:
    """Copy a classifier with its encoders into one folder: `core.api.load_model(FOLDER)` needs no workspace."""
    from core.services.model_bundle import export_model

    bundle = export_model(open_context(), model_id, folder)
    result = {"model_id": model_id, "folder": str(folder.absolute()), "fingerprint": bundle.fingerprint}
    show(result, as_json, f"Model {model_id} is in {folder.absolute()}.")


def _compared(found: ModelComparison) -> list[str]:
    lines = [f"{found.n_common} products held out by both"]
    if not found.is_enough:
        own = ((found.a_id, found.own_a), (found.b_id, found.own_b))
        return [
            lines[0] + ": too few to tell. Each on its own test products:",
            *(
                f"  model {number}: hF1 {metrics.hierarchical_f1:.4f} on {metrics.n_products}"
                for number, metrics in own
            ),
        ]
    lines += [_scores(number, scores) for number, scores in ((found.a_id, found.a), (found.b_id, found.b)) if scores]
    rows = [("platform", part.platform, part.difference, part.n_products) for part in found.platforms]
    rows += [("category", node.path, node.difference, node.n_products) for node in found.nodes[:N_WORST]]
    lines += [f"  {difference:+.4f}  {n:>5}  {kind} {name}" for kind, name, difference, n in rows]
    return [*lines, f"They differ on {len(found.disagreements)} products."]


def _scores(model_id: int, scores: Scores) -> str:
    return f"Model {model_id}: hF1 {scores.hierarchical_f1:.4f}, whole path right {scores.exact_path_accuracy:.4f}"


def _line(model: ModelVersion) -> str:
    return (
        f"{model.id:>4}  {model.status:<9}  hF1 {model.metrics.hierarchical_f1:.4f}  taxonomy version "
        f"{model.taxonomy_version}  {model.author}  {model.created_at:%Y-%m-%d %H:%M}"
    )


def _summary(model: ModelVersion) -> dict[str, Any]:
    return {
        "model_id": model.id, "status": str(model.status), "taxonomy_version": model.taxonomy_version,
        "hierarchical_f1": model.metrics.hierarchical_f1, "author": model.author, "created_at": model.created_at,
        "promoted_at": model.promoted_at, "previous_id": model.previous_id, "stop_below": model.stop_below,
    }  # fmt: skip
