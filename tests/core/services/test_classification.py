"""Classifying a file: one row out for each row in, whatever the rows hold."""

import csv
import json
import os
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select, update

from core.domain.errors import CatalogueFormatError, JobCancelledError, ModelNotFoundError, ParameterError
from core.domain.product import format_path
from core.domain.progress import NullProgress
from core.services.classification import classify_file
from core.services.context import Context
from core.services.escalation import ALWAYS, NEVER
from core.services.models import retire_model, set_stop_below
from core.services.predictions import nodes_for_choice
from core.services.review import undo
from core.taxonomy.tree import Taxonomy
from db.models import ModelRow, PredictionRow, ProductRow
from db.repositories.taxonomy import load_nodes


def classify(context: Context, file_path: Path, images: Path | None = None, **options: Any) -> list[dict[str, str]]:
    output = context.workspace.home / "out" / "classified.csv"
    result = classify_file(context, file_path, images, output, NullProgress(), **options)
    with output.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        own = reader.fieldnames[reader.fieldnames.index("product_id") :]
        assert own[:4] == ["product_id", "path", "confidence", "stage"]
        assert reader.fieldnames[-2:] == ["reason", "note"]
        rows = list(reader)
    assert result.n_rows == len(rows) == result.n_classified + result.n_failed
    return rows


def test_rows_come_out_in_order_duplicates_and_rows_without_a_title_too(trained, write_csv):
    rows = [
        {"sku": "9", "title": "Leather ankle boots"}, {"sku": "3", "title": "Canvas backpack"},
        {"sku": "9", "title": "Leather ankle boots"}, {"sku": "7", "title": ""}, {"sku": "", "title": "Summer dress"},
    ]  # fmt: skip
    found = classify(trained, write_csv(rows))
    assert [row["product_id"] for row in found] == ["9", "3", "9", "7", "5"]
    assert found[0] == found[2]
    assert (found[3]["path"], float(found[3]["confidence"]), found[3]["stage"]) == ("", 0.0, "0")
    assert found[3]["reason"] == "missing title"
    paths = {path for _, path in nodes_for_choice(trained)}
    for row in (found[0], found[1], found[4]):
        assert row["path"] in paths
        assert 0 < float(row["confidence"]) <= 1
        assert row["stage"] in ("1", "2")
        levels = [row[name] for name in row if name.startswith("level_")]
        assert format_path([name for name in levels if name]) == row["path"]
        assert row["reason"] == ""


@pytest.mark.parametrize("is_full", [False, True])
def test_a_file_of_known_products_is_classified_as_they_were_predicted(trained, small_catalogue, is_full):
    """The same titles and pictures through the same stage: a file must not go another way than the catalogue."""
    threshold = ALWAYS if is_full else NEVER
    rows = classify(trained, small_catalogue.csv_path, small_catalogue.images_dir, escalate_below=threshold)
    table = pd.read_csv(small_catalogue.csv_path, dtype=str, keep_default_na=False)
    assert [row["product_id"] for row in rows] == table["product_id"].tolist()
    with trained.database.read() as session:
        taxonomy = Taxonomy(load_nodes(session))
        query = select(PredictionRow, ProductRow).join(ProductRow, ProductRow.id == PredictionRow.product_id)
        predicted = {(product.platform, product.external_id, product.title): row for row, product in
                     session.execute(query)}  # fmt: skip
    n_compared = 0
    for row, platform, title in zip(rows, table["platform"], table["title"], strict=True):
        said = predicted.get((platform, row["product_id"], title))
        if said is not None:
            n_compared += 1
            node_id, confidence = (
                (said.node_id, said.confidence) if is_full else (said.text_node_id, said.text_confidence)
            )
            assert (row["path"], row["stage"]) == (format_path(taxonomy.names(node_id)), "2" if is_full else "1")
            assert float(row["confidence"]) == pytest.approx(confidence, abs=0.01)
    assert n_compared > 200


def test_what_was_learned_is_found_again(trained, small_catalogue):
    """The model saw most of these rows: nearly all must come out below their own category."""
    rows = classify(trained, small_catalogue.csv_path, small_catalogue.images_dir)
    table = pd.read_csv(small_catalogue.csv_path, dtype=str, keep_default_na=False)
    compared = [
        row["path"].startswith(category) for row, category in zip(rows, table["category"], strict=True) if row["path"]
    ]
    assert sum(compared) > 0.85 * len(compared)


def test_pictures_that_are_missing_or_broken_do_not_matter(trained, write_csv, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "broken.jpg").write_text("no picture", encoding="utf-8")
    rows = [{"title": "Ankle boot", "image": name} for name in ("broken.jpg", "absent.jpg", "")]
    found = classify(trained, write_csv(rows), folder)
    assert len({row["path"] for row in found}) == 1
    assert found[0]["path"]


def test_a_row_is_known_by_what_an_import_would_know_it_by(trained, write_csv):
    rows = [{"gtin": "400", "url": "https://shop.example/1", "title": "Boot"},
            {"gtin": "", "url": "https://shop.example/2", "title": "Boot"}]  # fmt: skip
    assert [row["product_id"] for row in classify(trained, write_csv(rows))] == ["400", "https://shop.example/2"]


def test_a_file_of_untitled_rows_is_no_fault(trained, write_csv):
    found = classify(trained, write_csv([{"sku": "1", "title": " "}, {"sku": "2", "title": "-"}]))
    assert [row["path"] for row in found] == ["", ""]


def test_paths_follow_the_taxonomy_as_it_is_now(trained, small_catalogue):
    assert any("kind" in row["path"] for row in classify(trained, small_catalogue.csv_path))
    undo(trained, 1, "Ada")
    assert not any("kind" in row["path"] for row in classify(trained, small_catalogue.csv_path))


def test_a_file_without_titles_or_a_workspace_without_a_model_is_refused(trained, discovered, write_csv):
    output = trained.workspace.home / "out.csv"
    with pytest.raises(CatalogueFormatError, match="title"):
        classify_file(trained, write_csv([{"sku": "1", "price": "2"}]), None, output, NullProgress())
    retire_model(trained, 1, "Ada")
    for context in (trained, discovered):
        with pytest.raises(ModelNotFoundError) as caught:
            classify_file(context, write_csv([{"title": "Boot"}]), None, output, NullProgress())
        assert "Retrain" in caught.value.remedy
    assert not output.exists()


def test_a_row_that_cannot_be_read_keeps_its_place_without_a_path(trained, tmp_path):
    file_path = tmp_path / "ragged.csv"
    lines = ["product_id,title,brand", "a,Leather ankle boots,Nordvik", "b,Red,dress,with,far,too,many,fields,in,it",
             "c,Canvas backpack,Nordvik"]  # fmt: skip
    file_path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = classify(trained, file_path)
    assert [row["product_id"] for row in found] == ["a", "2", "c"]
    assert [bool(row["path"]) for row in found] == [True, False, True]
    assert [bool(row["reason"]) for row in found] == [False, True, False]


def test_paths_end_where_the_model_stops_for_being_unsure(trained, small_catalogue):
    whole = classify(trained, small_catalogue.csv_path)
    set_stop_below(trained, 1, 0.999, "Ada")
    stopped = classify(trained, small_catalogue.csv_path)
    n_shorter = 0
    for before, after in zip(whole, stopped, strict=True):
        assert bool(before["path"]) == bool(after["path"])
        assert before["path"].startswith(after["path"])
        if after["path"] != before["path"]:
            n_shorter += 1
            assert float(after["confidence"]) >= float(before["confidence"])
            assert float(before["confidence"]) < 0.999
    assert n_shorter > 0


def test_the_columns_of_the_input_come_out_too(trained, write_csv):
    rows = [{"sku": "9", "title": "Leather ankle boots", "price": "=1+1"}, {"sku": "3", "title": "", "price": "2"}]
    found = classify(trained, write_csv(rows), keep_columns=True)
    assert [(row["sku"], row["title"]) for row in found] == [("9", "Leather ankle boots"), ("3", "")]
    assert [row["price"] for row in found] == ["'=1+1", "2"]
    assert [row["product_id"] for row in found] == ["9", "3"]


def test_columns_are_read_as_they_were_mapped(trained, write_csv):
    rows = [{"what it is": "Leather ankle boots", "name": "7"}]
    by_title = classify(trained, write_csv([{"title": "Leather ankle boots"}]))
    mapped = classify(trained, write_csv(rows), mapping={"title": "what it is", "product_id": "name"})
    assert (mapped[0]["path"], mapped[0]["product_id"]) == (by_title[0]["path"], "7")


def test_a_finished_run_leaves_nothing_and_a_cancelled_one_goes_on(trained, small_catalogue):
    class CancelsAtTheEnd:
        def report(self, fraction: float, message: str = "", **metrics: float) -> None:
            if fraction > 0.9:
                raise JobCancelledError

    class Remembers:
        def __init__(self) -> None:
            self.messages: list[str] = []

        def report(self, fraction: float, message: str = "", **metrics: float) -> None:
            self.messages.append(message)

    batches, output = trained.workspace.batches, trained.workspace.home / "out.csv"
    with pytest.raises(JobCancelledError):
        classify_file(trained, small_catalogue.csv_path, None, output, CancelsAtTheEnd())
    assert (len(list(batches.glob("*"))), output.exists()) == (1, False)
    heard = Remembers()
    result = classify_file(trained, small_catalogue.csv_path, None, output, heard)
    assert any(message.startswith("Going on with 0") for message in heard.messages)
    assert list(batches.glob("*")) == []
    with output.open(newline="", encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) == result.n_rows == 228


def test_the_parts_of_runs_given_up_long_ago_are_removed(trained, write_csv):
    old, young = (trained.workspace.batches / name for name in ("old", "young"))
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "plan.json").write_text(json.dumps({}), encoding="utf-8")
    long_ago = time.time() - 8 * 86_400
    for item in (old / "plan.json", old):
        os.utime(item, (long_ago, long_ago))
    classify(trained, write_csv([{"title": "Ankle boot"}]))
    assert (old.exists(), young.exists()) == (False, True)


def test_a_threshold_is_refused_where_the_model_has_no_text_stage(trained, write_csv):
    with trained.database.write() as session:
        config = dict(session.get_one(ModelRow, 1).config)
        del config["text_stage"]
        session.execute(update(ModelRow).values(config=config, escalate_below=None))
    file_path = write_csv([{"title": "Ankle boot"}])
    with pytest.raises(ParameterError, match="no text stage"):
        classify(trained, file_path, escalate_below=NEVER)
    assert classify(trained, file_path, escalate_below=ALWAYS)[0]["stage"] == "2"


@pytest.mark.parametrize("threshold", [-0.1, float("nan"), float("inf")])
def test_a_threshold_that_is_none_is_refused(trained, write_csv, threshold):
    """By a threshold that is no number nothing would go on to the full model, silently."""
    with pytest.raises(ParameterError, match="at least 0"):
        classify(trained, write_csv([{"title": "Canvas backpack"}]), escalate_below=threshold)
