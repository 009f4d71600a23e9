"""Runs beside one another: what agrees, what moved, which names carry over."""

import time

import numpy as np
import pytest
from sqlalchemy import select

from core.discovery.run_file import RunFile
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import RunNotFoundError
from core.domain.progress import NullProgress
from core.services.context import Context
from core.services.discovery import run_discovery
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    move_products,
    name_cluster,
    open_review,
    reject_cluster,
)
from core.services.run_comparison import compare_runs, moved_products
from core.services.taxonomy import find_category
from db.models import ClusterRow, MemberRow

SHOES = ("Apparel & Accessories", "Shoes")


def discover_again(context: Context, **changes) -> int:
    parameters = {"n_clusters": 5, "n_neighbors": 10, "is_guided": False, **changes}
    return run_discovery(
        context, find_category(context, SHOES), DiscoveryParameters(**parameters), "Ada", NullProgress()
    )


def level_1(context: Context, run_id: int):
    return [cluster for cluster in open_review(context, run_id).clusters if cluster.level == 1]


def product_ids(context: Context, run_id: int, cluster_id: int | None, n: int = 1000) -> list[int]:
    return [item.product_id for item in cluster_products(context, run_id, cluster_id, limit=n)[0]]


def everything(context: Context, run_id: int) -> tuple[list, list]:
    """Members and clusters with all that a curator sees, without the ids the database gave."""
    with context.database.read() as session:
        rows = list(session.scalars(select(ClusterRow).where(ClusterRow.run_id == run_id).order_by(ClusterRow.number)))
        number = {row.id: row.number for row in rows}
        members = session.scalars(select(MemberRow).where(MemberRow.run_id == run_id).order_by(MemberRow.product_id))
        return (
            [(m.product_id, m.position, number.get(m.cluster_id), number.get(m.subcluster_id), m.distance, m.is_noise)
             for m in members],
            [(row.number, row.level, number.get(row.parent_id), row.suggested_names, row.keywords, row.silhouette,
              row.stability) for row in rows],
        )  # fmt: skip


@pytest.fixture
def other_seed(discovered: Context) -> Context:
    """Run 2: the same products with another seed and more clusters."""
    discover_again(discovered, seed=3, n_clusters=7)
    return discovered


def test_two_runs_with_the_same_seed_agree_in_everything(discovered):
    first, again = (discover_again(discovered, seed=4) for _ in range(2))
    assert everything(discovered, first) == everything(discovered, again)
    files = [RunFile.load(discovered.workspace.runs / f"{run_id}.npz") for run_id in (first, again)]
    assert np.array_equal(files[0].reduced, files[1].reduced)
    assert np.array_equal(files[0].projection, files[1].projection)
    assert np.array_equal(files[0].dendrogram.linkage, files[1].dendrogram.linkage)
    comparison = compare_runs(discovered, again)
    assert (comparison.other_run_id, comparison.share_stayed, comparison.n_moved) == (first, 1.0, 0)
    assert (comparison.n_new, comparison.vanished, comparison.ari) == (0, (), 1.0)
    assert all(change.jaccard == 1.0 and change.predecessor is not None for change in comparison.changes)


def test_another_seed_is_compared_with_what_is_really_in_the_clusters(other_seed):
    comparison = compare_runs(other_seed, 2)
    assert (comparison.run_id, comparison.other_run_id, comparison.n_products) == (2, 1, 92)
    assert [change.cluster for change in comparison.changes] == level_1(other_seed, 2)
    assert comparison.n_new == 2 + len(comparison.vanished)  # seven clusters after five, one heir each
    assert 0 < comparison.ari < 1
    stayed = set(product_ids(other_seed, 1, None)) & set(product_ids(other_seed, 2, None))
    for change in comparison.changes:
        now = set(product_ids(other_seed, 2, change.cluster.id))
        was = set(product_ids(other_seed, 1, change.predecessor.id)) if change.predecessor else set()
        assert (change.n_kept, change.n_arrived, change.n_left) == (len(now & was), len(now - was), len(was - now))
        stayed |= now & was
    assert comparison.n_moved == 92 - len(stayed)
    assert comparison.share_stayed == pytest.approx(len(stayed) / 92)


def test_the_first_run_has_nothing_before_it(discovered):
    assert compare_runs(discovered, 1) is None


def test_the_earlier_run_can_be_chosen_and_must_exist(other_seed):
    third = discover_again(other_seed, seed=3, n_clusters=7)
    assert compare_runs(other_seed, third).other_run_id == 2
    assert compare_runs(other_seed, third, 1).other_run_id == 1
    with pytest.raises(RunNotFoundError):
        compare_runs(other_seed, third, 99)
    with pytest.raises(RunNotFoundError):
        compare_runs(other_seed, 99)


def test_a_run_of_another_category_is_not_the_one_before(discovered):
    bags = find_category(discovered, ("Apparel & Accessories",))
    parameters = DiscoveryParameters(n_clusters=3, levels=1, image_weight=0.0, n_neighbors=10)
    other = run_discovery(discovered, bags, parameters, "Ada", NullProgress())
    assert compare_runs(discovered, other) is None


def test_what_the_curator_moved_and_excluded_counts(discovered):
    again = discover_again(discovered, seed=0)
    assert compare_runs(discovered, again).n_moved == 0
    first, second, *_ = level_1(discovered, 1)
    moved, excluded = product_ids(discovered, 1, first.id, 5)[:2], product_ids(discovered, 1, first.id, 5)[2:]
    move_products(discovered, 1, moved, second.id, "Ada")
    exclude_products(discovered, 1, excluded, "Ada")
    comparison = compare_runs(discovered, again)
    assert comparison.n_moved == 5
    change = comparison.changes[0]
    assert (change.n_arrived, change.n_left, change.predecessor.id) == (5, 0, first.id)
    items, total = moved_products(discovered, comparison, first.id, change.cluster.id)
    assert (total, {item.product_id for item in items}) == (5, {*moved, *excluded})
    notes = {item.product_id: item.note for item in items}
    assert {notes[key] for key in excluded} == {"was set aside"}
    assert all(notes[key].startswith("was ") and "set aside" not in notes[key] for key in moved)


def test_the_products_that_moved_are_those_that_are_counted(other_seed):
    comparison = compare_runs(other_seed, 2)
    for change in comparison.changes:
        before_id = change.predecessor.id if change.predecessor else None
        arrived = moved_products(other_seed, comparison, before_id, change.cluster.id, 1000)
        left = moved_products(other_seed, comparison, before_id, change.cluster.id, 1000, is_arrived=False)
        assert (arrived[1], left[1]) == (len(arrived[0]), len(left[0])) == (change.n_arrived, change.n_left)
        assert all(item.note.startswith("was ") for item in arrived[0])
        assert all(item.note.startswith("now ") for item in left[0])
    for old in comparison.vanished:
        assert moved_products(other_seed, comparison, old.id, None, is_arrived=False)[1] == old.size
    assert len(moved_products(other_seed, comparison, None, comparison.changes[0].cluster.id, 3)[0]) == 3


def test_names_of_the_curator_carry_over_and_rejected_ones_do_not(discovered):
    named, approved, rejected, *_ = level_1(discovered, 1)
    name_cluster(discovered, named.id, "Trail boots", named.revision, "Ada")
    approve_clusters(discovered, 1, {approved.id: "Heels"}, "", "Ada")
    name_cluster(discovered, rejected.id, "Odds and ends", rejected.revision, "Ada")
    reject_cluster(discovered, rejected.id, "Ada")
    again = discover_again(discovered, seed=0)
    changes = {change.predecessor.id: change for change in compare_runs(discovered, again).changes}
    assert (changes[named.id].carried_name, changes[named.id].is_approved) == ("Trail boots", False)
    assert (changes[approved.id].carried_name, changes[approved.id].is_approved) == ("Heels", True)
    assert changes[rejected.id].carried_name == ""


def test_a_comparison_is_quick(other_seed):
    compare_runs(other_seed, 2)
    started = time.process_time()
    compare_runs(other_seed, 2)
    assert time.process_time() - started < 0.5
