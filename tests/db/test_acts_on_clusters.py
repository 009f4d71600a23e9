"""Acts on clusters, their undo and redo, in each kind of database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from core.domain.workspace import Workspace
from core.services import history
from core.services.bulk_approval import approve_above
from core.services.cluster_merge import merge_clusters
from core.services.cluster_split import split_cluster, split_off
from core.services.context import Context, open_context
from core.services.review import cluster_products, exclude_products, move_products, open_review, recut, send_back
from db.models import ClusterRow, MemberRow, NodeRow, ProductRow
from db.session import Database
from tests.db.test_two_curators import copy_rows


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request: pytest.FixtureRequest, discovered: Context) -> Iterator[Context]:
    """The discovered workspace in each kind of database."""
    if request.param == "sqlite":
        yield discovered
        return
    url = request.getfixturevalue("postgres_url")
    target = Database(url)
    target.migrate()
    copy_rows(discovered.database, target)
    target.engine.dispose()
    opened = open_context(Workspace(discovered.workspace.home, url))
    yield opened
    opened.database.engine.dispose()


def state(context: Context) -> list[list[tuple]]:
    """Clusters, members, where products are, live categories."""
    columns = [
        (ClusterRow.id, ClusterRow.number, ClusterRow.name, ClusterRow.status, ClusterRow.parent_id),
        (MemberRow.id, MemberRow.product_id, MemberRow.cluster_id, MemberRow.subcluster_id, MemberRow.distance,
         MemberRow.is_excluded, MemberRow.is_moved),
        (ProductRow.id, ProductRow.node_id),
    ]  # fmt: skip
    with context.database.read() as session:
        found = [sorted(map(tuple, session.execute(select(*chosen)))) for chosen in columns]
        live = select(NodeRow.id, NodeRow.parent_id, NodeRow.name).where(NodeRow.status != "deprecated")
        return [*found, sorted(map(tuple, session.execute(live.where(NodeRow.parent_id.is_not(None)))))]


def do_everything(context: Context) -> Iterator[None]:
    """One act of each kind after the other."""

    def clusters() -> list[int]:
        return [found.id for found in open_review(context, 1).clusters if found.level == 1]

    def inside(cluster_id: int) -> list[int]:
        return [item.product_id for item in cluster_products(context, 1, cluster_id, limit=1000)[0]]

    recut(context, 1, 7, "Ada")
    yield
    chosen = inside(clusters()[0])[:3]
    exclude_products(context, 1, chosen, "Ada")
    yield
    send_back(context, 1, chosen, "Ada")
    yield
    merge_clusters(context, 1, clusters()[1:3], "Ada")
    yield
    split_cluster(context, 1, clusters()[0], "Ada", 3)
    yield
    split_off(context, 1, inside(clusters()[0])[:2], "Ada", "Clogs")
    yield
    with context.database.read() as session:
        members = select(MemberRow.product_id)
        outside = list(session.scalars(select(ProductRow.id).where(ProductRow.id.not_in(members)).limit(2)))
    move_products(context, 1, outside, clusters()[0], "Ada")
    yield
    recut(context, 1, 9, "Ada")
    yield
    approve_above(context, 1, -1.0, "silhouette", "Ada")
    yield


def test_every_act_is_taken_back_and_done_again_exactly(desk):
    states = [state(desk)]
    for _ in do_everything(desk):
        states.append(state(desk))
        assert states[-1] != states[-2]
    for before in reversed(states[:-1]):
        assert history.undo(desk, history.run_scope(1), "Ada") is not None
        assert state(desk) == before
    for after in states[1:]:
        assert history.redo(desk, history.run_scope(1), "Ada") is not None
        assert state(desk) == after
