"""What the grid shows: sources, filters, order, notes and counts."""

import pytest
from sqlalchemy import event, select

from core.domain.errors import RunNotFoundError
from core.services import review
from core.services.aside import AsideKind, aside_sets
from core.services.context import Context
from core.services.grid_query import Facets, GridOnly, GridQuery, GridSource, facets, grid_ids, grid_page
from core.services.similar import similar_products
from db.models import ImportRow, MemberRow, ProductRow

RUN = GridQuery(1, GridSource.RUN)


def cluster(context: Context, index: int = 0) -> GridQuery:
    return GridQuery(1, GridSource.CLUSTER, cluster_id=review.open_review(context, 1).clusters[index].id)


def product(context: Context, product_id: int) -> ProductRow:
    with context.database.read() as session:
        return session.get_one(ProductRow, product_id)


def members(context: Context) -> dict[int, MemberRow]:
    with context.database.read() as session:
        return {row.product_id: row for row in session.scalars(select(MemberRow).where(MemberRow.run_id == 1))}


def change_products(context: Context, values: dict[int, dict[str, str]]) -> None:
    """Change products as an import would."""
    with context.database.write() as session:
        for product_id, columns in values.items():
            for name, value in columns.items():
                setattr(session.get_one(ProductRow, product_id), name, value)
        session.add(ImportRow(file_name="changes", author="Ada"))


def narrowed(query: GridQuery, **values) -> GridQuery:
    return GridQuery(**{name: getattr(query, name) for name in query.__slots__} | values)


def test_a_cluster_comes_in_the_order_of_its_mixed_screen(discovered):
    query = cluster(discovered)
    shown, total = review.cluster_products(discovered, 1, query.cluster_id, limit=500)
    assert grid_ids(discovered, query) == [item.product_id for item in shown]
    assert grid_page(discovered, query).total == total


def test_a_parent_shows_what_is_in_its_subclusters(subdivided):
    clusters = review.open_review(subdivided, 1).clusters
    below = [found for found in clusters if found.level == 2]
    parts = [grid_ids(subdivided, GridQuery(1, GridSource.CLUSTER, cluster_id=found.id)) for found in below]
    parent = GridQuery(1, GridSource.CLUSTER, cluster_id=below[0].parent_id)
    assert sorted(product_id for part in parts for product_id in part) == sorted(grid_ids(subdivided, parent))


def test_pages_join_to_everything_and_the_whole_run_is_there_once(discovered):
    ids = grid_ids(discovered, RUN)
    pages = [grid_page(discovered, RUN, limit=25, offset=offset) for offset in range(0, len(ids), 25)]
    assert [item.product_id for page in pages for item in page.items] == ids
    assert {page.total for page in pages} == {len(ids)} == {92}
    assert set(ids) == set(members(discovered))


@pytest.mark.parametrize("kind", AsideKind)
def test_what_is_set_aside_is_what_its_panel_shows(discovered, kind):
    moved = grid_ids(discovered, cluster(discovered))[:2]
    review.exclude_products(discovered, 1, moved, "Ada")
    panel = {found.kind: found for found in aside_sets(discovered, 1, {kind: 100})}
    page = grid_page(discovered, GridQuery(1, GridSource.ASIDE, aside=kind), limit=100)
    expected = panel[kind].items if kind in panel else ()
    assert [(item.product_id, item.note) for item in page.items] == [(item.product_id, item.note) for item in expected]


def test_chosen_products_keep_their_order_and_those_outside_the_run_say_so(discovered):
    inside = grid_ids(discovered, cluster(discovered))[:2]
    with discovered.database.read() as session:
        ids = session.scalars(select(ProductRow.id).order_by(ProductRow.id)).all()
    outside = next(key for key in ids if key not in members(discovered))
    page = grid_page(discovered, GridQuery(1, GridSource.CHOSEN, product_ids=(inside[1], outside, inside[0])))
    assert [item.product_id for item in page.items] == [inside[1], outside, inside[0]]
    assert [item.note for item in page.items][1] == "outside this run"


def test_similar_products_come_with_how_near_they_are(discovered):
    asked = grid_ids(discovered, cluster(discovered))[0]
    found = similar_products(discovered, [asked])
    page = grid_page(discovered, GridQuery(1, GridSource.SIMILAR, product_ids=(asked,)), limit=500)
    assert [item.product_id for item in page.items] == list(found.product_ids)
    assert page.items[0].note.startswith(f"{round(100 * found.similarities[0])} % alike")
    inside = members(discovered)
    assert all(("outside this run" in item.note) == (item.product_id not in inside) for item in page.items)


def test_a_search_stays_in_the_run_unless_it_is_everywhere(discovered):
    target = grid_ids(discovered, cluster(discovered))[0]
    outside = next(key for key in range(1, 300) if key not in members(discovered))
    change_products(discovered, {target: {"title": "Ünique word"}, outside: {"description": "the ÜNIQUE word"}})
    query = GridQuery(1, GridSource.SEARCH, words="WORD ünique")
    assert grid_ids(discovered, query) == [target]
    assert grid_ids(discovered, narrowed(query, is_everywhere=True)) == [target, outside]
    assert grid_ids(discovered, narrowed(query, words="  ")) == []


def test_filters_narrow_together(discovered):
    ids = grid_ids(discovered, RUN)
    change_products(discovered, {key: {"brand": "Only 100%"} for key in ids[:6]})
    change_products(discovered, {key: {"platform": "elsewhere"} for key in ids[3:9]})
    change_products(discovered, {ids[4]: {"title": "a crimsonred one"}, ids[5]: {"title": "a blue one"}})
    assert set(grid_ids(discovered, narrowed(RUN, brand="Only 100%"))) == set(ids[:6])
    both = narrowed(RUN, brand="Only 100%", platform="elsewhere")
    assert set(grid_ids(discovered, both)) == set(ids[3:6])
    assert grid_ids(discovered, narrowed(both, words="CrimsonRED")) == [ids[4]]
    assert set(grid_ids(discovered, narrowed(RUN, words="100%"))) == set(ids[:6])


def test_facets_count_as_if_their_own_filter_were_off(discovered):
    ids = grid_ids(discovered, RUN)
    change_products(discovered, {key: {"brand": "", "platform": "a"} for key in ids})
    change_products(discovered, {key: {"brand": "B"} for key in ids[:6]})
    change_products(discovered, {key: {"platform": "b"} for key in ids[4:20]})
    assert facets(discovered, RUN) == Facets((("a", 76), ("b", 16)), (("B", 6),))
    chosen = narrowed(RUN, platform="b", brand="B")
    assert facets(discovered, chosen) == Facets((("a", 4), ("b", 2)), (("B", 2),))


def test_outliers_are_far_beyond_the_usual_distance_and_the_farthest_comes_first(discovered):
    query = cluster(discovered)
    ids = grid_ids(discovered, query)
    with discovered.database.write() as session:
        of = {row.product_id: row for row in session.scalars(select(MemberRow).where(MemberRow.run_id == 1))}
        for place, key in enumerate(ids):
            of[key].distance = 1.0 + 0.1 * (place % 5)  # beyond 1.6 to 2.1, by the cluster's size, is an outlier
        of[ids[3]].distance, of[ids[7]].distance, of[ids[9]].distance = 3.0, 9.0, 1.5
        session.add(ImportRow(file_name="distances", author="Ada"))
    assert grid_ids(discovered, narrowed(query, only=GridOnly.OUTLIERS)) == [ids[7], ids[3]]
    notes = {item.product_id: item.note for item in grid_page(discovered, query, limit=100).items}
    assert {key for key, note in notes.items() if note == "outlier"} == {ids[3], ids[7]}


def test_moved_and_excluded_products_are_found_and_say_so(discovered):
    first, second = cluster(discovered, 0), cluster(discovered, 1)
    moved, gone = grid_ids(discovered, first)[:2]
    review.move_products(discovered, 1, [moved], second.cluster_id, "Ada")
    review.exclude_products(discovered, 1, [gone], "Ada")
    only_moved = narrowed(second, only=GridOnly.MOVED)
    assert [(i.product_id, i.note) for i in grid_page(discovered, only_moved).items] == [(moved, "moved")]
    notes = {item.product_id: item.note for item in grid_page(discovered, RUN, limit=100).items}
    assert notes[gone] == "excluded"
    review.undo(discovered, 1, "Ada")
    assert gone in grid_ids(discovered, first)


def test_noise_is_what_the_image_filter_set_aside(discovered):
    noise = {key for key, row in members(discovered).items() if row.is_noise}
    page = grid_page(discovered, narrowed(RUN, only=GridOnly.NOISE))
    assert {item.product_id for item in page.items} == noise != set()
    assert {item.note for item in page.items} == {"set aside"}


def test_near_duplicates_stand_together_and_a_filter_leaves_no_single_one(discovered):
    query = cluster(discovered)
    ids = grid_ids(discovered, query)
    title = {"title": "The same shoe", "brand": "Sol", "image_hash": None}
    change_products(discovered, {ids[2]: title, ids[8]: title, ids[5]: title})
    change_products(discovered, {ids[2]: {"platform": "x"}, ids[8]: {"platform": "y"}, ids[5]: {"platform": "y"}})
    only = narrowed(query, only=GridOnly.NEAR_DUPLICATES, words="same shoe")
    found = grid_page(discovered, only)
    assert {item.product_id for item in found.items} == {ids[2], ids[5], ids[8]}
    assert [item.note.split(" · ")[0] for item in found.items] == ["first of 3", "same title", "same title"]
    on_y = grid_page(discovered, narrowed(only, platform="y"))
    assert {item.product_id for item in on_y.items} == {ids[5], ids[8]}
    assert on_y.items[0].note.split(" · ")[0] == "first of 2"
    assert grid_ids(discovered, narrowed(only, platform="x")) == []


def test_an_act_is_seen_by_the_next_page(discovered):
    query = cluster(discovered)
    first = grid_page(discovered, query).items[0].product_id
    review.exclude_products(discovered, 1, [first], "Ada")
    assert first not in grid_ids(discovered, query)


def test_a_cluster_that_is_gone_is_empty_and_a_run_that_is_not_there_is_refused(discovered):
    assert grid_page(discovered, GridQuery(1, GridSource.CLUSTER, cluster_id=999)).total == 0
    with pytest.raises(RunNotFoundError):
        grid_page(discovered, GridQuery(99, GridSource.RUN))


def test_a_page_reads_no_more_of_the_taxonomy_than_its_paths(discovered):
    statements: list[str] = []
    event.listen(discovered.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    items = grid_page(discovered, cluster(discovered)).items
    of_nodes = [statement for statement in statements if "FROM taxonomy_node" in statement]
    assert all("Shoes" in item.path for item in items)
    assert of_nodes
    # `open_review` reads the whole tree once, for the path of the category; the page must not.
    assert sum("WHERE" not in statement for statement in of_nodes) == 1
