"""Engines, sessions and the schema's version."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).parent / "migrations"
WRITER_WAIT_MS = 30_000
"""How long a writer waits for the one before it: a database has one writer at a time, SQLite or Postgres."""
WRITER_LOCK = 5_471_823
"""Key of the advisory lock that stands on Postgres for SQLite's one writer."""


def make_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, foreign keys, patient writers) or Postgres.

    Args:
        url: An SQLAlchemy URL; `postgresql://` is read as psycopg's.
    """
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgres)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's events begin transactions; the driver must not
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={WRITER_WAIT_MS}")
    _use_wal(cursor)
    for pragma in (
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
        "mmap_size=268435456",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Two processes that turn a new file to WAL at once: SQLite refuses one of them without waiting."""
    deadline = time.monotonic() + WRITER_WAIT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Any) -> None:
    is_writer = connection.get_execution_options().get("shelfwise_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _begin_postgres(connection: Any) -> None:
    if connection.get_execution_options().get("shelfwise_write", False):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {WRITER_WAIT_MS}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


class Database:
    """A migrated database: `read()` for looking, `write()` for one transaction that commits or leaves no trace."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._read = sessionmaker(self.engine, expire_on_commit=False)
        # A writer takes the one lock at once: taken half-way it fails on SQLite instead of waiting, and on Postgres
        # two writers would act on what the other is just changing.
        self._write = sessionmaker(self.engine.execution_options(shelfwise_write=True), expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with self._read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction: commits at the end, rolls back on any exception."""
        with self._write.begin() as session:
            yield session

    def migrate(self) -> None:
        """Bring the schema to the newest revision; cheap where it is there already."""
        config = alembic_config()
        head = ScriptDirectory.from_config(config).get_current_head()
        with self.engine.connect() as connection:
            if MigrationContext.configure(connection).get_current_revision() == head:
                return
        upgrade(self.engine, config, "head")


def alembic_config() -> Config:
    """Alembic's settings for the migrations of this package."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(engine: Engine, config: Config, revision: str) -> None:
    """Run migrations up to `revision` in one connection."""
    with _migrating(engine, config):
        command.upgrade(config, revision)


def downgrade(engine: Engine, config: Config, revision: str) -> None:
    """Run migrations down to `revision` in one connection."""
    with _migrating(engine, config):
        command.downgrade(config, revision)


@contextmanager
def _migrating(engine: Engine, config: Config) -> Iterator[None]:
    """One transaction for the migrations. SQLite changes a table by copying it: others may point at it meanwhile."""
    with engine.execution_options(shelfwise_write=True).connect() as connection:
        is_sqlite = engine.dialect.name == "sqlite"
        driver = connection.connection.dbapi_connection
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                config.attributes["connection"] = connection
                yield
                if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise RuntimeError(f"A migration left a row of {broken[0]} that points at nothing.")
        finally:
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")
