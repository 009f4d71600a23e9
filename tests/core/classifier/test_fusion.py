from dataclasses import replace
from itertools import chain, combinations

import pytest
import torch

from core.classifier.fusion import build_fusion
from core.classifier.parameters import TrainingParameters
from core.domain.classifier import Fusion
from core.domain.errors import TrainingDataError

DIMENSIONS = {"title": 8, "brand": 3, "description": 5, "image": 12}
SUBSETS = list(chain.from_iterable(combinations(DIMENSIONS, n) for n in range(1, 5)))

pytestmark = pytest.mark.parametrize("fusion", Fusion)


@pytest.fixture
def build(small_parameters, fusion):
    def of(names=tuple(DIMENSIONS), modality_dropout=0.0):
        torch.manual_seed(0)
        parameters = replace(small_parameters, fusion=fusion, modality_dropout=modality_dropout)
        return build_fusion({name: DIMENSIONS[name] for name in names}, parameters)

    return of


def _features(n_products, names=tuple(DIMENSIONS), seed=1):
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.randn(n_products, DIMENSIONS[name], generator=generator) for name in names}


def test_any_subset_of_modalities_is_fused(build):
    for names in SUBSETS:
        fused = build(names)(_features(6, names))
        assert fused.shape == (6, 32), names
        assert fused.isfinite().all(), names


def test_a_product_with_any_subset_of_modalities_is_fused(build):
    """One product per subset in one batch, and one that has nothing at all."""
    features = _features(len(SUBSETS) + 1)
    for row, names in enumerate([*SUBSETS, ()]):
        for missing in set(DIMENSIONS) - set(names):
            features[missing][row] = 0.0
    fusion = build()
    fused = fusion(features)
    fused.sum().backward()
    assert fused.isfinite().all()
    assert all(p.grad.isfinite().all() for p in fusion.parameters())
    assert len(fused.unique(dim=0)) == len(fused)


def test_a_missing_modality_says_nothing_whatever_its_branch_learned(build):
    features = _features(6)
    features["image"][:3] = 0.0
    fusion = build().eval()
    before = fusion(features)
    image = fusion.branches[fusion.names.index("image")]
    with torch.no_grad():
        for value in image.state_dict().values():
            value.add_(1.0)
    after = fusion(features)
    assert torch.equal(before[:3], after[:3])
    assert (before[3:] != after[3:]).any(dim=1).all()


def test_a_modality_that_no_product_has_leaves_finite_gradients(build):
    features = _features(6) | {"image": torch.zeros(6, 12)}
    fusion = build()
    fusion.fit_scale(features)
    fusion(features).sum().backward()
    assert all(p.grad.isfinite().all() for p in fusion.parameters())


def test_modality_dropout_leaves_every_product_what_it_cannot_spare(build):
    fusion = build(("image", "title"), modality_dropout=0.5)
    present = torch.tensor([[True, True], [True, False]]).repeat(200, 1)
    kept = fusion._drop(present)
    assert kept.any(dim=1).all()
    assert not (kept & ~present).any()
    assert 0.15 < (~kept[::2]).float().mean() < 0.35  # a quarter loses the one, a quarter the other, none both


def test_modality_dropout_happens_in_training_only(build):
    fusion, features = build(modality_dropout=0.5), _features(9)
    assert not torch.equal(fusion(features), fusion(features))
    fusion.eval()
    assert torch.equal(fusion(features), fusion(features))


def test_encoders_of_different_scale_meet_on_equal_terms(build):
    features = _features(50)
    scaled = {name: 1000.0 * tensor + 7.0 if name == "image" else tensor for name, tensor in features.items()}
    one, other = build().eval(), build().eval()
    one.fit_scale(features)
    other.fit_scale(scaled)
    torch.testing.assert_close(one(features), other(scaled), rtol=1e-3, atol=1e-3)


def test_no_modality_is_refused(fusion):
    with pytest.raises(TrainingDataError, match="at least one modality"):
        build_fusion({}, TrainingParameters(fusion=fusion))
