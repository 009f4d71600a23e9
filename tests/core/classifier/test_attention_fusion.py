import numpy as np
import pytest
import torch

from core.classifier.attention_fusion import AttentionFusion

DIMENSIONS = {"brand": 3, "image": 12, "title": 8}
WIDTH = 8


def _fusion(modality_width=WIDTH):
    torch.manual_seed(0)
    return AttentionFusion(DIMENSIONS, modality_width, 32)


def _slow_attention(fusion, tokens, present):
    """Product by product, modality by modality, head by head."""
    weight, bias = fusion.projection.weight.detach().numpy(), fusion.projection.bias.detach().numpy()
    n_products, n_modalities, width = tokens.shape
    head_width = width // fusion.n_heads
    attended = np.zeros_like(tokens)
    for product in range(n_products):
        queries, keys, values = np.split(tokens[product] @ weight.T + bias, 3, axis=1)
        for i in range(n_modalities):
            others = [j for j in range(n_modalities) if j != i and present[product, j] and present[product, i]]
            for head in range(fusion.n_heads) if others else ():
                part = slice(head * head_width, (head + 1) * head_width)
                scores = np.array([queries[i, part] @ keys[j, part] for j in others]) / np.sqrt(head_width)
                shares = np.exp(scores) / np.exp(scores).sum()
                attended[product, i, part] = sum(s * values[j, part] for s, j in zip(shares, others, strict=True))
    return attended


def test_attention_is_that_of_a_slow_reference_for_every_pattern_of_missing_modalities():
    fusion = _fusion()
    present = torch.tensor([[bool(i & 1), bool(i & 2), bool(i & 4)] for i in range(8)])
    tokens = torch.randn(8, 3, WIDTH) * present[:, :, None]
    with torch.no_grad():
        attended = fusion.attend(tokens, present)
    expected = _slow_attention(fusion, tokens.numpy(), present.numpy())
    np.testing.assert_allclose(attended.numpy(), expected, rtol=1e-4, atol=1e-5)


def test_a_modality_alone_attends_to_nothing():
    fusion = _fusion()
    tokens = torch.randn(2, 3, WIDTH, requires_grad=True)
    attended = fusion.attend(tokens, torch.tensor([[False, True, False], [True, True, False]]))
    assert (attended[0] == 0).all()
    assert (attended[1, :2] != 0).all()
    attended.sum().backward()
    assert tokens.grad.isfinite().all()


def test_originals_stand_beside_what_they_attend_to():
    fusion = _fusion().eval()
    features = {name: torch.randn(5, dimension) for name, dimension in DIMENSIONS.items()}
    present = torch.ones(5, 3, dtype=torch.bool)
    tokens = torch.stack(
        [branch(features[name], present[:, 0]) for name, branch in zip(fusion.names, fusion.branches, strict=True)], 1
    )
    inputs = torch.cat([tokens.flatten(1), fusion.attend(tokens, present).flatten(1), torch.ones(5, 3)], dim=1)
    torch.testing.assert_close(fusion(features), torch.relu(fusion.joint(inputs)))


@pytest.mark.parametrize(("width", "n_heads"), [(256, 4), (6, 2), (7, 1)])
def test_heads_share_a_token_of_any_width(width, n_heads):
    fusion = _fusion(width)
    assert fusion.n_heads == n_heads
    tokens = torch.randn(2, 3, width)
    assert fusion.attend(tokens, torch.ones(2, 3, dtype=torch.bool)).shape == tokens.shape
