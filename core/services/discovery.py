"""Discover the groups in a category: features, cascade, and the run written down. Worker only."""

import numpy as np
from sqlalchemy.orm import Session

from core.discovery.cascade import Cascade, discover
from core.discovery.choices import check_choices
from core.discovery.guidance import Guidance
from core.domain.discovery import DiscoveryParameters, RunStatus
from core.domain.errors import EncoderUnavailableError
from core.domain.product import format_path
from core.domain.progress import Progress, SpanProgress
from core.encoders.registry import check_available, get_card
from core.services.context import Context
from core.services.discovery_inputs import gather_inputs
from core.services.naming import name_clusters
from db.models import RunRow
from db.repositories import events, runs


def run_discovery(
    context: Context, category_id: str, parameters: DiscoveryParameters, author: str, progress: Progress
) -> int:
    """Run the cascade over all products of a category and its subcategories.

    Args:
        context: The open workspace.
        category_id: A node of the taxonomy.
        parameters: Everything that decides the outcome, besides the data.
        author: Who asked.
        progress: Told of every step; a cancelled run leaves nothing behind but embeddings.

    Returns:
        The run's id.

    Raises:
        NodeNotFoundError: If there is no such category.
        TooFewProductsError: If the category holds fewer products than a discovery needs.
        ParameterError: If a parameter is not one of its choices.
        EncoderUnavailableError: If a named encoder does not exist, or its weights are not at hand.
    """
    check_choices(parameters)
    _check_encoders(parameters)
    inputs = gather_inputs(context, category_id, parameters, SpanProgress(progress, 0.0, 0.5))
    path = inputs.taxonomy.names(category_id)
    cascade = discover(
        inputs.product_ids,
        inputs.modalities,
        inputs.image,
        inputs.tokens,
        parameters,
        SpanProgress(progress, 0.5, 0.97),
        path,
        guidance=inputs.guidance,
        backdrop=inputs.backdrop,
    )
    span = SpanProgress(progress, 0.97, 0.98)
    cascade = name_clusters(context, inputs.taxonomy, category_id, inputs.products, cascade, span)
    progress.report(0.98, "Writing the run")
    details = {**cascade.details, **inputs.details}
    with context.database.write() as session:
        row = runs.add_run(session, category_id, parameters, len(inputs.products), details, cascade.quality, author)
        _write_clusters(session, row, cascade, inputs.guidance)
        events.record(session, author, "discover", f"Discovered {row.n_clusters} clusters in {format_path(path)}")
        cascade.run_file.save(context.workspace.runs / f"{row.id}.npz")
        row.status = str(RunStatus.READY)
        return row.id


def _check_encoders(parameters: DiscoveryParameters) -> None:
    for name, modality in ((parameters.image_encoder, "image"), (parameters.text_encoder, "text")):
        check_available(name)
        if modality not in get_card(name).modality:
            raise EncoderUnavailableError(
                f"Encoder '{name}' does not read {modality}s.", f"Choose an encoder of {modality}s."
            )


def _write_clusters(session: Session, run: RunRow, cascade: Cascade, guidance: Guidance | None) -> None:
    ids: dict[int, int] = {}
    level_1: dict[int, int] = {}
    deepest: dict[int, int] = {}
    for cluster in cascade.clusters:
        parent_id = ids[cluster.parent_number] if cluster.parent_number is not None else None
        keywords = runs.keyword_rows(cluster.keywords, cluster.evidence)
        ids[cluster.number] = runs.add_cluster(
            session,
            run.id,
            cluster.number,
            cluster.level,
            parent_id,
            cluster.suggestions,
            keywords,
            cluster.quality,
        )
        target = level_1 if cluster.level == 1 else deepest
        target.update(dict.fromkeys(cluster.positions.tolist(), ids[cluster.number]))
    run.n_clusters = sum(cluster.level == 1 for cluster in cascade.clusters)
    file = cascade.run_file
    is_excluded = np.zeros(len(file.product_ids), dtype=bool) if guidance is None else guidance.is_set_aside
    runs.add_members(
        session,
        [
            {"run_id": run.id, "product_id": int(product_id), "position": position, "cluster_id": level_1.get(position),
             "subcluster_id": deepest.get(position), "distance": float(cascade.distances[position]),
             "is_noise": bool(file.is_noise[position]), "is_excluded": bool(is_excluded[position]), "is_moved": False}
            for position, product_id in enumerate(file.product_ids)
        ],
    )  # fmt: skip
