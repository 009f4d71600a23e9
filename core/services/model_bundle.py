"""What predictions need of a workspace's model, as one value that can leave the workspace. Web-safe: no torch."""

from collections.abc import Iterable
from pathlib import Path

from core.domain.classifier import ModelStatus, ModelVersion
from core.domain.errors import ModelNotFoundError
from core.inference.bundle import ModelBundle, artefact_nodes, save_bundle
from core.services.context import Context
from core.services.escalation import TEXT_STAGE_KEY
from core.services.models import get_model, list_models
from core.taxonomy.tree import Taxonomy
from db.repositories import taxonomy as taxonomy_rows


def bundle_of(context: Context, model_id: int | None = None) -> ModelBundle:
    """Everything that predictions with a model need.

    Args:
        context: The open workspace.
        model_id: Which model; None takes the active one, or the newest candidate where none was promoted.

    Raises:
        ModelNotFoundError: If there is no such model, or its files are missing.
    """
    model = _newest_in_use(context) if model_id is None else get_model(context, model_id)
    full_stage = context.workspace.models / model.artefact_path
    text_name = model.config.get(TEXT_STAGE_KEY)
    text_stage = context.workspace.models / str(text_name) if text_name else None
    paths = [path for stage in (full_stage, text_stage) if stage is not None for path in artefact_nodes(stage)]
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    versions: dict[str, str] = model.config.get("encoders", {})
    encoders = {name: str(context.workspace.encoders / name / version) for name, version in versions.items()}
    return ModelBundle(
        model_id=model.id,
        taxonomy_version=model.taxonomy_version,
        full_stage=str(full_stage),
        text_stage=None if text_stage is None else str(text_stage),
        encoders=encoders,
        escalate_below=None if text_stage is None else model.escalate_below,
        stop_below=model.stop_below,
        node_paths=present_names(taxonomy, paths),
    )


def export_model(context: Context, model_id: int, folder: Path) -> ModelBundle:
    """Copy a model with its encoders and names into one folder that needs no workspace.

    Raises:
        ModelNotFoundError: If there is no such model, or its files are missing.
        EncoderUnavailableError: If an encoder is no longer in the workspace.
        AppError: If the folder holds something else, or cannot be written.
    """
    bundle = bundle_of(context, model_id)
    save_bundle(bundle, folder)
    return bundle


def present_names(taxonomy: Taxonomy, paths: Iterable[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Names of nodes as the taxonomy calls them now.

    Args:
        taxonomy: The present one.
        paths: Node ids from below the root, as a model learned them.

    Returns:
        Every id of the paths -> names from below the root. A node that was merged has the names of what it became; one
        that the taxonomy does not hold at all has those of the nearest node above it that it does, or none.
    """
    names: dict[str, tuple[str, ...]] = {}
    for path in paths:
        above: tuple[str, ...] = ()
        for node_id in path:
            if node_id not in names:
                is_held = node_id in taxonomy
                names[node_id] = taxonomy.names(taxonomy.replacement(node_id).id) if is_held else above
            above = names[node_id]
    return names


def _newest_in_use(context: Context) -> ModelVersion:
    models = list_models(context)
    chosen = next((model for model in models if model.status is ModelStatus.ACTIVE), None)
    chosen = chosen or next((model for model in models if model.status is ModelStatus.CANDIDATE), None)
    if chosen is None:
        raise ModelNotFoundError("No classifier has been trained yet.", "Press Retrain, or run `python -m core train`.")
    return chosen
