"""What surrounded flights and jobs: weather stamps, sensitive sites, exclusions."""

import sqlalchemy as sa
from alembic import op

from storage.registry.columns import identifier

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _cooperative() -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    return (
        sa.Column("cooperative", identifier(), nullable=False),
        sa.ForeignKeyConstraint(["cooperative"], ["cooperative.cooperative"]),
    )


def _version() -> tuple[sa.Column[int], sa.Column[bool], sa.Column[int]]:
    return (
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("saved_ms", sa.BigInteger(), nullable=False),
    )


def upgrade() -> None:
    """Add the three tables."""
    op.create_table(
        "flight_context",
        *_cooperative(),
        sa.Column("flight", identifier(128), nullable=False),
        sa.Column("device", identifier(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("job", identifier(200), nullable=False),
        sa.Column("day", identifier(10), nullable=False),
        sa.Column("treating", sa.JSON(), nullable=True),
        sa.Column("stamps", sa.JSON(), nullable=True),
        *_version(),
        sa.PrimaryKeyConstraint("cooperative", "flight", "version"),
    )
    op.create_index("flight_context_time", "flight_context", ["cooperative", "newest", "start_ms"])
    op.create_index("flight_context_device", "flight_context", ["cooperative", "device", "newest", "start_ms"])
    op.create_table(
        "flight_site",
        sa.Column("cooperative", identifier(), nullable=False),
        sa.Column("flight", identifier(128), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site", identifier(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("distance_m", "buffer_m", "downwind_m")),
        sa.Column("source", sa.String(600), nullable=False),
        *(
            sa.Column(name, sa.Float(), nullable=True)
            for name in ("in_buffer_l", "in_buffer_s", "downwind_l", "downwind_s", "drift_min")
        ),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative", "flight", "version"],
            ["flight_context.cooperative", "flight_context.flight", "flight_context.version"],
            name="flight_site_of_version",
        ),
        sa.PrimaryKeyConstraint("cooperative", "flight", "version", "position"),
    )
    op.create_index("flight_site_site", "flight_site", ["cooperative", "site"])
    op.create_table(
        "job_context",
        *_cooperative(),
        sa.Column("job", identifier(200), nullable=False),
        sa.Column("day", identifier(10), nullable=False),
        sa.Column("flights", sa.JSON(), nullable=False),
        sa.Column("product", identifier(200), nullable=False),
        sa.Column("stamps", sa.JSON(), nullable=True),
        sa.Column("exclusions", sa.JSON(), nullable=False),
        *_version(),
        sa.PrimaryKeyConstraint("cooperative", "job", "day", "version"),
    )
    op.create_index("job_context_day", "job_context", ["cooperative", "newest", "day"])


def downgrade() -> None:
    """Take them away."""
    for name in ("job_context", "flight_site", "flight_context"):
        op.drop_table(name)
