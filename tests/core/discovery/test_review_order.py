import subprocess
import sys

import numpy as np
import pytest

from core.discovery.review_order import expected_errors, hesitant_screen, mixed_screen, next_cluster
from core.domain.errors import ShapeError


def test_screen_of_a_small_cluster_shows_all_of_it_most_typical_first():
    members = np.array([7, 3, 5])
    assert mixed_screen(members, 0).tolist() == [7, 3, 5]


def test_screen_of_a_large_cluster_begins_with_the_most_typical_and_repeats_nobody():
    members = np.arange(100)[::-1]
    shown = mixed_screen(members, 0, size=24, n_typical=6)
    assert shown[:6].tolist() == members[:6].tolist()
    assert len(set(shown.tolist())) == 24


def test_others_on_a_screen_are_drawn_from_the_whole_cluster():
    drawn = [mixed_screen(np.arange(100), seed, 24, 6)[6:] for seed in range(200)]
    assert set(np.concatenate(drawn).tolist()) == set(range(6, 100))


def test_a_product_that_leaves_is_replaced_and_the_others_stay():
    members = np.random.default_rng(0).permutation(200)
    before = mixed_screen(members, 4)
    after = mixed_screen(members[members != before[10]], 4)
    assert set(before.tolist()) - set(after.tolist()) == {before[10]}
    assert len(after) == len(before)


def test_expected_error_is_what_the_greatest_probability_leaves():
    assert expected_errors(np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0]])) == pytest.approx([0.3, 0.0])


def test_largest_cluster_comes_first_before_a_classifier_was_trained():
    assert next_cluster([np.arange(2), np.arange(5), np.arange(5)], None) == 1


def test_small_uncertain_cluster_comes_before_a_large_certain_one():
    probabilities = np.array([[0.99, 0.01]] * 8 + [[0.5, 0.5]] * 2)
    assert next_cluster([np.arange(8), np.arange(8, 10)], probabilities) == 1


def test_next_of_no_clusters_is_refused():
    with pytest.raises(ShapeError):
        next_cluster([], None)


def test_screen_holds_one_pair_of_kinds_whichever_of_the_two_leads():
    probabilities = np.array([[0.5, 0.4, 0.1], [0.4, 0.5, 0.1], [0.6, 0.3, 0.1], [0.9, 0.0, 0.1], [0.1, 0.8, 0.1]])
    shown = hesitant_screen(probabilities, np.array([True] * 5))
    assert shown.tolist() == [0, 1, 2, 4]


def test_screen_takes_the_pair_with_most_expected_errors_on_it():
    sure = [[0.95, 0.05, 0.0]] * 30
    torn = [[0.0, 0.5, 0.5]] * 4
    assert hesitant_screen(np.array(sure + torn), np.ones(34, dtype=bool), size=24).tolist() == [30, 31, 32, 33]


def test_screen_is_no_larger_than_asked_and_leaves_out_what_is_labelled():
    probabilities = np.tile([0.6, 0.4], (50, 1))
    is_open = np.arange(50) % 2 == 0
    shown = hesitant_screen(probabilities, is_open, size=10)
    assert len(shown) == 10
    assert is_open[shown].all()


def test_nothing_is_shown_when_all_is_labelled():
    assert len(hesitant_screen(np.tile([0.6, 0.4], (3, 1)), np.zeros(3, dtype=bool))) == 0


@pytest.mark.parametrize("probabilities", [np.ones((3, 1)), np.ones((2, 2)), np.ones(3)])
def test_probabilities_that_do_not_fit_are_refused(probabilities):
    with pytest.raises(ShapeError):
        hesitant_screen(probabilities, np.ones(3, dtype=bool))


def test_a_page_can_import_it_without_anything_heavy():
    heavy = ("torch", "umap", "hdbscan", "sklearn", "numba", "fastcluster", "scipy")
    script = f"import sys, core.discovery.review_order; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
