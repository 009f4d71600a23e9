"""The schema's way up and down, and that it is the models' schema."""

from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from db.base import Base
from db.models import ProductRow
from db.session import Database, alembic_config, downgrade, upgrade


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_up_down_up_ends_with_the_same_tables(engine: Engine):
    config = alembic_config()
    upgrade(engine, config, "head")
    made = tables(engine)
    downgrade(engine, config, "base")
    assert tables(engine) == {"alembic_version"}
    upgrade(engine, config, "head")
    assert tables(engine) == made == {*Base.metadata.tables, "alembic_version"}


def test_every_revision_can_be_taken_back_one_by_one(engine: Engine):
    config = alembic_config()
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    for revision in revisions:
        upgrade(engine, config, revision)
    for _ in revisions:
        downgrade(engine, config, "-1")
    assert tables(engine) == {"alembic_version"}


def test_migrations_make_what_the_models_say(engine: Engine):
    upgrade(engine, alembic_config(), "head")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_changes_nothing(database: Database):
    before = tables(database.engine)
    database.migrate()
    assert tables(database.engine) == before


def test_two_processes_may_open_an_empty_database_at_once(database_url: str):
    def open_it(_: int) -> set[str]:
        opened = Database(database_url)
        opened.migrate()
        found = tables(opened.engine)
        opened.engine.dispose()
        return found

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(open_it, range(4)))
    assert all(names == {*Base.metadata.tables, "alembic_version"} for names in found)


def test_sqlite_gives_no_cluster_id_twice(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'ids.db'}")
    opened.migrate()
    with opened.engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'cluster'").scalar_one()
    assert "AUTOINCREMENT" in made
    assert ProductRow.__tablename__ in tables(opened.engine)
    opened.engine.dispose()


def test_a_filled_database_of_the_first_revision_is_brought_up_to_date(engine: Engine):
    upgrade(engine, alembic_config(), "0001")
    with engine.begin() as connection:
        for node in ("'root', NULL, 'All'", "'shoes', 'root', 'Shoes'"):
            connection.exec_driver_sql(
                "INSERT INTO taxonomy_node (id, parent_id, name, status, created_in_version, description) "
                f"VALUES ({node}, 'approved', 1, '')"
            )
        connection.exec_driver_sql(
            "INSERT INTO event (id, at, author, kind, summary, before, after) "
            "VALUES (7, '2026-01-01 00:00:00', 'Ada', 'approve', 'Approved Shoes', '{}', '{}')"
        )
    upgrade(engine, alembic_config(), "head")
    with engine.connect() as connection:
        nodes = connection.exec_driver_sql("SELECT id, parent_id, revision FROM taxonomy_node ORDER BY id").fetchall()
        event = connection.exec_driver_sql("SELECT seq, image FROM event").one()
    assert [tuple(row) for row in nodes] == [("root", None, 0), ("shoes", "root", 0)]
    assert tuple(event) == (7, None)
