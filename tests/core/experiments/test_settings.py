import pytest

from core.domain.errors import ParameterError
from core.experiments.settings import ExperimentSettings


def test_settings_come_back_from_what_json_keeps():
    settings = ExperimentSettings(seed=3, encoders=("tfidf", "aligned"), train_platforms=("shop",))
    assert ExperimentSettings.from_dict(settings.to_dict()) == settings


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"seed": -1}, "seed expected a whole number of at least 0"),
        ({"seeds": 0}, "seeds expected a whole number of at least 1"),
        ({"max_epochs": 1.5}, "max_epochs expected a whole number"),
        ({"folds": True}, "folds expected a whole number"),
        ({"modalities": ["smell"]}, "There is no modality 'smell'"),
        ({"rare_paths": "hide"}, "rare_paths expected a known treatment"),
        ({"duplicates": "lost"}, "duplicates expected a known treatment"),
        ({"encoders": "tfidf"}, "encoders expected names"),
        ({"train_platforms": ["a", "a"]}, "expected each name once"),
        ({"sead": 1}, "There is no setting 'sead'"),
    ],
)
def test_a_wrong_setting_is_named(values, expected):
    with pytest.raises(ParameterError, match=expected):
        ExperimentSettings.from_dict(values)


def test_every_seed_is_run_from_the_first_on():
    assert list(ExperimentSettings(seed=4, seeds=3).all_seeds) == [4, 5, 6]
