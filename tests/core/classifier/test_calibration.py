import numpy as np
import pytest
from scipy.special import log_softmax

from core.classifier.calibration import fit_temperatures
from core.classifier.label_tree import LabelTree
from core.classifier.reliability import expected_calibration_error
from core.domain.errors import ShapeError

FLAT = LabelTree([(name,) for name in "abcde"])


def _overconfident(n_products, factor, seed=0):
    """True classes drawn from a known distribution, and logits `factor` times too sharp."""
    generator = np.random.default_rng(seed)
    honest = generator.normal(scale=1.5, size=(n_products, 5))
    true = (honest + generator.gumbel(size=honest.shape)).argmax(axis=1)  # draws from softmax(honest)
    return factor * honest, true


def _path_error(logits, true):
    probabilities = np.exp(log_softmax(logits, axis=1))
    return expected_calibration_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == true)


def test_calibration_finds_the_factor_and_mends_confidences_on_other_products():
    logits, true = _overconfident(4000, factor=4.0)
    (temperature,) = fit_temperatures([logits], true[:, None], FLAT)
    assert temperature == pytest.approx(4.0, rel=0.1)
    held_out, held_out_true = _overconfident(4000, factor=4.0, seed=1)
    assert _path_error(held_out, held_out_true) > 0.15
    assert _path_error(held_out / temperature, held_out_true) < 0.03


def test_temperatures_are_fitted_among_siblings_only():
    tree = LabelTree([("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b2")])
    generator = np.random.default_rng(0)
    honest = generator.normal(size=(3000, 2))
    child = (honest + generator.gumbel(size=honest.shape)).argmax(axis=1)
    parent = generator.integers(2, size=3000)
    logits = np.full((3000, 4), 1e6)  # what lies under the other parent must not matter
    for column in range(2):
        logits[np.arange(3000), 2 * parent + column] = 3.0 * honest[:, column]
    class_ids = np.stack([parent, 2 * parent + child], axis=1)
    temperatures = fit_temperatures([np.zeros((3000, 2)), logits], class_ids, tree)
    assert temperatures[1] == pytest.approx(3.0, rel=0.15)


def test_a_level_without_a_choice_keeps_temperature_one():
    tree = LabelTree([("a",), ("b", "b1")])
    temperatures = fit_temperatures([np.zeros((4, 2)), np.zeros((4, 2))], np.array([[0, 0], [1, 1]] * 2), tree)
    assert temperatures[1] == 1.0


def test_a_few_easy_products_do_not_push_a_temperature_to_an_extreme():
    (temperature,) = fit_temperatures([4.0 * np.eye(5)[:3]], np.arange(3)[:, None], FLAT)
    assert 0.5 < temperature < 1.0


def test_calibration_error_by_hand():
    # bins of width 1/15: 0.95 and 0.99 meet in the last (mean 0.97, half right), 0.5 stands alone and is right
    assert expected_calibration_error([0.95, 0.99, 0.5], [1, 0, 1]) == pytest.approx((2 * 0.47 + 0.5) / 3)
    assert expected_calibration_error([1.0, 0.0], [1, 0]) == 0.0


def test_unfit_outcomes_are_refused():
    with pytest.raises(ShapeError):
        expected_calibration_error([0.5], [1, 0])
    with pytest.raises(ShapeError):
        expected_calibration_error([], [])
