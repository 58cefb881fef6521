"""The first tables."""

import sqlalchemy as sa
from alembic import op

from storage.registry.geometry import GeometryColumn

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cooperative",
        sa.Column("cooperative", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("m2_per_cong", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("cooperative"),
    )
    op.create_table(
        "device",
        sa.Column("cooperative", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("swath_m", sa.Float(), nullable=True),
        sa.Column("lat_deg", sa.Float(), nullable=True),
        sa.Column("lon_deg", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["cooperative"], ["cooperative.cooperative"]),
        sa.PrimaryKeyConstraint("cooperative", "device"),
    )
    op.create_table(
        "flight",
        sa.Column("cooperative", sa.String(length=64), nullable=False),
        sa.Column("flight", sa.String(length=128), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("op", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=200), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["cooperative"], ["cooperative.cooperative"]),
        sa.PrimaryKeyConstraint("cooperative", "flight"),
    )
    with op.batch_alter_table("flight", schema=None) as batch_op:
        batch_op.create_index("flight_device", ["cooperative", "device", "start_ms"], unique=False)
        batch_op.create_index("flight_time", ["cooperative", "start_ms"], unique=False)

    op.create_table(
        "job_plot",
        sa.Column("cooperative", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=200), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("plot", sa.String(length=200), nullable=False),
        sa.Column("op", sa.Integer(), nullable=False),
        sa.Column("flights", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=True),
        sa.Column("gross_m2", sa.Float(), nullable=True),
        sa.Column("net_m2", sa.Float(), nullable=True),
        sa.Column("overlap_m2", sa.Float(), nullable=True),
        sa.Column("overlap3_m2", sa.Float(), nullable=True),
        sa.Column("missed_m2", sa.Float(), nullable=True),
        sa.Column("volume_l", sa.Float(), nullable=True),
        sa.Column("mass_kg", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["cooperative"], ["cooperative.cooperative"]),
        sa.PrimaryKeyConstraint("cooperative", "job", "day", "plot"),
    )
    with op.batch_alter_table("job_plot", schema=None) as batch_op:
        batch_op.create_index("job_plot_day", ["cooperative", "day"], unique=False)

    op.create_table(
        "plot",
        sa.Column("cooperative", sa.String(length=64), nullable=False),
        sa.Column("plot", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("crop", sa.String(length=200), nullable=False),
        sa.Column("declared_area_m2", sa.Float(), nullable=True),
        sa.Column("source_crs", sa.String(length=2000), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), nullable=False),
        sa.Column("boundary", GeometryColumn(), nullable=False),
        sa.Column("west_deg", sa.Float(), nullable=False),
        sa.Column("south_deg", sa.Float(), nullable=False),
        sa.Column("east_deg", sa.Float(), nullable=False),
        sa.Column("north_deg", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["cooperative"], ["cooperative.cooperative"]),
        sa.PrimaryKeyConstraint("cooperative", "plot", "version"),
    )
    with op.batch_alter_table("plot", schema=None) as batch_op:
        batch_op.create_index(
            "plot_box", ["cooperative", "newest", "west_deg", "east_deg", "south_deg", "north_deg"], unique=False
        )

    op.create_table(
        "flight_plot",
        sa.Column("cooperative", sa.String(length=64), nullable=False),
        sa.Column("flight", sa.String(length=128), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plot", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=True),
        sa.Column("gross_m2", sa.Float(), nullable=True),
        sa.Column("net_m2", sa.Float(), nullable=True),
        sa.Column("overlap_m2", sa.Float(), nullable=True),
        sa.Column("overlap3_m2", sa.Float(), nullable=True),
        sa.Column("missed_m2", sa.Float(), nullable=True),
        sa.Column("volume_l", sa.Float(), nullable=True),
        sa.Column("mass_kg", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cooperative", "flight"],
            ["flight.cooperative", "flight.flight"],
            name="flight_plot_of",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("cooperative", "flight", "position"),
    )


def downgrade() -> None:
    op.drop_table("flight_plot")
    with op.batch_alter_table("plot", schema=None) as batch_op:
        batch_op.drop_index("plot_box")

    op.drop_table("plot")
    with op.batch_alter_table("job_plot", schema=None) as batch_op:
        batch_op.drop_index("job_plot_day")

    op.drop_table("job_plot")
    with op.batch_alter_table("flight", schema=None) as batch_op:
        batch_op.drop_index("flight_time")
        batch_op.drop_index("flight_device")

    op.drop_table("flight")
    op.drop_table("device")
    op.drop_table("cooperative")
