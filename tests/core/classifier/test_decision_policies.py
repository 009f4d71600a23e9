import numpy as np
import pytest

from core.classifier.decision_policies import POLICIES, RidgePolicy, decision_policy
from core.classifier.linear_head import one_hot
from core.domain.errors import ParameterError, ShapeError

IMAGE = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3]], dtype=np.float32)
TITLE = np.array([[0.1, 0.8, 0.1], [0.3, 0.5, 0.2]], dtype=np.float32)
BOTH = {"image": IMAGE, "title": TITLE}
TARGETS = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
PRIOR = [0.5, 0.5, 0.0]


def _random(n=200, n_classes=4, seed=0, names=("image", "title", "description")):
    generator = np.random.default_rng(seed)
    class_ids = generator.integers(0, n_classes, n)
    sharp = {name: 1.0 + i for i, name in enumerate(names)}
    found = {}
    for name in names:
        logits = generator.normal(size=(n, n_classes)) + sharp[name] * one_hot(class_ids, n_classes)
        exponents = np.exp(logits)
        found[name] = (exponents / exponents.sum(1, keepdims=True)).astype(np.float32)
    return found, one_hot(class_ids, n_classes)


def test_the_mean_of_two_modalities_by_hand():
    combined = decision_policy("mean").fit(BOTH, TARGETS).combine(BOTH)
    np.testing.assert_allclose(combined, [[0.4, 0.5, 0.1], [0.2, 0.55, 0.25]], rtol=1e-6)


def test_the_max_of_two_modalities_by_hand():
    plain = decision_policy("max", is_multi_label=True).fit(BOTH, TARGETS).combine(BOTH)
    np.testing.assert_allclose(plain, [[0.7, 0.8, 0.1], [0.3, 0.6, 0.3]], rtol=1e-6)
    shared = decision_policy("max").fit(BOTH, TARGETS).combine(BOTH)
    np.testing.assert_allclose(shared, [[0.7 / 1.6, 0.5, 0.1 / 1.6], [0.25, 0.5, 0.25]], rtol=1e-6)


@pytest.mark.parametrize("name", ["max", "mean"])
def test_a_missing_modality_is_ignored_and_without_any_the_frequencies_decide(name):
    policy = decision_policy(name).fit(BOTH, TARGETS)
    present = {"image": np.array([True, False]), "title": np.array([False, False])}
    np.testing.assert_allclose(policy.combine(BOTH, present), [IMAGE[0], PRIOR], rtol=1e-6)


@pytest.mark.parametrize("name", POLICIES)
def test_what_stands_in_for_a_missing_modality_does_not_matter(name):
    probabilities, targets = _random()
    present = {modality: np.arange(200) % (i + 2) > 0 for i, modality in enumerate(probabilities)}
    noise = np.random.default_rng(1).random((200, 4)).astype(np.float32)
    spoilt = {m: np.where(present[m][:, None], array, noise) for m, array in probabilities.items()}
    plain = decision_policy(name).fit(probabilities, targets, present).combine(probabilities, present)
    other = decision_policy(name).fit(spoilt, targets, present).combine(spoilt, present)
    np.testing.assert_array_equal(plain, other)
    assert (plain.argmax(1) == targets.argmax(1)).mean() > 0.6


def test_ridge_solves_the_normal_equations():
    probabilities, targets = _random()
    names = sorted(probabilities)
    inputs = np.concatenate([probabilities[name] for name in names], axis=1).astype(np.float64)
    centred, wanted = inputs - inputs.mean(0), targets - targets.mean(0)
    weights = np.linalg.solve(centred.T @ centred + 2.0 * np.eye(inputs.shape[1]), centred.T @ wanted)
    expected = np.clip(centred @ weights + targets.mean(0), 0, 1)
    policy = RidgePolicy(is_multi_label=True, alpha=2.0).fit(probabilities, targets)
    np.testing.assert_allclose(policy.combine(probabilities), expected, atol=1e-3)


def test_ridge_learns_which_modality_to_believe():
    generator = np.random.default_rng(0)
    class_ids = generator.integers(0, 3, 300)
    right = one_hot(class_ids, 3) * 0.4 + 0.2
    lying = one_hot(generator.integers(0, 3, 300), 3)  # always certain, and right by chance
    both = {"image": right, "title": lying}
    ridge = decision_policy("ridge").fit(both, one_hot(class_ids, 3)).combine(both)
    greatest = decision_policy("max").fit(both, one_hot(class_ids, 3)).combine(both)
    assert (ridge.argmax(1) == class_ids).mean() == 1.0
    assert (greatest.argmax(1) == class_ids).mean() < 0.5


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("n_modalities", [1, 2, 3])
def test_every_policy_combines_any_number_of_modalities(name, n_modalities):
    probabilities, targets = _random(names=("image", "title", "description")[:n_modalities])
    combined = decision_policy(name).fit(probabilities, targets).combine(dict(reversed(probabilities.items())))
    assert combined.shape == targets.shape
    np.testing.assert_allclose(combined.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(combined, decision_policy(name).fit(probabilities, targets).combine(probabilities))


@pytest.mark.parametrize("name", POLICIES)
def test_several_labels_have_independent_scores(name):
    probabilities, targets = _random()
    targets[:, 0] = 1.0
    probabilities = {modality: np.sqrt(array) for modality, array in probabilities.items()}  # sums above one
    combined = decision_policy(name, is_multi_label=True).fit(probabilities, targets).combine(probabilities)
    assert ((combined >= 0) & (combined <= 1)).all()
    assert abs(combined.sum(axis=1) - 1).max() > 0.05


def test_an_unknown_policy_lists_the_valid_ones():
    with pytest.raises(ParameterError, match="max, mean, ridge, neural"):
        decision_policy("median")


@pytest.mark.parametrize("name", POLICIES)
def test_probabilities_that_do_not_fit_are_refused(name):
    with pytest.raises(ShapeError):
        decision_policy(name).fit(BOTH, TARGETS[:1])
    with pytest.raises(ShapeError):
        decision_policy(name).fit({}, TARGETS)
    with pytest.raises(ShapeError):
        decision_policy(name).combine(BOTH)
    probabilities, targets = _random()
    policy = decision_policy(name).fit(probabilities, targets)
    with pytest.raises(ShapeError, match="description"):
        policy.combine({"image": probabilities["image"]})
