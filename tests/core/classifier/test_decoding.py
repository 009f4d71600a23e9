import itertools

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.decoding import decode_best_path, decode_greedy
from core.classifier.label_tree import LabelTree
from core.classifier.masking import LevelMask

words = st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=15)
trees = words.map(lambda each: LabelTree([tuple(word[: i + 1] for i in range(len(word))) for word in each]))


def _scores(tree, seed, n_products=8):
    generator = torch.Generator().manual_seed(seed)
    masks = [LevelMask(mask) for mask in tree.masks]
    logits = [3 * torch.randn(n_products, n, generator=generator) for n in tree.n_classes]
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
