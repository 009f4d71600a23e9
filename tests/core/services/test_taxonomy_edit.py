"""Every act on the tree: what it writes, what it refuses, and that nothing is lost."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.errors import NodeNotFoundError, StaleRevisionError, TaxonomyError
from core.domain.taxonomy import NodeStatus
from core.domain.workspace import Workspace
from core.services import history, taxonomy_edit
from core.services.context import open_context
from core.services.taxonomy import find_category, taxonomy_view
from db.models import AssignmentRow, EventRow, ProductRow

APPAREL = ("Apparel & Accessories",)
SHOES = (*APPAREL, "Shoes")
UNDO = history.TAXONOMY


def node_of(context, node_id):
    return taxonomy_view(context).taxonomy.node(node_id)


def seen(context, *node_ids):
    return {node_id: node_of(context, node_id).revision for node_id in node_ids}


def state(context):
    """The live tree and where every product is."""
    view = taxonomy_view(context)
    nodes = {(n.id, n.parent_id, n.name, n.position, n.synonyms, n.description) for n in view.taxonomy.walk()}
    with context.database.read() as session:
        return nodes, dict(session.query(ProductRow.id, ProductRow.node_id).all())


def add(context, name, parent=SHOES, author="Ada"):
    parent_id = find_category(context, parent)
    return taxonomy_edit.add_category(context, parent_id, name, revisions={}, author=author).node_ids[0]


def put_products(context, node_id, n_products):
    """Move some of the shoes to a node, as a curator."""
    from core.domain.taxonomy import AssignmentSource
    from db.repositories import assignments, products

    with context.database.write() as session:
        found = products.products_under(session, [find_category(context, SHOES)])[:n_products]
        placements = [(product.id, node_id) for product in found]
        return assignments.assign(session, placements, AssignmentSource.CURATOR, "Ada")


def test_a_rename_changes_one_row_and_is_one_event(imported):
    shoes = find_category(imported, SHOES)
    before = {node.id: node for node in taxonomy_view(imported).taxonomy.nodes}
    result = taxonomy_edit.rename(
        imported, shoes, " Footwear ", revisions=seen(imported, shoes), author="Ada", why="as the shops say"
    )
    after = {node.id: node for node in taxonomy_view(imported).taxonomy.nodes}
    assert {key for key in after if after[key] != before[key]} == {shoes}
    assert (after[shoes].name, after[shoes].revision) == ("Footwear", before[shoes].revision + 1)
    assert (result.summary, result.node_ids) == ("Renamed 'Shoes' to 'Footwear'", (shoes,))
    [entry] = history.entries(imported, UNDO)
    assert (entry.summary, entry.author, entry.why) == (result.summary, "Ada", "as the shops say")


def test_an_edit_of_what_somebody_changed_is_refused_and_says_who_changed_what(imported):
    shoes = find_category(imported, SHOES)
    old = seen(imported, shoes)
    taxonomy_edit.rename(imported, shoes, "Footwear", revisions=old, author="Bob")
    before = state(imported)
    with pytest.raises(StaleRevisionError) as caught:
        taxonomy_edit.move(imported, [shoes], "root", revisions=old, author="Ada")
    for said in ("'Footwear'", "Bob", "just now", "Renamed 'Shoes' to 'Footwear'"):
        assert said in caught.value.message
    assert state(imported) == before
    assert len(history.entries(imported, UNDO)) == 1


def test_a_deprecated_category_gives_its_products_to_its_replacement_and_takes_them_back(imported):
    boots, clogs = add(imported, "Boots"), add(imported, "Clogs")
    put_products(imported, boots, 10)
    result = taxonomy_edit.deprecate(imported, [boots], clogs, revisions=seen(imported, boots, clogs), author="Ada")
    assert result.n_products == 10
    view = taxonomy_view(imported)
    assert (view.direct_counts[clogs], view.counts["root"]) == (10, 222)
    assert (view.taxonomy.node(boots).status, view.taxonomy.node(boots).replaced_by) == ("deprecated", clogs)
    taxonomy_edit.restore(imported, boots, revisions=seen(imported, boots), author="Ada")
    view = taxonomy_view(imported)
    assert (view.direct_counts[boots], view.direct_counts.get(clogs)) == (10, None)


def test_a_merge_of_several_keeps_every_product_and_never_rewrites_assignments(imported):
    boots, clogs, mules = add(imported, "Boots"), add(imported, "Clogs"), add(imported, "Mules")
    put_products(imported, boots, 7)
    with imported.database.read() as session:
        n_assignments = session.query(AssignmentRow).count()
    result = taxonomy_edit.merge(imported, [boots, mules, clogs], clogs, revisions={}, author="Ada")
    view = taxonomy_view(imported)
    assert result.summary == "Merged 'Boots' and 'Mules' into 'Clogs'"
    assert (result.n_products, view.direct_counts[clogs], view.counts["root"]) == (7, 7, 222)
    with imported.database.read() as session:
        assert session.query(AssignmentRow).count() == n_assignments


def test_a_move_of_a_category_and_one_below_it_moves_the_upper_one(imported):
    boots = add(imported, "Boots")
    chelsea = add(imported, "Chelsea", (*SHOES, "Boots"))
    taxonomy_edit.move(imported, [chelsea, boots], "root", revisions={}, author="Ada")
    assert node_of(imported, boots).parent_id == "root"
    assert node_of(imported, chelsea).parent_id == boots


def test_the_order_of_siblings_is_the_curators(imported):
    for name in ("Boots", "Clogs", "Mules"):
        add(imported, name)
    shoes = find_category(imported, SHOES)
    mules = find_category(imported, (*SHOES, "Mules"))
    taxonomy_edit.reorder(imported, mules, 0, revisions=seen(imported, mules), author="Ada")
    assert [n.name for n in taxonomy_view(imported).taxonomy.children(shoes)] == ["Mules", "Boots", "Clogs"]


def test_words_of_a_category_are_kept(imported):
    shoes = find_category(imported, SHOES)
    taxonomy_edit.describe(imported, shoes, "Worn on feet.", revisions={}, author="Ada")
    taxonomy_edit.set_synonyms(imported, shoes, ["Footwear", "Schuhe"], revisions={}, author="Ada")
    node = node_of(imported, shoes)
    assert (node.description, node.synonyms, node.revision) == ("Worn on feet.", ("Footwear", "Schuhe"), 2)


def test_an_edit_that_changes_nothing_leaves_no_event(imported):
    shoes = find_category(imported, SHOES)
    with imported.database.read() as session:
        n_events = session.query(EventRow).count()
    assert taxonomy_edit.rename(imported, shoes, "Shoes", revisions={}, author="Ada").event_id is None
    with imported.database.read() as session:
        assert session.query(EventRow).count() == n_events


@pytest.mark.parametrize("act", ["rename", "move", "unknown"])
def test_what_would_break_the_tree_is_refused_and_nothing_is_written(imported, act):
    boots, clogs = add(imported, "Boots"), add(imported, "Clogs")
    before = state(imported)
    with pytest.raises((TaxonomyError, NodeNotFoundError)):
        if act == "rename":
            taxonomy_edit.rename(imported, boots, "clogs", revisions={}, author="Ada")
        elif act == "move":
            taxonomy_edit.move(imported, [find_category(imported, SHOES)], clogs, revisions={}, author="Ada")
        else:
            taxonomy_edit.rename(imported, "nobody", "X", revisions={"nobody": 0}, author="Ada")
    assert state(imported) == before


def acts(names):
    kinds = ("add", "rename", "move", "merge", "deprecate", "reorder", "describe", "synonyms")
    return st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 5), st.integers(0, 5), names), max_size=6)


@pytest.fixture(scope="module")
def fresh(imported_template, tmp_path_factory):
    """The database of the imported workspace as new, every time."""

    def make():
        home = tmp_path_factory.mktemp("fresh")
        shutil.copy(imported_template / "shelfwise.db", home)
        return open_context(Workspace(home))

    return make


@given(acts(st.sampled_from(["Ankle", "Boots", "Clogs", "Mules"])))
@settings(max_examples=15, deadline=None)
def test_any_acts_keep_every_product_and_undoing_them_all_is_as_if_nothing_was_done(fresh, sequence):
    context = fresh()
    before = state(context)
    n_done = sum(do(context, *step) for step in sequence)
    after = state(context)
    assert after[1].keys() == before[1].keys()
    assert set(after[1].values()) <= {node_id for node_id, *_ in after[0]}
    for _ in range(n_done):
        assert history.undo(context, UNDO, "Ada")
    assert state(context) == before
    for _ in range(n_done):
        assert history.redo(context, UNDO, "Ada")
    assert state(context) == after
    context.database.engine.dispose()


def do(context, kind, one, two, name):
    """One act on live nodes; whether it was done."""
    live = sorted(node.id for node in taxonomy_view(context).taxonomy.walk() if node.parent_id)
    if not live:
        return False
    first, second = live[one % len(live)], live[two % len(live)]
    act = {
        "add": lambda: taxonomy_edit.add_category(context, first, name, revisions={}, author="Ada"),
        "rename": lambda: taxonomy_edit.rename(context, first, name, revisions={}, author="Ada"),
        "move": lambda: taxonomy_edit.move(context, [first], second, revisions={}, author="Ada"),
        "merge": lambda: taxonomy_edit.merge(context, [first], second, revisions={}, author="Ada"),
        "deprecate": lambda: taxonomy_edit.deprecate(context, [first], revisions={}, author="Ada"),
        "reorder": lambda: taxonomy_edit.reorder(context, first, two, revisions={}, author="Ada"),
        "describe": lambda: taxonomy_edit.describe(context, first, name, revisions={}, author="Ada"),
        "synonyms": lambda: taxonomy_edit.set_synonyms(context, first, [name], revisions={}, author="Ada"),
    }[kind]
    try:
        return act().event_id is not None
    except TaxonomyError:
        return False


def test_a_merge_is_undone_and_redone_with_its_products(imported):
    boots, clogs = add(imported, "Boots"), add(imported, "Clogs")
    put_products(imported, boots, 9)
    before = state(imported)
    taxonomy_edit.merge(imported, [boots], clogs, revisions={}, author="Ada")
    after = state(imported)
    assert history.undo(imported, UNDO, "Ada")
    assert state(imported) == before
    assert history.redo(imported, UNDO, "Ada")
    assert state(imported) == after
    assert node_of(imported, boots).status is NodeStatus.DEPRECATED
