"""Whom a provider of sign-on means, room for encrypted second factors, and the audit log by time and by actor."""

import sqlalchemy as sa
from alembic import op

from storage.registry.columns import identifier

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_subject",
        sa.Column("issuer", identifier(300), nullable=False),
        sa.Column("account", identifier(), sa.ForeignKey("account.account"), nullable=False),
        sa.Column("subject", identifier(255), nullable=True),
        sa.PrimaryKeyConstraint("issuer", "account"),
    )
    op.create_index("account_subject_of", "account_subject", ["issuer", "subject"], unique=True)
    op.create_index("audit_time", "audit", ["at_ms"])
    op.create_index("audit_by", "audit", ["actor", "number"])
    _widen()


def _widen() -> None:
    """SQLite cannot change a column, and others refer to the table, so that it cannot be made anew either."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("account", "totp_secret", type_=sa.String(200), existing_nullable=False)
        return
    op.add_column("account", sa.Column("totp_wide", sa.String(200), nullable=False, server_default=""))
    op.execute("UPDATE account SET totp_wide = totp_secret")
    op.drop_column("account", "totp_secret")
    op.execute("ALTER TABLE account RENAME COLUMN totp_wide TO totp_secret")


def downgrade() -> None:
    raise NotImplementedError("an encrypted second factor fits no shorter column: go back to the backup made before")
