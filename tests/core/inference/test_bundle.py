import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.errors import AppError, EncoderUnavailableError, ModelNotFoundError
from core.inference.bundle import BUNDLE_FILE, ModelBundle, artefact_nodes, load_bundle, save_bundle


@pytest.fixture(scope="module")
def exported(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "model"
    save_bundle(world.bundle, folder)
    return folder


@pytest.fixture
def copy(exported, tmp_path):
    return Path(shutil.copytree(exported, tmp_path / "copy"))


def test_a_bundle_survives_pickle_and_json(world):
    assert pickle.loads(pickle.dumps(world.bundle)) == world.bundle
    assert ModelBundle.from_dict(json.loads(json.dumps(world.bundle.to_dict()))) == world.bundle


def test_an_exported_bundle_says_the_same_and_points_into_its_own_folder(world, copy):
    bundle = load_bundle(copy)
    assert bundle.fingerprint == world.bundle.fingerprint
    assert (bundle.model_id, bundle.node_paths, bundle.escalate_below) == (7, world.bundle.node_paths, 0.5)
    places = [bundle.full_stage, bundle.text_stage, *bundle.encoders.values()]
    assert all(Path(place).is_relative_to(copy) for place in places)
    assert set(bundle.encoders) == set(world.bundle.encoders)


def test_a_bundle_is_exported_to_where_one_stands(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_bundle(world.bundle, Path())
    assert load_bundle(tmp_path).fingerprint == world.bundle.fingerprint


def test_a_bundle_without_a_text_stage_is_exported_without_one(world, tmp_path):
    save_bundle(replace(world.bundle, text_stage=None, escalate_below=None), tmp_path / "full-only")
    assert load_bundle(tmp_path / "full-only").text_stage is None
    assert not (tmp_path / "full-only" / "text").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"escalate_below": 0.6},
        {"escalate_below": None},
        {"stop_below": 0.2},
        {"text_stage": None},
        {"node_paths": {"shoes": ("Footwear",)}},
    ],
)
def test_what_changes_predictions_changes_the_fingerprint(world, change):
    assert replace(world.bundle, **change).fingerprint != world.bundle.fingerprint


def test_other_weights_change_the_fingerprint(world):
    assert replace(world.bundle, full_stage=world.bundle.text_stage).fingerprint != world.bundle.fingerprint


def test_a_bundle_of_missing_files_has_no_fingerprint(world, tmp_path):
    with pytest.raises(ModelNotFoundError):
        _ = replace(world.bundle, full_stage=str(tmp_path / "gone")).fingerprint
    with pytest.raises(EncoderUnavailableError):
        _ = replace(world.bundle, encoders={"title": str(tmp_path / "gone")}).fingerprint


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("full/model.safetensors", ModelNotFoundError),
        ("text/config.json", ModelNotFoundError),
        ("encoders/title/tfidf.safetensors", EncoderUnavailableError),
        ("encoders/image/weights.safetensors", EncoderUnavailableError),
        (BUNDLE_FILE, ModelNotFoundError),
    ],
)
@pytest.mark.parametrize("is_gone", [True, False])
def test_a_missing_or_damaged_file_is_refused_with_a_remedy(copy, name, fault, is_gone):
    path = copy / name
    if is_gone:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(fault) as refused:
        load_bundle(copy)
    assert refused.value.remedy


def test_a_bundle_that_points_outside_its_folder_is_refused(copy):
    facts = json.loads((copy / BUNDLE_FILE).read_text(encoding="utf-8"))
    facts["bundle"]["full_stage"] = "../full"
    (copy / BUNDLE_FILE).write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(ModelNotFoundError):
        load_bundle(copy)


def test_an_earlier_bundle_is_replaced_and_anything_else_is_left_alone(world, copy, tmp_path):
    save_bundle(replace(world.bundle, stop_below=0.3), copy)
    assert load_bundle(copy).stop_below == 0.3
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(AppError):
        save_bundle(world.bundle, mine)
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]


def test_an_export_that_fails_leaves_nothing_behind(world, tmp_path):
    broken = replace(world.bundle, encoders={**world.bundle.encoders, "brand": str(tmp_path / "gone")})
    with pytest.raises(EncoderUnavailableError):
        save_bundle(broken, tmp_path / "out" / "model")
    assert not list((tmp_path / "out").iterdir())


def test_the_nodes_of_an_artefact_are_read_without_its_weights(world, tmp_path):
    assert set(artefact_nodes(Path(world.bundle.full_stage))) == {("shoes", "boots"), ("shoes", "heels"), ("bags",)}
    with pytest.raises(ModelNotFoundError):
        artefact_nodes(tmp_path)
