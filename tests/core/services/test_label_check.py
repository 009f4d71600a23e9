"""Wrong labels planted in a small catalogue are found by the real check, and not asked about twice."""

import json
import random

import pytest
from sqlalchemy import func, select

from core.domain.errors import JobCancelledError, ParameterError, TrainingDataError
from core.domain.job import JobKind, JobState
from core.domain.label_issue import LabelIssueState
from core.domain.progress import NullProgress
from core.jobs.inline import run_inline
from core.services import taxonomy_edit
from core.services.context import Context
from core.services.embedding_space import Modality, load_space
from core.services.label_check import run_label_check
from core.services.label_decisions import correct_labels, keep_labels
from core.services.label_issues import LabelItem, LabelQuery, label_counts, last_check, list_label_issues
from core.services.label_look_alikes import look_alikes
from core.services.taxonomy import find_category
from db.models import EventRow, ProductRow
from db.repositories import label_issues
from db.repositories.label_issues import Doubt

N_OF_EACH, N_PLANTED = 60, 6
SHOES, BAGS = ("Shoes",), ("Bags",)
WORDS = ("classic", "soft", "city", "summer", "light", "slim", "warm")
COLOURS = ("red", "blue", "green", "black", "white")


@pytest.fixture
def planted(context: Context, write_csv, import_file) -> tuple[Context, set[int]]:
    """Shoes and bags told apart by their titles, with six shoes labelled as bags; and which those are."""
    draw, rows = random.Random(3), []
    for number in range(2 * N_OF_EACH):
        is_shoe = number < N_OF_EACH
        kind = "ankle boot" if is_shoe else "leather handbag"
        title = f"{draw.choice(WORDS)} {draw.choice(WORDS)} {kind} {draw.choice(COLOURS)}"
        label = SHOES if is_shoe and number >= N_PLANTED else BAGS
        rows.append({"id": str(number), "title": title, "category": label[0]})
    import_file(context, write_csv(rows))
    with context.database.read() as session:
        planted = select(ProductRow.id).where(ProductRow.external_id.in_([str(n) for n in range(N_PLANTED)]))
        return context, set(session.scalars(planted))


def waiting(context: Context) -> list[LabelItem]:
    return list_label_issues(context, LabelQuery(), limit=1000)[0]


def check(context: Context, share: float = 0.1) -> dict[str, int]:
    return run_label_check(context, "Ada", NullProgress(), share)


def test_planted_wrong_labels_are_found_with_the_right_suggestion(planted):
    context, wrong = planted
    found = check(context)
    items = waiting(context)
    caught = [item for item in items if item.issue.product_id in wrong]
    assert len(caught) >= N_PLANTED - 1, "cleanlab removes as many as it thinks there are"
    assert len(items) <= N_PLANTED + 2
    assert {item.suggested_path for item in caught} == {"Shoes"}
    assert found["n_issues"] == len(items) <= 0.1 * found["n_checked"]
    assert all(item.issue.suggested_confidence > item.issue.quality for item in items)
    assert (last_check(context).n_issues, last_check(context).author) == (len(items), "Ada")


def test_what_a_curator_settled_is_not_asked_again_and_the_rest_is_renewed(planted):
    context, wrong = planted
    check(context)
    kept, moved, *_ = (item.issue for item in waiting(context) if item.issue.product_id in wrong)
    keep_labels(context, [kept.id], "Ada")
    correct_labels(context, {moved.id: find_category(context, SHOES)}, "Ada")
    check(context)
    asked = {item.issue.product_id for item in waiting(context)}
    assert not asked & {kept.product_id, moved.product_id}
    assert len(asked) == len(waiting(context)) > 0
    counts = label_counts(context)
    assert (counts[LabelIssueState.KEPT], counts[LabelIssueState.CORRECTED]) == (1, 1)


def test_what_was_settled_is_not_asked_again_where_its_category_was_merged_since(planted):
    context, wrong = planted
    check(context)
    kept = next(item.issue for item in waiting(context) if item.issue.product_id in wrong)
    keep_labels(context, [kept.id], "Ada")
    luggage = taxonomy_edit.add_category(context, "root", "Luggage", revisions={}, author="Bob").node_ids[0]
    taxonomy_edit.merge(context, [find_category(context, BAGS)], luggage, revisions={}, author="Bob")
    check(context)
    asked = {item.issue.product_id for item in waiting(context)}
    assert asked & wrong, "the others are asked about again, in their new category"
    assert kept.product_id not in asked


def test_the_share_limits_the_queue_to_the_worst(planted):
    context, _wrong = planted
    check(context)
    all_found = [item.issue.product_id for item in waiting(context)]
    found = check(context, share=0.02)
    assert found["n_issues"] == int(0.02 * found["n_checked"]) == 2
    assert [item.issue.product_id for item in waiting(context)] == all_found[: found["n_issues"]]


class CancelledAtTheEnd:
    """Somebody presses Cancel when everything is computed."""

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        if fraction >= 0.95:
            raise JobCancelledError


def test_a_cancelled_check_leaves_the_queue_as_it_was(planted):
    context, _wrong = planted
    check(context)
    before = waiting(context)
    with pytest.raises(JobCancelledError):
        run_label_check(context, "Ada", CancelledAtTheEnd(), 0.02)
    assert waiting(context) == before
    with context.database.read() as session:
        assert session.scalar(select(func.count()).where(EventRow.kind == "check_labels")) == 1


def test_the_job_gives_the_counts(planted):
    context, _wrong = planted
    job = run_inline(context, JobKind.CHECK_LABELS, {"share": 0.02}, "Ada", "Checking labels")
    assert job.state is JobState.DONE, job.error
    assert job.result == {"n_checked": 2 * N_OF_EACH, "n_issues": len(waiting(context))}
    assert json.dumps(job.result)


def test_one_category_alone_cannot_be_checked(context, write_csv, import_file):
    import_file(context, write_csv([{"id": str(n), "title": f"Boot {n}", "category": "Shoes"} for n in range(12)]))
    with pytest.raises(TrainingDataError, match="only one category"):
        check(context)


def test_look_alikes_are_the_nearest_pictures_of_the_suggested_category(discovered):
    shoes = find_category(discovered, ("Apparel & Accessories", "Shoes"))
    bags = find_category(discovered, ("Luggage & Bags",))
    space = load_space(discovered, Modality.IMAGE)
    with discovered.database.write() as session:
        placed = select(ProductRow.id, ProductRow.node_id, ProductRow.image_hash).order_by(ProductRow.id)
        rows = session.execute(placed).all()
        asked = next(row.id for row in rows if row.node_id == bags and space.rows_of([row.id])[0] >= 0)
        bare = next((row.id for row in rows if row.image_hash is None), None)
        doubts = [Doubt(key, bags, shoes, 0.1, 0.9) for key in (asked, bare) if key is not None]
        label_issues.replace_pending(session, doubts)
    items, _total = list_label_issues(discovered, LabelQuery(node_id=bags))
    item = next(item for item in items if item.issue.product_id == asked)
    mine = space.vectors[space.rows_of([asked])[0]]
    similarity = {row.image_hash: float(space.vectors[space.rows_of([row.id])[0]] @ mine)
                  for row in rows if row.node_id == shoes and space.rows_of([row.id])[0] >= 0}  # fmt: skip
    shown = look_alikes(discovered, items)
    assert [similarity[alike.image_hash] for alike in shown[item.issue.id]] == pytest.approx(
        sorted(similarity.values(), reverse=True)[:3]
    )
    assert all(shown[other.issue.id] == [] for other in items if other.issue.product_id == bare)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.01, float("nan")])
def test_a_share_out_of_range_is_refused(context, share):
    with pytest.raises(ParameterError):
        check(context, share)
