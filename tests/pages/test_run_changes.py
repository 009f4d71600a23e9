"""What a second discovery changed, on the review page."""

import pytest

from core.domain.discovery import DiscoveryParameters
from core.domain.progress import NullProgress
from core.services import review
from core.services.discovery import run_discovery
from core.services.run_comparison import compare_runs
from core.services.taxonomy import find_category

SHOES = ("Apparel", "Shoes")


@pytest.fixture
def again(ctx):
    """A second run, with one cluster more; in the first one a cluster has a name."""
    first = review.open_review(ctx, 1).clusters[0]
    review.name_cluster(ctx, first.id, "City shoes", first.revision, "Ada")
    parameters = DiscoveryParameters(n_clusters=4, levels=1, image_weight=0.0, n_neighbors=10, is_guided=False)
    return run_discovery(ctx, find_category(ctx, SHOES), parameters, "Ada", NullProgress())


def panel(at):
    return next((box for box in at.expander if box.label.startswith("Since run")), None)


def test_the_first_run_has_no_changes_to_show(home, open_page):
    assert panel(open_page("review.py")) is None


def test_a_second_run_says_what_changed_since_the_first(home, ctx, again, open_page):
    comparison = compare_runs(ctx, again)
    label = panel(open_page("review.py", run=str(again))).label
    assert label.startswith("Since run #1: ")
    assert f"{comparison.n_new} cluster" in label
    assert f"{comparison.n_moved:,} product" in label


def test_the_table_pairs_every_cluster_with_the_one_before(home, ctx, again, open_page):
    at = open_page("review.py", run=str(again))
    at.session_state[f"changes_{again}"] = True
    at.run()
    comparison = compare_runs(ctx, again)
    frame = at.dataframe[0].value
    assert len(frame) == len(comparison.changes) + len(comparison.vanished)
    assert frame["Kept"].tolist()[: len(comparison.changes)] == [change.n_kept for change in comparison.changes]
    assert sum("City shoes (named)" in said for said in frame["Change"]) == 1
    assert not at.exception
