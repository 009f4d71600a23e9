"""What every use case works on: one workspace and its database."""

import os
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from core.domain.errors import AppError
from core.domain.workspace import Workspace
from core.features.store import FeatureStore
from db.repositories import taxonomy as taxonomy_rows
from db.session import Database


@dataclass(frozen=True)
class Context:
    """An open workspace: paths and a migrated database."""

    workspace: Workspace
    database: Database

    @property
    def features(self) -> FeatureStore:
        """The embeddings of this workspace."""
        return FeatureStore(self.workspace.features)


def open_context(workspace: Workspace | None = None) -> Context:
    """Open a workspace, making its folders and tables where they are missing.

    Args:
        workspace: Which one; None takes `SHELFWISE_HOME` and `DATABASE_URL` from the environment.

    Raises:
        AppError: If the folder cannot be written or the database not be reached.
    """
    space = workspace or Workspace.from_environment(os.environ)
    folders = (space.home, space.images, space.thumbs, space.features, space.encoders, space.runs, space.models,
               space.exports, space.uploads)  # fmt: skip
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError(
            f"The workspace folder {space.home} cannot be written: {error.strerror}.",
            "Set SHELFWISE_HOME to a folder you may write to.",
        ) from error
    try:
        database = Database(space.database_url)
        _prepare(database)
    except (SQLAlchemyError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise AppError(
            f"The database cannot be opened: {reason}.", f"Check {_where(space)}, and that its server runs."
        ) from error
    return Context(space, database)


def _prepare(database: Database) -> None:
    database.migrate()
    with database.read() as session:
        is_new = taxonomy_rows.latest_version_number(session) == 0
    if is_new:
        with database.write() as session:
            taxonomy_rows.ensure_root(session)


def _where(space: Workspace) -> str:
    return "DATABASE_URL" if space.database_url_override else str(space.home / "shelfwise.db")
