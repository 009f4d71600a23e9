import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.label_tree import LabelTree
from core.classifier.loss import hierarchical_loss
from core.classifier.masking import LevelMask, level_masks

words = st.lists(st.text("abc", min_size=1, max_size=8), min_size=1, max_size=12)
trees = words.map(lambda each: LabelTree([tuple(word[: i + 1] for i in range(len(word))) for word in each]))


def _slow_loss(logits, class_ids, tree, is_masked, smoothing, weights, adjustments):
    """Product by product: cross-entropy of a smoothed target over the classes that compete."""
    total = 0.0
    for row, true_ids in enumerate(class_ids):
        for level, true_id in enumerate(true_ids):
            parent = true_ids[level - 1] if level else 0
            rivals = [c for c in range(tree.n_classes[level]) if not is_masked or tree.masks[level][parent, c]]
            scores = {c: float(logits[level][row, c] + adjustments[level][c]) for c in rivals}
            log_sum = np.log(sum(np.exp(score) for score in scores.values()))
            target = {c: smoothing / len(rivals) + (1 - smoothing) * (c == true_id) for c in rivals}
            total -= weights[level][true_id] * sum(target[c] * (scores[c] - log_sum) for c in rivals)
    return total / len(class_ids)


@given(trees, st.integers(0, 1000), st.booleans(), st.sampled_from([0.0, 0.3]))
def test_the_loss_is_that_of_a_slow_reference(tree, seed, is_masked, smoothing):
    generator = torch.Generator().manual_seed(seed)
    logits = [2 * torch.randn(3, n, generator=generator) for n in tree.n_classes]
    weights, adjustments = ([torch.rand(n, generator=generator) for n in tree.n_classes] for _ in range(2))
    class_ids = torch.from_numpy(tree.path_class_ids[np.arange(3) % len(tree.paths)])
    masks = level_masks(tree, is_masked)
    scores = [mask.log_softmax(level) for mask, level in zip(masks, logits, strict=True)]
    found = hierarchical_loss(scores, class_ids, masks, smoothing, weights, adjustments)
    expected = _slow_loss(logits, class_ids.tolist(), tree, is_masked, smoothing, weights, adjustments)
    assert found.item() == pytest.approx(float(expected), rel=1e-4, abs=1e-5)


def test_without_options_the_loss_is_cross_entropy_masked_by_the_true_parent(ragged_paths):
    tree = LabelTree(ragged_paths)
    masks = level_masks(tree)
    class_ids = torch.from_numpy(tree.encode(ragged_paths))
    scores = [mask.log_softmax(torch.randn(len(class_ids), n)) for mask, n in zip(masks, tree.n_classes, strict=True)]
    expected = torch.zeros(())
    for level, (logits, mask) in enumerate(zip(scores, masks, strict=True)):
        parents = class_ids[:, level - 1] if level else torch.zeros(len(class_ids), dtype=torch.int64)
        expected += torch.nn.functional.cross_entropy(mask.mask_logits(logits, parents), class_ids[:, level])
    torch.testing.assert_close(hierarchical_loss(scores, class_ids, masks), expected)


def test_label_smoothing_spreads_over_the_siblings_of_the_true_class():
    tree = LabelTree([("a", "a1"), ("a", "a2"), ("b", "b1")])
    scores = [torch.tensor([[0.6, 0.4]]).log(), torch.tensor([[0.9, 0.1, 1.0]]).log()]
    found = hierarchical_loss(scores, torch.tensor([[0, 0]]), level_masks(tree), label_smoothing=0.2)
    first = -(0.9 * np.log(0.6) + 0.1 * np.log(0.4))
    second = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    assert found.item() == pytest.approx(first + second, rel=1e-5)


def test_class_weights_scale_a_products_loss():
    scores, masks = [torch.tensor([[0.5, 0.5], [0.5, 0.5]]).log()], [LevelMask(np.ones((1, 2), dtype=bool))]
    class_ids = torch.tensor([[0], [1]])
    found = hierarchical_loss(scores, class_ids, masks, class_weights=[torch.tensor([3.0, 1.0])])
    assert found.item() == pytest.approx(2 * np.log(2), rel=1e-5)


def test_only_children_and_other_branches_add_nothing_to_the_masked_loss():
    tree = LabelTree([("a", "a1"), ("b", "b1"), ("b", "b2")])
    masks = level_masks(tree)
    logits = [torch.zeros(1, 2), torch.tensor([[9.0, -50.0, 50.0]])]
    scores = [mask.log_softmax(level) for mask, level in zip(masks, logits, strict=True)]
    assert hierarchical_loss(scores, torch.tensor([[0, 0]]), masks).item() == pytest.approx(np.log(2), rel=1e-5)
