"""Versions of everything that people register, places with an index, and administrative units."""

from typing import Any, TypeAlias

import sqlalchemy as sa
from alembic import op

from storage.registry.columns import identifier
from storage.registry.geometry import GeometryColumn, index_boxes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Column: TypeAlias = sa.Column[Any]
Type: TypeAlias = sa.types.TypeEngine[Any]
_NAME = sa.String(200)
_DAY = sa.String(10)


def _cooperative() -> list[Column]:
    return [sa.Column("cooperative", identifier(), sa.ForeignKey("cooperative.cooperative"), nullable=False)]


def _bookkeeping() -> list[Column]:
    return [
        _version(),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
    ]


def _columns(kind: Type, *names: str, nullable: bool = False) -> list[Column]:
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _versioned(name: str, keys: list[Column], content: list[Column]) -> None:
    columns = [*_cooperative(), *keys, *_bookkeeping(), *content]
    op.create_table(name, *columns, sa.PrimaryKeyConstraint("cooperative", *(k.name for k in keys), "version"))


def _placed(name: str, content: list[Column]) -> None:
    counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        name,
        sa.Column("id", counted, autoincrement=True, nullable=False),
        *_cooperative(),
        sa.Column(name, identifier(200), nullable=False),
        *_bookkeeping(),
        sa.Column("boundary", GeometryColumn(), nullable=False),
        *_columns(sa.Float(), "west_deg", "south_deg", "east_deg", "north_deg"),
        *content,
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cooperative", name, "version", name=f"{name}_version"),
    )
    op.create_index(f"{name}_newest", name, ["cooperative", "newest", name])
    index_boxes(op.execute, op.get_bind().dialect.name, name)


def upgrade() -> None:
    _cooperatives()
    _devices()
    _plots()
    _results()
    long_id, short_id = identifier(200), identifier()
    _placed(
        "site",
        [
            *_columns(sa.String(16), "kind"),
            *_columns(_NAME, "name"),
            *_columns(sa.Float(), "buffer_m", "downwind_m", nullable=True),
            *_columns(sa.String(500), "source"),
        ],
    )
    _versioned("member", _columns(long_id, "member"), _columns(_NAME, "name", "phone"))
    _versioned(
        "pilot",
        _columns(long_id, "pilot"),
        [
            *_columns(_NAME, "name", "licence", "licence_class"),
            *_columns(_DAY, "licence_until"),
            *_columns(_NAME, "phone"),
        ],
    )
    _versioned(
        "implement",
        _columns(long_id, "implement"),
        [
            *_columns(sa.SmallInteger(), "op"),
            *_columns(_NAME, "name"),
            *_columns(short_id, "device"),
            *_columns(_NAME, "nozzle"),
            *_columns(sa.Float(), "tank_l", "max_flow_lpm", nullable=True),
        ],
    )
    _versioned(
        "calibration",
        _columns(long_id, "calibration"),
        [
            *_columns(short_id, "device"),
            *_columns(sa.SmallInteger(), "op"),
            *_columns(_DAY, "day"),
            *_columns(sa.Float(), "swath_m"),
            *_columns(sa.Float(), "cv_pct", "height_m", "speed_mps", nullable=True),
            *_columns(long_id, "implement"),
            *_columns(_NAME, "nozzle"),
            *_columns(long_id, "product"),
        ],
    )
    _versioned(
        "mount",
        [*_columns(short_id, "device", "quantity"), *_columns(identifier(10), "since")],
        [*_columns(sa.Float(), "offset"), *_columns(sa.String(32), "unit")],
    )
    _versioned(
        "product",
        _columns(long_id, "product", "list_version"),
        [
            *_columns(_NAME, "name"),
            *_columns(_DAY, "listed_from", "listed_until"),
            *_columns(sa.JSON(), "actives"),
            *_columns(_NAME, "formulation", "toxicity"),
            *_columns(sa.JSON(), "uses"),
            *_columns(sa.Boolean(), "drones", nullable=True),
            *_columns(sa.Boolean(), "banned"),
            *_columns(sa.JSON(), "banned_kinds"),
        ],
    )
    _versioned(
        "job",
        _columns(long_id, "job"),
        [
            *_columns(sa.SmallInteger(), "op"),
            *_columns(_DAY, "day"),
            *_columns(sa.JSON(), "plots"),
            *_columns(long_id, "product"),
            *_columns(sa.Float(), "dose", nullable=True),
            *_columns(sa.String(32), "dose_unit"),
            *_columns(short_id, "device"),
            *_columns(long_id, "pilot"),
            *_columns(sa.String(500), "note"),
        ],
    )
    op.create_index("job_day", "job", ["cooperative", "day"])
    _admin()


def _cooperatives() -> None:
    _versioned(
        "cooperative_version",
        [],
        [
            *_columns(_NAME, "name"),
            *_columns(sa.Float(), "m2_per_cong"),
            *_columns(sa.String(35), "organisation"),
            *_columns(_NAME, "scheme"),
        ],
    )
    op.execute(
        "INSERT INTO cooperative_version (cooperative, version, newest, valid_from_ms, retired, name, m2_per_cong, "
        "organisation, scheme) SELECT cooperative, 1, true, 0, false, name, m2_per_cong, '', '' FROM cooperative"
    )
    op.drop_column("cooperative", "name")
    op.drop_column("cooperative", "m2_per_cong")
    op.execute("INSERT INTO cooperative (cooperative) VALUES ('')")


def _devices() -> None:
    op.rename_table("foreign_device", "old_foreign_device")
    op.rename_table("device", "old_device")
    _versioned(
        "device",
        _columns(identifier(), "device"),
        [
            *_columns(sa.String(16), "kind"),
            *_columns(_NAME, "name", "model"),
            *_columns(sa.Float(), "swath_m", "lat_deg", "lon_deg", nullable=True),
            *_columns(_NAME, "serial", "registration"),
            *_columns(_DAY, "registration_until"),
            *_columns(sa.Float(), "mtow_kg", nullable=True),
        ],
    )
    op.execute(
        "INSERT INTO device (cooperative, device, version, newest, valid_from_ms, retired, kind, name, model, swath_m, "
        "lat_deg, lon_deg, serial, registration, registration_until) SELECT cooperative, device, 1, true, 0, false, "
        "kind, name, model, swath_m, lat_deg, lon_deg, '', '', '' FROM old_device"
    )
    op.create_table(
        "foreign_device",
        sa.Column("format", identifier(), nullable=False),
        sa.Column("external", identifier(200), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        *_cooperative(),
        sa.Column("device", identifier(), nullable=False),
        sa.PrimaryKeyConstraint("format", "external", "valid_from_ms"),
    )
    op.execute(
        "INSERT INTO foreign_device (format, external, valid_from_ms, cooperative, device) "
        "SELECT format, external, valid_from_ms, cooperative, device FROM old_foreign_device"
    )
    op.drop_table("old_foreign_device")
    op.drop_table("old_device")
    op.create_index("foreign_device_owner", "foreign_device", ["cooperative", "device"])


def _plots() -> None:
    op.drop_index("plot_box", "plot")
    op.rename_table("plot", "old_plot")
    texts = ("season", "kind", "growing_area")
    _placed(
        "plot",
        [
            *_columns(_NAME, "name", "crop"),
            *_columns(sa.Float(), "declared_area_m2", nullable=True),
            *_columns(sa.String(2000), "source_crs"),
            *_columns(_NAME, *texts),
            *_columns(identifier(200), "member"),
            *_columns(_NAME, "cadastral", "source_unit"),
            *_columns(_DAY, "source_date"),
        ],
    )
    same = (
        "cooperative, plot, version, newest, valid_from_ms, boundary, west_deg, south_deg, east_deg, north_deg, "
        "name, crop, declared_area_m2, source_crs"
    )
    new = "retired, season, kind, growing_area, member, cadastral, source_unit, source_date"
    row = f"{same}, false, '', '', '', '', '', '', ''"
    op.execute(f"INSERT INTO plot ({same}, {new}) SELECT {row} FROM old_plot")  # noqa: S608 - names of our own
    op.drop_table("old_plot")


def _version() -> Column:
    return sa.Column("version", sa.Integer(), autoincrement=False, nullable=False)


def _saved() -> list[Column]:
    return [_version(), *_columns(sa.Boolean(), "newest"), *_columns(sa.BigInteger(), "saved_ms")]


def _results() -> None:
    """What was computed gets versions, too; what stands is the first."""
    for index, table in (("flight_time", "flight"), ("flight_device", "flight"), ("job_plot_day", "job_plot")):
        op.drop_index(index, table)
    for table in ("flight_plot", "flight", "job_plot"):
        op.rename_table(table, f"old_{table}")
    figures = ("area_m2", "gross_m2", "net_m2", "overlap_m2", "overlap3_m2", "missed_m2", "volume_l", "mass_kg")
    flight = [
        *_columns(identifier(), "device"),
        *_columns(sa.BigInteger(), "start_ms", "end_ms"),
        *_columns(sa.Integer(), "fixes", "op"),
        *_columns(identifier(200), "job"),
        *_columns(sa.JSON(), "totals"),
    ]
    op.create_table(
        "flight",
        *_cooperative(),
        *_columns(identifier(128), "flight"),
        *_saved(),
        *flight,
        sa.PrimaryKeyConstraint("cooperative", "flight", "version"),
    )
    op.create_table(
        "flight_plot",
        *_columns(identifier(), "cooperative"),
        *_columns(identifier(128), "flight"),
        _version(),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        *_columns(identifier(200), "plot"),
        *_columns(_NAME, "name"),
        *_columns(sa.Float(), *figures, nullable=True),
        sa.PrimaryKeyConstraint("cooperative", "flight", "version", "position"),
        sa.ForeignKeyConstraint(
            ["cooperative", "flight", "version"],
            ["flight.cooperative", "flight.flight", "flight.version"],
            name="flight_plot_of_version",
        ),
    )
    op.create_table(
        "job_plot",
        *_cooperative(),
        *_columns(identifier(200), "job"),
        *_columns(identifier(10), "day"),
        *_columns(identifier(200), "plot"),
        *_saved(),
        *_columns(sa.Integer(), "op"),
        *_columns(sa.JSON(), "flights"),
        *_columns(_NAME, "name"),
        *_columns(sa.Float(), *figures, nullable=True),
        sa.PrimaryKeyConstraint("cooperative", "job", "day", "plot", "version"),
    )
    for table, names in (
        ("flight", ["cooperative", "flight", *(column.name for column in flight)]),
        ("flight_plot", ["cooperative", "flight", "position", "plot", "name", *figures]),
        ("job_plot", ["cooperative", "job", "day", "plot", "op", "flights", "name", *figures]),
    ):
        new, values = ("version", "1") if table == "flight_plot" else ("version, newest, saved_ms", "1, true, 0")
        same = ", ".join(names)
        op.execute(f"INSERT INTO {table} ({same}, {new}) SELECT {same}, {values} FROM old_{table}")  # noqa: S608
    for table in ("flight_plot", "flight", "job_plot"):
        op.drop_table(f"old_{table}")
    op.create_index("flight_time", "flight", ["cooperative", "newest", "start_ms"])
    op.create_index("flight_device", "flight", ["cooperative", "device", "newest", "start_ms"])
    op.create_index("job_plot_day", "job_plot", ["cooperative", "newest", "day"])


def _admin() -> None:
    op.create_table(
        "admin_unit",
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("code", identifier(5), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("parent", identifier(5), nullable=False),
        sa.Column("boundary", GeometryColumn(), nullable=True),
        sa.Column("source", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("level", "code", "valid_from"),
    )
    op.create_index("admin_unit_parent", "admin_unit", ["level", "parent"])
    op.create_table(
        "admin_succession",
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("old", identifier(5), nullable=False),
        sa.Column("new", identifier(5), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("extent", sa.String(16), nullable=False),
        sa.Column("share", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("level", "old", "new", "on_day"),
    )


def downgrade() -> None:
    raise NotImplementedError(
        "versions cannot be taken back: go back to the backup that was made before this migration"
    )
