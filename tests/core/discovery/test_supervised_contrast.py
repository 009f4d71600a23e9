"""The losses that bend features, and the map they teach."""

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from core.discovery.supervised_contrast import learn_map, similarity_loss, supervised_contrastive_loss


def slow_supervised_contrastive_loss(features, labels, temperature):
    """Equation 2 of the paper, written out."""
    losses = []
    for anchor, own in enumerate(labels):
        others = [other for other in range(len(labels)) if other != anchor]
        partners = [other for other in others if labels[other] == own]
        if not partners:
            continue
        total = sum(np.exp(features[anchor] @ features[other] / temperature) for other in others)
        shares = [np.exp(features[anchor] @ features[other] / temperature) / total for other in partners]
        losses.append(-np.mean(np.log(shares)))
    return np.mean(losses)


@pytest.mark.parametrize("temperature", [0.1, 0.5])
def test_the_loss_is_that_of_the_paper(temperature):
    generator = np.random.default_rng(0)
    features = generator.normal(size=(12, 5))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4])  # 3 has no partner
    found = supervised_contrastive_loss(torch.from_numpy(features), torch.from_numpy(labels), temperature)
    assert float(found) == pytest.approx(slow_supervised_contrastive_loss(features, labels, temperature))


def test_without_partners_there_is_no_loss_and_no_gradient():
    features = normalize(torch.randn(4, 3, generator=torch.Generator().manual_seed(0)), dim=1).requires_grad_()
    loss = supervised_contrastive_loss(features, torch.arange(4))
    loss.backward()
    assert loss.item() == 0
    assert not features.grad.any()


def test_similarities_that_stay_cost_nothing_whatever_the_rotation():
    rows = normalize(torch.randn(6, 4, generator=torch.Generator().manual_seed(0)), dim=1)
    rotation = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(1))).Q
    assert similarity_loss(rows @ rotation, rows).item() == pytest.approx(0, abs=1e-9)
    assert similarity_loss(-rows.abs(), rows).item() > 0.01


def test_a_direction_that_is_the_same_within_groups_counts_for_more():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 120)
    features = generator.normal(size=(120, 8)).astype(np.float32)
    features[:, :2] = np.array([[2, 0], [0, 2], [-2, -2]], dtype=np.float32)[labels]  # the rest is noise
    bent = learn_map(features, np.arange(120), labels, features[:0], labels[:0], 0)
    share = [np.linalg.norm(rows[:, :2]) / np.linalg.norm(rows) for rows in (features, bent)]
    assert share[1] > share[0] + 0.01
