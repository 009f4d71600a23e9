"""A linear map learnt by a supervised contrastive loss that keeps similarities. Worker only: imports torch."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from core.domain.arrays import FloatArray, IntArray

N_STEPS = 100
BATCH_SIZE = 256
LEARNING_RATE = 3e-3
TEMPERATURE = 0.1
HALF_TRUST = 100
"""So many known products inside the category weigh half as much as any number of them could."""
TEACHER_WEIGHT = 0.3
"""Groups elsewhere show what differences of kind are like, not which kinds are here."""
STIFFNESS = 100.0
"""How dearly a change of similarity among the category's products is paid: groups nobody named keep their shape."""
SHRINKAGE = 0.01
"""Pulls the map towards the identity, whatever the rest asks for."""


def supervised_contrastive_loss(features: Tensor, labels: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """How much more alike products of other groups are than products of the own group.

    Mean over anchors with a partner of -1/|P| Σ_p log(exp(z·z_p/τ) / Σ_a exp(z·z_a/τ)): P the others of the anchor's
    group, a all others.

    Args:
        features: Unit vectors. Shape: (n, d).
        labels: Group of each. Shape: (n,).
        temperature: τ.

    Returns:
        A scalar; 0 where nobody has a partner.

    Source:
        Khosla et al. 2020, equation 2 (L_out), https://arxiv.org/abs/2004.11362
    """
    itself = torch.eye(len(labels), dtype=torch.bool)
    similarities = (features @ features.T / temperature).masked_fill(itself, -torch.inf)  # (n, n)
    log_shares = torch.log_softmax(similarities, dim=1).masked_fill(itself, 0.0)
    is_partner = (labels[:, None] == labels[None, :]) & ~itself
    n_partners = is_partner.sum(dim=1)
    has_partner = n_partners > 0
    if not has_partner.any():
        return features.sum() * 0.0
    return -((log_shares * is_partner).sum(dim=1)[has_partner] / n_partners[has_partner]).mean()


def similarity_loss(features: Tensor, original: Tensor) -> Tensor:
    """How far the similarities among products have moved from what they were.

    Args:
        features: Unit vectors. Shape: (n, d).
        original: Unit vectors of the same products before. Shape: (n, d).

    Returns:
        Mean squared difference of the cosines of all pairs, 0 where nothing changed.
    """
    return ((features @ features.T - original @ original.T) ** 2).mean()


def learn_map(
    features: FloatArray,
    known: IntArray,
    labels: IntArray,
    teacher_features: FloatArray,
    teacher_labels: IntArray,
    seed: int,
) -> FloatArray:
    """Learn the map and apply it.

    Args:
        features: All products of the category. Shape: (n_products, d).
        known: Positions of those of a known group; may be empty. Shape: (n_known,).
        labels: Their groups. Shape: (n_known,).
        teacher_features: Products elsewhere, in the same space; may be empty. Shape: (n_teachers, d).
        teacher_labels: Their groups. Shape: (n_teachers,).
        seed: Decides the batches.

    Returns:
        Mapped features. Shape: (n_products, d).
    """
    generator = torch.Generator().manual_seed(seed)
    own, taught = torch.from_numpy(np.float32(features)), torch.from_numpy(np.float32(teacher_features))
    inside = own[torch.from_numpy(known)]
    groups, elsewhere = torch.from_numpy(np.int64(labels)), torch.from_numpy(np.int64(teacher_labels))
    weight = len(inside) / (len(inside) + HALF_TRUST)
    bend = torch.zeros(own.shape[1], own.shape[1], requires_grad=True)
    optimizer = torch.optim.Adam([bend], lr=LEARNING_RATE)
    for _ in range(N_STEPS):
        loss = SHRINKAGE * (bend**2).sum()
        chosen = _batch(len(own), generator)
        loss = loss + STIFFNESS * similarity_loss(_mapped(own[chosen], bend), normalize(own[chosen], dim=1))
        if len(inside):
            chosen = _batch(len(inside), generator)
            loss = loss + weight * supervised_contrastive_loss(_mapped(inside[chosen], bend), groups[chosen])
        if len(taught):
            chosen = _batch(len(taught), generator)
            loss = loss + TEACHER_WEIGHT * supervised_contrastive_loss(_mapped(taught[chosen], bend), elsewhere[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return (own + own @ bend).numpy()


def _batch(n: int, generator: torch.Generator) -> Tensor:
    return torch.randperm(n, generator=generator)[:BATCH_SIZE]


def _mapped(rows: Tensor, bend: Tensor) -> Tensor:
    return normalize(rows + rows @ bend, dim=1)
