import math

import pytest

from core.classifier.decoding import DECODERS
from core.classifier.parameters import DECODINGS, TrainingParameters
from core.domain.classifier import Fusion
from core.domain.errors import TrainingDataError


@pytest.mark.parametrize("name", ["fusion", "decode"])
def test_an_unknown_name_lists_the_valid_ones(name):
    with pytest.raises(TrainingDataError, match="middling") as fault:
        TrainingParameters(**{name: "middling"})
    for valid in {"fusion": list(Fusion), "decode": DECODINGS}[name]:
        assert valid in fault.value.remedy


@pytest.mark.parametrize(
    "wrong",
    [
        {"logit_adjustment": -0.1},
        {"logit_adjustment": math.inf},
        {"logit_adjustment": math.nan},
        {"averaged_epochs": -1.0},
        {"label_smoothing": -0.1},
        {"class_balance": 1.0},
        {"shared_width": 0},
        {"seed": -1},
    ],
)
def test_a_value_out_of_range_is_named(wrong):
    with pytest.raises(TrainingDataError, match=next(iter(wrong))) as fault:
        TrainingParameters(**wrong)
    assert fault.value.remedy


def test_options_combine_freely():
    TrainingParameters(
        fusion="attention",
        class_balance=0.9,
        logit_adjustment=2.0,
        label_smoothing=0.1,
        is_masked=False,
        decode="greedy",
    )


def test_every_decoding_that_may_be_named_exists():
    assert set(DECODINGS) == set(DECODERS)
