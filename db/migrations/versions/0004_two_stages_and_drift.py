"""Two stages of a model, the value of looking at a prediction, and what each week brought."""

import sqlalchemy as sa
from alembic import op

import db.base

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("model_version") as batch:
        batch.add_column(sa.Column("escalate_below", sa.Double(), nullable=True))
    with op.batch_alter_table("prediction") as batch:
        batch.add_column(sa.Column("text_node_id", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("text_confidence", sa.Double(), nullable=True))
        batch.add_column(sa.Column("value", sa.Double(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("group_id", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("is_sample", sa.Boolean(), nullable=False, server_default=sa.false()))
        # An older prediction was made with its model, and nobody can say when more exactly.
        batch.add_column(
            sa.Column(
                "predicted_at", db.base.UtcDateTime(timezone=True), nullable=False, server_default="2026-01-01 00:00:00"
            )
        )
        batch.create_foreign_key(op.f("fk_prediction_text_node_id"), "taxonomy_node", ["text_node_id"], ["id"])
    op.execute(
        "UPDATE prediction SET predicted_at = "
        "(SELECT created_at FROM model_version WHERE model_version.id = prediction.model_id)"
    )
    op.create_index("ix_prediction_model_id_state_value", "prediction", ["model_id", "review_state", "value"])
    op.create_index("ix_prediction_model_id_group_id", "prediction", ["model_id", "group_id"])
    op.create_table(
        "drift_week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=200), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        *(
            sa.Column(f"n_{name}", sa.Integer(), nullable=False)
            for name in ("products", "predicted", "unsure", "branded", "unseen_brands", "words", "unseen_words")
        ),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("unseen", sa.JSON(), nullable=False),
        sa.Column("measured_at", db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["model_version.id"], name=op.f("fk_drift_week_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift_week")),
        sa.UniqueConstraint("platform", "week", name=op.f("uq_drift_week_platform_week")),
    )


def downgrade() -> None:
    op.drop_table("drift_week")
    op.drop_index("ix_prediction_model_id_group_id", "prediction")
    op.drop_index("ix_prediction_model_id_state_value", "prediction")
    with op.batch_alter_table("prediction") as batch:
        batch.drop_constraint(op.f("fk_prediction_text_node_id"), type_="foreignkey")
        for column in ("text_node_id", "text_confidence", "value", "group_id", "is_sample", "predicted_at"):
            batch.drop_column(column)
    with op.batch_alter_table("model_version") as batch:
        batch.drop_column("escalate_below")
