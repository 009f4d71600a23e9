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
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).parent / "migrations"
WRITER_WAIT_MS = 30_000
"""How long a writer waits for the one before it: a database has one writer at a time, SQLite or Postgres."""
WRITER_LOCK = 5_471_823
"""Key of the advisory lock that stands on Postgres for SQLite's one writer."""
SQLITE_BUSY = 5
POSTGRES_LOCK_NOT_AVAILABLE = "55P03"


class WriterBusyError(Exception):
    """Another writer held the database for longer than this one was willing to wait. Nothing was written."""


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
    options = connection.get_execution_options()
    wait_ms = options.get("shelfwise_wait_ms", WRITER_WAIT_MS)
    if not options.get("shelfwise_write", False):
        connection.exec_driver_sql("BEGIN")
    elif wait_ms == WRITER_WAIT_MS:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # the connection goes back to the pool: whoever takes it next is patient again
        connection.exec_driver_sql(f"PRAGMA busy_timeout={wait_ms}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={WRITER_WAIT_MS}")


def _begin_postgres(connection: Any) -> None:
    options = connection.get_execution_options()
    if options.get("shelfwise_write", False):
        wait_ms = options.get("shelfwise_wait_ms", WRITER_WAIT_MS)
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait_ms}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


class Database:
    """A migrated database: `read()` for looking, `write()` for one transaction that commits or leaves no trace."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._read = sessionmaker(self.engine, expire_on_commit=False)
        # A writer takes the one lock at once: taken half-way it fails on SQLite instead of waiting, and on Postgres
        # two writers would act on what the other is just changing.
        self._writer = self.engine.execution_options(shelfwise_write=True)
        self._write = sessionmaker(self._writer, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with self._read() as session:
            yield session

    @contextmanager
    def write(self, wait_ms: int | None = None) -> Iterator[Session]:
        """A session in one transaction: commits at the end, rolls back on any exception.

        Args:
            wait_ms: How long to wait for another writer, in milliseconds; at least 1. None waits for as long as
                writers take.

        Raises:
            WriterBusyError: If `wait_ms` was given and the other writer was not done by then.
        """
        if wait_ms is None:
            with self._write.begin() as session:
                yield session
            return
        hasty = self._writer.execution_options(shelfwise_wait_ms=max(wait_ms, 1))
        with Session(hasty, expire_on_commit=False) as session, session.begin():
            try:
                session.connection()  # takes the lock now, so that only its fault is caught here
            except OperationalError as error:
                if _is_busy(error):
                    raise WriterBusyError from error
                raise
            yield session

    def migrate(self) -> None:
        """Bring the schema to the newest revision; cheap where it is there already."""
        config = alembic_config()
        head = ScriptDirectory.from_config(config).get_current_head()
        with self.engine.connect() as connection:
            if MigrationContext.configure(connection).get_current_revision() == head:
                return
        upgrade(self.engine, config, "head")


def _is_busy(error: OperationalError) -> bool:
    if getattr(error.orig, "sqlstate", None) == POSTGRES_LOCK_NOT_AVAILABLE:
        return True
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == SQLITE_BUSY


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
