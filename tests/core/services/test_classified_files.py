"""A classified file as people look at it."""

import pytest

from core.domain.errors import CatalogueFormatError
from core.domain.job import JobKind
from core.jobs.inline import run_inline
from core.services.classified_files import new_output_path, past_classifications, read_classified

LINES = [
    "stage,titel,product_id,path,confidence,stage,level_1,reason,note",
    "x,'=Boot,a,Shoes,0.9500,1,Shoes,,",
    "x,Bag,b,Bags,0.4200,2,Bags,,no picture",
    "x,,c,,0.0000,0,,missing title,",
]


def test_the_least_certain_come_first_and_failures_keep_their_reasons(tmp_path):
    file_path = tmp_path / "out.csv"
    file_path.write_text("\n".join(LINES), encoding="utf-8")
    found = read_classified(file_path, "titel")
    assert (found.n_rows, found.n_text, found.n_full, found.n_failed, found.n_notes) == (3, 1, 1, 1, 1)
    assert found.share_text == 0.5
    assert found.least_certain[["row", "title", "stage"]].to_numpy().tolist() == [[2, "Bag", 2], [1, "=Boot", 1]]
    assert found.failed[["row", "reason", "product_id"]].to_numpy().tolist() == [[3, "missing title", "c"]]
    assert [place for place, n in enumerate(found.certainty) if n] == [4, 9]


def test_a_file_that_is_gone_or_no_result_is_said(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    for file_path in (tmp_path / "gone.csv", other):
        with pytest.raises(CatalogueFormatError, match=file_path.name):
            read_classified(file_path)


def test_only_results_in_the_workspace_are_offered_again(trained, write_csv, tmp_path):
    file_path = write_csv([{"title": "Ankle boot"}])
    inside = new_output_path(trained, file_path)
    for output in (inside, tmp_path / "elsewhere.csv"):
        arguments = {"file_path": str(file_path), "output_path": str(output), "keep_columns": True}
        assert run_inline(trained, JobKind.CLASSIFY, arguments, "Ada", "Classifying").error == ""
    assert [job.result["output_path"] for job in past_classifications(trained)] == [str(inside)]
    assert inside.name == "offers_classified.csv"
    inside.unlink()
    assert past_classifications(trained) == []
