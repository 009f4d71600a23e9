import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.preprocessing import MultiLabelBinarizer

from core.classifier.multi_label import (
    best_threshold,
    distinct_labels,
    label_matrix,
    label_sets,
    multi_label_scores,
)
from core.domain.errors import ShapeError

PATHS = [("shoes", "heels"), ("shoes",), ("bags", "totes"), ("shoes", "heels")]
matrices = st.integers(1, 12).flatmap(lambda n: st.tuples(arrays(np.bool_, (n, 5)), arrays(np.bool_, (n, 5))))


def test_every_node_of_a_path_and_of_its_duplicates_is_a_label():
    assert label_sets(PATHS) == [("heels", "shoes"), ("shoes",), ("bags", "totes"), ("heels", "shoes")]
    assert label_sets(PATHS, [0, 1, 0, 2]) == [
        ("bags", "heels", "shoes", "totes"),
        ("shoes",),
        ("bags", "heels", "shoes", "totes"),
        ("heels", "shoes"),
    ]


def test_the_matrix_is_that_of_scikit_learn():
    sets = label_sets(PATHS)
    labels = distinct_labels(sets)
    reference = MultiLabelBinarizer()
    np.testing.assert_array_equal(label_matrix(sets, labels), reference.fit_transform(sets))
    assert list(labels) == reference.classes_.tolist()


def test_rare_labels_can_be_left_out():
    sets = label_sets(PATHS)
    assert distinct_labels(sets, 2) == ("heels", "shoes")
    assert label_matrix(sets, ("heels", "shoes"))[2].tolist() == [0.0, 0.0]


@settings(max_examples=40, deadline=None)
@given(matrices)
def test_scores_are_those_of_scikit_learn(pair):
    predicted, true = pair
    mine = multi_label_scores(predicted, true)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        micro = {"average": "micro", "zero_division": 0}
        assert mine.micro_f1 == pytest.approx(f1_score(true, predicted, **micro))
        assert mine.micro_precision == pytest.approx(precision_score(true, predicted, **micro))
        assert mine.micro_recall == pytest.approx(recall_score(true, predicted, **micro))
        assert mine.samples_f1 == pytest.approx(f1_score(true, predicted, average="samples", zero_division=0))
        occurs = np.flatnonzero((predicted | true).any(axis=0))
        if len(occurs):
            macro = f1_score(true, predicted, average="macro", zero_division=0, labels=occurs)
            assert mine.macro_f1 == pytest.approx(macro)
    assert mine.exact == pytest.approx((predicted == true).all(axis=1).mean())


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]), st.booleans()), min_size=1, max_size=30))
def test_no_other_threshold_gives_a_better_micro_f1(scored):
    probabilities = np.array([[score] for score, _ in scored], dtype=np.float32)
    targets = np.array([[is_label] for _, is_label in scored])
    chosen = best_threshold(probabilities, targets)
    best = multi_label_scores(probabilities >= chosen, targets).micro_f1
    for threshold in (0.0, 0.05, 0.15, 0.3, 0.6, 0.9, 1.1):
        assert best >= multi_label_scores(probabilities >= threshold, targets).micro_f1 - 1e-9


def test_without_labels_the_threshold_is_one_half():
    assert best_threshold(np.array([[0.2, 0.9]], dtype=np.float32), np.zeros((1, 2))) == 0.5


def test_shapes_that_differ_are_refused():
    with pytest.raises(ShapeError):
        multi_label_scores(np.ones((2, 2)) > 0, np.ones((2, 3)))
    with pytest.raises(ShapeError):
        multi_label_scores(np.ones((0, 2)) > 0, np.ones((0, 2)))
    with pytest.raises(ShapeError):
        best_threshold(np.ones((2, 2), dtype=np.float32), np.ones((3, 2)))
