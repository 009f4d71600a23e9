import numpy as np
import pytest

from core.classifier.decision_fusion import ALONE, fit_decision_fusion
from core.classifier.decision_policies import POLICIES
from core.classifier.metrics import hierarchical_scores
from core.classifier.multi_label import label_sets, multi_label_scores
from core.classifier.split import stratified_split
from core.domain.errors import ParameterError, ShapeError


@pytest.fixture(scope="module")
def world(catalogue_factory):
    """Two modalities that each tell part of the truth, and a third that is pure noise and often missing."""
    catalogue = catalogue_factory(30, noise=1.5)
    noise = np.random.default_rng(3).normal(size=(len(catalogue.paths), 6)).astype(np.float32)
    noise[::3] = 0.0
    features = {**catalogue.features, "description": noise}
    return features, catalogue.paths, stratified_split(catalogue.paths)


@pytest.fixture(scope="module")
def fused(world):
    features, paths, split = world
    fusion = fit_decision_fusion(features, paths, None, split.train, split.validation, n_folds=3)
    return fusion, fusion.decide(_take(features, split.test)), [paths[row] for row in split.test]


def _take(features, rows):
    return {name: array[rows] for name, array in features.items()}


def _hf1(fusion, decision, truth):
    return hierarchical_scores(truth, [path.node_ids for path in fusion.predicted_paths(decision)])[2]


def test_every_modality_and_every_policy_over_two_or_more_decides(fused):
    _, decisions, _ = fused
    pairs = [("description", "image"), ("description", "title"), ("image", "title")]
    expected = [(ALONE, (name,)) for name in ("description", "image", "title")]
    expected += [(name, pair) for pair in [*pairs, ("description", "image", "title")] for name in POLICIES]
    assert [(decision.policy, decision.modalities) for decision in decisions] == expected


def test_two_modalities_together_beat_each_alone(fused):
    fusion, decisions, truth = fused
    scores = {(d.policy, d.modalities): _hf1(fusion, d, truth) for d in decisions}
    best_alone = max(score for (policy, _), score in scores.items() if policy == ALONE)
    assert scores["mean", ("image", "title")] > best_alone
    assert scores["ridge", ("image", "title")] > best_alone


def test_test_labels_have_no_say(world, fused):
    features, paths, split = world
    fusion, decisions, _ = fused
    spoilt = list(paths)
    for row in split.test:
        spoilt[row] = ("nonsense",)
    again = fit_decision_fusion(features, spoilt, None, split.train, split.validation, ("mean", "ridge"), n_folds=3)
    assert again.classes == fusion.classes
    expected = {(d.policy, d.modalities): d.probabilities for d in decisions}
    for decision in again.decide(_take(features, split.test)):
        np.testing.assert_array_equal(decision.probabilities, expected[decision.policy, decision.modalities])


def test_a_product_without_a_modality_is_decided_by_the_others(fused, world):
    fusion, _, _ = fused
    features, _, split = world
    without = {**_take(features, split.test), "title": np.zeros((len(split.test), 8), dtype=np.float32)}
    decisions = {(d.policy, d.modalities): d.probabilities for d in fusion.decide(without)}
    alone = decisions[ALONE, ("image",)]
    for name in ("max", "mean"):
        np.testing.assert_allclose(decisions[name, ("image", "title")], alone, atol=1e-6)
    for name in ("ridge", "neural"):
        agrees = decisions[name, ("image", "title")].argmax(1) == alone.argmax(1)
        assert agrees.mean() > 0.7


def test_several_labels_are_decided_with_a_threshold_of_the_validation_part(world):
    features, paths, split = world
    sets = label_sets(paths)
    two = {name: features[name] for name in ("image", "title")}
    fusion = fit_decision_fusion(
        two, sets, None, split.train, split.validation, ("max", "mean", "ridge"), is_multi_label=True, n_folds=3
    )
    truth = fusion.targets([sets[row] for row in split.test])
    assert truth.shape == (len(split.test), len({node for path in paths for node in path}))
    decisions = fusion.decide(_take(two, split.test))
    scores = {(d.policy, d.modalities): multi_label_scores(fusion.predicted_labels(d), truth) for d in decisions}
    assert scores["mean", ("image", "title")].micro_f1 > max(scores[ALONE, (name,)].micro_f1 for name in two)
    assert all(0 < decision.threshold < 1 for decision in decisions)
    assert len({decision.threshold for decision in decisions}) > 1
    with pytest.raises(ParameterError):
        fusion.predicted_paths(decisions[0])


def test_a_modality_that_nobody_has_is_left_out(world):
    features, paths, split = world
    blank = {**features, "brand": np.zeros((len(paths), 3), dtype=np.float32)}
    fusion = fit_decision_fusion(blank, paths, None, split.train, split.validation, ("mean",), n_folds=2)
    assert set(fusion.heads) == {"description", "image", "title"}
    assert len(fusion.decide(_take(blank, split.test))) == 3 + 4


def test_impossible_requests_are_refused_before_the_long_work(world):
    features, paths, split = world
    with pytest.raises(ParameterError):
        fit_decision_fusion(features, paths, None, split.train, split.validation, ("median",))
    with pytest.raises(ShapeError):
        fit_decision_fusion({}, paths, None, split.train, split.validation)
    with pytest.raises(ShapeError):
        fit_decision_fusion(features, paths[:-1], None, split.train, split.validation)


def test_progress_only_moves_forward_to_the_end(world):
    features, paths, split = world
    told = []

    class Listener:
        def report(self, fraction, message="", **metrics):
            told.append(fraction)

    two = {name: features[name] for name in ("image", "title")}
    fit_decision_fusion(two, paths, None, split.train, split.validation, ("mean",), n_folds=2, progress=Listener())
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
