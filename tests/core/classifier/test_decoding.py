import itertools

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.decoding import DECODERS, decode_best_path, decode_greedy, invalid_paths
from core.classifier.label_tree import LabelTree
from core.classifier.masking import LevelMask, level_masks

words = st.lists(st.text("abc", min_size=1, max_size=8), min_size=1, max_size=15)  # depth 1 to 8
trees = words.map(lambda each: LabelTree([tuple(word[: i + 1] for i in range(len(word))) for word in each]))


def _scores(tree, seed, n_products=8, is_masked=True, scale=3):
    generator = torch.Generator().manual_seed(seed)
    masks = level_masks(tree, is_masked)
    logits = [scale * torch.randn(n_products, n, generator=generator) for n in tree.n_classes]
    return [mask.log_softmax(level) for level, mask in zip(logits, masks, strict=True)], masks


def _brute_force(scores, tree, row):
    """The best of all combinations of one class per level, keeping those where each is its parent's child."""
    best = (-np.inf, None)
    for combination in itertools.product(*(range(n) for n in tree.n_classes)):
        parents = (0, *combination[:-1])
        if all(mask[p, c] for mask, p, c in zip(tree.masks, parents, combination, strict=True)):
            total = sum(float(level[row, c]) for level, c in zip(scores, combination, strict=True))
            best = max(best, (total, combination))
    return best


@given(trees.filter(lambda tree: np.prod(tree.n_classes) < 3000), st.integers(0, 1000))
def test_best_path_is_the_best_of_all_paths(tree, seed):
    scores, masks = _scores(tree, seed, n_products=2)
    class_ids, confidences = decode_best_path(scores, masks)
    for row in range(2):
        total, combination = _brute_force(scores, tree, row)
        assert tuple(class_ids[row].tolist()) == combination
        np.testing.assert_allclose(confidences[row, -1], total, rtol=1e-4, atol=1e-5)


@given(trees, st.integers(0, 1000))
def test_best_path_is_never_less_likely_than_the_greedy_one(tree, seed):
    scores, masks = _scores(tree, seed)
    _, best = decode_best_path(scores, masks)
    _, greedy = decode_greedy(scores, masks)
    assert (best[:, -1] >= greedy[:, -1] - 1e-5).all()


def test_best_path_may_leave_the_greedy_branch():
    tree = LabelTree([("a", "a1"), ("a", "a2"), ("b", "b1")])
    scores = [torch.tensor([[0.55, 0.45]]).log(), torch.tensor([[0.5, 0.5, 1.0]]).log()]
    masks = [LevelMask(mask) for mask in tree.masks]
    greedy, _ = decode_greedy(scores, masks)
    best, confidences = decode_best_path(scores, masks)
    assert tree.decode(greedy.numpy()) == [("a", "a1")]
    assert tree.decode(best.numpy()) == [("b", "b1")]
    torch.testing.assert_close(confidences.exp(), torch.tensor([[0.45, 0.45]]))


@given(trees, st.integers(0, 1000))
def test_both_decodings_keep_to_the_tree_and_never_gain_confidence_downwards(tree, seed):
    scores, masks = _scores(tree, seed)
    for decode in (decode_best_path, decode_greedy):
        class_ids, confidences = decode(scores, masks)
        assert (class_ids.numpy() == tree.encode(tree.decode(class_ids.numpy()))).all()
        assert (confidences.diff(dim=1) <= 1e-5).all()
        assert (confidences <= 1e-5).all()


@given(trees, st.integers(0, 1000), st.sampled_from([0.1, 3, 100]))
def test_with_the_mask_no_path_is_invalid_and_all_paths_together_are_certain(tree, seed, scale):
    scores, masks = _scores(tree, seed, scale=scale)
    for decode in DECODERS.values():
        class_ids = decode(scores, masks)[0].numpy()
        assert not invalid_paths(class_ids, masks).any()
        assert set(tree.decode_levels(class_ids)) <= set(tree.paths)
    totals = _path_totals(scores, tree)
    np.testing.assert_allclose(np.exp(totals).sum(axis=1), 1.0, rtol=1e-3)


@given(trees, st.integers(0, 1000))
def test_best_path_is_the_best_of_all_leaves_of_deep_trees(tree, seed):
    scores, masks = _scores(tree, seed)
    class_ids, confidences = decode_best_path(scores, masks)
    totals = _path_totals(scores, tree)
    np.testing.assert_allclose(confidences[:, -1], totals.max(axis=1), rtol=1e-4, atol=1e-4)
    chosen = [tree.paths.index(path) for path in tree.decode(class_ids.numpy())]
    np.testing.assert_allclose(totals[np.arange(8), chosen], totals.max(axis=1), rtol=1e-4, atol=1e-4)


def _path_totals(scores, tree):
    """Log-probability of each path of the tree, one by one. Shape: (n_products, n_paths)."""
    return np.stack(
        [
            sum(level[:, c].double().numpy() for level, c in zip(scores, class_ids, strict=True))
            for class_ids in tree.path_class_ids.tolist()
        ],
        axis=1,
    )


@given(trees, st.integers(0, 1000))
def test_without_the_mask_every_level_chooses_for_itself(tree, seed):
    scores, masks = _scores(tree, seed, is_masked=False)
    for decode in DECODERS.values():
        class_ids, confidences = decode(scores, masks)
        for level, logits in enumerate(scores):
            assert torch.equal(class_ids[:, level], logits.argmax(dim=1))
            least = torch.stack([s.max(dim=1).values for s in scores[: level + 1]]).min(dim=0).values
            torch.testing.assert_close(confidences[:, level], least)


@given(trees, st.integers(0, 1000))
def test_a_path_is_invalid_exactly_where_the_tree_does_not_hold_its_nodes(tree, seed):
    scores, masks = _scores(tree, seed, n_products=40, is_masked=False)
    class_ids = decode_greedy(scores, masks)[0].numpy()
    held = {path[:end] for path in tree.paths for end in range(1, len(path) + 1)}
    expected = [path not in held for path in tree.decode_levels(class_ids)]
    assert invalid_paths(class_ids, masks).tolist() == expected


def test_invalid_paths_are_found_and_what_lies_below_a_stop_is_not_read():
    tree = LabelTree([("a",), ("a", "b", "c"), ("d",)])  # levels: a d | stop of a, b, stop of d | stop, c, stop
    class_ids = np.array([[0, 1, 1], [1, 1, 1], [0, 1, 0], [1, 2, 1], [1, 0, 0]])
    assert invalid_paths(class_ids, level_masks(tree)).tolist() == [False, True, False, False, False]
    assert invalid_paths(np.zeros((0, 3), dtype=np.int64), level_masks(tree)).tolist() == []
