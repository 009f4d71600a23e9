"""Two classifiers on the products that neither of them learned from, in terms of the present taxonomy."""

from collections.abc import Sequence

import pandas as pd

from core.classifier.metrics import hierarchical_scores, node_metrics
from core.domain.errors import ParameterError
from core.domain.model_comparison import (
    Disagreement,
    ModelComparison,
    NodeDifference,
    PlatformDifference,
    Right,
    Scores,
)
from core.domain.product import format_path
from core.services.context import Context
from core.services.model_predictions import NodePath, mapped_path, sayable_nodes
from core.services.model_report import held_out
from core.services.models import get_model
from core.services.training_set import teaching_placements
from core.taxonomy.tree import Taxonomy
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows


def compare_models(context: Context, a_id: int, b_id: int) -> ModelComparison:
    """Set two classifiers side by side where the comparison is fair.

    Only products count that both kept apart from their training. What is right is where a product is now; paths of
    earlier versions are mapped to the present taxonomy, and the truth and both predictions are cut to the categories
    that both classifiers know, so that the older one is not blamed for what was named after it.

    Args:
        context: The open workspace.
        a_id: One classifier.
        b_id: The other.

    Returns:
        Categories and platforms with the largest difference first, then the larger ones.

    Raises:
        ModelNotFoundError: If there is none with one of the ids.
        ParameterError: If both are the same.
    """
    if a_id == b_id:
        raise ParameterError(f"Model {a_id} cannot be compared with itself.", "Choose another model.")
    own_a, own_b = get_model(context, a_id).metrics, get_model(context, b_id).metrics
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    rows, n_left_out = _common(context, a_id, b_id, taxonomy)
    has_any = bool(len(rows))
    return ModelComparison(
        a_id, b_id, len(rows), n_left_out, own_a, own_b,
        a=_scores(rows, "a") if has_any else None, b=_scores(rows, "b") if has_any else None,
        nodes=_nodes(rows, taxonomy) if has_any else (), platforms=_platforms(rows),
        disagreements=_disagreements(rows, taxonomy),
    )  # fmt: skip


def _common(context: Context, a_id: int, b_id: int, taxonomy: Taxonomy) -> tuple[pd.DataFrame, int]:
    """Columns product_id, platform, and true, a, b: paths cut to what both know; and how many cannot be judged."""
    both = sayable_nodes(context, a_id, taxonomy) & sayable_nodes(context, b_id, taxonomy)
    said_a, said_b = _said(context, a_id), _said(context, b_id)
    rows = said_a.merge(said_b[["product_id", "path"]], on="product_id", suffixes=("_a", "_b"))
    truth = _present_paths(context, rows["product_id"].tolist(), taxonomy)
    rows["true"] = [_cut(truth.get(product_id, ()), both) for product_id in rows["product_id"]]
    for side in ("a", "b"):
        rows[side] = [_cut(mapped_path(taxonomy, path), both) for path in rows[f"path_{side}"]]
    is_judged = rows["true"].map(len) > 0
    return rows[is_judged].reset_index(drop=True), int((~is_judged).sum())


def _said(context: Context, model_id: int) -> pd.DataFrame:
    frame = held_out(context, model_id)
    if frame.empty:
        return pd.DataFrame({"product_id": pd.Series(dtype="int64"), "platform": [], "path": []})
    return frame[["product_id", "platform"]].assign(path=[tuple(path) for path in frame["predicted_path"]])


def _present_paths(context: Context, product_ids: Sequence[int], taxonomy: Taxonomy) -> dict[int, NodePath]:
    """Where products are now, by id; without those whose place says nothing."""
    with context.database.read() as session:
        teaching = teaching_placements(taxonomy, (row[:2] for row in product_rows.placement_counts(session)))
        products = product_rows.load_products(session, product_ids)
    paths = {node_id: tuple(node.id for node in taxonomy.path(node_id)) for node_id, _ in teaching}
    return {product.id: paths[product.node_id] for product in products if (product.node_id, product.source) in teaching}


def _cut(path: NodePath, known: frozenset[str]) -> NodePath:
    end = next((index for index, node_id in enumerate(path) if node_id not in known), len(path))
    return path[:end]


def _scores(rows: pd.DataFrame, side: str) -> Scores:
    true, said = rows["true"].tolist(), rows[side].tolist()
    is_exact = [one == other for one, other in zip(true, said, strict=True)]
    return Scores(*hierarchical_scores(true, said), sum(is_exact) / len(is_exact))


def _nodes(rows: pd.DataFrame, taxonomy: Taxonomy) -> tuple[NodeDifference, ...]:
    of_a, of_b = ({node.node_id: node for node in node_metrics(rows["true"].tolist(), rows[side].tolist())}
                  for side in ("a", "b"))  # fmt: skip
    found = []
    for node_id in of_a.keys() | of_b.keys():
        one, other = of_a.get(node_id), of_b.get(node_id)
        any_of = one or other
        found.append(
            NodeDifference(node_id, format_path(taxonomy.names(node_id)), any_of.level, any_of.n_products,
                           one.f1 if one else 0.0, other.f1 if other else 0.0)
        )  # fmt: skip
    return tuple(sorted(found, key=lambda node: (-abs(node.difference), -node.n_products, node.path)))


def _platforms(rows: pd.DataFrame) -> tuple[PlatformDifference, ...]:
    found = [
        PlatformDifference(str(platform), len(part), _scores(part, "a"), _scores(part, "b"))
        for platform, part in rows.groupby("platform", sort=True)
    ]
    return tuple(sorted(found, key=lambda part: (-abs(part.difference), -part.n_products, part.platform)))


def _disagreements(rows: pd.DataFrame, taxonomy: Taxonomy) -> tuple[Disagreement, ...]:
    found = []
    for row in rows[rows["a"] != rows["b"]].itertuples():
        named = (_named(taxonomy, path) for path in (row.true, row.a, row.b))
        found.append(Disagreement(row.product_id, row.platform, *named, _right(row.true, row.a, row.b)))
    order = list(Right)
    return tuple(sorted(found, key=lambda row: (order.index(row.right), row.product_id)))


def _right(true: NodePath, a: NodePath, b: NodePath) -> Right:
    return Right.A if a == true else Right.B if b == true else Right.NEITHER


def _named(taxonomy: Taxonomy, path: NodePath) -> str:
    return format_path(taxonomy.names(path[-1])) if path else ""
