import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discovery.cut import cut
from core.discovery.dendrogram import Dendrogram
from core.discovery.dendrogram_layout import layout_dendrogram
from core.domain.errors import ShapeError


@st.composite
def dendrograms(draw):
    """Any tree over some products, with merges that no cut undoes or keeps, and products outside it."""
    n_leaves = draw(st.integers(1, 30))
    n_whole = draw(st.integers(0, n_leaves - 1))
    n_apart = draw(st.integers(0, n_leaves - 1 - n_whole))
    steps = draw(st.lists(st.integers(0, 3), min_size=n_leaves - 1, max_size=n_leaves - 1))
    heights = np.cumsum(steps).astype(np.float64)
    heights[:n_whole] = -np.inf
    heights[len(heights) - n_apart :] = np.inf
    open_nodes = list(range(n_leaves))
    rows = []
    for row in range(n_leaves - 1):
        left, right = (open_nodes.pop(draw(st.integers(0, len(open_nodes) - 1))) for _ in range(2))
        rows.append((min(left, right), max(left, right), heights[row], 2))
        open_nodes.append(n_leaves + row)
    more = draw(st.lists(st.integers(-1, n_leaves - 1), max_size=40))
    leaves = np.array([*range(n_leaves), *more], dtype=np.int64)
    return Dendrogram(np.array(rows, dtype=np.float64).reshape(-1, 4), leaves)


def parts(labels):
    """A labelling as a set of sets: what numbers it uses does not matter."""
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels) if label >= 0}


@given(dendrograms(), st.integers(1, 12))
def test_branches_hold_every_product_of_the_tree_once(dendrogram, n_branches):
    layout = layout_dendrogram(dendrogram, n_branches)
    assert layout.n_branches <= n_branches
    inside = dendrogram.leaf_of_product >= 0
    assert np.array_equal(layout.branch_of_product >= 0, inside)
    counts = np.bincount(layout.branch_of_product[inside], minlength=layout.n_branches)
    assert np.array_equal(counts, layout.sizes[: layout.n_branches])
    assert layout.sizes[-1] == inside.sum()
    for row, (left, right) in enumerate(layout.children):
        assert layout.sizes[layout.n_branches + row] == layout.sizes[left] + layout.sizes[right]


@given(dendrograms(), st.integers(1, 12))
def test_merges_stand_the_higher_the_later_they_came(dendrogram, n_branches):
    layout = layout_dendrogram(dendrogram, n_branches)
    assert (np.diff(layout.places) > 0).all()
    assert ((layout.places > 0) & (layout.places <= 1)).all()
    assert not np.isneginf(layout.heights).any()


@given(dendrograms(), st.integers(1, 12))
def test_branches_do_not_cross(dendrogram, n_branches):
    layout = layout_dendrogram(dendrogram, n_branches)
    below = [{branch} for branch in range(layout.n_branches)]
    for left, right in layout.children:
        below.append(below[left] | below[right])
        assert max(below[-1]) - min(below[-1]) == len(below[-1]) - 1
        assert max(below[left]) < min(below[right])


@given(dendrograms(), st.integers(1, 12), st.integers(1, 14))
def test_a_line_where_a_cut_is_drawn_gives_that_cut(dendrogram, n_branches, k):
    layout = layout_dendrogram(dendrogram, n_branches)
    shown = min(max(k, layout.fewest), layout.n_branches)
    assert layout.clusters_at(layout.place_of_cut(k)) == shown


@given(dendrograms(), st.integers(2, 12), st.data())
def test_the_picture_parts_products_as_the_cut_does(dendrogram, n_branches, data):
    layout = layout_dendrogram(dendrogram, n_branches)
    if layout.fewest == layout.n_branches and np.isposinf(dendrogram.linkage[:, 2]).sum() >= n_branches:
        return  # more must stay apart than there are branches to draw
    k = data.draw(st.integers(layout.fewest, layout.n_branches))
    tops = np.arange(len(layout.sizes))
    line = layout.place_of_cut(k)
    for row in range(len(layout.children) - 1, -1, -1):
        if layout.places[row] < line:
            tops[layout.children[row]] = tops[layout.n_branches + row]
    drawn = np.where(layout.branch_of_product >= 0, tops[layout.branch_of_product], -1)
    assert parts(drawn) == parts(cut(dendrogram, k))


def test_the_larger_side_of_a_merge_comes_first():
    linkage = np.array([[0.0, 1.0, 1.0, 3.0], [2.0, 3.0, 4.0, 4.0]])
    layout = layout_dendrogram(Dendrogram(linkage, np.array([0, 1, 1, 2, -1])), 10)
    assert layout.sizes.tolist() == [2, 1, 1, 3, 4]
    assert layout.branch_of_product.tolist() == [1, 0, 0, 2, -1]


def test_a_picture_without_branches_is_refused():
    with pytest.raises(ShapeError):
        layout_dendrogram(Dendrogram(np.zeros((0, 4)), np.array([0])), 0)
