from dataclasses import replace

import numpy as np
import pytest
import torch

from core.classifier.fusion import LateFusion
from core.classifier.label_tree import LabelTree
from core.classifier.masking import LevelMask
from core.classifier.model import build_model, hierarchical_loss


@pytest.fixture
def parameters(small_parameters):
    return replace(small_parameters, dropout=0.0, modality_dropout=0.0)


def _batch(catalogue):
    tree = LabelTree(catalogue.paths)
    features = {name: torch.from_numpy(array) for name, array in catalogue.features.items()}
    return tree, features, torch.from_numpy(tree.encode(catalogue.paths))


def test_the_model_overfits_one_batch(catalogue, parameters):
    torch.manual_seed(0)
    tree, features, class_ids = _batch(catalogue.take(slice(None, None, 6)))
    model = build_model({"image": 12, "title": 8}, tree, parameters)
    model.fusion.fit_scale(features)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(80):
        loss = hierarchical_loss(model(features), class_ids, model.masks)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[0] > 1.0
    assert losses[-1] < 0.01


def test_the_loss_is_cross_entropy_masked_by_the_true_parent(catalogue, parameters):
    tree, features, class_ids = _batch(catalogue)
    model = build_model({"image": 12, "title": 8}, tree, parameters)
    scores = model(features)
    expected = torch.zeros(())
    for level, (logits, mask) in enumerate(zip(scores, model.masks, strict=True)):
        parents = class_ids[:, level - 1] if level else torch.zeros(len(class_ids), dtype=torch.int64)
        expected += torch.nn.functional.cross_entropy(mask.mask_logits(logits, parents), class_ids[:, level])
    torch.testing.assert_close(hierarchical_loss(scores, class_ids, model.masks), expected)


def test_label_smoothing_spreads_over_the_siblings_of_the_true_class():
    tree = LabelTree([("a", "a1"), ("a", "a2"), ("b", "b1")])
    masks = [LevelMask(mask) for mask in tree.masks]
    scores = [torch.tensor([[0.6, 0.4]]).log(), torch.tensor([[0.9, 0.1, 1.0]]).log()]
    found = hierarchical_loss(scores, torch.tensor([[0, 0]]), masks, label_smoothing=0.2)
    first = -(0.9 * np.log(0.6) + 0.1 * np.log(0.4))
    second = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    assert found.item() == pytest.approx(first + second, rel=1e-5)


def test_class_weights_scale_a_products_loss():
    scores, masks = [torch.tensor([[0.5, 0.5], [0.5, 0.5]]).log()], [LevelMask(np.ones((1, 2), dtype=bool))]
    class_ids = torch.tensor([[0], [1]])
    found = hierarchical_loss(scores, class_ids, masks, class_weights=[torch.tensor([3.0, 1.0])])
    assert found.item() == pytest.approx(2 * np.log(2), rel=1e-5)


def test_a_missing_modality_contributes_only_its_flag(parameters):
    torch.manual_seed(0)
    fusion = LateFusion({"image": 12, "title": 8}, 16, 32)
    image, title = torch.randn(6, 12), torch.randn(6, 8)
    fusion.fit_scale({"image": image + 5, "title": title})
    without = fusion({"image": torch.zeros(6, 12), "title": title})
    hidden = fusion.branches[1](title, torch.ones(6, dtype=torch.bool))
    flags = torch.tensor([0.0, 1.0]).expand(6, 2)
    expected = torch.relu(fusion.joint(torch.cat([torch.zeros(6, 16), hidden, flags], dim=1)))
    torch.testing.assert_close(without, expected)


def test_products_without_a_modality_do_not_move_its_scale():
    image = torch.randn(50, 12) * 3 + 7
    whole, gappy = (LateFusion({"image": 12}, 16, 32) for _ in range(2))
    whole.fit_scale({"image": image})
    gappy.fit_scale({"image": torch.cat([image, torch.zeros(40, 12)])})
    torch.testing.assert_close(gappy.branches[0].centre, whole.branches[0].centre)
    torch.testing.assert_close(gappy.branches[0].scale, whole.branches[0].scale)


def test_modality_dropout_happens_in_training_only_and_leaves_one():
    torch.manual_seed(0)
    fusion = LateFusion({"image": 12, "title": 8}, 16, 32, modality_dropout=0.5)
    present = torch.tensor([[True, True], [True, False]]).repeat(200, 1)
    kept = fusion._drop(present)
    assert kept.any(dim=1).all()
    assert not (kept & ~present).any()
    assert 0.2 < (~kept[::2]).float().mean() < 0.45  # (1/4 + 1/4) / 2 lose one; none loses both
    features = {"image": torch.randn(9, 12), "title": torch.randn(9, 8)}
    fusion.eval()
    assert torch.equal(fusion(features), fusion(features))
    fusion.train()
    assert not torch.equal(fusion(features), fusion(features))


def test_modalities_may_come_in_any_order(parameters):
    tree = LabelTree([("a",), ("b",)])
    models = []
    for dimensions in ({"image": 12, "title": 8}, {"title": 8, "image": 12}):
        torch.manual_seed(0)
        models.append(build_model(dimensions, tree, parameters).eval())
    features = {"title": torch.randn(3, 8), "image": torch.randn(3, 12)}
    torch.testing.assert_close(models[0](features), models[1](features))
