from dataclasses import replace

import numpy as np
import pytest

from core.classifier.text_stage import has_text_stage, light, train_text_stage
from core.classifier.training import Examples, train_classifier
from core.domain.classifier import Fusion
from core.domain.errors import TrainingDataError


class Told:
    """Keeps what was reported."""

    def __init__(self):
        self.messages, self.figures, self.fractions = [], [], []

    def report(self, fraction, message="", **metrics):
        self.fractions.append(fraction)
        self.messages.append(message)
        self.figures += [metrics] if metrics else []


@pytest.fixture(scope="module")
def examples(catalogue):
    ids = 1000 + np.arange(len(catalogue.paths))
    platforms = ["own" if number % 3 else "other" for number in range(len(ids))]
    return Examples(catalogue.features, catalogue.paths, ids, platforms)


@pytest.fixture(scope="module")
def full(examples, small_parameters):
    return full_model(examples, replace(small_parameters, max_epochs=3))


def full_model(examples, parameters):
    return train_classifier(examples.features, examples.paths, parameters=parameters, platforms=examples.platforms,
                            product_ids=examples.ids.tolist())  # fmt: skip


def test_its_epochs_stay_out_of_the_curve_and_its_messages_name_it(full, examples):
    told = Told()
    stage = train_text_stage(full, examples, told)
    assert told.figures == []
    assert len(stage.trained.curve) == 3
    assert "Training the text stage: epoch 2 of at most 3" in told.messages
    assert told.fractions == sorted(told.fractions)
    assert told.fractions[-1] == 1.0


def test_it_is_tested_on_the_test_part_of_the_full_model(full, examples):
    stage = train_text_stage(full, examples)
    assert stage.trained.test.product_ids == full.test.product_ids
    assert stage.trained.test.true_paths == full.test.true_paths
    assert stage.trained.test.platforms == full.test.platforms
    assert stage.escalation.n_products == full.metrics.n_products
    for point, metrics in ((stage.escalation.text_only, stage.trained.metrics), (stage.escalation.full, full.metrics)):
        assert point.hierarchical_f1 == pytest.approx(metrics.hierarchical_f1)
        assert point.share_right == pytest.approx(metrics.exact_path_accuracy)
    assert stage.escalation.text_calibration_error == stage.trained.metrics.expected_calibration_error


def test_the_same_data_give_the_same_text_stage(full, examples):
    first, second = (train_text_stage(full, examples) for _ in range(2))
    assert first.escalation == second.escalation
    assert first.trained.curve == second.trained.curve


def test_pictures_make_no_difference_to_it(full, examples):
    others = {**examples.features, "image": examples.features["image"][::-1].copy()}
    first, second = (train_text_stage(full, each) for each in (examples, replace(examples, features=others)))
    assert first.trained.test.predicted == second.trained.test.predicted


@pytest.mark.parametrize("fusion", list(Fusion))
def test_every_fusion_has_a_text_stage_even_of_one_text(examples, small_parameters, fusion):
    full = full_model(examples, replace(small_parameters, max_epochs=1, fusion=fusion))
    stage = train_text_stage(full, examples)
    assert set(stage.trained.dimensions) == {"title"}
    assert stage.trained.parameters.fusion == fusion


def test_a_full_model_that_does_not_say_what_taught_it_is_refused(full, examples):
    with pytest.raises(TrainingDataError, match="which products taught it"):
        train_text_stage(replace(full, split=None), examples)


def test_the_lightest_text_stage_still_has_a_width(small_parameters):
    least = light(replace(small_parameters, modality_width=1, shared_width=1, level_width=1))
    assert (least.modality_width, least.shared_width, least.level_width) == (1, 1, 1)


@pytest.mark.parametrize(
    ("modalities", "expected"),
    [({"image", "title"}, True), ({"image", "brand"}, True), ({"image"}, False), ({"title", "description"}, False),
     ({"image", "title_words"}, False)],
)  # fmt: skip
def test_there_is_a_text_stage_where_there_are_pictures_to_spare(modalities, expected):
    assert has_text_stage(dict.fromkeys(modalities)) is expected
