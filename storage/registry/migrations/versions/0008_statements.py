"""Statements that were issued: nothing of them is ever changed."""

import sqlalchemy as sa
from alembic import op

from storage.registry.columns import identifier

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("cooperative", identifier(), sa.ForeignKey("cooperative.cooperative"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", identifier(200), nullable=False),
        sa.Column("first_day", identifier(10), nullable=False),
        sa.Column("last_day", identifier(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", identifier(64), nullable=False),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "cooperative", "kind", "name", "first_day", "last_day", "version", name="statement_version"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("statement_of", "statement", ["cooperative", "id"])


def downgrade() -> None:
    op.drop_table("statement")
