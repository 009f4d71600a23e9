from dataclasses import replace

import pytest
import torch

from core.classifier.label_tree import LabelTree
from core.classifier.loss import hierarchical_loss
from core.classifier.model import build_model
from core.domain.classifier import Fusion

DIMENSIONS = {"image": 12, "title": 8}


@pytest.fixture
def parameters(small_parameters):
    return replace(small_parameters, dropout=0.0, modality_dropout=0.0)


def _batch(catalogue):
    tree = LabelTree(catalogue.paths)
    features = {name: torch.from_numpy(array) for name, array in catalogue.features.items()}
    return tree, features, torch.from_numpy(tree.encode(catalogue.paths))


@pytest.mark.parametrize("is_masked", [True, False])
@pytest.mark.parametrize("fusion", Fusion)
def test_the_model_overfits_one_batch(catalogue, parameters, fusion, is_masked):
    torch.manual_seed(0)
    tree, features, class_ids = _batch(catalogue.take(slice(None, None, 6)))
    model = build_model(DIMENSIONS, tree, replace(parameters, fusion=fusion, is_masked=is_masked))
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
    assert losses[-1] < 0.02 * losses[0]


@pytest.mark.parametrize("fusion", Fusion)
def test_the_gradient_of_the_loss_reaches_every_modality(catalogue_factory, ragged_paths, parameters, fusion):
    torch.manual_seed(0)
    tree, _, class_ids = _batch(catalogue_factory(4))
    dimensions = {"title": 8, "brand": 3, "description": 5, "image": 12}
    features = {name: torch.randn(len(class_ids), n, requires_grad=True) for name, n in dimensions.items()}
    model = build_model(dimensions, tree, replace(parameters, fusion=fusion))
    hierarchical_loss(model(features), class_ids, model.masks).backward()
    for name, embeddings in features.items():
        assert (embeddings.grad != 0).any(dim=1).all(), name


@pytest.mark.parametrize("fusion", Fusion)
def test_one_product_alone_gets_the_same_scores_as_among_others(catalogue, parameters, fusion):
    torch.manual_seed(0)
    tree, features, _ = _batch(catalogue.take(slice(None, None, 20)))
    features["image"][::2] = 0.0
    model = build_model(DIMENSIONS, tree, replace(parameters, fusion=fusion)).eval()
    together = model(features)
    for row in range(2):
        alone = model({name: tensor[row : row + 1] for name, tensor in features.items()})
        for level, level_together in zip(alone, together, strict=True):
            torch.testing.assert_close(level, level_together[row : row + 1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("fusion", Fusion)
def test_modalities_may_come_in_any_order(parameters, fusion):
    tree = LabelTree([("a",), ("b",)])
    models = []
    for dimensions in ({"image": 12, "title": 8}, {"title": 8, "image": 12}):
        torch.manual_seed(0)
        models.append(build_model(dimensions, tree, replace(parameters, fusion=fusion)).eval())
    features = {"title": torch.randn(3, 8), "image": torch.randn(3, 12)}
    torch.testing.assert_close(models[0](features), models[1](features))


def test_without_the_mask_each_level_is_a_softmax_over_all_its_classes(catalogue, parameters):
    tree, features, _ = _batch(catalogue)
    model = build_model(DIMENSIONS, tree, replace(parameters, is_masked=False)).eval()
    for level, n_classes in zip(model(features), tree.n_classes, strict=True):
        assert level.shape == (len(catalogue.paths), n_classes)
        torch.testing.assert_close(level.exp().sum(dim=1), torch.ones(len(level)))


def test_masked_and_unmasked_models_have_the_same_weights(catalogue, parameters):
    tree = LabelTree(catalogue.paths)
    masked, unmasked = (
        build_model(DIMENSIONS, tree, replace(parameters, is_masked=is_masked)) for is_masked in (True, False)
    )
    unmasked.load_state_dict(masked.state_dict())
