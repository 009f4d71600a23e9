"""Importing catalogues: what is accepted, what is turned away and why, and that nothing is lost on the way."""

import io
import zipfile

import pandas as pd
import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from core.domain.errors import CatalogueFormatError, JobCancelledError, UnsafeArchiveError
from core.services.catalogue import catalogue_totals
from core.services.context import Context
from core.services.importing import FIELDS, latest_import, preview_import, run_import, save_upload
from core.services.taxonomy import find_category, taxonomy_view
from db.models import AssignmentRow, ProductRow

ROWS = [
    {"sku": "1", "title": "Red boot", "brand": "Nord", "price": "59.90", "category": "Apparel > Shoes"},
    {"sku": "2", "title": "Blue heel", "brand": "", "price": "80", "category": "Apparel > Shoes"},
    {"sku": "3", "title": "Leather bag", "brand": "Sol", "price": "", "category": "Bags"},
]


def product(context: Context, external_id: str) -> ProductRow:
    with context.database.read() as session:
        return session.scalars(select(ProductRow).where(ProductRow.external_id == external_id)).one()


class CancelAt:
    """A progress that cancels once `fraction` is reached."""

    def __init__(self, fraction: float) -> None:
        self._fraction = fraction

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        if fraction >= self._fraction:
            raise JobCancelledError


def test_rows_become_products_in_their_categories(context, write_csv, import_file):
    result = import_file(context, write_csv(ROWS))
    assert (result.n_rows, result.n_new, result.n_rejected) == (3, 3, 0)
    boot = product(context, "1")
    assert (boot.platform, boot.title, boot.brand, boot.price) == ("shop", "Red boot", "Nord", 59.9)
    assert boot.source == "import"
    assert boot.node_id == find_category(context, ("Apparel", "Shoes"))
    view = taxonomy_view(context)
    assert view.version == 2
    assert view.counts[view.taxonomy.root.id] == 3


def test_a_missing_brand_is_no_reason_to_reject(context, write_csv, import_file):
    import_file(context, write_csv(ROWS))
    assert product(context, "2").brand == ""
    assert catalogue_totals(context).n_missing_brand == 1


def test_the_same_file_twice_changes_nothing(imported, small_catalogue, import_file, dump_all):
    before = dump_all(imported)
    result = import_file(imported, small_catalogue.csv_path, small_catalogue.images_dir)
    assert (result.n_new, result.n_updated, result.n_unchanged) == (0, 0, 222)
    after = dump_all(imported)
    for table in before:
        if table not in ("import_batch", "reject"):  # the list of imports grows
            assert after[table] == before[table], table


def test_a_changed_price_updates_one_product_and_no_assignment(context, write_csv, import_file):
    import_file(context, write_csv(ROWS))
    result = import_file(context, write_csv([{**ROWS[0], "price": "49.90"}, *ROWS[1:]]))
    assert (result.n_new, result.n_updated, result.n_unchanged) == (0, 1, 2)
    assert product(context, "1").price == 49.9
    with context.database.read() as session:
        assert len(session.scalars(select(AssignmentRow)).all()) == 3


def test_a_changed_category_moves_the_product_unless_a_curator_placed_it(context, write_csv, import_file):
    from core.domain.taxonomy import AssignmentSource
    from db.repositories import assignments

    import_file(context, write_csv(ROWS))
    bags = find_category(context, ("Bags",))
    with context.database.write() as session:
        assignments.assign(session, [(product(context, "2").id, bags)], AssignmentSource.CURATOR, "Ada")
    import_file(context, write_csv([{**row, "category": "Apparel > Boots"} for row in ROWS]))
    assert product(context, "1").node_id == find_category(context, ("Apparel", "Boots"))
    assert product(context, "2").node_id == bags


def test_categories_match_whatever_their_case(context, write_csv, import_file):
    import_file(context, write_csv(ROWS))
    n_nodes = len(taxonomy_view(context).taxonomy)
    import_file(context, write_csv([{**ROWS[0], "sku": "9", "category": "APPAREL > shoes"}], "more.csv"))
    assert len(taxonomy_view(context).taxonomy) == n_nodes


def test_every_fault_of_a_row_is_a_reject_with_its_reason(context, write_csv, import_file, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("RGB", (20, 20), "red").save(folder / "good.png")
    (folder / "text.jpg").write_text("I am a letter.", encoding="utf-8")
    Image.new("1", (20_000, 20_000)).save(folder / "huge.png")
    faulty = [
        ("good", "Boot", "Shoes", "good.png"), ("no title", "", "Shoes", "good.png"),
        ("no category", "Boot", "", "good.png"), ("text", "Boot", "Shoes", "text.jpg"),
        ("absent", "Boot", "Shoes", "absent.png"), ("huge", "Boot", "Shoes", "huge.png"),
        ("good", "Boot", "Shoes", "good.png"),
    ]  # fmt: skip
    rows = [dict(zip(("sku", "title", "category", "image"), values, strict=True)) for values in faulty]
    result = import_file(context, write_csv(rows), folder)
    assert (result.n_rows, result.n_new, result.n_rejected) == (7, 1, 6)
    rejects = pd.read_csv(result.rejects_path, keep_default_na=False)
    assert list(rejects.columns) == ["row", "product_id", "title", "reason", "detail"]
    assert dict(zip(rejects["row"], rejects["reason"], strict=True)) == {
        2: "missing title", 3: "missing category", 4: "image corrupt", 5: "image missing", 6: "image too large",
        7: "duplicate",
    }  # fmt: skip
    assert (rejects["detail"] != "").all()
    assert result.reasons == dict.fromkeys(rejects["reason"], 1)
    latest = latest_import(context)
    assert latest is not None
    assert (latest.reasons, latest.rejects_path) == (result.reasons, result.rejects_path)


def test_a_semicolon_file_in_latin_1_keeps_its_umlauts(context, write_csv, import_file):
    rows = [{"Artikelnummer": "1", "Titel": "Grüne Stiefel", "Preis": "1.299,00 EUR", "Kategorie": "Schuhe"}]
    import_file(context, write_csv(rows, delimiter=";", encoding="latin-1"))
    boot = product(context, "1")
    assert (boot.title, boot.price, boot.currency) == ("Grüne Stiefel", 1299.0, "EUR")


def test_a_parquet_file_is_read_like_a_csv(context, import_file, tmp_path):
    pd.DataFrame(ROWS).to_parquet(tmp_path / "offers.parquet")
    assert import_file(context, tmp_path / "offers.parquet").n_new == 3


def test_columns_can_be_remapped(context, write_csv, import_file):
    rows = [{"a": "1", "b": "Boot", "c": "Shoes"}]
    import_file(context, write_csv(rows), mapping={"product_id": "a", "title": "b", "category": "c"})
    assert product(context, "1").title == "Boot"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"sku,category\n1,Shoes\n", "'title'"),
        (b"sku,title\n1,Boot\n", "'category'"),
        (b"title,category\n", "no"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "picture"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_with_a_remedy(
    context, import_file, dump_all, tmp_path, content, message
):
    before = dump_all(context)
    (tmp_path / "offers.csv").write_bytes(content)
    with pytest.raises(CatalogueFormatError, match=message) as caught:
        import_file(context, tmp_path / "offers.csv")
    assert caught.value.remedy
    assert dump_all(context) == before


def test_a_missing_file_is_refused(context, import_file, tmp_path):
    with pytest.raises(CatalogueFormatError, match="cannot be read"):
        import_file(context, tmp_path / "nothing.csv")


def test_a_zip_that_would_leave_its_folder_is_refused_and_writes_nothing(
    context, write_csv, import_file, dump_all, tmp_path
):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../../outside.png", b"x")
    before = dump_all(context)
    with pytest.raises(UnsafeArchiveError):
        import_file(context, write_csv([{**ROWS[0], "image": "outside.png"}]), tmp_path / "evil.zip")
    assert dump_all(context) == before
    assert not list(tmp_path.parent.glob("outside.png"))


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.82])
def test_a_cancelled_import_writes_nothing(context, small_catalogue, dump_all, fraction):
    before = dump_all(context)
    with pytest.raises(JobCancelledError):
        run_import(
            context, small_catalogue.csv_path, small_catalogue.images_dir, None, "shop", "Ada", CancelAt(fraction)
        )
    assert dump_all(context) == before


def test_an_import_that_fails_while_it_writes_leaves_nothing(context, small_catalogue, import_file, dump_all):
    before = dump_all(context)
    with context.database.write() as session:
        session.execute(text("CREATE TRIGGER full BEFORE INSERT ON reject BEGIN SELECT RAISE(ABORT, 'full'); END"))
    with pytest.raises(DatabaseError):  # products and nodes were written by then
        import_file(context, small_catalogue.csv_path, small_catalogue.images_dir)
    assert dump_all(context) == before


def test_products_keep_their_pictures_when_the_table_comes_again_without_them(
    imported, small_catalogue, import_file, dump_all
):
    before = catalogue_totals(imported).n_with_image
    table = pd.read_csv(small_catalogue.csv_path, dtype=str, keep_default_na=False)
    table["price"] = "1.00"
    table.to_csv(imported.workspace.home / "products.csv", index=False)
    result = import_file(imported, imported.workspace.home / "products.csv")
    assert result.n_updated > 200
    assert catalogue_totals(imported).n_with_image == before > 200


def test_a_new_picture_of_the_same_name_replaces_the_old_one(context, write_csv, import_file, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    file_path = write_csv([{**ROWS[0], "image": "boot.png"}])
    hashes = []
    for colour in ("red", "blue", "blue"):
        Image.new("RGB", (20, 20), colour).save(folder / "boot.png")
        result = import_file(context, file_path, folder)
        hashes.append(product(context, "1").image_hash)
    assert hashes[0] != hashes[1] == hashes[2]
    assert result.n_unchanged == 1
    assert context.workspace.thumb_path(hashes[2]).exists()


def test_overlong_values_are_cut_to_what_every_database_holds(context, write_csv, import_file):
    url = "https://shop.example/" + "x" * 900
    row = {"url": url, "title": "Boot", "brand": "B" * 400, "currency": "Euro of Europe", "category": "C" * 300}
    for _ in range(2):
        result = import_file(context, write_csv([row, {**row, "url": url + "y"}]))
    assert (result.n_new, result.n_unchanged) == (0, 2)
    with context.database.read() as session:
        rows = session.scalars(select(ProductRow)).all()
    assert len({row.external_id for row in rows}) == 2
    assert all(len(row.external_id) <= 500 and len(row.brand) == 300 and len(row.currency) <= 10 for row in rows)


def test_a_preview_tells_what_an_import_would_read_and_writes_nothing(context, write_csv, dump_all, draw_pictures):
    before = dump_all(context)
    rows = [{**ROWS[0], "sku": str(number)} for number in range(30)]
    preview = preview_import(context, write_csv(rows, delimiter=";"), draw_pictures(3))
    assert preview.mapping == {name: name for name in rows[0]}
    assert (preview.n_rows, len(preview.sample), preview.delimiter, preview.n_images) == (30, 20, ";", 3)
    assert preview.problems == ()
    assert dump_all(context) == before


def test_a_preview_counts_the_pictures_of_a_zip_and_refuses_an_evil_one(context, write_csv, tmp_path):
    for name, member in (("good.zip", "a/boot.JPG"), ("evil.zip", "../boot.jpg")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(member, b"x")
            archive.writestr("read me.txt", b"x")
    assert preview_import(context, write_csv(ROWS), tmp_path / "good.zip").n_images == 1
    with pytest.raises(UnsafeArchiveError):
        preview_import(context, write_csv(ROWS), tmp_path / "evil.zip")


def test_a_preview_names_the_problem_of_a_mapping(context, write_csv):
    preview = preview_import(context, write_csv(ROWS), None, {"title": "title", "category": "nothing"})
    assert len(preview.problems) == 1
    assert "'nothing'" in preview.problems[0]
    assert {field.name for field in FIELDS if field.is_required} == {"title", "category"}


@pytest.mark.parametrize("name", ["offers.csv", "../../offers.csv", "..", "", ".hidden"])
def test_an_upload_stays_in_its_folder_whatever_its_name(context, name):
    saved = save_upload(context, name, io.BytesIO(b"title\nBoot\n"))
    assert saved.read_bytes() == b"title\nBoot\n"
    assert context.workspace.uploads in saved.resolve().parents
    assert save_upload(context, name, io.BytesIO(b"title\nBoot\n")) == saved
    assert [path.suffix for path in saved.parent.iterdir()] == [saved.suffix]
