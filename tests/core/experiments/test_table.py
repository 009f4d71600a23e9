import csv
import re

import pytest

from core.experiments.experiment import Cell, Column, Experiment
from core.experiments.table import Table, build_table, write_markdown

TABLE = Table(
    "A | title", ("Encoder", "hF1", "Products"), (("a|b\\c", 0.98765, 1234), ("new\nline", None, 7)), (0, 4, 0)
)


def parse_markdown(text):
    """Cells of the first table."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [re.split(r"(?<!\\) \| ", line[2:-2]) for line in lines if not set(line) <= set("|- ")]
    return [[cell.replace("\\|", "|").replace("\\\\", "\\") for cell in row] for row in rows]


def test_markdown_parses_back_into_the_same_cells(tmp_path):
    write_markdown(tmp_path / "table.md", [TABLE], ["A note\nof two lines"])
    text = (tmp_path / "table.md").read_text()
    assert parse_markdown(text) == [list(TABLE.columns), ["a|b\\c", "0.9877", "1234"], ["new line", "–", "7"]]
    assert text.endswith("\n- A note of two lines\n")


def test_csv_holds_four_decimals_and_whole_counts(tmp_path):
    TABLE.write_csv(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [list(TABLE.columns), ["a|b\\c", "0.9877", "1234"], ["new\nline", "", "7"]]


def test_rows_are_means_over_the_seeds_that_are_done():
    columns = [Column("hF1", "hierarchical_f1"), Column("n", "n", 0)]
    experiment = Experiment("flat", ("Row",), None, None, None, lambda figures: columns)
    cells = [Cell((name,), seed) for seed in (0, 1) for name in ("a", "b")]
    found = {
        cells[0].key: {"hierarchical_f1": 0.5, "n": 10},
        cells[2].key: {"hierarchical_f1": 0.7, "n": 10},
        cells[1].key: {"hierarchical_f1": 0.9, "n": 11},
    }
    table = build_table(experiment, "T", cells, found)
    assert table.rows == (("a", pytest.approx(0.6), 10, pytest.approx(0.1414)), ("b", 0.9, 11, None))
