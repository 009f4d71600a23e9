"""A simple random sample of predictions, by which a classifier's accuracy is judged, and the order to look at it in.

Both come from the predictions' ids: the same ones whenever and wherever they are asked for, and no matter what the
classifier thinks of them.
"""

import numpy as np

from core.domain.arrays import FloatArray, IntArray

SAMPLE_SIZE = 200
"""Decisions that tell an accuracy of 90 % to within 4 points, 19 times in 20."""
SAMPLE_SHARE = 0.1
"""At most this much of the predictions: of a small catalogue the most must stay free to be settled in bulk."""
_CHOICE, _ORDER = 1, 2


def sample_size(n_predictions: int) -> int:
    """How many of so many predictions to draw; 0 of none, at least one of any."""
    return min(SAMPLE_SIZE, -(-n_predictions * int(100 * SAMPLE_SHARE) // 100))


def draw_sample(ids: IntArray, seed: int) -> FloatArray:
    """Which predictions are drawn first: a sample are those below a threshold, or the n lowest. Shape: (n,).

    Args:
        ids: Of the predictions. Shape: (n,).
        seed: Of the model.

    Returns:
        Uniform numbers in [0, 1), a function of id and seed alone.
    """
    return _uniform(ids, seed, _CHOICE)


def sample_order(ids: IntArray, seed: int) -> FloatArray:
    """Where each prediction stands when the sample is looked at, the highest first; in [0, 1), see `draw_sample`."""
    return _uniform(ids, seed, _ORDER)


def _uniform(ids: IntArray, seed: int, stream: int) -> FloatArray:
    """Finalised by splitmix64 (Steele et al. 2014), which turns neighbouring numbers into unrelated ones."""
    with np.errstate(over="ignore"):
        mixed = np.asarray(ids, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(2 * seed + stream)
        for _ in range(2):  # the first round alone leaves ids and seeds that differ by a constant alike
            mixed += np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)
