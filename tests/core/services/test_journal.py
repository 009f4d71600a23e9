"""The image of an act, and rows packed in it."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.services.journal import Journal
from core.services.journal_image import keys_of, packed, touched, unpacked
from core.services.journal_swap import swap
from core.services.packed_rows import keys, pack, unpack
from db.models import ClusterRow, MemberRow

INTS = st.none() | st.integers(-(2**62), 2**62)
FLOATS = st.floats(allow_nan=False)


@given(st.lists(st.tuples(st.integers(0, 2**62), INTS, FLOATS, st.booleans()), min_size=1, max_size=30))
def test_packed_rows_come_back_exactly(rows):
    names = ("id", "cluster_id", "distance", "is_noise")
    block = pack(dict(zip(names, zip(*rows, strict=True), strict=True)))
    assert [tuple(row) for row in unpack(block)] == rows
    assert [list(map(type, row)) for row in unpack(block)] == [list(map(type, row)) for row in rows]
    assert keys(block) == [row[0] for row in rows]


def test_rows_keep_their_first_image_however_they_are_kept(discovered):
    with discovered.database.write() as session:
        journal = Journal(session)
        ids = list(session.scalars(select(MemberRow.id).limit(4)))
        places = {"id": ids[:3], "cluster_id": [7, None, 9]}
        journal.keep_columns(MemberRow, places)
        goes_on = Journal(session, journal.image)
        goes_on.keep_columns(MemberRow, {"id": ids, "cluster_id": [1, 2, 3, 4]})
        table = unpacked(goes_on.image)["tables"]["cluster_member"]
        assert table["rows"] == [[ids[0], 7], [ids[1], None], [ids[2], 9], [ids[3], 4]]
        assert len(journal.image["tables"]["cluster_member"]["packed"]) == 1, "the image it goes on from is not changed"
        session.rollback()


def test_what_was_made_and_taken_away_again_is_not_of_the_act(discovered):
    with discovered.database.read() as session:
        journal = Journal(session)
        journal.made(ClusterRow, [5, 6])
        journal.unmade(ClusterRow, [5])
        assert keys_of(journal.image["tables"]["cluster"]) == [6]


def test_swapping_twice_is_the_identity(discovered, dump_run):
    before = dump_run(discovered, 1)
    with discovered.database.write() as session:
        journal = Journal(session)
        members = list(session.scalars(select(MemberRow).where(MemberRow.cluster_id.is_not(None)).limit(5)))
        cluster = session.scalars(select(ClusterRow)).first()
        journal.keep(MemberRow, [member.id for member in members])
        journal.keep(ClusterRow, [cluster.id])
        for member in members:
            member.cluster_id, member.is_excluded = None, True
        cluster.name = "Boots"
    after = dump_run(discovered, 1)
    with discovered.database.write() as session:
        image = swap(session, journal.image, is_undo=True)
    assert dump_run(discovered, 1) == before
    with discovered.database.write() as session:
        again = swap(session, image, is_undo=False)
    assert dump_run(discovered, 1) == after
    assert touched(again) == touched(journal.image) == touched(packed(unpacked(again)))
