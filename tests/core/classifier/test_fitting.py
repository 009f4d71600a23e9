import math
from dataclasses import replace

import pytest
import torch

from core.classifier.class_balance import logit_adjustments
from core.classifier.decoding import DECODERS, invalid_paths
from core.classifier.fitting import LabelledProducts, fit, steps_of_an_epoch
from core.classifier.label_tree import LabelTree
from core.classifier.loss import hierarchical_loss
from core.classifier.model import build_model
from core.classifier.trained import log_conditionals
from core.domain.classifier import Fusion
from core.domain.errors import JobCancelledError
from core.domain.progress import NullProgress


class CancelAfter:
    def __init__(self, epoch=math.inf):
        self.epoch, self.epochs = epoch, []

    def report(self, fraction, message="", **metrics):
        self.epochs += [int(metrics["epoch"])] if metrics else []
        if metrics.get("epoch", 0) >= self.epoch:
            raise JobCancelledError


def _products(catalogue):
    tree = LabelTree(catalogue.paths)
    features = {name: torch.from_numpy(array) for name, array in catalogue.features.items()}
    products = LabelledProducts(features, torch.from_numpy(tree.encode(catalogue.paths)))
    rows = torch.arange(len(products))
    return tree, products.take(rows[rows % 4 > 0]), products.take(rows[rows % 4 == 0])


def _fresh_model(tree, train, parameters):
    torch.manual_seed(parameters.seed)
    model = build_model({name: tensor.shape[1] for name, tensor in train.features.items()}, tree, parameters)
    model.fusion.fit_scale(train.features)
    return model


def _fit(catalogue, parameters, progress=None, folder=None):
    tree, train, validation = _products(catalogue)
    with torch.random.fork_rng(devices=[]):
        model = _fresh_model(tree, train, parameters)
        state = fit(model, tree, train, validation, parameters, progress or NullProgress(), folder, "one")
    return model, state


def _is_same(one, other):
    return all(torch.equal(value, other.state_dict()[name]) for name, value in one.state_dict().items())


OPTIONS = [*({"fusion": fusion} for fusion in Fusion)]
OPTIONS += [{"is_masked": False, "decode": "greedy"}, {"logit_adjustment": 1.0, "class_balance": 0.9}]
OPTIONS += [{"averaged_epochs": 2.0}, {"fusion": "attention", "averaged_epochs": 2.0, "is_masked": False}]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_an_interrupted_training_ends_where_the_uninterrupted_one_does(catalogue, small_parameters, tmp_path, options):
    parameters = replace(small_parameters, max_epochs=4, **options)
    whole, state = _fit(catalogue, parameters)
    with pytest.raises(JobCancelledError):
        _fit(catalogue, parameters, CancelAfter(2), tmp_path)
    progress = CancelAfter()
    resumed, resumed_state = _fit(catalogue, parameters, progress, tmp_path)
    assert progress.epochs == [3, 4]
    assert _is_same(whole, resumed)
    assert resumed_state.curve == state.curve


@pytest.mark.parametrize("fusion", Fusion)
def test_the_same_seed_gives_the_same_weights_and_another_other_ones(catalogue, small_parameters, fusion):
    parameters = replace(small_parameters, max_epochs=2, fusion=fusion)
    first, second = (_fit(catalogue, parameters)[0] for _ in range(2))
    assert _is_same(first, second)
    assert not _is_same(first, _fit(catalogue, replace(parameters, seed=1))[0])


@pytest.mark.parametrize("fusion", Fusion)
def test_every_fusion_learns_ragged_paths(catalogue, small_parameters, fusion):
    _, state = _fit(catalogue, replace(small_parameters, fusion=fusion))
    assert state.curve[state.best_epoch - 1]["validation_hf1"] > 0.95
    assert {"epoch", "train_loss", "validation_loss", "validation_hf1"} == set(state.curve[0])


@pytest.mark.parametrize("fusion", Fusion)
def test_a_modality_that_no_product_has_does_no_harm(catalogue, small_parameters, fusion):
    catalogue = replace(catalogue, features={**catalogue.features, "image": 0 * catalogue.features["image"]})
    model, state = _fit(catalogue, replace(small_parameters, fusion=fusion))
    assert all(value.isfinite().all() for value in model.state_dict().values())
    assert state.curve[state.best_epoch - 1]["validation_hf1"] > 0.9


@pytest.mark.parametrize("fusion", Fusion)
def test_one_modality_is_enough(catalogue, small_parameters, fusion):
    catalogue = replace(catalogue, features={"title": catalogue.features["title"]})
    _, state = _fit(catalogue, replace(small_parameters, fusion=fusion))
    assert state.curve[state.best_epoch - 1]["validation_hf1"] > 0.9


def test_paths_are_valid_with_the_mask_and_may_not_be_without(catalogue_factory, small_parameters):
    hard = catalogue_factory(40, noise=2.5)
    features = {name: torch.from_numpy(array) for name, array in hard.features.items()}
    shares = {}
    for is_masked in (True, False):
        model, _ = _fit(hard, replace(small_parameters, max_epochs=3, is_masked=is_masked))
        for decode in DECODERS:
            class_ids, _ = DECODERS[decode](log_conditionals(model, features), model.masks)
            shares[is_masked, decode] = invalid_paths(class_ids.numpy(), model.masks).mean()
    assert shares[True, "best_path"] == shares[True, "greedy"] == 0
    assert shares[False, "best_path"] == shares[False, "greedy"] > 0


def test_logit_adjustment_finds_more_of_a_rare_class(catalogue_factory, small_parameters):
    noisy = catalogue_factory(200, noise=3.0, paths=[("a",), ("b",)])
    rare = noisy.take([*range(200), *range(200, 220)])
    recalls = []
    for tau in (0.0, 1.0):
        model, _ = _fit(rare, replace(small_parameters, max_epochs=4, logit_adjustment=tau, label_smoothing=0.0))
        tensors = {name: torch.from_numpy(array)[200:] for name, array in noisy.features.items()}
        recalls.append((log_conditionals(model, tensors)[0].argmax(dim=1) == 1).float().mean().item())
    assert recalls[1] > recalls[0] + 0.1


def test_averaged_weights_are_the_running_mean_of_every_step(catalogue, small_parameters):
    parameters = replace(small_parameters, max_epochs=1, averaged_epochs=0.4, label_smoothing=0.0)
    tree, train, _ = _products(catalogue)
    n_steps = steps_of_an_epoch(len(train), parameters.batch_size)
    decay = math.exp(-1 / (0.4 * n_steps))
    assert n_steps < 16  # so few that none is left out
    with torch.random.fork_rng(devices=[]):
        model = _fresh_model(tree, train, parameters)
        optimiser = torch.optim.Adam(model.parameters(), lr=parameters.lr, fused=True)
        torch.manual_seed(1)  # what the first epoch of seed 0 draws from
        mean = None
        for rows in torch.randperm(len(train)).tensor_split(n_steps):
            batch = train.take(rows)
            optimiser.zero_grad()
            hierarchical_loss(model(batch.features), batch.class_ids, model.masks).backward()
            optimiser.step()
            weights = {name: value.clone() for name, value in model.named_parameters()}
            mean = weights if mean is None else {n: decay * mean[n] + (1 - decay) * weights[n] for n in mean}
    found = dict(_fit(catalogue, parameters)[0].named_parameters())
    for name, value in mean.items():
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-5)


def test_logit_adjustment_chooses_its_epoch_by_what_it_is_trained_for(catalogue_factory, small_parameters):
    many = catalogue_factory(300, noise=1.5, paths=[(f"node {number:02}",) for number in range(20)])
    skewed = many.take([row for row in range(len(many.paths)) if row < 300 or row % 300 < 6])
    parameters = replace(small_parameters, logit_adjustment=1.0, label_smoothing=0.0, averaged_epochs=1.0)
    model, state = _fit(skewed, parameters)
    _, train, validation = _products(skewed)
    adjustments = logit_adjustments(train.class_ids, model.masks, 1.0)
    scores = log_conditionals(model, validation.features)
    expected = hierarchical_loss(scores, validation.class_ids, model.masks, logit_adjustments=adjustments).item()
    assert state.curve[state.best_epoch - 1]["validation_loss"] == pytest.approx(expected, rel=1e-4)
    assert state.best_epoch == min(range(1, 1 + len(state.curve)), key=lambda e: state.curve[e - 1]["validation_loss"])
