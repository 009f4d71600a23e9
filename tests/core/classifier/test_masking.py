import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.label_tree import LabelTree
from core.classifier.masking import LevelMask, OpenLevel, level_masks

words = st.lists(st.text("abc", min_size=1, max_size=8), min_size=1, max_size=20)
trees = words.map(lambda each: LabelTree([tuple(word[: i + 1] for i in range(len(word))) for word in each]))


def random_logits(tree, n_products, seed, scale=3.0):
    generator = torch.Generator().manual_seed(seed)
    return [scale * torch.randn(n_products, n, generator=generator) for n in tree.n_classes]


@given(trees, st.integers(0, 100))
def test_masked_logits_never_choose_a_forbidden_child(tree, seed):
    for logits, mask in zip(random_logits(tree, 16, seed, scale=50.0), map(LevelMask, tree.masks), strict=True):
        parent_ids = torch.randint(len(mask.allowed), (16,), generator=torch.Generator().manual_seed(seed))
        masked = mask.mask_logits(logits, parent_ids)
        assert mask.allowed[parent_ids, masked.argmax(dim=1)].all()
        probabilities = masked.softmax(dim=1)
        assert (probabilities[~mask.allowed[parent_ids]] == 0).all()


@given(trees, st.integers(0, 100))
def test_sibling_softmax_equals_a_masked_softmax_under_each_parent(tree, seed):
    for logits, mask in zip(random_logits(tree, 5, seed), map(LevelMask, tree.masks), strict=True):
        found = mask.log_softmax(logits)
        for parent in range(len(mask.allowed)):
            expected = mask.mask_logits(logits, torch.full((5,), parent)).log_softmax(dim=1)
            torch.testing.assert_close(found[:, mask.allowed[parent]], expected[:, mask.allowed[parent]])


def test_sibling_softmax_survives_a_group_far_below_the_others():
    mask = LevelMask(np.array([[True, True, False, False], [False, False, True, True]]))
    found = mask.log_softmax(torch.tensor([[500.0, 500.0, -500.0, -500.0]]))
    torch.testing.assert_close(found, torch.full((1, 4), float(np.log(0.5))))


def test_sibling_softmax_has_the_gradient_of_a_plain_log_softmax():
    logits = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)
    only_child_between = np.eye(3, dtype=bool).repeat([3, 1, 2], axis=1)
    assert torch.autograd.gradcheck(LevelMask(only_child_between).log_softmax, logits)


@pytest.mark.parametrize("seed", range(3))
def test_reaching_all_classes_of_a_level_is_certain(seed):
    tree = LabelTree([("a",), ("a", "b"), ("a", "c", "d"), ("e", "f")])
    above = torch.zeros(7, 1)
    for logits, mask in zip(random_logits(tree, 7, seed), map(LevelMask, tree.masks), strict=True):
        above = mask.reach(mask.log_softmax(logits), above)
        torch.testing.assert_close(above.exp().sum(dim=1), torch.ones(7))


@given(trees, st.integers(0, 100))
def test_an_open_level_lets_all_its_classes_compete(tree, seed):
    for logits, level in zip(random_logits(tree, 5, seed), level_masks(tree, is_masked=False), strict=True):
        parent_ids = torch.zeros(5, dtype=torch.int64)
        assert level.competitors(parent_ids).all()
        assert torch.equal(level.mask_logits(logits, parent_ids), logits)
        torch.testing.assert_close(level.log_softmax(logits).exp().sum(dim=1), torch.ones(5))


def test_an_open_level_knows_the_tree_it_does_not_enforce():
    tree = LabelTree([("a",), ("a", "b"), ("c",)])
    for level, mask in zip(level_masks(tree, is_masked=False), level_masks(tree), strict=True):
        assert isinstance(level, OpenLevel) and not level.is_enforced and mask.is_enforced
        assert torch.equal(level.allowed, mask.allowed)
        assert torch.equal(level.is_stop, mask.is_stop)
    assert level.is_stop.tolist() == [True, False, True]
