"""Versions are kept small and read back whole."""

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from core.domain.taxonomy import NodeStatus, TaxonomyNode
from db.models import VersionRow
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.snapshots import base_of, read_snapshot, write_snapshot

TEXT = st.text(max_size=5)
NODES = st.lists(
    st.builds(TaxonomyNode, st.sampled_from("abcdefgh"), st.none() | st.sampled_from("abc"), TEXT,
              st.sampled_from(NodeStatus), st.none() | TEXT, st.integers(1, 9), TEXT, st.integers(0, 5),
              st.lists(TEXT, max_size=2).map(tuple), TEXT, st.lists(TEXT, max_size=2).map(tuple), st.integers(0, 9)),
    unique_by=lambda node: node.id,
)  # fmt: skip


@given(NODES, NODES)
def test_what_is_written_is_read_back_whole_or_as_a_difference(base, nodes):
    assert read_snapshot(write_snapshot(nodes)) == tuple(nodes)
    stored = write_snapshot(nodes, 1, base)
    assert set(read_snapshot(stored, base if base_of(stored) else ())) == set(nodes)


def test_versions_of_before_are_still_read():
    node = TaxonomyNode("a", None, "All", synonyms=("x",))
    old = {**asdict(node), "status": str(node.status)}
    for absent in ((), ("synonyms", "split_into", "revision", "position", "external_id")):
        [read] = read_snapshot([{name: value for name, value in old.items() if name not in absent}])
        assert (read.id, read.name, read.status) == ("a", "All", NodeStatus.APPROVED)


def test_a_version_after_a_small_edit_stores_the_edit_and_reads_whole(imported):
    with imported.database.write() as session:
        names = [TaxonomyNode(f"n{number}", "root", f"Name {number}") for number in range(200)]
        taxonomy_rows.insert_nodes(session, names)
        whole = taxonomy_rows.add_version(session, "many", "Ada")
        taxonomy_rows.save_nodes(session, [TaxonomyNode("n7", "root", "Seven")])
        first = taxonomy_rows.add_version(session, "one", "Ada")
        taxonomy_rows.save_nodes(session, [TaxonomyNode("n8", "root", "Eight")])
        second = taxonomy_rows.add_version(session, "two", "Ada")
        stored = [session.get_one(VersionRow, number).snapshot for number in (whole, first, second)]
        assert [base_of(snapshot) for snapshot in stored] == [None, whole, whole]
        assert [len(snapshot) - 1 for snapshot in stored[1:]] == [1, 2]
        read = {node.id: node.name for node in taxonomy_rows.load_version(session, first).nodes}
        assert (read["n7"], read["n8"], len(read)) == ("Seven", "Name 8", len(taxonomy_rows.load_nodes(session)))


def test_saved_nodes_may_exchange_their_names_and_point_at_new_ones(imported):
    with imported.database.write() as session:
        one, two = TaxonomyNode("one", "root", "One"), TaxonomyNode("two", "root", "Two")
        taxonomy_rows.insert_nodes(session, [one, two])
        gone = TaxonomyNode("two", "root", "One", NodeStatus.DEPRECATED, "new", split_into=("new",))
        new = TaxonomyNode("new", "root", "One", synonyms=("Uno",))
        taxonomy_rows.save_nodes(session, [TaxonomyNode("one", "root", "Two", revision=1), gone], [new])
        nodes = {node.id: node for node in taxonomy_rows.load_nodes(session)}
    assert (nodes["one"].name, nodes["one"].revision, nodes["two"], nodes["new"]) == ("Two", 1, gone, new)
