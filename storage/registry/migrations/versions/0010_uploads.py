"""Logs that people handed in, with the fixes that they brought."""

import sqlalchemy as sa
from alembic import op

from storage.registry.columns import identifier

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("cooperative", identifier(), sa.ForeignKey("cooperative.cooperative"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.String(300), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", identifier(64), nullable=False),
        sa.Column("format", identifier(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("undone_ms", sa.BigInteger(), nullable=False),
        sa.Column("undone_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("cooperative", "number"),
    )
    op.create_index("upload_content", "upload", ["cooperative", "sha256"])
    op.create_table(
        "upload_log",
        sa.Column("cooperative", identifier(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("device", identifier(), nullable=False),
        sa.Column("digest", identifier(64), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("cooperative", "number", "position"),
        sa.ForeignKeyConstraint(
            ["cooperative", "number"], ["upload.cooperative", "upload.number"], name="upload_log_of_upload"
        ),
    )
    op.create_index("upload_log_time", "upload_log", ["cooperative", "device", "start_ms"])
    op.create_index("upload_log_digest", "upload_log", ["cooperative", "digest"])


def downgrade() -> None:
    op.drop_table("upload_log")
    op.drop_table("upload")
