"""A file of products dropped on the page Classify comes back row for row, with a category or a reason."""

import csv
import shutil
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.page_times import DRAWN, serve

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium"),
]
MINUTE = 60_000
N_ROWS = 500
NO_TITLE, TOO_MANY_FIELDS, SAYS_NOTHING, BROKEN_PICTURE = 10, 200, 499, 3
"""Numbers of the odd rows, from 1."""


@pytest.fixture
def goods(small_catalogue, tmp_path: Path) -> Path:
    """500 products, three of them broken."""
    with small_catalogue.csv_path.open(encoding="utf-8", newline="") as stream:
        known = [row for row in csv.DictReader(stream) if row["title"]]
    rows = [{**known[n % len(known)], "product_id": f"p{n + 1}"} for n in range(N_ROWS)]
    rows[NO_TITLE - 1]["title"] = ""
    rows[SAYS_NOTHING - 1]["title"] = "n/a"
    rows[BROKEN_PICTURE - 1]["image"] = "broken.jpg"
    file_path = tmp_path / "goods.csv"
    with file_path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        for number, row in enumerate(rows, 1):
            if number == TOO_MANY_FIELDS:
                stream.write("p200,Red,dress" + ",x" * len(row) + "\r\n")
            else:
                writer.writerow(row)
    return file_path


@pytest.fixture
def pictures(small_catalogue, tmp_path: Path) -> Path:
    """Some of their pictures, one of them broken."""
    archive_path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(archive_path, "w") as archive:
        archive.writestr("broken.jpg", b"no picture")
        for file_path in sorted(small_catalogue.images_dir.iterdir())[:40]:
            archive.write(file_path, file_path.name)
    return archive_path


def test_500_dropped_rows_come_back_three_of_them_with_a_reason(trained, goods, pictures, page: Page, tmp_path: Path):
    with serve(trained.workspace.home) as address:
        page.goto(f"{address}/classify?author=Ada")
        page.wait_for_function(DRAWN, timeout=MINUTE)
        drop(page, "classify_file", goods)
        drop(page, "classify_images", pictures)
        understood = page.locator(".st-key-classify_understood")
        expect(understood).to_contain_text("41 image files", timeout=MINUTE)
        expect(understood).to_contain_text("Title: title")
        expect(understood).to_contain_text("1 row has more fields than there are columns and 2 rows have no title")
        page.get_by_text("All by the full model").click()
        page.wait_for_function(DRAWN, timeout=MINUTE)
        page.locator(".st-key-classify_go button").click()
        result = page.locator(".st-key-classify_result")
        expect(result).to_contain_text("497 rows classified", timeout=3 * MINUTE)
        expect(result).to_contain_text("Without a category (3)")
        with page.expect_download() as download:
            page.locator(".st-key-classify_download button").click()
        download.value.save_as(tmp_path / "back.csv")
        expect(page.locator(".st-key-classify_past")).to_contain_text("500 rows, 3 without a category")
    with (tmp_path / "back.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["product_id"] for row in rows] == [
        str(n) if n == TOO_MANY_FIELDS else f"p{n}" for n in range(1, N_ROWS + 1)
    ]
    without = {number for number, row in enumerate(rows, 1) if not row["path"]}
    assert without == {NO_TITLE, TOO_MANY_FIELDS, SAYS_NOTHING}
    assert {number for number, row in enumerate(rows, 1) if row["reason"]} == without
    assert rows[BROKEN_PICTURE - 1]["note"]
    assert {"title", "brand", "confidence", "stage", "level_1", "level_2"} <= set(rows[0])
    assert {row["stage"] for row in rows} == {"0", "2"}


def drop(page: Page, key: str, file_path: Path) -> None:
    page.locator(f".st-key-{key} input[type=file]").set_input_files(file_path)
    page.wait_for_function(DRAWN, timeout=MINUTE)
