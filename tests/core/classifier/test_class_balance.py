import numpy as np
import pytest
import torch

from core.classifier.class_balance import effective_number_weights, logit_adjustments
from core.classifier.label_tree import LabelTree
from core.classifier.loss import hierarchical_loss
from core.classifier.masking import level_masks

PATHS = [("a", "a1")] * 6 + [("a", "a2")] * 2 + [("b", "b1")]
TREE = LabelTree([*PATHS, ("c",)])  # nothing to learn of c from
CLASS_IDS = torch.from_numpy(TREE.encode(PATHS))


def test_a_class_weighs_the_inverse_of_its_effective_number():
    weights = effective_number_weights(CLASS_IDS, level_masks(TREE), beta=0.9)
    raw = np.array([(1 - 0.9) / (1 - 0.9**n) for n in (8, 1, 1)])
    expected = raw / np.mean([raw[0]] * 8 + [raw[1]])
    np.testing.assert_allclose(weights[0].numpy(), expected, rtol=1e-6)


def test_weights_average_one_over_products_and_favour_rare_classes():
    for level, weights in enumerate(effective_number_weights(CLASS_IDS, level_masks(TREE), beta=0.99)):
        assert weights[CLASS_IDS[:, level]].mean().item() == pytest.approx(1.0)
        assert weights[1] > weights[0]


def test_the_adjustment_is_the_log_share_of_a_class_among_its_siblings():
    first, second = logit_adjustments(CLASS_IDS, level_masks(TREE), tau=0.5)
    np.testing.assert_allclose(first.numpy(), 0.5 * np.log([8 / 10, 1 / 10, 1 / 10]), rtol=1e-6)
    np.testing.assert_allclose(second.numpy(), 0.5 * np.log([6 / 8, 2 / 8, 1.0, 1.0]), rtol=1e-6, atol=1e-9)


def test_without_the_mask_the_adjustment_is_the_log_share_among_the_level():
    second = logit_adjustments(CLASS_IDS, level_masks(TREE, is_masked=False), tau=1.0)[1]
    np.testing.assert_allclose(second.numpy(), np.log([6 / 10, 2 / 10, 1 / 10, 1 / 10]), rtol=1e-6)


def test_both_may_be_off():
    assert effective_number_weights(CLASS_IDS, level_masks(TREE), beta=0.0) is None
    assert logit_adjustments(CLASS_IDS, level_masks(TREE), tau=0.0) is None


@pytest.mark.parametrize(("tau", "expected"), [(0.0, [0.75, 0.25]), (1.0, [0.5, 0.5])])
def test_where_products_say_nothing_full_adjustment_predicts_all_siblings_alike(tau, expected):
    """The minimum of the loss over free logits: the shares themselves, or what is left when they are taken out."""
    tree = LabelTree([("a",), ("b",)])
    masks, class_ids = level_masks(tree), torch.tensor([[0]] * 6 + [[1]] * 2)
    logits = torch.zeros(1, 2, requires_grad=True)
    optimiser = torch.optim.LBFGS([logits], max_iter=50, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        scores = [masks[0].log_softmax(logits.expand(8, 2))]
        value = hierarchical_loss(scores, class_ids, masks, logit_adjustments=logit_adjustments(class_ids, masks, tau))
        value.backward()
        return value

    optimiser.step(loss)
    np.testing.assert_allclose(logits.softmax(dim=1).detach().numpy()[0], expected, atol=1e-3)
