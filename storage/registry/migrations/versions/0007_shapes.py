"""Drawn shapes of computed flights, with an index of their boxes."""

import sqlalchemy as sa
from alembic import op

from storage.registry.columns import identifier
from storage.registry.geometry import GeometryColumn, index_boxes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    edges = [sa.Column(name, sa.Float(), nullable=False) for name in ("west_deg", "south_deg", "east_deg", "north_deg")]
    op.create_table(
        "flight_shape",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("cooperative", identifier(), sa.ForeignKey("cooperative.cooperative"), nullable=False),
        sa.Column("flight", identifier(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("plot", identifier(200), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("device", identifier(), nullable=False),
        sa.Column("op", sa.SmallInteger(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=True),
        sa.Column("length_m", sa.Float(), nullable=True),
        sa.Column("boundary", GeometryColumn(), nullable=False),
        *edges,
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("flight_shape_of", "flight_shape", ["cooperative", "flight"])
    op.create_index("flight_shape_kind", "flight_shape", ["cooperative", "kind", "start_ms"])
    dialect = op.get_bind().dialect.name
    index_boxes(op.execute, dialect, "flight_shape")
    if dialect == "sqlite":
        op.execute(
            "CREATE TRIGGER flight_shape_box_out AFTER DELETE ON flight_shape "
            "BEGIN DELETE FROM flight_shape_box WHERE id = old.id; END"
        )


def downgrade() -> None:
    op.drop_table("flight_shape")
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("flight_shape_box")
