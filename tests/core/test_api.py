import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.api import LoadedModel, load_model
from core.domain.errors import CatalogueFormatError, ModelNotFoundError, ParameterError
from core.inference.bundle import save_bundle
from core.inference.two_stage import TwoStageClassifier
from core.services.model_bundle import bundle_of, export_model

README = Path(__file__).parents[2] / "README.md"
ALL = 1.01


@pytest.fixture(scope="module")
def exported(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("api") / "model"
    save_bundle(world.bundle, folder)
    return folder


@pytest.fixture(scope="module")
def model(exported):
    return load_model(exported)


@pytest.fixture(scope="module")
def frame(world):
    rows = [(p.title, p.brand, p.description, p.image_ref) for p in world.products]
    labels = [f"row {product.row}" for product in world.products]
    return pd.DataFrame(rows, columns=["Product Name", "Brand", "description", "image_file"], index=labels)


@pytest.fixture(scope="module")
def folder_of_pictures(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for name, content in world.pictures.items():
        (folder / name).write_bytes(content)
    return folder


def test_a_table_gets_its_paths_under_its_own_index(model, frame, world):
    result = model.classify(frame)
    assert list(result.columns) == [
        "path", "confidence", "stage", "level_1", "level_2", "reason", "note",
    ]  # fmt: skip
    assert result.index.equals(frame.index)
    true = [" > ".join(world.bundle.node_paths[path[-1]]) for path in world.paths]
    assert (result["path"] == true).mean() > 0.9
    assert result["confidence"].between(0, 1).all()
    joined = result["level_1"].where(result["level_2"] == "", result["level_1"] + " > " + result["level_2"])
    assert (joined == result["path"]).all()
    assert list(frame.columns) == ["Product Name", "Brand", "description", "image_file"]


def test_pictures_are_looked_at_where_they_are_given(model, frame, world, folder_of_pictures):
    result = model.classify(frame, images=folder_of_pictures, escalate_below=ALL)
    expected = TwoStageClassifier.load(world.bundle).classify(world.products, world.read, ALL)
    assert result["path"].tolist() == [" > ".join(said.names) for said in expected]
    assert result["confidence"].tolist() == pytest.approx([said.confidence for said in expected], abs=1e-5)
    assert set(result["stage"]) == {2}
    assert not result["note"].any()
    lost = model.classify(frame.assign(image_file="lost.png"), images=str(folder_of_pictures), escalate_below=ALL)
    assert lost["note"].str.contains("lost.png").all()
    assert (lost["stage"] == 2).all()


def test_a_row_without_a_title_keeps_its_place_and_cells_may_hold_anything(model):
    frame = pd.DataFrame({"title": ["leather boot 3", None, 7.5, "<b>leather&nbsp;boot</b> 3"], "brand": [np.nan] * 4})
    result = model.classify(frame, escalate_below=0)
    assert result["reason"].tolist() == ["", "missing title", "", ""]
    assert result["stage"].tolist() == [1, 0, 1, 1]
    assert result["path"][1] == ""
    assert result.loc[0, ["path", "confidence"]].tolist() == result.loc[3, ["path", "confidence"]].tolist()


def test_equal_rows_are_all_classified(model):
    result = model.classify(pd.DataFrame({"title": ["canvas bag 1"] * 3, "id": [1, 1, 1]}, index=[5, 5, 5]))
    assert result.index.tolist() == [5, 5, 5]
    assert result["path"].nunique() == 1
    assert result["path"].iloc[0] == "Bags"


def test_an_empty_table_gives_an_empty_table(model, frame):
    assert list(model.classify(frame.iloc[:0]).columns) == list(model.classify(frame.iloc[:1]).columns)


@pytest.mark.parametrize(
    ("table", "options", "fault"),
    [
        ([{"title": "boot"}], {}, CatalogueFormatError),
        (pd.DataFrame({"colour": ["red"]}), {}, CatalogueFormatError),
        (pd.DataFrame([["a", "b"]], columns=["title", "title"]), {}, CatalogueFormatError),
        (pd.DataFrame({"title": ["boot"]}), {"images": "."}, CatalogueFormatError),
        (pd.DataFrame({"title": ["boot"], "image": ["a.png"]}), {"images": "/nowhere"}, CatalogueFormatError),
        (pd.DataFrame({"title": ["boot"]}), {"escalate_below": -1}, ParameterError),
        (pd.DataFrame({"title": ["boot"]}), {"escalate_below": float("nan")}, ParameterError),
    ],
)
def test_bad_input_is_refused_with_a_remedy(model, table, options, fault):
    with pytest.raises(fault) as refused:
        model.classify(table, **options)
    assert refused.value.remedy


def test_a_model_says_what_it_is(model, world):
    assert repr(model) == (
        "<LoadedModel 7: 4 categories, text, then the full model where the text stage is less than 50 % sure>"
    )
    assert "taxonomy version 3" in model.describe()
    assert "brand, description, image, title" in model.describe()
    alone = LoadedModel(replace(world.bundle, text_stage=None, escalate_below=None))
    assert "one, the full model" in repr(alone)


def test_what_is_not_there_is_refused_with_a_remedy(tmp_path, monkeypatch, exported):
    with pytest.raises(ModelNotFoundError):
        load_model(tmp_path)
    with pytest.raises(ParameterError):
        load_model(exported, model_id=1)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("SHELFWISE_HOME", str(tmp_path / "mistyped"))
    with pytest.raises(ModelNotFoundError, match="mistyped"):
        load_model()
    assert not (tmp_path / "mistyped").exists()


def test_the_workspaces_model_is_the_one_in_use_and_travels(trained, monkeypatch, tmp_path):
    monkeypatch.setenv("SHELFWISE_HOME", str(trained.workspace.home))
    products = pd.DataFrame({"title": ["Red leather stilettos", "Canvas sneaker"]})
    here = load_model()
    assert here.bundle == bundle_of(trained)
    export_model(trained, 1, tmp_path / "away")
    away = load_model(tmp_path / "away")
    assert away.bundle.fingerprint == here.bundle.fingerprint
    pd.testing.assert_frame_equal(away.classify(products), here.classify(products))
    with pytest.raises(ModelNotFoundError):
        load_model(model_id=99)


def test_the_command_exports_a_model(trained, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("SHELFWISE_HOME", str(trained.workspace.home))
    words = ["python -m core", "models", "export", "1", str(tmp_path / "model"), "--json"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert not ended.value.code
    assert said["fingerprint"] == load_model(said["folder"]).bundle.fingerprint == bundle_of(trained).fingerprint


def test_the_readmes_lines_work(trained, monkeypatch, capsys):
    section = README.read_text(encoding="utf-8").partition("## From Python")[2]
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]
    monkeypatch.setenv("SHELFWISE_HOME", str(trained.workspace.home))
    names = {}
    exec(code, names)
    assert "Red leather stilettos" in capsys.readouterr().out
    assert (names["result"]["path"] != "").all()
