"""Which model a promotion replaced, where its paths stop, and labels that are probably wrong."""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("model_version") as batch:
        batch.add_column(sa.Column("previous_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("promoted_at", db.base.UtcDateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("stop_below", sa.Double(), nullable=False, server_default="0"))
        batch.create_foreign_key(op.f("fk_model_version_previous_id"), "model_version", ["previous_id"], ["id"])
    op.create_table(
        "label_issue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.String(length=32), nullable=False),
        sa.Column("suggested_node_id", sa.String(length=32), nullable=False),
        sa.Column("quality", sa.Double(), nullable=False),
        sa.Column("suggested_confidence", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("found_at", db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", db.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_label_issue_product_id")),
        sa.ForeignKeyConstraint(["node_id"], ["taxonomy_node.id"], name=op.f("fk_label_issue_node_id")),
        sa.ForeignKeyConstraint(
            ["suggested_node_id"], ["taxonomy_node.id"], name=op.f("fk_label_issue_suggested_node_id")
        ),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_label_issue_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_issue")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_label_issue_state_quality", "label_issue", ["state", "quality"])
    op.create_index("ix_label_issue_product_id", "label_issue", ["product_id"])


def downgrade() -> None:
    op.drop_table("label_issue")
    with op.batch_alter_table("model_version") as batch:
        batch.drop_constraint(op.f("fk_model_version_previous_id"), type_="foreignkey")
        for column in ("previous_id", "promoted_at", "stop_below"):
            batch.drop_column(column)
