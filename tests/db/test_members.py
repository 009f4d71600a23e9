"""All products of a run moved in one statement, on SQLite and Postgres."""

import json

import pytest
from sqlalchemy import select

from core.domain.discovery import ClusterQuality, DiscoveryParameters
from db.models import MemberRow, ProductRow
from db.repositories import runs
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.members import PLACE_COLUMNS, Places, load_places, save_states


@pytest.fixture
def run_id(database):
    """A run of six products in two clusters; one product is set aside."""
    with database.write() as session:
        taxonomy_rows.ensure_root(session)
        root = taxonomy_rows.load_nodes(session)[0].id
        session.add_all(
            ProductRow(platform="shop", external_id=str(n), title=f"Boot {n}", node_id=root, content_hash="")
            for n in range(6)
        )
        session.flush()
        products = list(session.scalars(select(ProductRow.id).order_by(ProductRow.id)))
        row = runs.add_run(session, root, DiscoveryParameters(), 6, {}, {}, "Ada")
        clusters = [runs.add_cluster(session, row.id, n, 1, None, [], [], ClusterQuality(0.5)) for n in (1, 2)]
        rows = [
            {"run_id": row.id, "product_id": product_id, "position": 5 - n, "cluster_id": (*clusters, None)[n % 3],
             "subcluster_id": None, "distance": n / 3, "is_noise": False, "is_excluded": False, "is_moved": n == 1}
            for n, product_id in enumerate(products)
        ]  # fmt: skip
        runs.add_members(session, rows)
        return row.id


def test_places_are_read_by_position(database, run_id):
    with database.read() as session:
        places = load_places(session, run_id)
        members = runs.member_rows(session, run_id)
    assert places["id"].tolist() == [member.id for member in members]
    assert places["cluster_id"].tolist() == [member.cluster_id or -1 for member in members]
    assert places["distance"].tolist() == [member.distance for member in members]


def test_only_the_places_given_change_and_rows_read_before_are_read_again(database, run_id):
    with database.write() as session:
        members = runs.member_rows(session, run_id)
        before = load_places(session, run_id)
        one, two = (members[5].cluster_id, members[4].cluster_id)
        Places(before["id"][:2].tolist(), [two, None], [one, None], [0.1, 1 / 3]).save(session)
        assert (members[0].cluster_id, members[0].subcluster_id, members[0].distance) == (two, one, 0.1)
        assert (members[1].cluster_id, members[1].subcluster_id, members[1].distance) == (None, None, 1 / 3)
        assert members[4].is_moved
    with database.read() as session:
        after = load_places(session, run_id)
    assert after[2:].tolist() == before[2:].tolist()


def test_places_kept_in_an_event_come_back_exactly(database, run_id):
    with database.write() as session:
        before = load_places(session, run_id).tolist()
        kept = json.loads(json.dumps([[None if value == -1 else value for value in row] for row in before]))
        Places([row[0] for row in before], [None] * 6, [None] * 6, [9.0] * 6).save(session)
        assert set(load_places(session, run_id)["cluster_id"].tolist()) == {-1}
        save_states(session, PLACE_COLUMNS, [dict(zip(PLACE_COLUMNS, row, strict=True)) for row in kept])
        assert load_places(session, run_id).tolist() == before


def test_a_run_without_products_has_no_places(database, run_id):
    with database.write() as session:
        assert len(load_places(session, run_id + 1)) == 0
        Places([], [], [], []).save(session)
        assert len(load_places(session, run_id)) == 6


def test_no_two_members_share_a_row(database, run_id):
    with database.read() as session:
        ids = load_places(session, run_id)["id"].tolist()
        assert len(set(ids)) == len(session.scalars(select(MemberRow.id)).all()) == 6
