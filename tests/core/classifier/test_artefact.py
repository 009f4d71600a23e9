import json

import pytest
import torch

from core.classifier.artefact import CONFIG_FILE, WEIGHTS_FILE, load_classifier, save_classifier
from core.domain.errors import ModelNotFoundError


@pytest.fixture
def folder(trained, tmp_path):
    save_classifier(tmp_path / "models" / "1", trained, {"encoders": {"title": "tfidf"}})
    return tmp_path / "models" / "1"


def test_a_loaded_classifier_predicts_exactly_the_same(folder, trained, catalogue):
    loaded = load_classifier(folder)
    assert loaded.predict(catalogue.features) == trained.predict(catalogue.features)


def test_everything_known_about_it_comes_back(folder, trained):
    loaded = load_classifier(folder)
    for name in ("temperatures", "parameters", "dimensions", "metrics", "node_metrics", "split_sizes", "curve"):
        assert getattr(loaded, name) == getattr(trained, name), name
    assert loaded.tree.levels == trained.tree.levels
    assert loaded.extra_config == {"encoders": {"title": "tfidf"}}


def test_loading_leaves_torchs_generator_alone(folder):
    before = torch.get_rng_state()
    load_classifier(folder)
    assert torch.equal(torch.get_rng_state(), before)


def test_an_artefact_is_two_files_and_nothing_is_left_beside_it(folder):
    assert {file_path.name for file_path in folder.iterdir()} == {WEIGHTS_FILE, CONFIG_FILE}
    assert list(folder.parent.iterdir()) == [folder]


def test_saving_again_replaces_the_artefact(folder, trained):
    save_classifier(folder, trained, {"note": "second"})
    assert load_classifier(folder).extra_config == {"note": "second"}
    assert list(folder.parent.iterdir()) == [folder]


def _flip_last_byte(folder):
    content = bytearray((folder / WEIGHTS_FILE).read_bytes())
    content[-1] ^= 1
    (folder / WEIGHTS_FILE).write_bytes(content)


def _change_temperature(folder):
    config = json.loads((folder / CONFIG_FILE).read_text())
    config["temperatures"][0] += 1
    (folder / CONFIG_FILE).write_text(json.dumps(config))


def _cut_config(folder):
    text = (folder / CONFIG_FILE).read_text()
    (folder / CONFIG_FILE).write_text(text[: len(text) // 2])


def _empty_config(folder):
    (folder / CONFIG_FILE).write_text("{}")


def _list_config(folder):
    (folder / CONFIG_FILE).write_text("[]")


def _later_format(folder):
    config = json.loads((folder / CONFIG_FILE).read_text())
    (folder / CONFIG_FILE).write_text(json.dumps(config | {"format_version": 99}))


@pytest.mark.parametrize(
    "damage", [_flip_last_byte, _change_temperature, _cut_config, _empty_config, _list_config, _later_format]
)
def test_a_damaged_artefact_is_refused_with_what_to_do(folder, damage):
    damage(folder)
    with pytest.raises(ModelNotFoundError) as fault:
        load_classifier(folder)
    assert str(folder) in fault.value.message
    assert "Train again" in fault.value.remedy


@pytest.mark.parametrize("name", [WEIGHTS_FILE, CONFIG_FILE])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelNotFoundError, match=name):
        load_classifier(folder)


def test_a_missing_folder_is_no_classifier(tmp_path):
    with pytest.raises(ModelNotFoundError):
        load_classifier(tmp_path / "nothing")
