"""With a classifier in use, an import queues the classification of what came in, and the loop closes by itself."""

import pytest

from core.domain.job import JobKind, JobState
from core.jobs.inline import run_inline
from core.jobs.runner import run_job
from core.services import settings
from core.services.context import Context
from core.services.jobs import get_job, list_jobs
from core.services.settings import CLASSIFY_AFTER_IMPORT
from core.services.unpredicted import count_unpredicted


@pytest.fixture
def import_boots(tmp_path):
    """Import so many boots through the job."""

    def run(context: Context, n_boots: int) -> int | None:
        file_path = tmp_path / "boots.csv"
        lines = ["sku,title,category", *(f"b{n},Leather ankle boots {n},Boots" for n in range(n_boots))]
        file_path.write_text("\n".join(lines), encoding="utf-8")
        job = run_inline(context, JobKind.IMPORT, {"file_path": str(file_path)}, "Ada", "Importing")
        assert job.state is JobState.DONE, job.error
        return job.result["classify_job_id"]

    return run


def test_an_import_queues_the_classification_of_what_is_new(trained, import_boots):
    job_id = import_boots(trained, 3)
    assert job_id is not None
    assert run_job(trained, job_id) is JobState.DONE
    job = get_job(trained, job_id)
    assert (job.kind, job.author, job.result["n_classified"]) == (JobKind.CLASSIFY_NEW, "Ada", 3)
    assert count_unpredicted(trained) == 0
    assert import_boots(trained, 3) is None, "nothing came"


def test_a_classification_that_waits_already_is_enough(trained, import_boots):
    assert import_boots(trained, 2) == import_boots(trained, 4)
    assert sum(job.kind is JobKind.CLASSIFY_NEW for job in list_jobs(trained)) == 1


def test_nothing_is_queued_without_a_model_or_where_it_is_switched_off(imported, trained, import_boots):
    settings.put(trained, CLASSIFY_AFTER_IMPORT, False, "Ada")
    assert import_boots(trained, 2) is None
    assert import_boots(imported, 2) is None
