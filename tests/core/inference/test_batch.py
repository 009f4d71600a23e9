import csv
import gzip
import json
import zipfile
from dataclasses import replace

import lance
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from core.domain.errors import AppError, CatalogueFormatError, JobCancelledError, ParameterError
from core.domain.progress import NullProgress
from core.inference.batch import BatchOptions, run_batch
from tests.core.inference.batch_inputs import HEADER, Messages, read_csv, row_of, write_csv

RESULTS = ["product_id", "path", "confidence", "stage", "level_1", "level_2", "reason", "note"]
EVERYTHING = 1.01


@pytest.fixture
def table(world, tmp_path):
    """A CSV of 90 products: row 3 has no title, row 5 too many fields, row 7 a picture that is not there."""
    rows = [row_of(product) for product in world.products]
    rows[2][1] = " "
    rows[4] += ["one", "two"]
    rows[6][4] = "gone.png"
    return write_csv(tmp_path / "products.csv", rows)


@pytest.fixture
def images(world, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name, content in world.pictures.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def run(world, tmp_path):
    """Classifies with the world's model, all products by the full stage unless told otherwise."""

    def classify(source, target, escalate_below=EVERYTHING, folder="run", progress=None, **choices):
        options = BatchOptions(str(source), str(target), rows_per_partition=16, **choices)
        bundle = replace(world.bundle, escalate_below=escalate_below)
        if "images" not in choices:  # loading the image encoder takes longer than all else
            encoders = {name: place for name, place in bundle.encoders.items() if name != "image"}
            bundle = replace(bundle, full_stage=bundle.text_stage, encoders=encoders)
        return run_batch(bundle, options, tmp_path / folder, progress or NullProgress())

    return classify


def test_one_row_comes_out_for_each_row_in_the_order_of_the_input(run, table, images, tmp_path):
    result = run(table, tmp_path / "out.csv", images=str(images))
    rows = read_csv(tmp_path / "out.csv")
    assert list(rows[0]) == RESULTS
    expected = [f"p{row}" for row in range(1, 91)]
    expected[4] = "5"  # its fields cannot be told apart: known by its number
    assert [row["product_id"] for row in rows] == expected
    assert (result.n_rows, result.n_failed, result.n_classified, result.n_notes) == (90, 2, 88, 1)


def test_failed_rows_say_why_and_missing_pictures_leave_a_note(run, table, images, tmp_path):
    run(table, tmp_path / "out.csv", images=str(images))
    rows = read_csv(tmp_path / "out.csv")
    assert (rows[2]["reason"], rows[2]["path"], rows[2]["stage"]) == ("missing title", "", "0")
    assert (rows[4]["reason"], rows[4]["confidence"]) == ("malformed row", "0.0000")
    assert "gone.png" in rows[6]["note"]
    assert (rows[6]["reason"], rows[6]["stage"]) == ("", "2")


def test_levels_are_the_parts_of_the_path(run, table, tmp_path):
    run(table, tmp_path / "out.csv")
    for row in read_csv(tmp_path / "out.csv"):
        assert [row["level_1"], row["level_2"]] == [*row["path"].split(" > "), "", ""][:2]


def test_the_result_is_that_of_the_two_stages_alone(run, world, images, tmp_path):
    from core.inference.two_stage import TwoStageClassifier

    table = write_csv(tmp_path / "all.csv", [row_of(product) for product in world.products])
    run(table, tmp_path / "out.csv", escalate_below=0.9, images=str(images))
    said = TwoStageClassifier.load(world.bundle).classify(world.products, world.read, 0.9)
    rows = read_csv(tmp_path / "out.csv")
    assert [row["path"] for row in rows] == [" > ".join(product.names) for product in said]
    assert [int(row["stage"]) for row in rows] == [product.stage for product in said]
    assert [float(row["confidence"]) for row in rows] == pytest.approx([p.confidence for p in said], abs=1e-3)


def test_kept_columns_come_first_and_formulas_are_made_harmless(run, tmp_path):
    header = ["product_id", "title", "path", "price"]
    table = write_csv(tmp_path / "in.csv", [["=1+1", "leather boot 3", "@old", "12.50"]], header)
    run(table, tmp_path / "out.csv", keep_columns=True)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        names, cells = list(csv.reader(stream))
    assert names[:4] == ["title", "path (input)", "price", "product_id"]
    assert cells[:4] == ["leather boot 3", "'@old", "12.50", "'=1+1"]


@pytest.mark.parametrize("name", ["in.csv.gz", "in.tsv", "in.parquet", "parts", "in.lance", "in.delta"])
def test_every_kind_of_input_gives_the_same_result(run, world, tmp_path, name):
    rows = [row_of(product) for product in world.products]
    plain = write_csv(tmp_path / "plain.csv", rows)
    run(plain, tmp_path / "expected.csv", folder="plain")
    run(_as_kind(tmp_path / name, pacsv.read_csv(plain), rows), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def _as_kind(path, table, rows):
    if path.name == "in.csv.gz":
        path.write_bytes(gzip.compress(write_csv(path.with_suffix(""), rows).read_bytes()))
    elif path.suffix == ".tsv":
        path.write_text("\n".join("\t".join(row) for row in [HEADER, *rows]), encoding="utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=7)
    elif path.name == "parts":
        path.mkdir()
        pq.write_table(table.slice(0, 40), path / "a.parquet")
        pq.write_table(table.slice(40), path / "b.parquet")
    elif path.suffix == ".lance":
        lance.write_dataset(table, path)
    else:
        write_deltalake(path, table)
    return path


@pytest.mark.parametrize("name", ["out.parquet", "out.lance", "out.delta", "out/", "out.tsv", "out.csv.gz"])
def test_every_kind_of_output_holds_the_same_rows_and_is_replaced_by_the_next_run(run, table, tmp_path, name):
    run(table, tmp_path / "expected.csv", folder="plain")
    expected = [row["product_id"] + row["path"] for row in read_csv(tmp_path / "expected.csv")]
    target = f"{tmp_path}/{name}"
    for _ in range(2):
        run(table, target)
        rows = _rows_of(tmp_path / name.rstrip("/"))
        assert [row["product_id"] + row["path"] for row in rows] == expected


def _rows_of(path):
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".lance":
        return lance.dataset(path).to_table().to_pylist()
    if path.suffix == ".delta":
        return DeltaTable(path).to_pyarrow_table().to_pylist()
    if path.suffix == ".tsv":
        return read_csv(path, delimiter="\t")
    if path.suffix == ".gz":
        return read_csv(gzip.open(path, "rt", encoding="utf-8", newline=""))
    return [row for part in sorted(path.glob("*.parquet")) for row in pq.read_table(part).to_pylist()]


@pytest.mark.parametrize("name", ["theirs.lance", "theirs.delta", "theirs/"])
def test_a_table_that_no_batch_wrote_is_never_replaced(run, table, tmp_path, name):
    theirs = pa.table({"precious": [1, 2, 3]})
    path = tmp_path / name.rstrip("/")
    if path.suffix == ".lance":
        lance.write_dataset(theirs, path)
    elif path.suffix == ".delta":
        write_deltalake(path, theirs)
    else:
        path.mkdir()
        pq.write_table(theirs, path / "precious.parquet")
    with pytest.raises(ParameterError, match="no batch"):
        run(table, f"{tmp_path}/{name}")
    assert [row["precious"] for row in _rows_of(path)] == [1, 2, 3]


def test_native_types_of_kept_columns_survive_in_parquet(run, tmp_path):
    rows = {"title": ["leather boot 1", None], "price": [1.5, None], "tags": [["a"], []]}
    pq.write_table(pa.table(rows), tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", tmp_path / "out.parquet", keep_columns=True)
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.select(["title", "price", "tags"]).to_pydict() == rows
    assert out["reason"].to_pylist() == ["", "missing title"]


def test_pictures_come_from_a_zip_too(run, table, images, tmp_path):
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        for path in images.iterdir():
            archive.write(path, path.name)
    run(table, tmp_path / "folder.csv", images=str(images), folder="one")
    run(table, tmp_path / "zip.csv", images=str(tmp_path / "images.zip"), folder="two")
    assert (tmp_path / "folder.csv").read_bytes() == (tmp_path / "zip.csv").read_bytes()


def test_only_pictures_of_escalated_products_are_read(run, table, images, tmp_path):
    for path in images.iterdir():
        path.write_bytes(b"not a picture")
    result = run(table, tmp_path / "out.csv", escalate_below=0.0, images=str(images))
    assert (result.n_escalated, result.n_notes) == (0, 0)


def test_the_same_call_goes_on_and_a_changed_input_starts_anew(run, table, tmp_path):
    run(table, tmp_path / "out.csv")
    assert run(table, tmp_path / "out.csv").n_resumed_partitions == 6
    table.write_text(table.read_text(encoding="utf-8").replace("leather boot", "canvas bag"), encoding="utf-8")
    told = Messages()
    assert run(table, tmp_path / "out.csv", progress=told).n_resumed_partitions == 0
    assert any(message.startswith("Starting anew") for message in told.messages)
    assert not any(row["path"].endswith("Boots") for row in read_csv(tmp_path / "out.csv"))


def test_a_cancelled_run_goes_on_where_it_was(run, table, tmp_path):
    with pytest.raises(JobCancelledError):
        run(table, tmp_path / "out.csv", progress=Messages(cancel_at="32 of 90"))
    assert not (tmp_path / "out.csv").exists()
    assert run(table, tmp_path / "out.csv").n_resumed_partitions == 2
    assert len(read_csv(tmp_path / "out.csv")) == 90


def test_progress_says_how_many_how_fast_and_how_many_escalated(run, table, tmp_path):
    told = Messages()
    run(table, tmp_path / "out.csv", progress=told)
    assert any(message.startswith("90 of 90 products, ") and "/s, 88 escalated" in message for message in told.messages)


def test_a_lost_partition_is_never_passed_over_in_silence(run, table, tmp_path):
    run(table, tmp_path / "out.csv")
    done = tmp_path / "run" / "done"
    (done / "000002.parquet").write_bytes((done / "000001.parquet").read_bytes())
    with pytest.raises(AppError, match="does not hold rows 33"):
        run(table, tmp_path / "other.csv")
    assert not (tmp_path / "other.csv").exists()


def test_a_model_that_cannot_be_loaded_fails_the_run_and_no_row(world, table, tmp_path):
    bundle = replace(world.bundle, encoders={**world.bundle.encoders, "title": str(tmp_path)})
    (tmp_path / "config.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(AppError, match="encoder"):
        run_batch(bundle, BatchOptions(str(table), str(tmp_path / "out.csv")), tmp_path / "run", NullProgress())
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("missing.csv", None), ("empty.csv", ""), ("header.csv", "id,title\n"), ("no.csv", "a,b\n1,2")],
)
def test_an_input_without_products_is_refused(run, tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueFormatError):
        run(tmp_path / name, tmp_path / "out.csv")


def test_an_output_that_is_the_input_is_refused(run, table):
    with pytest.raises(ParameterError, match="replace the input"):
        run(table, table)
