"""Which siblings are taken for one another."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError
from core.domain.model_report import Confusion

MAX_EXAMPLES = 12
Path = tuple[str, ...]
_Pair = tuple[str, str, str]
"""Ids of parent, true and predicted node; the parent of the first level is ''."""


def sibling_confusions(
    true_paths: Sequence[Path], predicted: Sequence[PredictedPath], product_ids: Sequence[int] | None = None
) -> tuple[Confusion, ...]:
    """Count wrong paths by the siblings where truth and prediction part.

    A wrong path counts once, at the first level where it differs. Where one of the two paths ends at the parent, the
    parent itself stands for that side: a product of Heels that was left at Shoes is Heels taken for Shoes, under the
    parent Shoes.

    Args:
        true_paths: Node ids from below the root, one path per product.
        predicted: Prediction of each product, same order.
        product_ids: Id of each product; row numbers where None.

    Returns:
        Pairs of siblings, the most frequent first, each with at most `MAX_EXAMPLES` products, those first whose wrong
        node was most certain.

    Raises:
        ShapeError: If the lengths differ.
    """
    ids = range(len(true_paths)) if product_ids is None else product_ids
    if not len(true_paths) == len(predicted) == len(ids):
        raise ShapeError(
            f"Expected a prediction and an id for each of {len(true_paths)} products, got {len(predicted)} and "
            f"{len(ids)}.",
            "Pass all for the same products.",
        )
    wrong: dict[_Pair, list[tuple[float, int]]] = defaultdict(list)
    for true, said, product_id in zip(true_paths, predicted, ids, strict=True):
        if tuple(true) != said.node_ids:
            level = _first_difference(tuple(true), said.node_ids)
            certainty = said.level_confidences[min(level, len(said.node_ids) - 1)]
            wrong[_pair(tuple(true), said.node_ids, level)].append((-certainty, int(product_id)))
    n_at_or_below = Counter(node_id for path in true_paths for node_id in path)
    found = [_confusion(pair, rows, n_at_or_below[pair[1]]) for pair, rows in wrong.items()]
    return tuple(sorted(found, key=lambda each: (-each.n_products, -each.share, each.true_node_id, each.parent_id,
                                                 each.predicted_node_id)))  # fmt: skip


def _first_difference(true: Path, said: Path) -> int:
    pairs = zip(true, said, strict=False)
    return next((i for i, (one, other) in enumerate(pairs) if one != other), min(len(true), len(said)))


def _pair(true: Path, said: Path, level: int) -> _Pair:
    parent = true[level - 1] if level else ""
    return parent, true[level] if level < len(true) else parent, said[level] if level < len(said) else parent


def _confusion(pair: _Pair, rows: list[tuple[float, int]], n_true: int) -> Confusion:
    examples = tuple(product_id for _, product_id in sorted(rows)[:MAX_EXAMPLES])
    return Confusion(*pair, n_products=len(rows), share=len(rows) / n_true, product_ids=examples)
