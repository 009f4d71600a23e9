"""Alembic's entry: runs in the connection that `db.session` hands over."""

from alembic import context

from db import models  # noqa: F401 (fills the metadata)
from db.base import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
