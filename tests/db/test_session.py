"""Transactions: whole or not at all, one writer at a time, readers never in the way."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.domain.errors import AppError
from core.domain.job import JobKind
from core.domain.taxonomy import TaxonomyNode
from core.domain.workspace import Workspace
from core.services.context import open_context
from db.models import JobRow, NodeRow, VersionRow
from db.repositories import jobs
from db.repositories import taxonomy as taxonomy_rows
from db.session import Database

WAIT_S = 20.0


def n_jobs(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count(JobRow.id))) or 0


def test_an_exception_in_a_write_leaves_no_trace(database: Database):
    with pytest.raises(ZeroDivisionError), database.write() as session:
        jobs.add_job(session, JobKind.DEMO, {}, "Ada")
        raise ZeroDivisionError
    assert n_jobs(database) == 0


def test_what_a_reader_changes_is_thrown_away(database: Database):
    with database.read() as session:
        jobs.add_job(session, JobKind.DEMO, {}, "Ada")
    assert n_jobs(database) == 0


def test_siblings_cannot_share_a_name(database: Database):
    with database.write() as session:
        taxonomy_rows.ensure_root(session)
        taxonomy_rows.insert_nodes(session, [TaxonomyNode("a", "root", "Shoes"), TaxonomyNode("b", "a", "Shoes")])
    with pytest.raises(IntegrityError), database.write() as session:
        taxonomy_rows.insert_nodes(session, [TaxonomyNode("c", "root", "Shoes")])


def test_a_node_needs_an_existing_parent(database: Database):
    with pytest.raises(IntegrityError), database.write() as session:
        taxonomy_rows.insert_nodes(session, [TaxonomyNode("a", "nobody", "Shoes")])


def test_a_reader_sees_the_state_before_while_a_writer_writes(database: Database):
    with database.write() as session:
        jobs.add_job(session, JobKind.DEMO, {}, "Ada")
        session.flush()
        assert n_jobs(database) == 0
    assert n_jobs(database) == 1


def test_a_reader_of_sqlite_keeps_its_view_while_a_writer_commits(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'view.db'}")
    database.migrate()
    with database.read() as session:
        assert session.scalar(select(func.count(JobRow.id))) == 0
        with database.write() as writer:
            jobs.add_job(writer, JobKind.DEMO, {}, "Ada")
        assert session.scalar(select(func.count(JobRow.id))) == 0
    assert n_jobs(database) == 1


def test_the_second_writer_waits_for_the_first_and_sees_its_work(database: Database):
    """Both make the next version of the taxonomy: a writer that did not wait would take the same number."""
    with database.write() as session:
        taxonomy_rows.ensure_root(session)
    has_begun, numbers = threading.Event(), []

    def write_second() -> None:
        has_begun.set()
        with database.write() as session:
            numbers.append(taxonomy_rows.add_version(session, "second", "Bob"))

    thread = threading.Thread(target=write_second)
    with database.write() as session:
        thread.start()
        assert has_begun.wait(WAIT_S)
        numbers.append(taxonomy_rows.add_version(session, "first", "Ada"))
    thread.join(WAIT_S)
    assert numbers == [2, 3]


def test_many_writers_at_once_lose_nothing(database: Database):
    with database.write() as session:
        taxonomy_rows.ensure_root(session)

    def add_versions() -> None:
        for _ in range(5):
            with database.write() as session:
                taxonomy_rows.add_version(session, "", "Ada")

    threads = [threading.Thread(target=add_versions) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    with database.read() as session:
        assert sorted(session.scalars(select(VersionRow.number))) == list(range(1, 22))


def test_timestamps_come_back_aware_and_in_utc(database: Database):
    moment = datetime(2024, 6, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    with database.write() as session:
        job = jobs.add_job(session, JobKind.DEMO, {}, "Ada")
        jobs.update_job(session, job.id, started_at=moment)
    with database.read() as session:
        read = session.get_one(JobRow, job.id).started_at
    assert read == moment
    assert read.tzinfo is UTC or read.utcoffset() == timedelta(0)


def test_only_the_root_is_there_at_first_and_only_once(database: Database):
    for _ in range(2):
        with database.write() as session:
            taxonomy_rows.ensure_root(session)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(NodeRow)) == 1
        assert taxonomy_rows.latest_version_number(session) == 1


def test_a_server_that_does_not_answer_is_a_fault_with_a_remedy(tmp_path):
    with pytest.raises(AppError, match="cannot be opened") as caught:
        open_context(Workspace(tmp_path / "home", f"postgresql://nobody@/nothing?host={tmp_path}"))
    assert "DATABASE_URL" in caught.value.remedy


def test_a_file_that_is_no_database_is_a_fault_with_a_remedy(tmp_path):
    (tmp_path / "shelfwise.db").write_text("This is a letter, not a database. " * 100, encoding="utf-8")
    with pytest.raises(AppError, match="cannot be opened") as caught:
        open_context(Workspace(tmp_path))
    assert "shelfwise.db" in caught.value.remedy


def test_a_folder_that_cannot_be_written_is_a_fault_with_a_remedy(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(AppError, match="cannot be written"):
        open_context(Workspace(tmp_path / "file" / "home"))
