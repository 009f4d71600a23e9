"""Writers that would rather not write than wait."""

import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.repositories import settings
from db.session import WRITER_WAIT_MS, Database, WriterBusyError

PATIENCE_MS = 30


def put_hastily(database, value, wait_ms=PATIENCE_MS):
    with database.write(wait_ms=wait_ms) as session:
        settings.put(session, "key", value)


def get(database):
    with database.read() as session:
        return settings.get(session, "key")


def test_a_hasty_writer_writes_where_nobody_else_does(database: Database):
    put_hastily(database, 1)
    assert get(database) == 1


def test_a_hasty_writer_gives_up_soon_and_leaves_no_trace(database: Database):
    with database.write() as writer:
        writer.connection()
        started = time.monotonic()
        with pytest.raises(WriterBusyError):
            put_hastily(database, 1)
        assert time.monotonic() - started < WRITER_WAIT_MS / 1000 / 3
    assert get(database) is None


def test_its_connection_is_patient_again_for_the_next_writer(database: Database):
    """One connection in the pool: the writer that waits has the one which the hasty writer gave back."""
    engine = database.engine
    engine.dispose()
    with database.write() as writer, pytest.raises(WriterBusyError):
        writer.connection()
        put_hastily(database, 1)
    put_hastily(database, 2)
    with database.read() as session:
        query = "PRAGMA busy_timeout" if engine.dialect.name == "sqlite" else "SHOW lock_timeout"
        found = session.scalar(text(query))
    assert found == (WRITER_WAIT_MS if engine.dialect.name == "sqlite" else "0")


def test_a_hasty_writer_with_enough_patience_waits_for_its_turn(database: Database):
    has_begun, done = threading.Event(), threading.Event()

    def write_second() -> None:
        has_begun.set()
        put_hastily(database, "second", wait_ms=20_000)
        done.set()

    thread = threading.Thread(target=write_second)
    with database.write() as session:
        settings.put(session, "key", "first")
        thread.start()
        assert has_begun.wait(20)
    assert done.wait(20)
    thread.join(20)
    assert get(database) == "second"


def test_a_fault_of_the_act_itself_is_not_taken_for_a_busy_database(database: Database):
    with pytest.raises(ZeroDivisionError), database.write(wait_ms=PATIENCE_MS) as session:
        settings.put(session, "key", 1)
        raise ZeroDivisionError
    assert get(database) is None
    with pytest.raises(DBAPIError), database.write(wait_ms=PATIENCE_MS) as session:
        session.execute(text("SELECT nothing FROM nowhere"))
