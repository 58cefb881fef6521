"""Answers to requests with an idempotency key."""

import sqlalchemy as sa
from alembic import op

from storage.registry.columns import identifier

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("cooperative", identifier(), nullable=False),
        sa.Column("account", identifier(), nullable=False),
        sa.Column("key", identifier(128), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cooperative", "account", "key"),
    )
    op.create_index("ix_kept_answer_at_ms", "kept_answer", ["at_ms"])


def downgrade() -> None:
    op.drop_table("kept_answer")
