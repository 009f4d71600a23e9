"""A curator may let earlier decisions steer the next clusters, and sees what did."""

import pytest

from core.services import jobs
from db.models import RunRow


@pytest.mark.parametrize("is_guided", [True, False])
def test_the_form_asks_whether_earlier_decisions_count(home, ctx, worker_held, open_page, is_guided):
    at = open_page("discover.py")
    assert at.toggle(key="discover_guided").value
    if not is_guided:
        at.toggle(key="discover_guided").set_value(False).run()
    at.button(key="discover_go").click().run()
    assert jobs.list_jobs(ctx)[0].arguments["parameters"]["is_guided"] is is_guided


def test_a_review_says_what_guided_its_run(home, ctx, open_page):
    def notes() -> list[str]:
        return [text.value for text in open_page("review.py").caption if text.value.startswith("Guided by")]

    assert notes() == []
    with ctx.database.write() as session:
        run = session.get_one(RunRow, 1)
        run.details = {**run.details, "guidance": "212 products in 3 approved subcategories"}
        run.revision += 1
    assert notes() == ["Guided by 212 products in 3 approved subcategories"]
