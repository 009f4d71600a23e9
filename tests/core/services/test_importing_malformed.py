import csv
from pathlib import Path

from core.domain.progress import NullProgress
from core.domain.workspace import Workspace
from core.services.context import open_context
from core.services.importing import run_import


def test_rows_that_cannot_be_read_are_rejected_under_their_number(tmp_path):
    table = tmp_path / "shop.csv"
    table.write_text("id,title,category\n1,Red boot,Shoes\n2,Blue,boot,Shoes,x\n3,,Shoes\n", encoding="utf-8")
    context = open_context(Workspace(tmp_path / "home"))
    result = run_import(context, table, None, None, "own", "Ada", NullProgress())
    assert (result.n_rows, result.n_new, result.n_rejected) == (3, 1, 2)
    assert result.reasons == {"missing title": 1, "malformed row": 1}
    with Path(result.rejects_path).open(encoding="utf-8", newline="") as stream:
        assert {(row["row"], row["reason"]) for row in csv.DictReader(stream)} == {
            ("3", "missing title"), ("2", "malformed row"),
        }  # fmt: skip
