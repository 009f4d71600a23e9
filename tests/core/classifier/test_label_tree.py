import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.label_tree import LabelTree, LevelClass
from core.domain.errors import TrainingDataError

# Every prefix is its own node id, so any set of words makes a valid ragged tree of depth 1 to 5.
words = st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=30)
ragged = words.map(lambda each: [tuple(word[: i + 1] for i in range(len(word))) for word in each])


def test_an_inner_node_with_products_has_a_stop_child_down_to_the_deepest_level():
    tree = LabelTree([("a",), ("a", "b", "c"), ("d",)])
    assert tree.levels == [
        (LevelClass("a", False), LevelClass("d", False)),
        (LevelClass("a", True), LevelClass("b", False), LevelClass("d", True)),
        (LevelClass("a", True), LevelClass("c", False), LevelClass("d", True)),
    ]
    assert tree.masks[0].tolist() == [[True, True]]
    assert tree.masks[1].tolist() == [[True, True, False], [False, False, True]]
    assert tree.masks[2].tolist() == np.eye(3, dtype=bool).tolist()


def test_an_inner_node_without_products_has_no_stop_child():
    tree = LabelTree([("a", "b"), ("a", "c")])
    assert tree.n_classes == (1, 2)
    assert not any(label.is_stop for label in tree.levels[1])


@given(ragged)
def test_decode_undoes_encode(paths):
    tree = LabelTree(paths)
    class_ids = tree.encode(paths)
    assert class_ids.shape == (len(paths), max(map(len, paths)))
    assert tree.decode(class_ids) == paths


@given(ragged)
def test_levels_that_keep_to_the_tree_decode_to_its_paths(paths):
    tree = LabelTree(paths)
    assert tree.decode_levels(tree.encode(paths)) == paths


def test_levels_decode_to_the_chosen_nodes_down_to_the_first_stop():
    tree = LabelTree([("a",), ("a", "b", "c"), ("d",)])
    assert [[label.node_id for label in level] for level in tree.levels] == [
        ["a", "d"],
        ["a", "b", "d"],
        ["a", "c", "d"],
    ]
    class_ids = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 2], [0, 1, 1]])
    assert tree.decode_levels(class_ids) == [("d", "b", "c"), ("d",), ("a", "b"), ("a", "b", "c")]
    assert tree.decode_levels(np.zeros((0, 3), dtype=np.int64)) == []


@given(ragged)
def test_stops_are_marked_on_every_level(paths):
    tree = LabelTree(paths)
    for stops, level in zip(tree.stops, tree.levels, strict=True):
        assert stops.tolist() == [label.is_stop for label in level]
    assert not tree.stops[0].any()


@given(ragged)
def test_every_class_has_one_parent_and_every_path_is_allowed(paths):
    tree = LabelTree(paths)
    for mask in tree.masks:
        assert (mask.sum(axis=0) == 1).all()
        assert mask.any(axis=1).all()
    parents = np.zeros(len(tree.paths), dtype=int)
    for mask, class_ids in zip(tree.masks, tree.encode(tree.paths).T, strict=True):
        assert mask[parents, class_ids].all()
        parents = class_ids


@given(ragged, st.randoms())
def test_classes_depend_on_neither_order_nor_repetition(paths, random):
    shuffled = paths * 2
    random.shuffle(shuffled)
    assert LabelTree(shuffled).levels == LabelTree(paths).levels


@given(ragged)
def test_json_gives_the_same_tree_back(paths):
    tree = LabelTree(paths)
    again = LabelTree.from_dict(json.loads(json.dumps(tree.to_dict())))
    assert again.levels == tree.levels
    assert (again.path_class_ids == tree.path_class_ids).all()


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ([], "got none"),
        ([("a",), ()], "the path ()"),
        ([("a", "")], "the path ('a', '')"),
        ([("a", "x"), ("b", "x")], "Node 'x'"),
        ([("a", "a")], "Node 'a'"),
    ],
)
def test_paths_that_make_no_tree_are_refused(paths, message):
    with pytest.raises(TrainingDataError) as fault:
        LabelTree(paths)
    assert message in fault.value.message
    assert fault.value.remedy


def test_an_unknown_path_is_refused():
    with pytest.raises(TrainingDataError, match="unseen"):
        LabelTree([("a",)]).encode([("unseen",)])
