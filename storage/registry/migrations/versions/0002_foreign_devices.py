"""Whose a foreign identifier is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "foreign_device",
        sa.Column("format", sa.String(length=64), nullable=False),
        sa.Column("external", sa.String(length=200), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cooperative", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative", "device"], ["device.cooperative", "device.device"], name="foreign_device_of"
        ),
        sa.PrimaryKeyConstraint("format", "external", "valid_from_ms"),
    )
    with op.batch_alter_table("foreign_device", schema=None) as batch_op:
        batch_op.create_index("foreign_device_owner", ["cooperative", "device"], unique=False)


def downgrade() -> None:
    op.drop_table("foreign_device")
