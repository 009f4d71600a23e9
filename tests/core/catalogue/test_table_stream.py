import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import table_stream
from core.catalogue.table import read_table
from core.catalogue.table_stream import open_text_table, stream_rows
from core.domain.errors import CatalogueFormatError

UNEVEN = 'id;title\n1;"a ""b"" c"\n2;"opened by mistake\n3;x;y;z\n\n4;"two\nlines"\n5\n'


def stream(path, n_rows=3):
    """All rows of a file, and their faults."""
    table = open_text_table(path)
    rows, faults = [], []
    for part, said in stream_rows(table, n_rows):
        assert part.num_rows == len(said) <= n_rows
        rows += [tuple(row.values()) for row in part.to_pylist()]
        faults += said
    return table, rows, faults


def sound(rows, faults):
    return [row for row, fault in zip(rows, faults, strict=True) if not fault]


def assert_as_read_table(path):
    whole = read_table(path)
    table, rows, faults = stream(path)
    assert table.columns == tuple(whole.frame.columns)
    assert sound(rows, faults) == [tuple(row) for row in whole.frame.itertuples(index=False)]
    assert tuple(number for number, fault in enumerate(faults, start=1) if fault) == whole.malformed_rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-32"])
def test_pieces_are_what_reading_at_once_gives(tmp_path, encoding):
    path = tmp_path / "products.csv"
    path.write_bytes((UNEVEN + "6;Größe\n").encode(encoding))
    assert_as_read_table(path)


def test_a_malformed_row_keeps_its_place(tmp_path):
    (tmp_path / "a.csv").write_text("id,title\n1,a\n2,b,c,d\n3,e\n", encoding="utf-8")
    _, rows, faults = stream(tmp_path / "a.csv")
    assert (rows[1], faults) == (("", ""), ["", "malformed row", ""])


def test_a_line_that_names_the_delimiter_is_no_row(tmp_path):
    (tmp_path / "a.csv").write_text("sep=|\nid|title\n1|a,b\n", encoding="utf-8")
    table, rows, _ = stream(tmp_path / "a.csv")
    assert (table.columns, rows) == (("id", "title"), [("1", "a,b")])


def test_packed_text_is_unpacked_and_a_torn_archive_refused(tmp_path):
    packed = gzip.compress(("id,title\n" + "1,a\n" * 50_000).encode())
    (tmp_path / "a.csv.gz").write_bytes(packed)
    assert len(stream(tmp_path / "a.csv.gz", 20_000)[1]) == 50_000
    (tmp_path / "torn.csv.gz").write_bytes(packed[:-20])
    with pytest.raises(CatalogueFormatError, match="cannot be read"):
        stream(tmp_path / "torn.csv.gz")


@pytest.mark.parametrize(("tail", "encoding"), [("é", "utf-8"), ("é", "cp1252"), ("\x81é", "latin-1")])
def test_the_encoding_of_a_large_file_is_told_by_all_of_it(tmp_path, monkeypatch, tail, encoding):
    monkeypatch.setattr(table_stream, "SAMPLE_BYTES", 64)
    (tmp_path / "a.csv").write_bytes(("id,title\n" + "1,plain\n" * 30 + f"2,{tail}\n").encode(encoding))
    table, rows, _ = stream(tmp_path / "a.csv", 10)
    assert table.encoding == encoding
    assert rows[-1] == ("2", tail)


@given(cells=st.lists(st.lists(st.text('ab"\n,', max_size=6), min_size=2, max_size=4), min_size=1, max_size=12))
def test_whatever_the_quotes_streaming_and_reading_agree(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_text("id,title\nfirst,row\n" + "\n".join(",".join(row) for row in cells) + "\n", encoding="utf-8")
    assert_as_read_table(path)
