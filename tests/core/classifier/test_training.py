import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.classifier.calibration import fit_temperatures
from core.classifier.checkpoint import delete_checkpoint
from core.classifier.parameters import TrainingParameters
from core.classifier.reliability import expected_calibration_error
from core.classifier.split import duplicate_groups
from core.classifier.trained import feature_tensors, log_conditionals
from core.classifier.training import fit_classifier, train_classifier
from core.domain.errors import JobCancelledError, ShapeError, TrainingDataError


class RecordingProgress:
    """Keeps what was reported; cancels when an epoch has been reported."""

    def __init__(self, cancel_after_epoch=math.inf):
        self.reports, self.cancel_after_epoch = [], cancel_after_epoch

    def report(self, fraction, message="", **metrics):
        self.reports.append((fraction, message, metrics))
        if metrics.get("epoch", 0) >= self.cancel_after_epoch:
            raise JobCancelledError

    @property
    def epochs(self):
        return [metrics for _, _, metrics in self.reports if metrics]


def _train(catalogue, parameters, **kwargs):
    return train_classifier(catalogue.features, catalogue.paths, parameters=parameters, **kwargs)


def _assert_same_weights(one, other):
    theirs = other.model.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in one.model.state_dict().items())


def test_ragged_paths_are_learned_and_tested_on_untouched_products(trained):
    assert trained.metrics.hierarchical_f1 > 0.95
    assert [level.level for level in trained.metrics.levels] == [1, 2, 3, 4, 5]
    assert trained.split_sizes == {"train": 156, "validation": 36, "test": 48}
    assert trained.metrics.n_products == 48
    assert {node.node_id for node in trained.node_metrics} >= {"shoes", "running", "thin"}


def test_the_same_seed_gives_the_same_weights_whatever_torch_drew_before(catalogue, small_parameters):
    parameters = replace(small_parameters, max_epochs=3)
    first = _train(catalogue, parameters)
    torch.manual_seed(99)
    torch.rand(10)
    second = _train(catalogue, parameters)
    _assert_same_weights(first, second)
    assert first.curve == second.curve
    assert first.metrics == second.metrics
    other = _train(catalogue, replace(parameters, seed=1))
    assert other.curve != first.curve


def test_training_leaves_torchs_generator_alone(catalogue, small_parameters):
    before = torch.get_rng_state()
    _train(catalogue, replace(small_parameters, max_epochs=1))
    assert torch.equal(torch.get_rng_state(), before)


def test_each_epoch_is_reported_and_progress_only_grows(catalogue, small_parameters):
    progress = RecordingProgress()
    trained = _train(catalogue, replace(small_parameters, max_epochs=3), progress=progress)
    assert [figures["epoch"] for figures in progress.epochs] == [1, 2, 3]
    assert all(set(f) == {"epoch", "train_loss", "validation_loss", "validation_hf1"} for f in progress.epochs)
    assert tuple(progress.epochs) == trained.curve
    fractions = [fraction for fraction, _, _ in progress.reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_training_stops_when_patience_runs_out(catalogue_factory, small_parameters):
    noise_only = catalogue_factory(30, noise=50.0)
    trained = _train(noise_only, replace(small_parameters, max_epochs=60, patience=2))
    assert len(trained.curve) < 60
    losses = [figures["validation_loss"] for figures in trained.curve]
    assert losses.index(min(losses)) == len(losses) - 3


def test_the_weights_kept_are_those_of_the_best_epoch(catalogue_factory, small_parameters):
    noisy = catalogue_factory(30, noise=2.0)
    long = _train(noisy, replace(small_parameters, max_epochs=60, patience=4))
    best_epoch = len(long.curve) - 4
    assert 1 <= best_epoch < 56
    _assert_same_weights(long, _train(noisy, replace(small_parameters, max_epochs=best_epoch, patience=4)))


def test_an_interrupted_training_goes_on_to_the_same_weights(catalogue, small_parameters, tmp_path):
    parameters = replace(small_parameters, max_epochs=5)
    whole = _train(catalogue, parameters)
    with pytest.raises(JobCancelledError):
        _train(catalogue, parameters, progress=RecordingProgress(2), folder_for_checkpoint=tmp_path)
    progress = RecordingProgress()
    resumed = _train(catalogue, parameters, progress=progress, folder_for_checkpoint=tmp_path)
    assert [figures["epoch"] for figures in progress.epochs] == [3, 4, 5]
    _assert_same_weights(whole, resumed)
    assert resumed.curve == whole.curve


def test_a_finished_training_is_there_again_until_its_checkpoint_is_deleted(catalogue, small_parameters, tmp_path):
    parameters = replace(small_parameters, max_epochs=2)
    whole = _train(catalogue, parameters, folder_for_checkpoint=tmp_path)
    progress = RecordingProgress()
    again = _train(catalogue, parameters, progress=progress, folder_for_checkpoint=tmp_path)
    assert progress.epochs == []
    _assert_same_weights(whole, again)
    delete_checkpoint(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_of_other_parameters_is_not_taken_up(catalogue, small_parameters, tmp_path):
    parameters = replace(small_parameters, max_epochs=3)
    with pytest.raises(JobCancelledError):
        _train(catalogue, parameters, progress=RecordingProgress(1), folder_for_checkpoint=tmp_path)
    progress = RecordingProgress()
    _train(catalogue, replace(parameters, lr=2e-3), progress=progress, folder_for_checkpoint=tmp_path)
    assert [figures["epoch"] for figures in progress.epochs] == [1, 2, 3]


def test_a_damaged_checkpoint_starts_over(catalogue, small_parameters, tmp_path):
    (tmp_path / "checkpoint.safetensors").write_bytes(b"not a checkpoint")
    progress = RecordingProgress()
    _train(catalogue, replace(small_parameters, max_epochs=1), progress=progress, folder_for_checkpoint=tmp_path)
    assert [figures["epoch"] for figures in progress.epochs] == [1]


def _path_error(classifier, catalogue):
    predicted = classifier.predict(catalogue.features)
    right = [path.node_ids == true for path, true in zip(predicted, catalogue.paths, strict=True)]
    return expected_calibration_error([path.confidence for path in predicted], right)


def test_path_confidences_are_calibrated_on_held_out_products(catalogue_factory, small_parameters):
    trained = _train(catalogue_factory(300, noise=1.6), replace(small_parameters, batch_size=128))
    held_out = catalogue_factory(300, noise=1.6, seed=7)
    assert 0.5 < trained.metrics.exact_path_accuracy < 0.95
    assert _path_error(trained, held_out) < 0.06


def test_calibration_mends_the_path_confidences_of_an_overconfident_classifier(catalogue_factory, small_parameters):
    trained = _train(catalogue_factory(100, noise=1.6), small_parameters)
    sharp = replace(trained, model=copy.deepcopy(trained.model), temperatures=(1.0,) * trained.tree.depth)
    with torch.no_grad():
        for level in sharp.model.levels:
            level[-1].weight *= 5
            level[-1].bias *= 5
    validation = catalogue_factory(200, noise=1.6, seed=5)
    scores = log_conditionals(sharp.model, feature_tensors(validation.features, trained.dimensions))
    true_ids = trained.tree.encode(validation.paths)
    temperatures = fit_temperatures([level.numpy() for level in scores], true_ids, trained.tree)
    held_out = catalogue_factory(300, noise=1.6, seed=7)
    assert _path_error(sharp, held_out) > 0.15
    assert _path_error(replace(sharp, temperatures=temperatures), held_out) < 0.06


def test_a_class_of_one_product_trains_without_being_tested(catalogue, small_parameters):
    paths = [*catalogue.paths[:-1], ("hats",)]
    trained = train_classifier(catalogue.features, paths, parameters=replace(small_parameters, max_epochs=2))
    assert ("hats",) in trained.tree.paths
    assert "hats" not in {node.node_id for node in trained.node_metrics if node.n_products}


@pytest.mark.parametrize("class_balance", [0.0, 0.99])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_weights_and_smoothing_train(catalogue, small_parameters, class_balance, label_smoothing):
    parameters = replace(small_parameters, class_balance=class_balance, label_smoothing=label_smoothing)
    assert _train(catalogue, parameters).metrics.hierarchical_f1 > 0.9


def test_one_subcategory_is_refused_with_what_to_do(small_parameters):
    with pytest.raises(TrainingDataError) as fault:
        train_classifier({"title": np.ones((20, 4), np.float32)}, [("a", "b")] * 20, parameters=small_parameters)
    assert "at least two subcategories" in fault.value.message
    assert "Approve" in fault.value.remedy


def test_too_few_products_are_refused():
    with pytest.raises(TrainingDataError, match="at least 10 products, got 4"):
        train_classifier({"title": np.ones((4, 4), np.float32)}, [("a",), ("b",)] * 2)


def test_products_of_which_none_can_be_held_out_are_refused():
    paths = [(name,) for name in "abcdefghijkl"]
    with pytest.raises(TrainingDataError, match="too few, or too many are duplicates"):
        train_classifier({"title": np.ones((12, 4), np.float32)}, paths)


def test_a_training_that_diverges_says_so(catalogue, small_parameters):
    with pytest.raises(TrainingDataError) as fault:
        _train(catalogue, replace(small_parameters, lr=1e30))
    assert "Lower lr" in fault.value.remedy


def test_groups_may_be_the_array_that_duplicate_groups_returns(catalogue, small_parameters, tmp_path):
    groups = duplicate_groups([str(i // 2) for i in range(len(catalogue.paths))])
    parameters = replace(small_parameters, max_epochs=1)
    trained = _train(catalogue, parameters, groups=groups, folder_for_checkpoint=tmp_path)
    assert all(size % 2 == 0 for size in trained.split_sizes.values())


def test_embeddings_of_other_products_are_refused(catalogue):
    with pytest.raises(ShapeError, match="image"):
        train_classifier({**catalogue.features, "image": catalogue.features["image"][1:]}, catalogue.paths)


@pytest.mark.parametrize("wrong", [{"fusion": "mid"}, {"batch_size": 2}, {"dropout": 1.0}, {"lr": 0.0}])
def test_parameters_out_of_range_are_refused(wrong):
    with pytest.raises(TrainingDataError) as fault:
        TrainingParameters(**wrong)
    assert fault.value.remedy


def test_a_fit_never_looks_at_the_other_products(catalogue, small_parameters):
    rows = np.arange(len(catalogue.paths))
    train, validation, rest = (rows[rows % 4 == part] for part in (0, 1, 2))
    parameters = replace(small_parameters, max_epochs=2)
    features = {name: values.copy() for name, values in catalogue.features.items()}
    paths = list(catalogue.paths)
    for row in rest:
        paths[row] = ("hats", "caps")
        for values in features.values():
            values[row] = 99.0
    fitted = fit_classifier(catalogue.features, catalogue.paths, train, validation, parameters)
    other = fit_classifier(features, paths, train, validation, parameters)
    assert ("hats", "caps") not in other.predictor.tree.paths
    _assert_same_weights(fitted.predictor, other.predictor)
    assert fitted.predictor.temperatures == other.predictor.temperatures
    assert [point["epoch"] for point in fitted.curve] == [1, 2]


@pytest.mark.parametrize(("n_train", "n_validation"), [(1, 5), (10, 0)])
def test_a_fit_on_too_few_products_is_refused(catalogue, small_parameters, n_train, n_validation):
    rows = np.random.default_rng(0).permutation(len(catalogue.paths))
    train, validation = rows[:n_train], rows[n_train : n_train + n_validation]
    with pytest.raises(TrainingDataError, match="two products to learn from and one to validate"):
        fit_classifier(catalogue.features, catalogue.paths, train, validation, small_parameters)


def test_a_classifier_decides_as_its_parameters_say(catalogue, small_parameters):
    trained = _train(catalogue, replace(small_parameters, max_epochs=1, decode="greedy"))
    assert trained.decoding == "greedy"
    assert trained.predict(catalogue.features) == trained.predict(catalogue.features, decode="greedy")


def test_ids_and_platforms_are_those_of_the_products_of_each_part(catalogue, small_parameters):
    n_products = len(catalogue.paths)
    platforms = [f"shop {row % 3}" for row in range(n_products)]
    trained = _train(
        catalogue,
        replace(small_parameters, max_epochs=1),
        platforms=platforms,
        product_ids=range(500, 500 + n_products),
    )
    parts = [*trained.split.train, *trained.split.validation, *trained.split.test]
    assert sorted(parts) == list(range(500, 500 + n_products))
    assert list(trained.test.product_ids) == trained.split.test.tolist()
    assert [catalogue.paths[i - 500] for i in trained.test.product_ids] == list(trained.test.true_paths)
    assert [platforms[i - 500] for i in trained.test.product_ids] == list(trained.test.platforms)
    assert {each.platform for each in trained.report.platforms} == {"shop 0", "shop 1", "shop 2"}
    rows = np.array(trained.test.product_ids) - 500
    held_out = {name: values[rows] for name, values in catalogue.features.items()}
    assert list(trained.test.predicted) == trained.predict(held_out)


def test_platforms_of_other_products_are_refused(catalogue, small_parameters):
    with pytest.raises(ShapeError, match="platform"):
        _train(catalogue, small_parameters, platforms=["shop"])


def test_doubtful_labels_leave_the_training_part_alone(catalogue_factory, small_parameters):
    noisy = catalogue_factory(40)
    wrong = set(range(0, 40, 8))  # of the heels, some are called bags
    paths = [("bags",) if row in wrong else path for row, path in enumerate(noisy.paths)]
    parameters = replace(small_parameters, max_epochs=2)
    clean, whole = (
        train_classifier(noisy.features, paths, parameters=parameters, drop_label_errors=share) for share in (0.1, 0.0)
    )
    in_training = wrong & set(whole.split.train.tolist())
    assert in_training
    assert in_training <= set(clean.dropped) <= set(whole.split.train.tolist())
    assert len(clean.dropped) <= 15  # a tenth of 156
    assert sorted([*clean.split.train, *clean.dropped]) == whole.split.train.tolist()
    assert clean.split_sizes["train"] == len(whole.split.train) - len(clean.dropped)
    for part in ("validation", "test"):
        assert getattr(clean.split, part).tolist() == getattr(whole.split, part).tolist()
    assert whole.dropped == ()


def test_no_class_is_lost_with_its_doubtful_labels(catalogue_factory, small_parameters):
    paths = [("a",), ("b",), ("c",)]
    confused = catalogue_factory(20, noise=500.0, paths=paths)
    trained = train_classifier(
        confused.features, confused.paths, parameters=replace(small_parameters, max_epochs=1), drop_label_errors=0.5
    )
    assert trained.tree.paths == tuple(paths)


@pytest.mark.parametrize("share", [-0.1, 0.6])
def test_a_share_of_label_errors_out_of_range_is_refused(catalogue, small_parameters, share):
    with pytest.raises(TrainingDataError, match=r"from 0 to 0\.5"):
        _train(catalogue, small_parameters, drop_label_errors=share)
