"""Acts that can be done again, history of nodes, synonyms and order, presence, opinions and settings.

Acts from before stay in the history; they can no longer be taken back, as they kept only half of what redo needs.
"""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0002"
down_revision = "0001"
IN_USE = sa.text("status != 'deprecated'")


def upgrade() -> None:
    _upgrade_events()
    _upgrade_nodes()
    op.create_table(
        "event_node",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_node_event_id")),
        sa.ForeignKeyConstraint(["node_id"], ["taxonomy_node.id"], name=op.f("fk_event_node_node_id")),
        sa.PrimaryKeyConstraint("event_id", "node_id", name=op.f("pk_event_node")),
    )
    op.create_index("ix_event_node_node_id_event_id", "event_node", ["node_id", "event_id"])
    op.create_table(
        "presence",
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("cluster_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", db.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_presence")),
    )
    op.create_index("ix_presence_run_id", "presence", ["run_id"])
    op.create_table(
        "opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("cluster_id", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("at", db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["discovery_run.id"], name=op.f("fk_opinion_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
    )
    op.create_index("ix_opinion_run_id_cluster_id", "opinion", ["run_id", "cluster_id"])
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )


def _upgrade_events() -> None:
    with op.batch_alter_table("event") as batch:
        batch.add_column(sa.Column("why", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("scope", sa.String(length=60), nullable=False, server_default=""))
        batch.add_column(sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("toggles", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("image", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("is_dropped", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.drop_column("before")
        batch.drop_column("after")
    op.create_index("ix_event_scope_seq", "event", ["scope", "seq"])
    op.create_index("ix_event_seq", "event", ["seq"])
    op.execute("UPDATE event SET seq = id")


def _upgrade_nodes() -> None:
    with op.batch_alter_table("taxonomy_node") as batch:
        batch.drop_constraint("uq_taxonomy_node_parent_id_name", type_="unique")
        batch.add_column(sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("synonyms", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("external_id", sa.String(length=200), nullable=False, server_default=""))
        batch.add_column(sa.Column("split_into", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "uq_taxonomy_node_parent_id_name_in_use",
        "taxonomy_node",
        ["parent_id", "name"],
        unique=True,
        sqlite_where=IN_USE,
        postgresql_where=IN_USE,
    )


def downgrade() -> None:
    for table in ("setting", "opinion", "presence", "event_node"):
        op.drop_table(table)
    op.drop_index("uq_taxonomy_node_parent_id_name_in_use", table_name="taxonomy_node")
    with op.batch_alter_table("taxonomy_node") as batch:
        for column in ("position", "synonyms", "external_id", "split_into", "revision"):
            batch.drop_column(column)
        batch.create_unique_constraint("uq_taxonomy_node_parent_id_name", ["parent_id", "name"])
    op.drop_index("ix_event_seq", table_name="event")
    op.drop_index("ix_event_scope_seq", table_name="event")
    with op.batch_alter_table("event") as batch:
        for column in ("why", "scope", "seq", "toggles", "image", "details", "is_dropped"):
            batch.drop_column(column)
        batch.add_column(sa.Column("before", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("after", sa.JSON(), nullable=False, server_default="{}"))
