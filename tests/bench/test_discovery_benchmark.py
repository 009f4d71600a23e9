"""The benchmark on a small drawn catalogue whose subtypes are written into its paths, then hidden."""

import csv
import json
import zipfile
from pathlib import Path

import pytest

from bench.discovery import main
from bench.discovery_methods import ProductMethod, split_set
from bench.discovery_records import current_versions
from bench.discovery_workspace import hidden_categories, open_hidden, read_products
from core.domain.errors import AppError, EncoderUnavailableError

SHOES = "Apparel & Accessories > Shoes"


@pytest.fixture(scope="module")
def data(small_catalogue, tmp_path_factory):
    """A folder like that of the fashion pack: three-level paths, pictures in a zip."""
    folder = tmp_path_factory.mktemp("data")
    with small_catalogue.truth_path.open() as stream:
        subtypes = {row["product_id"]: row["subtype"] for row in csv.DictReader(stream)}
    with small_catalogue.csv_path.open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["category"] == SHOES and row["title"]]
    pictures = {path.name for path in Path(small_catalogue.images_dir).iterdir()}
    whole = {row["product_id"]: row for row in rows if row["image"] in pictures}.values()
    columns = ("product_id", "platform", "title", "brand", "description", "category_path", "image")
    with (folder / "products.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**row, "category_path": f"{SHOES} > {subtypes[row['product_id']]}"} for row in whole)
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for name in sorted({row["image"] for row in whole}):
            archive.write(Path(small_catalogue.images_dir) / name, name)
    return folder


@pytest.fixture(scope="module")
def home(data, tmp_path_factory):
    """A workspace whose categories have lost their children."""
    home = tmp_path_factory.mktemp("bench") / "home"
    open_hidden(data, home).database.engine.dispose()
    return home


def _arguments(data, home, *more):
    return ["--data", str(data), "--home", str(home), "--sets", "tfidf", "--default", "tfidf", "--seeds", "0",
            "--min-products", "40", "--counts", "3", "5", "--no-peers", *more]  # fmt: skip


def test_the_workspace_knows_no_more_than_two_levels(data, home):
    context = open_hidden(data, home)
    frame = read_products(data)
    true_paths = dict(zip(frame.product_id, frame.category_path, strict=True))
    (category,) = hidden_categories(context, true_paths, min_products=40)
    with context.database.read() as session:
        from db.repositories import taxonomy as taxonomy_rows

        names = {node.name for node in taxonomy_rows.load_nodes(session)}
    assert category.name == SHOES
    assert category.n_leaves >= 3
    assert not names & {path.rpartition(" > ")[2] for path in category.truth}
    assert category.truth_of([category.products[1].id]) == [category.truth[1]]


def test_small_categories_are_left_out(data, home):
    frame = read_products(data)
    true_paths = dict(zip(frame.product_id, frame.category_path, strict=True))
    assert hidden_categories(open_hidden(data, home), true_paths, min_products=10_000) == []


def test_another_catalogue_is_not_put_into_the_same_workspace(data, home):
    with pytest.raises(AppError, match="another catalogue"):
        open_hidden(data, home, sample=20)


def test_a_second_run_prints_the_same_without_running_anything(
    data, home, quick_encoders, capsys, tmp_path, monkeypatch
):
    versions = current_versions()
    monkeypatch.setattr("bench.discovery.current_versions", lambda: versions)  # whatever is edited meanwhile
    main(_arguments(data, home, "--json", str(tmp_path / "records.json")))
    first = capsys.readouterr()
    main(_arguments(data, home))
    second = capsys.readouterr()
    assert first.out == second.out
    assert "seed 0: purity" in first.err
    assert "seed 0: purity" not in second.err
    (record,) = json.loads((tmp_path / "records.json").read_text())
    assert record["category"] == SHOES
    assert record["peak_gib"] > 0
    assert 0.5 < record["ceiling"] <= 1
    assert record["scores"][1]["purity"] > 0.5  # titles name the subtype in most of the demo's products


def test_an_unknown_encoder_ends_the_run_with_a_remedy(data, home):
    with pytest.raises(SystemExit, match="Choose one of"):
        main(["--data", str(data), "--home", str(home), "--sets", "nonsense", "--min-products", "40", "--no-peers"])


def test_a_set_is_an_image_and_a_text_encoder_at_most():
    assert split_set("simclr+tfidf") == split_set("tfidf+simclr") == ("simclr", "tfidf")
    assert split_set("tfidf") == (None, "tfidf")
    with pytest.raises(AppError, match="two encoders of one modality"):
        split_set("simclr+aligned")
    with pytest.raises(EncoderUnavailableError):
        split_set("nonsense+tfidf")


def test_an_encoder_that_is_not_in_the_set_does_not_count():
    words, both = ProductMethod("tfidf").parameters(3), ProductMethod("simclr+tfidf").parameters(3)
    assert (words.image_weight, words.image_filter, words.seed) == (0, "none", 3)
    assert both.image_weight > 0
    assert both.text_weight > 0
    assert ProductMethod("simclr").parameters(0).text_weight == 0
