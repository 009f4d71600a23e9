import numpy as np
import pytest

from core.classifier.escalation import (
    EVERYTHING,
    UNTESTED,
    BothStages,
    escalation_curve,
    escalation_report,
    escalation_thresholds,
    suggested_threshold,
)
from core.classifier.metrics import exact_paths, hierarchical_scores
from core.classifier.reliability import expected_calibration_error
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError

PATHS = [("shoes",), ("shoes", "boots"), ("shoes", "boots", "ankle"), ("bags",), ("bags", "totes")]


def said(path, confidence):
    return PredictedPath(path, (*([1.0] * (len(path) - 1)), confidence))


def products(n, seed=0, text_errors=0.3, full_errors=0.1):
    """Both stages are wrong now and then; the text stage is the less sure, the more often it is wrong."""
    draw = np.random.default_rng(seed)
    true = [PATHS[i] for i in draw.integers(0, len(PATHS), n)]
    doubts = draw.random(n)
    wrong = draw.random((2, n)) < np.stack([2 * text_errors * doubts, np.full(n, full_errors)])
    other = {path: PATHS[(place + 1) % 5] for place, path in enumerate(PATHS)}
    guesses = [[other[path] if is_wrong else path for path, is_wrong in zip(true, row, strict=True)] for row in wrong]
    text = [said(path, float(np.float32(1 - doubt))) for path, doubt in zip(guesses[0], doubts, strict=True)]
    return BothStages(true, text, [said(path, 0.9) for path in guesses[1]])


def mixed(both, threshold):
    """The slow way: who is escalated gets the other path."""
    pairs = zip(both.text, both.full, strict=True)
    return [full.node_ids if text.confidence < threshold else text.node_ids for text, full in pairs]


def test_the_curve_is_that_of_predicting_each_product_by_its_stage():
    both = products(300)
    thresholds = (0.0, 0.2, 0.55, 0.9, EVERYTHING)
    for point in escalation_curve(both, thresholds):
        paths = mixed(both, point.threshold)
        assert point.hierarchical_f1 == pytest.approx(hierarchical_scores(both.true_paths, paths)[2])
        assert point.share_right == pytest.approx(exact_paths(both.true_paths, paths).mean())
        n_escalated = sum(text.confidence < point.threshold for text in both.text)
        assert point.share_escalated == pytest.approx(n_escalated / 300)


def test_the_ends_of_the_curve_are_text_alone_and_the_full_model_even_where_it_is_certain():
    both = products(100)
    certain = BothStages(both.true_paths, [said(text.node_ids, 1.0) for text in both.text], both.full)
    report = escalation_report(certain, certain)
    assert (report.text_only.share_escalated, report.full.share_escalated) == (0.0, 1.0)
    for point, stage in ((report.text_only, certain.text), (report.full, certain.full)):
        paths = [path.node_ids for path in stage]
        assert point.hierarchical_f1 == pytest.approx(hierarchical_scores(certain.true_paths, paths)[2])


def test_thresholds_rise_and_escalate_shares_of_all_sizes():
    both = products(2000)
    thresholds = escalation_thresholds(both.text)
    assert list(thresholds) == sorted(set(thresholds))
    assert (thresholds[0], thresholds[-1]) == (0.0, EVERYTHING)
    shares = [point.share_escalated for point in escalation_curve(both, thresholds)]
    steps = np.diff(shares)
    assert steps[:60].max() < 0.01
    assert steps.max() < 0.03


def test_the_suggested_threshold_surely_keeps_the_loss_and_so_do_all_higher_ones():
    both = products(4000, text_errors=0.3, full_errors=0.05)
    thresholds = escalation_thresholds(both.text)
    chosen = suggested_threshold(both, thresholds, max_loss=0.02)
    points = escalation_curve(both, thresholds)
    kept = [point for point in points if point.threshold >= chosen]
    assert all(points[-1].hierarchical_f1 - point.hierarchical_f1 < 0.02 for point in kept)
    assert 0.05 < kept[0].share_escalated < 0.95


def test_what_is_suggested_on_some_products_keeps_its_promise_on_others_nineteen_times_in_twenty():
    n_kept = 0
    for seed in range(25):
        both, others = (products(600, seed=number, full_errors=0.02) for number in (seed, 1000 + seed))
        chosen = suggested_threshold(both, escalation_thresholds(both.text), max_loss=0.02)
        two, full = (hierarchical_scores(others.true_paths, mixed(others, at))[2] for at in (chosen, EVERYTHING))
        n_kept += full - two <= 0.02
    assert n_kept >= 22


def test_fewer_products_are_more_careful():
    few, many = (products(n, text_errors=0.1, full_errors=0.05) for n in (200, 20_000))
    share = []
    for both in (few, many):
        thresholds = escalation_thresholds(both.text)
        chosen = suggested_threshold(both, thresholds, max_loss=0.02)
        share.append(escalation_curve(both, [chosen])[0].share_escalated)
    assert share[0] > share[1]


def test_a_text_stage_that_is_never_worse_settles_everything():
    both = products(500, full_errors=0.0)
    right = [said(path, text.confidence) for path, text in zip(both.true_paths, both.text, strict=True)]
    worse = [said(PATHS[0], 0.9) for _ in right]
    assert suggested_threshold(BothStages(both.true_paths, right, worse), escalation_thresholds(right)) == 0.0


@pytest.mark.parametrize(("n", "is_same"), [(500, True), (199, False)])
def test_what_an_untested_text_stage_is_unsure_of_goes_on(n, is_same):
    both = products(n)
    right = [said(path, text.confidence) for path, text in zip(both.true_paths, both.text, strict=True)]
    full = right if is_same else [said(PATHS[0], 0.9) for _ in right]
    thresholds = escalation_thresholds(right)
    chosen = suggested_threshold(BothStages(both.true_paths, right, full), thresholds)
    assert chosen == min(threshold for threshold in thresholds if threshold >= UNTESTED)


def test_no_threshold_but_everything_is_as_good_as_certain():
    """A threshold of 1 is kept as "everything", which would not be what the curve says of it."""
    both = products(400)
    sure = [said(text.node_ids, 1.0 if text.confidence > 0.4 else text.confidence) for text in both.text]
    nearly = [said(text.node_ids, 0.9999997 if text.confidence > 0.4 else text.confidence) for text in both.text]
    for text in (sure, nearly):
        *others, last = escalation_thresholds(text)
        assert last == EVERYTHING
        assert max(others) < 1.0


def test_no_loss_may_be_hoped_for_where_the_surest_products_are_wrong():
    both = products(500, full_errors=0.0)
    wrong = [said(("hats",), text.confidence) for text in both.text]
    useless = BothStages(both.true_paths, wrong, both.full)
    assert suggested_threshold(useless, escalation_thresholds(useless.text)) == EVERYTHING


def test_validation_chooses_and_the_test_part_gives_the_figures():
    validation, test = products(3000, seed=1), products(500, seed=2)
    report = escalation_report(validation, test)
    thresholds = escalation_thresholds(validation.text)
    assert report.suggested == suggested_threshold(validation, thresholds)
    assert report.points == escalation_curve(test, thresholds)
    assert report.n_products == 500
    is_exact = exact_paths(test.true_paths, [text.node_ids for text in test.text])
    confidences = np.array([text.confidence for text in test.text])
    assert report.text_calibration_error == expected_calibration_error(confidences, is_exact)


@pytest.mark.parametrize("n", [0, 1])
def test_lengths_that_differ_and_no_products_are_refused(n):
    with pytest.raises(ShapeError, match="both stages"):
        BothStages([("shoes",)] * n, [], [])
