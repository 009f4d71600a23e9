from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.majority_vote import majority_labels, majority_paths
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError

PATHS = [("shoes",), ("shoes", "heels"), ("shoes", "boots"), ("bags",)]


def _ballot(path, confidence):
    return PredictedPath(path, tuple(np.linspace(1.0, confidence, len(path) + 1)[1:].tolist()))


ballots = st.builds(_ballot, st.sampled_from(PATHS), st.floats(0.05, 1.0))


@given(st.lists(ballots, min_size=1, max_size=7))
def test_the_winner_has_the_most_votes_and_among_equals_the_surest_voters(cast):
    winner = majority_paths([[ballot] for ballot in cast])[0].node_ids
    counts = Counter(ballot.node_ids for ballot in cast)
    assert counts[winner] == max(counts.values())
    rivals = [path for path, count in counts.items() if count == counts[winner]]
    means = {path: np.mean([ballot.confidence for ballot in cast if ballot.node_ids == path]) for path in rivals}
    assert means[winner] >= max(means.values()) - 1e-12


@given(st.lists(ballots, min_size=1, max_size=7))
def test_confidences_fall_down_the_path_and_agreement_keeps_them(cast):
    elected = majority_paths([[ballot] for ballot in cast])[0]
    assert len(elected.level_confidences) == len(elected.node_ids)
    assert all(0 <= value <= 1 + 1e-9 for value in elected.level_confidences)
    assert (np.diff(elected.level_confidences) <= 1e-9).all()
    alike = majority_paths([[cast[0]]] * 3)[0]
    np.testing.assert_allclose(alike.level_confidences, cast[0].level_confidences)


def test_two_of_three_win_and_the_third_lowers_the_confidence():
    votes = [[_ballot(PATHS[1], 0.6)], [_ballot(PATHS[1], 0.8)], [_ballot(PATHS[2], 1.0)]]
    elected = majority_paths(votes)[0]
    assert elected.node_ids == ("shoes", "heels")
    np.testing.assert_allclose(elected.level_confidences, [(0.8 + 0.9 + 1.0) / 3, 1.4 / 3])


def test_a_tie_of_equal_confidence_goes_to_the_first_by_name():
    votes = [[_ballot(PATHS[2], 0.5)], [_ballot(PATHS[1], 0.5)]]
    assert majority_paths(votes)[0].node_ids == ("shoes", "boots")
    assert majority_paths(votes[::-1])[0].node_ids == ("shoes", "boots")


def test_each_label_is_voted_on_alone():
    votes = [np.array([[1, 0, 1, 1]]) > 0, np.array([[1, 0, 0, 0]]) > 0]
    probabilities = [np.array([[0.9, 0.1, 0.7, 0.6]]), np.array([[0.8, 0.2, 0.4, 0.3]])]
    assert majority_labels(votes, probabilities).tolist() == [[True, False, True, False]]
    third = [*votes, np.array([[0, 1, 0, 1]]) > 0], [*probabilities, np.zeros((1, 4))]
    assert majority_labels(*third).tolist() == [[True, False, False, True]]


def test_votes_on_different_products_are_refused():
    with pytest.raises(ShapeError):
        majority_paths([])
    with pytest.raises(ShapeError):
        majority_paths([[_ballot(PATHS[0], 1.0)], []])
    with pytest.raises(ShapeError):
        majority_labels([np.ones((2, 2)) > 0], [np.ones((2, 3))])
