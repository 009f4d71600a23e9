import hashlib
import json
import pickle
from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import save

from core.classifier.artefact import CONFIG_FILE, WEIGHTS_FILE, load_classifier, save_classifier
from core.classifier.held_out import SPLIT_FILE, TEST_FILE
from core.classifier.report_file import METRICS_FILE
from core.classifier.training import train_classifier
from core.domain.errors import ModelNotFoundError

FILES = {WEIGHTS_FILE, CONFIG_FILE, METRICS_FILE, SPLIT_FILE, TEST_FILE}


@pytest.fixture(scope="module")
def trained(catalogue, small_parameters):
    """Trained on products with ids and platforms, a few epochs."""
    n_products = len(catalogue.paths)
    return train_classifier(
        catalogue.features,
        catalogue.paths,
        parameters=replace(small_parameters, max_epochs=3, decode="greedy"),
        platforms=["shop", "market"] * (n_products // 2),
        product_ids=range(1000, 1000 + n_products),
    )


@pytest.fixture
def folder(trained, tmp_path):
    save_classifier(tmp_path / "models" / "1", trained, {"encoders": {"title": "tfidf"}}, taxonomy_version=7)
    return tmp_path / "models" / "1"


def test_a_loaded_classifier_predicts_exactly_the_same(folder, trained, catalogue):
    loaded = load_classifier(folder)
    assert loaded.predict(catalogue.features) == trained.predict(catalogue.features)


def test_everything_known_about_it_comes_back(folder, trained):
    loaded = load_classifier(folder)
    for name in ("temperatures", "parameters", "dimensions", "decoding", "report", "split_sizes", "curve", "test"):
        assert getattr(loaded, name) == getattr(trained, name), name
    for part in ("train", "validation", "test"):
        assert getattr(loaded.split, part).tolist() == getattr(trained.split, part).tolist()
    assert loaded.tree.levels == trained.tree.levels
    assert loaded.extra_config == {"encoders": {"title": "tfidf"}}


def test_loading_leaves_torchs_generator_alone(folder):
    before = torch.get_rng_state()
    load_classifier(folder)
    assert torch.equal(torch.get_rng_state(), before)


def test_people_and_other_programs_can_read_it(folder, trained):
    config, metrics, split = (
        json.loads((folder / name).read_text()) for name in (CONFIG_FILE, METRICS_FILE, SPLIT_FILE)
    )
    assert (config["format_version"], config["taxonomy_version"]) == (2, 7)
    assert metrics["metrics"]["hierarchical_f1"] == trained.metrics.hierarchical_f1
    assert {len(split[part]) for part in split} == {156, 36, 48, 0}
    parts = [split[part] for part in ("train", "validation", "test")]
    assert sorted(product_id for part in parts for product_id in part) == list(range(1000, 1240))
    assert sorted(trained.test.product_ids) == sorted(split["test"])


def test_an_artefact_is_its_files_and_nothing_is_left_beside_it(folder):
    assert {file_path.name for file_path in folder.iterdir()} == FILES
    assert list(folder.parent.iterdir()) == [folder]


def test_saving_again_replaces_the_artefact(folder, trained):
    save_classifier(folder, trained, {"note": "second"})
    assert load_classifier(folder).extra_config == {"note": "second"}
    assert list(folder.parent.iterdir()) == [folder]


def _flip_last_byte(folder, name=WEIGHTS_FILE):
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)


@pytest.mark.parametrize("name", sorted(FILES - {CONFIG_FILE}))
def test_a_file_that_changed_is_refused_by_its_name(folder, name):
    _flip_last_byte(folder, name)
    with pytest.raises(ModelNotFoundError, match=f"{name} is not the file") as fault:
        load_classifier(folder)
    assert "Train again" in fault.value.remedy


def _with_valid_checksums(folder, config):
    config["sha256"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in config["sha256"]}
    rest = {key: value for key, value in config.items() if key != "config_sha256"}
    config["config_sha256"] = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
    (folder / CONFIG_FILE).write_text(json.dumps(config))


class Trap:
    """What a pickle would run when it is read."""

    sprung = False

    def __reduce__(self):
        return setattr, (Trap, "sprung", True)


@pytest.mark.parametrize("name", sorted(FILES - {CONFIG_FILE}))
def test_a_pickle_in_place_of_a_file_is_refused_and_never_run(folder, name):
    (folder / name).write_bytes(pickle.dumps(Trap()))
    _with_valid_checksums(folder, json.loads((folder / CONFIG_FILE).read_text()))
    with pytest.raises(ModelNotFoundError):
        load_classifier(folder)
    assert not Trap.sprung


def test_a_file_outside_the_artefact_is_never_opened(folder, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    config = json.loads((folder / CONFIG_FILE).read_text())
    config["sha256"]["../../secret"] = ""
    _with_valid_checksums(folder, config)
    with pytest.raises(ModelNotFoundError, match="none of a classifier"):
        load_classifier(folder)


def _write_early_format(folder, trained):
    """As the first version wrote it: two files, and the parameters that it knew."""
    folder.mkdir(parents=True)
    weights = save(trained.model.state_dict())
    later = {"logit_adjustment", "averaged_epochs", "is_masked", "decode"}
    config = {
        "format_version": 1,
        "tree": trained.tree.to_dict(),
        "temperatures": list(trained.temperatures),
        "parameters": {name: value for name, value in asdict(trained.parameters).items() if name not in later},
        "seed": 0,
        "dimensions": trained.dimensions,
        "split_sizes": trained.split_sizes,
        "metrics": asdict(trained.metrics),
        "node_metrics": [asdict(node) for node in trained.node_metrics],
        "curve": list(trained.curve),
        "extra": {"encoders": {}},
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
    }
    config = json.loads(json.dumps(config))
    config["config_sha256"] = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()
    (folder / WEIGHTS_FILE).write_bytes(weights)
    (folder / CONFIG_FILE).write_text(json.dumps(config))


def test_an_artefact_of_the_first_format_still_predicts(trained, catalogue, tmp_path):
    _write_early_format(tmp_path / "early", trained)
    loaded = load_classifier(tmp_path / "early")
    assert loaded.predict(catalogue.features, "greedy") == trained.predict(catalogue.features)
    assert (loaded.metrics, loaded.node_metrics) == (trained.metrics, trained.node_metrics)
    assert (loaded.split, loaded.test, loaded.report.confusions) == (None, None, ())


def test_a_damaged_artefact_of_the_first_format_is_refused(trained, tmp_path):
    _write_early_format(tmp_path / "early", trained)
    _flip_last_byte(tmp_path / "early")
    with pytest.raises(ModelNotFoundError, match=WEIGHTS_FILE):
        load_classifier(tmp_path / "early")


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


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelNotFoundError, match=name):
        load_classifier(folder)


def test_a_missing_folder_is_no_classifier(tmp_path):
    with pytest.raises(ModelNotFoundError):
        load_classifier(tmp_path / "nothing")
