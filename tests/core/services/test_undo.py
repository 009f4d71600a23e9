"""Undo: any sequence of acts, taken back, leaves everything as it was."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.errors import AppError
from core.domain.workspace import Workspace
from core.services import history
from core.services.context import Context, open_context
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    last_act,
    move_products,
    name_cluster,
    open_review,
    recut,
    reject_cluster,
    reopen_cluster,
    send_back,
    undo,
)

NAMES = ("Boots", "Heels", "boots", "Sandals")
ACTS = ("move", "exclude", "send_back", "name", "reject", "reopen", "approve", "recut")
STEP = st.tuples(st.sampled_from(ACTS), st.integers(0, 60), st.integers(0, 60))


def act(context: Context, kind: str, a: int, b: int) -> None:
    """One act on clusters and products chosen by two numbers; may be refused."""
    clusters = sorted(open_review(context, 1).clusters, key=lambda found: found.number)
    cluster, other = clusters[a % len(clusters)], clusters[b % len(clusters)]
    inside = [item.product_id for item in cluster_products(context, 1, cluster.id, limit=1000)[0]]
    aside = [item.product_id for item in cluster_products(context, 1, None, limit=1000)[0]]
    if kind == "move":
        move_products(context, 1, inside[:: 1 + b % 3] if a % 2 else aside[:3], other.id, "Ada")
    elif kind == "exclude":
        exclude_products(context, 1, inside[: 1 + b % 20], "Ada")
    elif kind == "send_back":
        send_back(context, 1, aside[: 1 + b % 6], "Ada")
    elif kind == "name":
        name_cluster(context, cluster.id, ("", *NAMES)[b % 5], cluster.revision, "Ada")
    elif kind == "reject":
        reject_cluster(context, cluster.id, "Ada")
    elif kind == "reopen":
        reopen_cluster(context, cluster.id, "Ada")
    elif kind == "approve":
        chosen = {cluster.id: NAMES[b % 4], other.id: NAMES[a % 4]}
        approve_clusters(context, 1, chosen, "", "Ada")
    else:
        recut(context, 1, 1 + b % 12, "Ada")


def check_whole(dump: dict[str, Any]) -> None:
    """Every product of the run once, in clusters that exist and fit together; every product at a live node."""
    clusters = {row["id"]: row for row in dump["clusters"]}
    assert len({row["product_id"] for row in dump["members"]}) == len(dump["members"]) == 92
    for row in dump["members"]:
        if row["cluster_id"] is None:
            assert row["subcluster_id"] is None
            continue
        assert clusters[row["cluster_id"]]["level"] == 1
        assert row["subcluster_id"] is None or clusters[row["subcluster_id"]]["parent_id"] == row["cluster_id"]
    live = {key for key, _ in dump["nodes"]}
    assert all(node_id in live for _, node_id, _ in dump["places"])


@pytest.fixture
def make_bench(discovered_template, subdivide, tmp_path_factory) -> Callable[[], Context]:
    """A workspace for all sequences: each leaves it as it found it, unless it fails."""

    def make() -> Context:
        home = shutil.copytree(discovered_template, tmp_path_factory.mktemp("undo") / "home")
        context = open_context(Workspace(home))
        subdivide(context, 1)
        return context

    return make


@pytest.fixture
def clean() -> list[Context]:
    """The workspace that the sequence before left as it found it."""
    return []


@given(steps=st.lists(STEP, min_size=1, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_acts_undone_one_by_one_leave_everything_as_it_was(make_bench, dump_run, clean, steps):
    bench = clean.pop() if clean else make_bench()
    initial = dump_run(bench, 1)
    for kind, a, b in steps:
        before = dump_run(bench, 1)
        try:
            act(bench, kind, a, b)
        except AppError:
            assert dump_run(bench, 1) == before, "a refused act changes nothing"
        check_whole(dump_run(bench, 1))
    while undo(bench, 1, "Ada") is not None:
        check_whole(dump_run(bench, 1))
    assert dump_run(bench, 1) == initial
    clean.append(bench)


def test_a_node_that_came_back_with_a_new_one_below_it_goes_again(subdivided, dump_run):
    part = next(found for found in open_review(subdivided, 1).clusters if found.level == 2)
    before = dump_run(subdivided, 1)
    for below in ("Ankle", "Knee"):
        approve_clusters(subdivided, 1, {part.parent_id: "Boots", part.id: below}, "", "Ada")
        undo(subdivided, 1, "Ada")
        assert dump_run(subdivided, 1) == before


@pytest.mark.parametrize("kind", ACTS)
def test_each_act_alone_is_undone_to_the_exact_state_before(subdivided, dump_run, kind):
    exclude_products(subdivided, 1, [cluster_products(subdivided, 1, 1)[0][0].product_id], "Ada")
    if kind == "reopen":
        reject_cluster(subdivided, sorted(found.id for found in open_review(subdivided, 1).clusters)[1], "Ada")
    before, last = dump_run(subdivided, 1), last_act(subdivided, 1, "Ada")
    act(subdivided, kind, 1, 3)
    assert dump_run(subdivided, 1) != before
    assert last_act(subdivided, 1, "Ada") != last
    undo(subdivided, 1, "Ada")
    assert dump_run(subdivided, 1) == before
    assert last_act(subdivided, 1, "Ada") == last


def test_there_is_nothing_to_undo_at_first(discovered):
    assert last_act(discovered, 1, "Ada") is None
    assert undo(discovered, 1, "Ada") is None


def test_an_act_survives_a_restart_and_can_be_undone_by_somebody_else(discovered, dump_run):
    before = dump_run(discovered, 1)
    clusters = open_review(discovered, 1).clusters
    name_cluster(discovered, clusters[0].id, "Boots", clusters[0].revision, "Ada")
    discovered.database.engine.dispose()
    again = open_context(discovered.workspace)
    assert last_act(again, 1, "Ada") == f"Named cluster {clusters[0].number} 'Boots'"
    assert undo(again, 1, "Bob") is None, "undo is each curator's own"
    newest, *_ = history.entries(again, history.run_scope(1))
    history.take_back(again, newest.id, "Bob")
    assert dump_run(again, 1) == before
