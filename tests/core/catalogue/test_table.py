import csv
import gzip
import io
import os
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalogue.table import read_table
from core.domain.errors import CatalogueFormatError

SHARED = Path(__file__).parents[4] / "shared" / "data"
ROWS = [["title", "brand", "price"], ["Röhrenjeans, blau", "Größe", "12,50"], ['5" Display; neu', "Ünique|A\tB", "7"]]


def write(folder: Path, text: str | bytes, name: str = "catalogue.csv") -> Path:
    file_path = folder / name
    file_path.write_bytes(text.encode() if isinstance(text, str) else text)
    return file_path


def as_csv(rows: list[list[str]], delimiter: str, quoting: int = csv.QUOTE_MINIMAL) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=quoting).writerows(rows)
    return buffer.getvalue()


def cells(frame: pd.DataFrame) -> list[list[str]]:
    return frame.to_numpy().tolist()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "read_as"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252"), ("utf-32", "utf-32")],
)
def test_every_encoding_with_every_delimiter_gives_the_same_cells(tmp_path, encoding, read_as, delimiter):
    table = read_table(write(tmp_path, as_csv(ROWS, delimiter).encode(encoding)))
    assert (table.encoding, table.delimiter, table.n_malformed) == (read_as, delimiter, 0)
    assert list(table.frame.columns) == ROWS[0]
    assert cells(table.frame) == ROWS[1:]


def test_utf_16_big_endian_with_its_mark_is_read(tmp_path):
    data = b"\xfe\xff" + as_csv(ROWS, ";").encode("utf-16-be")
    assert cells(read_table(write(tmp_path, data)).frame) == ROWS[1:]


def test_one_broken_byte_does_not_turn_utf_8_accents_into_two_letters(tmp_path):
    rows = "title,brand\n" + "Größe für Mädchen,Ä\n" * 20
    table = read_table(write(tmp_path, rows.encode() + b"broken \xff,x\n"))
    assert table.encoding == "utf-8"
    assert table.frame["title"][0] == "Größe für Mädchen"


WORDS = st.text(st.characters(categories=["L"]), min_size=1, max_size=8)
CELL = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(list(",;|\t\"'\n")), max_size=12)


@st.composite
def tables(draw) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    names = draw(st.lists(WORDS, min_size=width, max_size=width, unique=True))
    return [names, *draw(st.lists(st.tuples(WORDS, *[CELL] * (width - 1)).map(list), min_size=1, max_size=8))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=tables(),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_csv_writer_wrote_is_read_back(tmp_path, rows, delimiter, encoding, quoting):
    table = read_table(write(tmp_path, as_csv(rows, delimiter, quoting).encode(encoding)))
    assert [list(table.frame.columns), *cells(table.frame)] == rows
    assert table.n_malformed == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=tables())
def test_what_parquet_holds_is_read_back(tmp_path, rows):
    pd.DataFrame(rows[1:], columns=rows[0]).to_parquet(tmp_path / "c.parquet")
    table = read_table(tmp_path / "c.parquet")
    assert [list(table.frame.columns), *cells(table.frame)] == rows


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400) | st.text(st.sampled_from('a,;"\n\r\t|x'), max_size=60).map(str.encode))
def test_any_bytes_give_a_table_or_a_catalogue_fault(tmp_path, data):
    try:
        table = read_table(write(tmp_path, data))
    except CatalogueFormatError as fault:
        assert fault.message
        assert fault.remedy
    else:
        assert len(table.frame) > 0


def test_short_rows_are_filled_and_rows_with_empty_surplus_are_kept(tmp_path):
    table = read_table(write(tmp_path, "title,brand,price\nShoe\nBoot,Acme,5,,\n"))
    assert cells(table.frame) == [["Shoe", "", ""], ["Boot", "Acme", "5"]]
    assert table.n_malformed == 0


def test_an_unquoted_comma_in_a_title_is_put_together_again(tmp_path):
    table = read_table(write(tmp_path, "id,title,brand\n1,Shirt, blue, long,Acme\n"))
    assert cells(table.frame) == [["1", "Shirt, blue, long", "Acme"]]


def test_rows_with_too_many_fields_are_counted_and_the_rest_survives(tmp_path):
    table = read_table(write(tmp_path, "title,brand\nShoe,Acme\na,b,c,d\nBoot,Acme\n"))
    assert table.frame["title"].tolist() == ["Shoe", "Boot"]
    assert table.n_malformed == 1


def test_a_quote_that_never_closes_costs_its_own_line_only(tmp_path):
    text = 'id,title,brand\n1,"Broken, a,Acme\n2,"Good, b",Acme\n3,Fine,Acme\n'
    table = read_table(write(tmp_path, text))
    assert cells(table.frame)[1:] == [["2", "Good, b", "Acme"], ["3", "Fine", "Acme"]]
    assert cells(table.frame)[0] == ["1", '"Broken, a', "Acme"]


def test_a_quote_open_at_the_end_of_a_cut_off_file_keeps_the_rows_before(tmp_path):
    table = read_table(write(tmp_path, 'id,title\n1,Shoe\n2,"Boo'))
    assert table.frame["id"].tolist() == ["1", "2"]


def test_inch_marks_inside_quoted_fields_do_not_break_the_row(tmp_path):
    table = read_table(write(tmp_path, 'id,title,brand\n1,"24" Monitor",Acme\n2,7" Tablet,Acme\n'))
    assert table.frame["brand"].tolist() == ["Acme", "Acme"]
    assert table.frame["title"][1] == '7" Tablet'


def test_lines_inside_quotes_belong_to_one_cell_even_in_a_short_row(tmp_path):
    table = read_table(write(tmp_path, 'id,description,brand\n1,"one\ntwo, three"\n2,x,Acme\n'))
    assert cells(table.frame) == [["1", "one\ntwo, three", ""], ["2", "x", "Acme"]]


def test_blank_lines_and_rows_without_text_are_passed_over(tmp_path):
    table = read_table(write(tmp_path, "\n\ntitle,brand\n\nShoe,Acme\n , \n,,\n"))
    assert cells(table.frame) == [["Shoe", "Acme"]]


def test_the_header_decides_where_cells_are_full_of_another_delimiter(tmp_path):
    table = read_table(write(tmp_path, "title;price\na,b,c,d;1,50\ne,f,g,h;2,50\n"))
    assert table.delimiter == ";"
    assert table.frame["price"].tolist() == ["1,50", "2,50"]


def test_excels_separator_line_is_obeyed(tmp_path):
    assert cells(read_table(write(tmp_path, "sep=^\r\ntitle^brand\r\nShoe^Acme\r\n")).frame) == [["Shoe", "Acme"]]


def test_a_single_column_is_a_table(tmp_path):
    table = read_table(write(tmp_path, "title\nShoe, red\nBoot\n"))
    assert table.delimiter == ""
    assert cells(table.frame) == [["Shoe, red"], ["Boot"]]


def test_column_names_are_made_unique_and_empty_ones_named(tmp_path):
    table = read_table(write(tmp_path, "title,title,,title (2)\na,b,c,d\n"))
    assert list(table.frame.columns) == ["title", "title (2)", "column 3", "title (2) (2)"]


def test_words_that_pandas_takes_for_missing_stay_text(tmp_path):
    table = read_table(write(tmp_path, "title,brand\nNA,null\n007,\n"))
    assert cells(table.frame) == [["NA", "null"], ["007", ""]]


def test_max_rows_bounds_text_and_parquet_alike(tmp_path):
    frame = pd.DataFrame({"title": [f"t{i}" for i in range(50)]})
    frame.to_csv(tmp_path / "a.csv", index=False)
    pq.write_table(pa.table(frame), tmp_path / "a.parquet", row_group_size=3)
    for name in ("a.csv", "a.parquet"):
        assert read_table(tmp_path / name, max_rows=7).frame["title"].tolist() == [f"t{i}" for i in range(7)]


def test_parquet_types_become_text_without_decoration(tmp_path):
    table = pa.table(
        {
            "id": pa.array([1, None], pa.int64()),
            "price": pa.array([12.5, None]),
            "path": pa.array([["Shoes", "Größe"], None]),
            "image": pa.array([{"bytes": b"\xff", "path": "a.jpg"}, None]),
            "raw": pa.array([b"\xff", None]),
            "kind": pa.array(["x", None]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "typed.bin")
    first, second = cells(read_table(tmp_path / "typed.bin").frame)
    assert first == ["1", "12.5", '["Shoes", "Größe"]', '{"bytes": "", "path": "a.jpg"}', "", "x"]
    assert second == [""] * 6


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"\n \n\r\n", "is empty"),
        ("bom.csv", b"\xef\xbb\xbf", "is empty"),
        ("header.csv", b"title,brand\n", r"header \(title, brand\) but no rows"),
        ("misfit.csv", b"title,brand\na,b,c\n", "None of the 1 rows"),
        ("junk.csv", bytes(range(256)) * 20, "binary data"),
        ("book.csv", b"PK\x03\x04" + bytes(100), "Excel workbook"),
        ("packed.csv", gzip.compress(b"title\nShoe\n"), "gzip"),
        ("broken.parquet", b"PAR1 and then nothing", "not a readable Parquet"),
        ("text.parquet", b"title,brand\na,b\n", "not a readable Parquet"),
    ],
)
def test_an_unreadable_file_is_named_with_a_remedy(tmp_path, name, data, expected):
    with pytest.raises(CatalogueFormatError, match=expected) as caught:
        read_table(write(tmp_path, data, name))
    assert name in caught.value.message
    assert caught.value.remedy


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for file_path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(CatalogueFormatError, match="cannot be read"):
            read_table(file_path)


def test_a_parquet_file_without_rows_is_refused(tmp_path):
    pq.write_table(pa.table({"title": pa.array([], pa.string())}), tmp_path / "none.parquet")
    with pytest.raises(CatalogueFormatError, match="no rows"):
        read_table(tmp_path / "none.parquet")


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent")
@pytest.mark.parametrize(("pack", "n_rows"), [("fashion", 35257), ("flipkart_text", 20000)])
def test_a_real_catalogue_is_read_whole_within_two_seconds_of_work(pack, n_rows):
    file_path = SHARED / pack / "products.csv"
    started = time.process_time()
    table = read_table(file_path)
    assert time.process_time() - started < 2
    assert (len(table.frame), table.n_malformed, table.delimiter) == (n_rows, 0, ",")
    with file_path.open(encoding="utf-8", newline="") as lines:
        assert cells(table.frame) == list(csv.reader(lines))[1:]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_rights_is_refused(tmp_path):
    file_path = write(tmp_path, "title\nShoe\n")
    file_path.chmod(0)
    with pytest.raises(CatalogueFormatError, match="Permission"):
        read_table(file_path)
