"""Look for labels that are probably wrong and queue them for the curator. Worker only."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.classifier.label_errors import label_quality
from core.domain.errors import ParameterError, TrainingDataError
from core.domain.product import Product
from core.domain.progress import Progress, SpanProgress
from core.services.context import Context
from core.services.encoding import embed_products, prepare_encoders
from core.services.product_groups import product_groups
from core.services.training_set import teaching_rows
from core.taxonomy.tree import Taxonomy
from db.models import ProductRow
from db.repositories import events, label_issues
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.label_issues import Doubt

SHARE = 0.1
SEED = 0


class _Comparing(SpanProgress):
    """Says what a curator can make something of, whatever the judges call it."""

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        super().report(fraction, "Comparing each product with the others", **metrics)


def run_label_check(context: Context, author: str, progress: Progress, share: float = SHARE) -> dict[str, int]:
    """Queue the products whose label the others contradict most.

    Every product is judged by classifiers that never saw it. Doubts of a former check that still wait are replaced;
    decided ones stay, and their products are not asked about again while they are where the curator settled them.
    Nothing is written before the end: a cancelled check leaves the queue as it was.

    Args:
        context: The open workspace.
        author: Who asked.
        progress: Told of every step.
        share: Doubts to queue, at most, as a share of the products checked, in (0, 1].

    Returns:
        `n_checked` products and `n_issues` doubts that wait now.

    Raises:
        ParameterError: If `share` is out of its range.
        TrainingDataError: If fewer than two categories hold products to learn from.

    Source:
        Northcutt et al. 2021 (confident learning), https://arxiv.org/abs/1911.00068; removal of the worst tenth as in
        Bi et al. 2020, https://arxiv.org/abs/2008.06179
    """
    if not 0 < share <= 1:
        raise ParameterError(f"The share of doubts must be above 0 and at most 1, got {share}.", "Choose 0.1.")
    progress.report(0.0, "Reading products and their categories")
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        catalogue = product_rows.all_products(session)
    known = [catalogue[row] for row in teaching_rows(taxonomy, catalogue)]
    _check_categories(known)
    encoders = prepare_encoders(context, catalogue, SpanProgress(progress, 0.0, 0.4))
    features = embed_products(context, encoders, known, SpanProgress(progress, 0.4, 0.6))
    paths = [tuple(node.id for node in taxonomy.path(product.node_id)) for product in known]
    judged = label_quality(features, paths, product_groups(known), SEED, progress=_Comparing(progress, 0.6, 0.95))
    doubts = [
        Doubt(known[row].id, paths[row][-1], judged.suggested_paths[row][-1], float(judged.quality[row]),
              float(judged.suggested_confidence[row]))
        for row in np.argsort(judged.quality, kind="stable").tolist()
        if judged.is_issue[row] and judged.suggested_paths[row] != paths[row]
    ]  # fmt: skip
    progress.report(0.95, "Writing the doubts")
    with context.database.write() as session:
        asked = _still_open(session, doubts)[: max(1, int(share * len(known)))]
        label_issues.replace_pending(session, asked)
        found = {"n_checked": len(known), "n_issues": len(asked)}
        summary = f"Checked {len(known):,} labels: {len(asked):,} look wrong"
        events.record(session, author, "check_labels", summary, details=found)
    return found


def _check_categories(known: Sequence[Product]) -> None:
    n_nodes = len({product.node_id for product in known})
    if n_nodes < 2:
        raise TrainingDataError(
            "A label check compares products of at least two categories, and "
            f"{'only one category' if n_nodes else 'no category'} holds any that can be learned from.",
            "Approve at least two clusters, or import products of another category.",
        )


def _still_open(session: Session, doubts: Sequence[Doubt]) -> list[Doubt]:
    """Without products that moved while the check ran, and those that a curator settled where they are."""
    placed = dict(session.execute(select(ProductRow.id, ProductRow.node_id)).all())
    taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))  # a category may have been merged since it was settled on
    settled = {
        (product_id, taxonomy.replacement(node_id).id)
        for product_id, node_ids in label_issues.decided_places(session).items()
        for node_id in node_ids
    }
    return [
        doubt
        for doubt in doubts
        if placed.get(doubt.product_id) == doubt.node_id and (doubt.product_id, doubt.node_id) not in settled
    ]
