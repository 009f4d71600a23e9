"""Two curators act in one run at the same moment, each through a connection of their own to one database."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, insert, select, text

from core.domain.discovery import ClusterStatus
from core.domain.errors import AppError, StaleRevisionError
from core.domain.workspace import Workspace
from core.services import opinions, presence, settings
from core.services.context import Context, open_context
from core.services.opinions import StandingKind, Verdict
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    move_products,
    name_cluster,
    open_review,
    reject_cluster,
    reopen_cluster,
    send_back,
)
from core.services.settings import SECOND_CURATOR
from db.base import Base
from db.models import AssignmentRow, ClusterRow, EventRow, MemberRow, ProductRow
from db.session import Database

WAIT_S = 60.0
AUTHORS = ("Ada", "Bob")
N_ACTS = 10
Desks = tuple[Context, Context]


@pytest.fixture(params=["sqlite", "postgres"])
def desks(request: pytest.FixtureRequest, discovered: Context) -> Iterator[Desks]:
    """The discovered workspace in each kind of database, opened twice."""
    url = None
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        target = Database(url)
        target.migrate()
        copy_rows(discovered.database, target)
        target.engine.dispose()
    first, second = (open_context(Workspace(discovered.workspace.home, url)) for _ in AUTHORS)
    yield first, second
    for context in (first, second):
        context.database.engine.dispose()


def copy_rows(source: Database, target: Database) -> None:
    """Copy every row into an empty database on Postgres, whatever points at what; new ids go on after the largest."""
    with source.read() as reader, target.write() as writer:
        writer.execute(text("SET session_replication_role = replica"))
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in reader.execute(select(table))]
            if rows:
                writer.execute(insert(table), rows)
            sequence = writer.scalar(text(f"SELECT pg_get_serial_sequence('{table.name}', '{_key(table)}')"))
            if sequence and rows:
                writer.execute(text(f"SELECT setval('{sequence}', {max(row['id'] for row in rows)})"))
        writer.execute(text("SET session_replication_role = DEFAULT"))


def _key(table) -> str:
    return next(iter(table.primary_key.columns)).name


def at_once(desks: Desks, act: Callable[[Context, str], object]) -> dict[str, object]:
    """What each curator's act gave back, or the fault it was refused with."""
    barrier, told = threading.Barrier(len(desks)), {}

    def run(context: Context, author: str) -> None:
        barrier.wait(WAIT_S)
        try:
            told[author] = act(context, author)
        except AppError as fault:
            told[author] = fault

    threads = [threading.Thread(target=run, args=pair) for pair in zip(desks, AUTHORS, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert sorted(told) == sorted(AUTHORS)
    return told


def the_slower(told: dict[str, object]) -> AppError:
    """The fault of the one who was refused, where exactly one was."""
    (fault,) = [fault for fault in told.values() if isinstance(fault, AppError)]
    return fault


def groups(context: Context) -> list:
    return [cluster for cluster in open_review(context, 1).clusters if cluster.level == 1]


def products_of(context: Context, cluster_id: int | None) -> list[int]:
    return [item.product_id for item in cluster_products(context, 1, cluster_id, limit=500)[0]]


def check_nothing_lost(context: Context, known: set[int]) -> None:
    """Every product once in the run, and those of approved clusters under the nodes of these."""
    with context.database.read() as session:
        members = session.scalars(select(MemberRow).where(MemberRow.run_id == 1)).all()
        clusters = {row.id: row for row in session.scalars(select(ClusterRow).where(ClusterRow.run_id == 1))}
        place = {row.id: row.node_id for row in session.execute(select(ProductRow.id, ProductRow.node_id))}
        standing = select(AssignmentRow.product_id, func.count()).where(
            AssignmentRow.is_retracted.is_(False), AssignmentRow.run_id == 1
        )
        n_placed = {row[0]: row[1] for row in session.execute(standing.group_by(AssignmentRow.product_id))}
    assert Counter(member.product_id for member in members) == Counter(dict.fromkeys(known, 1))
    for member in members:
        cluster = clusters.get(member.cluster_id)
        is_approved = cluster is not None and cluster.status == str(ClusterStatus.APPROVED)
        assert n_placed.get(member.product_id, 0) == int(is_approved)
        if is_approved:
            assert place[member.product_id] == cluster.node_id
    sizes = sum(len(products_of(context, cluster.id)) for cluster in groups(context))
    assert sizes + len(products_of(context, None)) == len(known)


def all_products(context: Context) -> set[int]:
    with context.database.read() as session:
        return set(session.scalars(select(MemberRow.product_id).where(MemberRow.run_id == 1)))


def test_of_two_names_one_is_kept_and_the_other_curator_reads_which(desks):
    cluster = groups(desks[0])[0]
    told = at_once(desks, lambda desk, who: name_cluster(desk, cluster.id, f"By {who}", cluster.revision, who))
    fault, kept = the_slower(told), groups(desks[0])[0].name
    assert isinstance(fault, StaleRevisionError)
    lost = next(f"By {who}" for who in AUTHORS if f"By {who}" != kept)
    assert f"'{kept}'" in fault.message
    assert f"'{lost}' was not kept" in fault.message
    assert fault.remedy


def test_of_two_approvals_of_a_cluster_one_is_made(desks):
    known, cluster = all_products(desks[0]), groups(desks[0])[0]

    def approve(desk: Context, who: str) -> object:
        return approve_clusters(desk, 1, {cluster.id: f"By {who}"}, "", who, {cluster.id: cluster.revision})

    fault = the_slower(at_once(desks, approve))
    approved = groups(desks[0])[0]
    assert approved.status is ClusterStatus.APPROVED
    assert "approved" in fault.message
    assert fault.remedy
    check_nothing_lost(desks[0], known)


def test_a_product_that_two_move_at_once_is_in_one_cluster(desks):
    known, (origin, *targets) = all_products(desks[0]), groups(desks[0])
    moving = products_of(desks[0], origin.id)[:3]

    def move(desk: Context, who: str) -> None:
        move_products(desk, 1, moving, targets[AUTHORS.index(who)].id, who, seen_in=origin.id)

    fault = the_slower(at_once(desks, move))
    assert isinstance(fault, StaleRevisionError)
    assert "moved elsewhere by somebody else" in fault.message
    inside = [set(moving) & set(products_of(desks[1], target.id)) for target in targets[:2]]
    assert sorted(map(len, inside)) == [0, len(moving)]
    check_nothing_lost(desks[0], known)


def test_a_product_moved_while_its_cluster_is_approved_is_in_one_place(desks):
    known, (origin, target, *_) = all_products(desks[0]), groups(desks[0])
    moving = products_of(desks[0], origin.id)[:3]

    def act(desk: Context, who: str) -> None:
        if who == "Ada":
            move_products(desk, 1, moving, target.id, who, seen_in=origin.id)
        else:
            approve_clusters(desk, 1, {origin.id: "Boots"}, "", who, {origin.id: origin.revision})

    at_once(desks, act)
    check_nothing_lost(desks[0], known)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_storm_of_acts_loses_and_doubles_nothing(desks, seed):
    known = all_products(desks[0])
    n_before = n_acts(desks[0])

    def act_many(desk: Context, who: str) -> int:
        draw = random.Random(f"{who}{seed}")
        return sum(act_once(desk, who, draw) for _ in range(N_ACTS))

    told = at_once(desks, act_many)
    assert n_acts(desks[0]) - n_before == sum(told.values()) > 0  # what was not refused is in the history, once
    check_nothing_lost(desks[0], known)


def n_acts(context: Context) -> int:
    with context.database.read() as session:
        return session.scalar(select(func.count(EventRow.id)).where(EventRow.run_id == 1)) or 0


def act_once(desk: Context, who: str, draw: random.Random) -> bool:
    """One act on what this curator sees now; whether it was done."""
    seen = groups(desk)
    cluster, other = draw.sample(seen, 2)
    some = products_of(desk, cluster.id)[:4]
    acts = {
        "move": lambda: move_products(desk, 1, some, other.id, who, seen_in=cluster.id),
        "exclude": lambda: exclude_products(desk, 1, some, who, seen_in=cluster.id),
        "send back": lambda: send_back(desk, 1, products_of(desk, None)[:4], who),
        "name": lambda: name_cluster(desk, cluster.id, f"{who} {draw.random()}", cluster.revision, who),
        "reject": lambda: reject_cluster(desk, cluster.id, who, cluster.revision),
        "reopen": lambda: reopen_cluster(desk, cluster.id, who, cluster.revision),
        "approve": lambda: approve_clusters(desk, 1, {cluster.id: f"Kind {cluster.number}"}, "", who),
    }
    weights = (6, 3, 3, 3, 1, 1, 1)
    try:
        acts[draw.choices(list(acts), weights)[0]]()
    except AppError as fault:
        assert fault.message
        assert fault.remedy
        return False
    return True


def test_two_who_approve_at_once_are_first_and_second_opinion(desks):
    settings.put(desks[0], SECOND_CURATOR, True, "Ada")
    cluster = groups(desks[0])[0]
    told = at_once(
        desks, lambda desk, who: opinions.give(desk, 1, cluster.id, Verdict.APPROVE, "Boots", cluster.revision, who)
    )
    assert {standing.kind for standing in told.values()} == {StandingKind.WAITING, StandingKind.AGREED_NAME}


def test_curators_on_different_servers_see_each_other(desks):
    presence.seen(desks[0], "a", "Ada", 1, 5)
    presence.seen(desks[1], "b", "Bob", 1, 6)
    presence.seen(desks[1], "b", "Bob", 1, 5)
    assert presence.others(desks[0], "a", 1) == {5: ("Bob",)}
    assert presence.others(desks[1], "b", 1) == {5: ("Ada",)}
    presence.gone(desks[1], "b")
    assert presence.others(desks[0], "a", 1) == {}
