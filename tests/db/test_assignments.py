"""Which assignment counts: against a slow reference, for any order of assigning and taking back."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from core.domain.taxonomy import AssignmentSource, TaxonomyNode
from db.models import AssignmentRow, ProductRow
from db.repositories import assignments, products
from db.repositories import taxonomy as taxonomy_rows
from db.session import Database

NODES = ("shoes", "boots", "heels")
WEAKEST_FIRST = ("classifier", "import", "cluster", "curator")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 2), st.sampled_from(NODES), st.sampled_from(WEAKEST_FIRST)),  # assign
        st.integers(0, 30),  # retract the assignment made at this turn, if there is one
    ),
    max_size=25,
)


def product_values(number: int, node_id: str = "shoes") -> dict:
    return {"platform": "shop", "external_id": str(number), "title": f"Boot {number}", "node_id": node_id,
            "content_hash": "", "price": None, "image_ref": None, "image_hash": None,
            "background_cleanliness": None}  # fmt: skip


def add_catalogue(database: Database, n_products: int) -> list[int]:
    """Nodes and products, each placed by an import."""
    with database.write() as session:
        taxonomy_rows.ensure_root(session)
        taxonomy_rows.insert_nodes(session, [TaxonomyNode(name, "root", name) for name in NODES])
        ids = products.insert_products(session, [product_values(number) for number in range(n_products)])
        assignments.assign(session, [(key, "shoes") for key in ids], AssignmentSource.IMPORT, "Ada")
    return ids


def reference(history: list[tuple[int, int, str, str, bool]], product_id: int) -> tuple[str, str]:
    """Node and source of the newest of the strongest live assignments, by looking at each of them."""
    best: tuple[int, int, str, str] | None = None
    for key, owner, node_id, source, is_live in history:
        if owner != product_id or not is_live:
            continue
        strength = WEAKEST_FIRST.index(source)
        if best is None or strength > best[0] or (strength == best[0] and key > best[1]):
            best = (strength, key, node_id, source)
    assert best is not None
    return best[2], best[3]


@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_newest_of_the_strongest_source_says_where_a_product_is(tmp_path_factory, steps):
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('history') / 'test.db'}")
    database.migrate()
    check_history(database, add_catalogue(database, 3), steps)
    database.engine.dispose()


def test_postgres_reads_a_history_as_sqlite_does(database: Database):
    every_pair = itertools.permutations(WEAKEST_FIRST, 2)
    steps: list = [(row % 3, NODES[row % 3], source) for row, pair in enumerate(every_pair) for source in pair]
    check_history(database, add_catalogue(database, 3), [*steps, *range(0, 24, 2)])


def check_history(database: Database, ids: list[int], steps: list) -> None:
    with database.read() as session:
        history = [(row.id, row.product_id, row.node_id, row.source, True)
                   for row in session.scalars(select(AssignmentRow).order_by(AssignmentRow.id))]  # fmt: skip
    n_imported = len(history)
    for step in steps:
        with database.write() as session:
            if isinstance(step, int):
                turn = n_imported + step
                if turn < len(history):
                    assignments.retract(session, [history[turn][0]])
                    history[turn] = (*history[turn][:4], False)
            else:
                row, node_id, source = step
                [key] = assignments.assign(session, [(ids[row], node_id)], AssignmentSource(source), "Ada")
                history.append((key, ids[row], node_id, source, True))
        with database.read() as session:
            stored = {row.id: (row.node_id, row.source) for row in session.scalars(select(ProductRow))}
            strongest = assignments.strongest(session, ids)
        assert stored == {key: reference(history, key) for key in ids}
        assert stored == {key: (row.node_id, row.source) for key, row in strongest.items()}


def test_new_assignments_come_back_in_the_order_of_the_placements(database: Database):
    ids = add_catalogue(database, 40)
    with database.write() as session:
        made = assignments.assign(session, [(key, "boots") for key in reversed(ids)], AssignmentSource.CLUSTER, "Ada")
    with database.read() as session:
        owner = {row.id: row.product_id for row in session.scalars(select(AssignmentRow))}
    assert [owner[key] for key in made] == ids[::-1]


def test_more_products_than_one_statement_takes(database: Database):
    ids = add_catalogue(database, 6_001)
    with database.write() as session:
        assignments.assign(session, [(key, "heels") for key in ids], AssignmentSource.CLASSIFIER, "Ada")
        assignments.assign(session, [(key, "boots") for key in ids], AssignmentSource.CLUSTER, "Ada")
    with database.read() as session:
        assert products.direct_counts(session) == {"boots": 6_001}
        assert len(assignments.strongest(session, ids)) == 6_001


def test_newest_of_a_source_passes_over_what_was_taken_back(database: Database):
    [first, second] = add_catalogue(database, 2)
    with database.write() as session:
        assignments.assign(session, [(first, "boots"), (second, "boots")], AssignmentSource.CLUSTER, "Ada")
        made = assignments.assign(session, [(first, "heels"), (second, "heels")], AssignmentSource.CLUSTER, "Ada")
        assignments.retract(session, made[1:])
        found = assignments.newest_of_source(session, [first, second], AssignmentSource.CLUSTER)
    assert found == {first: "heels", second: "boots"}


def test_assignments_come_in_the_order_of_the_placements(database):
    one, two, three = add_catalogue(database, 3)
    for placements in (
        [(three, "boots"), (one, "heels"), (two, "boots")],
        [(two, "heels"), (one, "boots"), (two, "boots"), (one, "shoes")],  # the last of a product counts
    ):
        with database.write() as session:
            made = assignments.assign(session, placements, AssignmentSource.CURATOR, "Ada")
            rows = {row.id: row for row in session.scalars(select(AssignmentRow).where(AssignmentRow.id.in_(made)))}
            assert [(rows[key].product_id, rows[key].node_id) for key in made] == placements
            places = dict(session.execute(select(ProductRow.id, ProductRow.node_id)).all())
            assert {key: places[key] for key in dict(placements)} == dict(placements)


def test_assigning_thousands_is_a_statement_for_each_thousand(database):
    ids = add_catalogue(database, 2_500)
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    with database.write() as session:
        assignments.assign(session, [(key, "boots") for key in ids], AssignmentSource.CURATOR, "Ada")
    assert sum(statement.startswith("INSERT") for statement in statements) <= 10
    assert sum(statement.startswith("UPDATE") for statement in statements) == 1
