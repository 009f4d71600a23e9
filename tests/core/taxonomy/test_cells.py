"""Cells that no spreadsheet runs, and several values in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.taxonomy.cells import join_values, neutral, restored, split_values, whole_path


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", "'=1"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "'n Sync", "a=1", "Shoes", "1"])
def test_other_cells_stay_as_they_are(cell):
    assert neutral(cell) == cell


@given(st.text(st.sampled_from("'=+-@\t\ra＝"), max_size=6) | st.text())
def test_a_neutral_cell_comes_back(cell):
    assert restored(neutral(cell)) == cell


def test_values_are_parted_by_a_bar():
    assert join_values(["Boots", "a|b", "c\\"]) == "Boots|a\\|b|c\\\\"
    assert join_values([]) == ""
    assert split_values("") == ()


@given(st.lists(st.text(st.sampled_from("|\\ab'="), min_size=1) | st.text(min_size=1)))
def test_joined_values_come_back(values):
    assert split_values(join_values(values)) == tuple(values)


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    target = tmp_path / "a.txt"
    with whole_path(target) as first, whole_path(target) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert target.read_text() == "first"  # the outer one ends last
    assert list(tmp_path.iterdir()) == [target]
