"""Alerts of flying drones, which were told and kept nowhere."""

import sqlalchemy as sa
from alembic import op

from storage.registry.columns import identifier

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("cooperative", identifier(), sa.ForeignKey("cooperative.cooperative"), nullable=False),
        sa.Column("device", identifier(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", identifier(200), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("flight", identifier(200), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=True),
        sa.Column("lon_deg", sa.Float(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=False),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("limit", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("cooperative", "device", "kind", "subject", "start_ms"),
    )
    op.create_index("alert_time", "alert", ["cooperative", "start_ms"])
    op.create_index("alert_end", "alert", ["cooperative", "end_ms"])


def downgrade() -> None:
    op.drop_table("alert")
