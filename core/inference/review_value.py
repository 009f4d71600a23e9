"""What it is worth to look at a prediction: errors that the look is expected to mend, and what it teaches.

    value = P(wrong) · settled · rarity

`P(wrong)` is one minus the calibrated confidence of the path. Where the text stage says something else, the share
`DISAGREEMENT · text confidence` of the remaining confidence is lost, too: two stages that contradict each other are
wrong more often than either admits, and the more so the surer the other one is.

`settled` counts the products that one decision places: the product, and the look-alikes of which it is the middle,
each by how alike it is. It grows with the logarithm: the second dozen of a group is nearer to what the first one said
already, and a group of 60 must not outweigh 30 doubts.

`rarity` runs from 1, for a category that many labelled products teach, to 1 + `RARITY` for one that none does: an
example more of a category with three says more than the thousandth of another.
"""

import numpy as np

from core.domain.arrays import BoolArray, FloatArray, IntArray
from core.domain.errors import ShapeError

DISAGREEMENT = 0.7
"""Where one in ten labels of 35,257 fashion products taught two calibrated stages, a path that the text stage
contradicted was wrong in 68 % of all cases, though its confidence said 35 %; from 0.6 to 0.8 what came of the paths is
likeliest."""
RARITY = 0.5
"""A choice, not a finding: in simulated reviews of that catalogue 0.5 and 0 came to the same within their scatter."""
N_HALF = 20
"""Labelled products of a category that halve what its rarity adds."""
LEAST = 1e-6
"""Value of a look at what is certain: more than that of a prediction that was never scored, which is 0."""


def wrong_probabilities(confidence: FloatArray, text_confidence: FloatArray, disagrees: BoolArray) -> FloatArray:
    """Probability that each path is wrong, in [0, 1].

    Args:
        confidence: Calibrated, of the path shown, in [0, 1]. Shape: (n,).
        text_confidence: Of what the text stage alone says, in [0, 1]; NaN where it was not asked. Shape: (n,).
        disagrees: Whether the text stage says another category. Shape: (n,).
    """
    sure = np.clip(confidence, 0.0, 1.0)
    against = np.where(disagrees, np.nan_to_num(np.clip(text_confidence, 0.0, 1.0)), 0.0)
    return 1.0 - sure * (1.0 - DISAGREEMENT * against)


def review_values(p_wrong: FloatArray, n_settled: FloatArray, n_labelled: IntArray) -> FloatArray:
    """Expected value of a look at each prediction.

    Args:
        p_wrong: Probability that its path is wrong, in [0, 1]. Shape: (n,).
        n_settled: Products that a decision places, itself included, look-alikes by their likeness; 1 or more.
            Shape: (n,).
        n_labelled: Products that teach the predicted category. Shape: (n,).

    Returns:
        At least `LEAST`, at most (1 + log2 `n_settled`) · (1 + `RARITY`). Shape: (n,).

    Raises:
        ShapeError: If the lengths differ.
    """
    if not len(p_wrong) == len(n_settled) == len(n_labelled):
        raise ShapeError(
            f"Expected one of each per prediction, got {len(p_wrong)}, {len(n_settled)} and {len(n_labelled)}.",
            "Pass arrays of one length.",
        )
    settled = 1.0 + np.log2(np.maximum(n_settled, 1.0))
    rarity = 1.0 + RARITY / (1.0 + np.maximum(n_labelled, 0) / N_HALF)
    return np.maximum(np.clip(p_wrong, 0.0, 1.0) * settled * rarity, LEAST)
