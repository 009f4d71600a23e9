import numpy as np
import pytest
import torch

from core.classifier.head_training import HeadSchedule, head_loss
from core.classifier.linear_head import one_hot
from core.classifier.neural_policy import NeuralPolicy, policy_network

FREE = HeadSchedule(max_epochs=200, weight_decay=0.0, lr=3e-3)


def _crossed(n=240, seed=0):
    """The title tells which of two colours, the image whether to believe it: no weighted sum can."""
    generator = np.random.default_rng(seed)
    title, image = generator.integers(0, 2, n), generator.integers(0, 2, n)
    return {"image": one_hot(image, 2), "title": one_hot(title, 2)}, one_hot(title ^ image, 2)


def test_it_learns_what_no_weighted_sum_can():
    train, targets = _crossed()
    test, expected = _crossed(seed=1)
    policy = NeuralPolicy(dropout=0.1).fit(train, targets)
    assert (policy.combine(test).argmax(1) == expected.argmax(1)).mean() > 0.99


@pytest.mark.parametrize("is_multi_label", [False, True])
def test_a_handful_of_products_is_learnt_by_heart(is_multi_label):
    generator = np.random.default_rng(0)
    probabilities = {name: generator.random((20, 4)).astype(np.float32) for name in ("image", "title")}
    targets = one_hot(generator.integers(0, 4, 20), 4)
    if is_multi_label:
        targets = (generator.random((20, 4)) < 0.5).astype(np.float32)
    policy = NeuralPolicy(is_multi_label, dropout=0.0, schedule=FREE).fit(probabilities, targets)
    combined = policy.combine(probabilities)
    np.testing.assert_array_equal(combined > 0.5, targets > 0)
    assert np.abs(combined - targets).mean() < 0.05


def test_gradients_reach_every_probability_and_weight():
    torch.manual_seed(0)
    network = policy_network(12, 4, width=64, dropout=0.0)
    inputs = torch.rand(32, 12, requires_grad=True)
    head_loss(network(inputs), torch.arange(32) % 4).backward()
    assert (inputs.grad.abs().sum(dim=0) > 0).all()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in network.parameters())


def test_gradients_are_those_of_finite_differences():
    torch.manual_seed(0)
    network = policy_network(6, 3, width=8, dropout=0.0).double()
    for targets in (torch.tensor([0, 2, 1]), torch.tensor([[1.0, 0, 1], [0, 0, 0], [1, 1, 1]], dtype=torch.float64)):
        inputs = torch.rand(3, 6, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda x, y=targets: head_loss(network(x), y), inputs)


def test_the_same_seed_gives_the_same_policy_and_leaves_the_global_generator_alone():
    train, targets = _crossed(100)
    torch.manual_seed(5)
    expected_draw = torch.rand(3)
    torch.manual_seed(5)
    first = NeuralPolicy(seed=1).fit(train, targets).combine(train)
    assert torch.equal(torch.rand(3), expected_draw)
    np.testing.assert_array_equal(first, NeuralPolicy(seed=1).fit(train, targets).combine(train))
    assert not np.array_equal(first, NeuralPolicy(seed=2).fit(train, targets).combine(train))
