"""Real databases: SQLite in a file, and PostgreSQL wherever its programs are."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db.session import Database, make_engine

OWNERS = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; one of these runs it then."""


def postgres_programs() -> Path | None:
    """Folder of initdb and pg_ctl."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def run_as_owner(command: list[str], folder: Path) -> None:
    """Run one of PostgreSQL's programs, as somebody else where this is root."""
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    owner = next((name for name in OWNERS if name in known), None) if os.getuid() == 0 else None
    extra = {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []} if owner else {}
    if owner:
        shutil.chown(folder, owner)
    # Files, not pipes: the server would keep a pipe open and the call would never return.
    log = folder.with_suffix(".log")
    with log.open("wb") as stream:
        done = subprocess.run(command, cwd=folder, stdout=stream, stderr=stream, timeout=120, check=False, **extra)
    assert done.returncode == 0, log.read_text()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """A PostgreSQL server on a socket of its own; gives the socket's folder."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb on PATH or in /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="shelfwise-pg-"))
    folder.chmod(0o755)
    data = str(folder / "data")
    run_as_owner(
        [str(programs / "initdb"), "-D", data, "-U", "curator", "-A", "trust", "-E", "UTF8", "--no-sync"], folder
    )
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run_as_owner([str(programs / "pg_ctl"), "-D", data, "-o", options, "-w", "start"], folder)
    yield folder
    run_as_owner([str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop"], folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_suffix(".log").unlink(missing_ok=True)


@pytest.fixture
def postgres_url(postgres_server: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database on the server."""
    name = f"test_{abs(hash(request.node.nodeid))}"
    server = f"host={postgres_server} user=curator dbname=postgres"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql://curator@/{name}?host={postgres_server}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each kind of database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database of each kind."""
    opened = Database(database_url)
    opened.migrate()
    yield opened
    opened.engine.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator:
    """An engine on an empty database of each kind."""
    made = make_engine(database_url)
    yield made
    made.dispose()
