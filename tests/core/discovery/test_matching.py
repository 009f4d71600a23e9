"""Which cluster continues which."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from core.discovery import matching as matching_module
from core.discovery.matching import match_clusters
from core.domain.errors import ShapeError

labels = st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 5)), min_size=1, max_size=60)


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_renumbered_clusters_are_the_same_clusters():
    before = ids(0, 0, 0, 1, 1, 2, -1)
    matching = match_clusters(before, ids(2, 2, 2, 0, 0, 1, -1))
    assert [match.before for match in matching.matches] == [1, 2, 0]
    assert [match.jaccard for match in matching.matches] == [1.0, 1.0, 1.0]
    assert (matching.share_stayed, matching.n_moved, matching.ari, matching.vanished) == (1.0, 0, 1.0, ())


def test_of_a_parted_cluster_the_larger_part_continues_it_and_the_other_is_new():
    matching = match_clusters(ids(0, 0, 0, 0, 0, 1, 1), ids(0, 0, 2, 2, 2, 1, 1))
    small, same, large = matching.matches
    assert (small.before, small.main_source, small.n_kept, small.n_arrived) == (None, 0, 0, 2)
    assert (large.before, large.n_kept, large.n_arrived, large.n_left) == (0, 3, 0, 2)
    assert (same.before, same.jaccard) == (1, 1.0)
    assert (matching.vanished, matching.n_moved) == ((), 2)


def test_of_two_clusters_that_became_one_the_smaller_has_vanished():
    matching = match_clusters(ids(0, 0, 0, 1, 1), ids(0, 0, 0, 0, 0))
    assert matching.vanished == (1,)
    assert (matching.matches[0].before, matching.matches[0].n_arrived, matching.n_moved) == (0, 2, 2)


def test_noise_is_no_cluster_but_products_come_from_it_and_go_to_it():
    matching = match_clusters(ids(0, 0, 0, -1, -1), ids(0, 0, -1, 0, -1))
    (match,) = matching.matches
    assert (match.n_kept, match.n_arrived, match.n_left) == (2, 1, 1)
    assert (matching.n_stayed, matching.n_moved) == (3, 2)


def test_a_few_strays_do_not_make_an_heir():
    before = ids(*[0] * 50, *[1] * 50)
    after = before.copy()
    after[before == 1] = -1
    after[:2] = 1  # two strays of the first cluster in a cluster that else holds new products only
    matching = match_clusters(before, after)
    assert matching.matches[1].before is None
    assert matching.vanished == (1,)


def test_clusters_without_common_products_are_new_and_vanished():
    matching = match_clusters(ids(0, 0), ids(1, 1), n_before=2, n_after=2)
    assert [match.before for match in matching.matches] == [None, 0]
    assert matching.matches[0].main_source is None
    assert matching.vanished == (1,)


def test_no_products_in_common_is_no_fault():
    matching = match_clusters(ids(), ids(), n_before=2, n_after=1)
    assert (matching.share_stayed, matching.n_moved, matching.vanished) == (1.0, 0, (0, 1))


def test_other_products_are_refused():
    with pytest.raises(ShapeError, match="2 and 1"):
        match_clusters(ids(0, 0), ids(0))


@settings(max_examples=60, deadline=None)
@given(labels)
def test_no_other_pairing_keeps_more_products_together(pairs):
    before, after = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching_module, "LEAST_JACCARD", 0.0)  # weak pairs count, too: what is tested is the pairing
        matching = match_clusters(before, after, 5, 6)
    table = np.zeros((5, 6), dtype=int)
    for old, new in pairs:
        if old >= 0 and new >= 0:
            table[old, new] += 1
    most = max(sum(table[row, column] for row, column in enumerate(chosen)) for chosen in permutations(range(6), 5))
    heirs = [match.before for match in matching.matches if match.before is not None]
    assert sum(match.n_kept for match in matching.matches) == most
    assert len(heirs) == len(set(heirs))


@settings(max_examples=60, deadline=None)
@given(labels)
def test_the_figures_agree_with_a_count_by_hand(pairs):
    before, after = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    matching = match_clusters(before, after)
    continues = {match.after: match.before for match in matching.matches}
    stayed = [old == new == -1 or (old >= 0 and new >= 0 and continues[new] == old) for old, new in pairs]
    assert matching.n_stayed == sum(stayed)
    for match in matching.matches:
        members = [old for old, new in pairs if new == match.after]
        assert match.n_kept + match.n_arrived == len(members)
        if match.before is not None:
            assert match.n_kept + match.n_left == sum(old == match.before for old, _ in pairs)
    inside = (before >= 0) & (after >= 0)
    if inside.sum() > 1:
        assert matching.ari == pytest.approx(adjusted_rand_score(before[inside], after[inside]))
