"""A second discovery respects what the curator did after the first."""

from collections.abc import Sequence

import numpy as np
import pytest
from sqlalchemy import select

from core.discovery.run_file import RunFile
from core.domain.discovery import DiscoveryParameters, NameSource
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
    recut,
    reject_cluster,
    undo,
)
from core.services.taxonomy import find_category
from db.models import ClusterRow, MemberRow

SHOES = ("Apparel & Accessories", "Shoes")
WORDS_ONLY = {"n_clusters": 6, "levels": 1, "image_weight": 0.0, "n_neighbors": 10}
"""Quick, and as guided as with pictures."""


def members(context: Context, run_id: int, cluster_id: int | None) -> list[int]:
    return sorted(item.product_id for item in cluster_products(context, run_id, cluster_id, limit=1000)[0])


def homes(context: Context, run_id: int) -> dict[int, int | None]:
    """Product id → its level-1 cluster."""
    with context.database.read() as session:
        rows = session.execute(select(MemberRow.product_id, MemberRow.cluster_id).where(MemberRow.run_id == run_id))
        return dict(rows.all())


def partition(context: Context, run_id: int) -> list[tuple]:
    with context.database.read() as session:
        numbers = dict(session.execute(select(ClusterRow.id, ClusterRow.number)).all())
    names = [(found.number, found.suggested_names) for found in open_review(context, run_id).clusters]
    return [*sorted((key, numbers.get(home)) for key, home in homes(context, run_id).items()), *names]


def the_home(of: dict[int, int | None], product_ids: Sequence[int]) -> int | None:
    """The one cluster all these products are in."""
    (home,) = {of[product_id] for product_id in product_ids}
    return home


@pytest.fixture
def rediscover():
    def rediscover(context: Context, **changes: object) -> int:
        parameters = DiscoveryParameters(**{**WORDS_ONLY, **changes})
        return run_discovery(context, find_category(context, SHOES), parameters, "Ada", NullProgress())

    return rediscover


@pytest.fixture
def reviewed(discovered: Context) -> tuple[Context, dict[str, list[int]]]:
    """Two clusters approved, three products moved between two others, two excluded."""
    first, second, third, fourth = open_review(discovered, 1).clusters[:4]
    approved = {name: members(discovered, 1, found.id) for name, found in (("Alpha", first), ("Beta", second))}
    approve_clusters(discovered, 1, {first.id: "Alpha", second.id: "Beta"}, "", "Ada")
    outgoing = members(discovered, 1, third.id)
    moved, excluded = outgoing[:3], outgoing[3:5]
    move_products(discovered, 1, moved, fourth.id, "Ada")
    exclude_products(discovered, 1, excluded, "Ada")
    joined = [key for key in members(discovered, 1, fourth.id) if key not in moved]
    stayed = members(discovered, 1, third.id)
    return discovered, {**approved, "moved": moved, "joined": joined, "stayed": stayed, "excluded": excluded}


def test_approved_groups_stay_whole_and_apart_and_keep_their_names(reviewed, rediscover):
    context, said = reviewed
    run_id = rediscover(context)
    of = homes(context, run_id)
    alpha, beta = the_home(of, said["Alpha"]), the_home(of, said["Beta"])
    assert None is not alpha != beta is not None
    clusters = {found.id: found for found in open_review(context, run_id).clusters}
    for home, name in ((alpha, "Alpha"), (beta, "Beta")):
        first = clusters[home].suggestions[0]
        assert (first.name, first.source) == (name, NameSource.APPROVED)
        assert first.evidence == f"continues '{name}', {len(said[name])} of its products"
    assert sum(name in found.suggested_names for found in clusters.values() for name in ("Alpha", "Beta")) == 2


def test_moved_products_are_where_they_were_moved_and_not_where_they_were(reviewed, rediscover):
    context, said = reviewed
    of = homes(context, rediscover(context))
    home = the_home(of, [*said["moved"], *said["joined"]])
    assert home is not None
    assert home not in {of[product_id] for product_id in said["stayed"]}


def test_excluded_products_stay_aside_and_are_marked(reviewed, rediscover):
    context, said = reviewed
    run_id = rediscover(context)
    notes = {item.product_id: item.note for item in cluster_products(context, run_id, None, limit=1000)[0]}
    assert {notes[product_id] for product_id in said["excluded"]} == {"excluded"}
    assert open_review(context, run_id).n_excluded == 2


def test_the_run_says_what_guided_it(reviewed, rediscover):
    context, said = reviewed
    n_approved, n_open = len(said["Alpha"]) + len(said["Beta"]), len(said["moved"]) + len(said["joined"])
    assert open_review(context, rediscover(context)).run.details["guidance"] == (
        f"{n_approved} products in 2 approved subcategories, {n_open} products in 1 group in review, "
        "3 moved products and 2 excluded products"
    )


@pytest.mark.parametrize("wanted", [2, 4, 9])
def test_a_recut_obeys_too(reviewed, rediscover, wanted):
    context, said = reviewed
    run_id = rediscover(context)
    review = recut(context, run_id, wanted, "Ada")
    of = homes(context, run_id)
    groups = [the_home(of, said["Alpha"]), the_home(of, said["Beta"]), the_home(of, [*said["moved"], *said["joined"]])]
    assert len(set(groups)) == 3
    assert groups[2] not in {of[product_id] for product_id in said["stayed"]}
    assert review.k_current >= wanted
    by_id = {found.id: found for found in review.clusters}
    assert [by_id[home].suggested_names[0] for home in groups[:2]] == ["Alpha", "Beta"]


def test_the_same_seed_twice_agrees_exactly(reviewed, rediscover):
    context, _ = reviewed
    first, again = rediscover(context, seed=3), rediscover(context, seed=3)
    assert partition(context, first) == partition(context, again)
    one, other = (RunFile.load(context.workspace.runs / f"{run_id}.npz") for run_id in (first, again))
    assert np.array_equal(one.reduced, other.reduced)
    assert np.array_equal(one.labels, other.labels)


def test_what_was_undone_steers_nothing(discovered, rediscover):
    before = partition(discovered, rediscover(discovered))
    cluster = open_review(discovered, 1).clusters[0]
    approve_clusters(discovered, 1, {cluster.id: "Alpha"}, "", "Ada")
    undo(discovered, 1, "Ada")
    third, fourth = open_review(discovered, 1).clusters[2:4]
    some = members(discovered, 1, third.id)[:3]
    move_products(discovered, 1, some, fourth.id, "Ada")
    undo(discovered, 1, "Ada")
    exclude_products(discovered, 1, some, "Ada")
    undo(discovered, 1, "Ada")
    name_cluster(discovered, third.id, "Gamma", open_review(discovered, 1).clusters[2].revision, "Ada")
    undo(discovered, 1, "Ada")
    again = rediscover(discovered)
    assert partition(discovered, again) == before
    assert "guidance" not in open_review(discovered, again).run.details


def test_guidance_can_be_left_out(reviewed, rediscover):
    context, _ = reviewed
    plain = rediscover(context, is_guided=False)
    run = open_review(context, plain).run
    assert "guidance" not in run.details
    assert RunFile.load(context.workspace.runs / f"{plain}.npz").labels is None
    assert open_review(context, plain).n_excluded == 0


def test_a_named_group_that_is_not_approved_yet_stays_whole(discovered, rediscover):
    cluster = open_review(discovered, 1).clusters[1]
    name_cluster(discovered, cluster.id, "Gamma", cluster.revision, "Ada")
    inside = members(discovered, 1, cluster.id)
    run_id = rediscover(discovered)
    home = the_home(homes(discovered, run_id), inside)
    first = next(found for found in open_review(discovered, run_id).clusters if found.id == home).suggestions[0]
    assert (first.name, first.source) == ("Gamma", NameSource.CURATOR)


def test_a_later_word_wins_over_an_earlier_one(discovered, rediscover):
    """Named in one run; rejected in the next, where it came back: nobody holds on to the name."""
    cluster = open_review(discovered, 1).clusters[1]
    name_cluster(discovered, cluster.id, "Gamma", cluster.revision, "Ada")
    second = rediscover(discovered)
    (came_back,) = [found for found in open_review(discovered, second).clusters if found.suggested_names[0] == "Gamma"]
    reject_cluster(discovered, came_back.id, "Ada")
    third = open_review(discovered, rediscover(discovered))
    assert "guidance" not in third.run.details
    assert all("Gamma" not in found.suggested_names for found in third.clusters)


def test_words_of_an_older_run_stand_while_no_later_one_was_worked_on(reviewed, rediscover):
    context, said = reviewed
    rediscover(context)
    of = homes(context, rediscover(context))
    assert the_home(of, [*said["moved"], *said["joined"]]) is not None
    assert the_home(of, said["excluded"]) is None
