"""When a path had better stop at the parent."""

from collections.abc import Sequence


def stop_path(node_ids: Sequence[str], level_confidences: Sequence[float], threshold: float) -> int:
    """How many levels of a predicted path to give, where unsure ones are worse than none.

    The first level is always given, however unsure: no category at all helps nobody to sort a product.

    Args:
        node_ids: The path from below the root.
        level_confidences: Cumulative confidence of the path down to each level, same length.
        threshold: The path ends at the deepest level whose confidence is at least this; 0 never stops.

    Returns:
        Number of levels, at least 1; 0 for an empty path.
    """
    n_levels = len(node_ids)
    while n_levels > 1 and level_confidences[n_levels - 1] < threshold:
        n_levels -= 1
    return n_levels
