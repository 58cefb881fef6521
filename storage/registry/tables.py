"""Tables of the registry. Every row carries its cooperative: nothing can be read without naming one.

What people register stands in versions (:class:`VersionedRow`): a row is never changed once it is written, but for
``newest``. Columns bear the names of the model's fields.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import JSON, BigInteger, Date, Float, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy import ForeignKeyConstraint as Reference
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from core.model.admin import AdminLevel, Extent
from core.model.enums import Operation
from core.model.land import DeviceKind, SiteKind
from core.model.trust import Trust
from core.model.work import ProductUse
from storage.registry.columns import Coded, Document, Real, Structured, Worded, identifier
from storage.registry.geometry import GeometryColumn

_ID = identifier()
_NAME = String(200)
_LONG_ID = identifier(200)
_DAY = String(10)
_COUNTED = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Root of the tables."""


class TenantRow(Base):
    """That there is a cooperative; what it is called stands in :class:`CooperativeRow`."""

    __tablename__ = "cooperative"

    cooperative: Mapped[str] = mapped_column(_ID, primary_key=True)


class VersionedRow:
    """What every versioned record has."""

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest: Mapped[bool]
    valid_from_ms: Mapped[int] = mapped_column(BigInteger)
    retired: Mapped[bool]

    @declared_attr
    def cooperative(self) -> Mapped[str]:
        """Whose it is."""
        return mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)


class CooperativeRow(VersionedRow, Base):
    """A tenant's description."""

    __tablename__ = "cooperative_version"

    name: Mapped[str] = mapped_column(_NAME)
    m2_per_cong: Mapped[float] = mapped_column(Float)
    organisation: Mapped[str] = mapped_column(String(35))
    scheme: Mapped[str] = mapped_column(_NAME)


class DeviceRow(VersionedRow, Base):
    """A drone or a field sensor."""

    __tablename__ = "device"

    device: Mapped[str] = mapped_column(_ID, primary_key=True)
    kind: Mapped[DeviceKind] = mapped_column(Worded(DeviceKind))
    name: Mapped[str] = mapped_column(_NAME)
    model: Mapped[str] = mapped_column(_NAME)
    swath_m: Mapped[float] = mapped_column(Real, nullable=True)
    lat_deg: Mapped[float] = mapped_column(Real, nullable=True)
    lon_deg: Mapped[float] = mapped_column(Real, nullable=True)
    serial: Mapped[str] = mapped_column(_NAME)
    registration: Mapped[str] = mapped_column(_NAME)
    registration_until: Mapped[str] = mapped_column(_DAY)
    mtow_kg: Mapped[float] = mapped_column(Real, nullable=True)


class ForeignDeviceRow(Base):
    """Whose an identifier of a foreign payload format is, from a time on."""

    __tablename__ = "foreign_device"
    __table_args__ = (Index("foreign_device_owner", "cooperative", "device"),)

    format: Mapped[str] = mapped_column(_ID, primary_key=True)
    external: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    valid_from_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"))
    device: Mapped[str] = mapped_column(_ID)


class BoxedRow:
    """The box of a row's boundary, in degrees."""

    west_deg: Mapped[float] = mapped_column(Float)
    south_deg: Mapped[float] = mapped_column(Float)
    east_deg: Mapped[float] = mapped_column(Float)
    north_deg: Mapped[float] = mapped_column(Float)


class PlacedRow(BoxedRow):
    """A versioned record with a place: told by a number, which the index of boxes knows it by."""

    id: Mapped[int] = mapped_column(_COUNTED, primary_key=True, autoincrement=True)
    version: Mapped[int]
    newest: Mapped[bool]
    valid_from_ms: Mapped[int] = mapped_column(BigInteger)
    retired: Mapped[bool]
    boundary: Mapped[BaseGeometry] = mapped_column(GeometryColumn)

    @declared_attr
    def cooperative(self) -> Mapped[str]:
        """Whose it is."""
        return mapped_column(ForeignKey("cooperative.cooperative"))


class PlotRow(PlacedRow, Base):
    """A plot."""

    __tablename__ = "plot"
    __table_args__ = (
        UniqueConstraint("cooperative", "plot", "version", name="plot_version"),
        Index("plot_newest", "cooperative", "newest", "plot"),
    )

    plot: Mapped[str] = mapped_column(_LONG_ID)
    name: Mapped[str] = mapped_column(_NAME)
    crop: Mapped[str] = mapped_column(_NAME)
    declared_area_m2: Mapped[float] = mapped_column(Real, nullable=True)
    source_crs: Mapped[str] = mapped_column(String(2000))
    season: Mapped[str] = mapped_column(_NAME)
    kind: Mapped[str] = mapped_column(_NAME)
    growing_area: Mapped[str] = mapped_column(_NAME)
    member: Mapped[str] = mapped_column(_LONG_ID)
    cadastral: Mapped[str] = mapped_column(_NAME)
    source_unit: Mapped[str] = mapped_column(_NAME)
    source_date: Mapped[str] = mapped_column(_DAY)


class SiteRow(PlacedRow, Base):
    """A sensitive site."""

    __tablename__ = "site"
    __table_args__ = (
        UniqueConstraint("cooperative", "site", "version", name="site_version"),
        Index("site_newest", "cooperative", "newest", "site"),
    )

    site: Mapped[str] = mapped_column(_LONG_ID)
    kind: Mapped[SiteKind] = mapped_column(Worded(SiteKind))
    name: Mapped[str] = mapped_column(_NAME)
    buffer_m: Mapped[float] = mapped_column(Real, nullable=True)
    downwind_m: Mapped[float] = mapped_column(Real, nullable=True)
    source: Mapped[str] = mapped_column(String(500))


class MemberRow(VersionedRow, Base):
    """A member: personal data."""

    __tablename__ = "member"

    member: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    name: Mapped[str] = mapped_column(_NAME)
    phone: Mapped[str] = mapped_column(_NAME)


class PilotRow(VersionedRow, Base):
    """A pilot: personal data."""

    __tablename__ = "pilot"

    pilot: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    name: Mapped[str] = mapped_column(_NAME)
    licence: Mapped[str] = mapped_column(_NAME)
    licence_class: Mapped[str] = mapped_column(_NAME)
    licence_until: Mapped[str] = mapped_column(_DAY)
    phone: Mapped[str] = mapped_column(_NAME)


class ImplementRow(VersionedRow, Base):
    """A spraying system, a spreader or a sower."""

    __tablename__ = "implement"

    implement: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    op: Mapped[Operation] = mapped_column(Coded(Operation))
    name: Mapped[str] = mapped_column(_NAME)
    device: Mapped[str] = mapped_column(_ID)
    nozzle: Mapped[str] = mapped_column(_NAME)
    tank_l: Mapped[float] = mapped_column(Real, nullable=True)
    max_flow_lpm: Mapped[float] = mapped_column(Real, nullable=True)


class CalibrationRow(VersionedRow, Base):
    """A measured swath width."""

    __tablename__ = "calibration"

    calibration: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    device: Mapped[str] = mapped_column(_ID)
    op: Mapped[Operation] = mapped_column(Coded(Operation))
    day: Mapped[str] = mapped_column(_DAY)
    swath_m: Mapped[float] = mapped_column(Float)
    cv_pct: Mapped[float] = mapped_column(Real, nullable=True)
    height_m: Mapped[float] = mapped_column(Real, nullable=True)
    speed_mps: Mapped[float] = mapped_column(Real, nullable=True)
    implement: Mapped[str] = mapped_column(_LONG_ID)
    nozzle: Mapped[str] = mapped_column(_NAME)
    product: Mapped[str] = mapped_column(_LONG_ID)


class MountRow(VersionedRow, Base):
    """Where a sensor's zero lies, from a day on."""

    __tablename__ = "mount"

    device: Mapped[str] = mapped_column(_ID, primary_key=True)
    quantity: Mapped[str] = mapped_column(_ID, primary_key=True)
    since: Mapped[str] = mapped_column(identifier(10), primary_key=True)
    offset: Mapped[float] = mapped_column(Float)
    unit: Mapped[str] = mapped_column(String(32))


class ProductRow(VersionedRow, Base):
    """A product as one version of a list names it; the national list belongs to the tenant that is called ""."""

    __tablename__ = "product"

    product: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    list_version: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    name: Mapped[str] = mapped_column(_NAME)
    listed_from: Mapped[str] = mapped_column(_DAY)
    listed_until: Mapped[str] = mapped_column(_DAY)
    actives: Mapped[tuple[str, ...]] = mapped_column(Structured(tuple[str, ...]))
    formulation: Mapped[str] = mapped_column(_NAME)
    toxicity: Mapped[str] = mapped_column(_NAME)
    uses: Mapped[tuple[ProductUse, ...]] = mapped_column(Structured(tuple[ProductUse, ...]))
    drones: Mapped[bool | None]
    banned: Mapped[bool]
    banned_kinds: Mapped[tuple[str, ...]] = mapped_column(Structured(tuple[str, ...]))


class JobRow(VersionedRow, Base):
    """Work that was ordered."""

    __tablename__ = "job"
    __table_args__ = (Index("job_day", "cooperative", "day"),)

    job: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    op: Mapped[Operation] = mapped_column(Coded(Operation))
    day: Mapped[str] = mapped_column(_DAY)
    plots: Mapped[tuple[str, ...]] = mapped_column(Structured(tuple[str, ...]))
    product: Mapped[str] = mapped_column(_LONG_ID)
    dose: Mapped[float] = mapped_column(Real, nullable=True)
    dose_unit: Mapped[str] = mapped_column(String(32))
    device: Mapped[str] = mapped_column(_ID)
    pilot: Mapped[str] = mapped_column(_LONG_ID)
    note: Mapped[str] = mapped_column(String(500))


class ResultRow:
    """What every computed result has: a later computation makes the next version, over the one that stood."""

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest: Mapped[bool]
    saved_ms: Mapped[int] = mapped_column(BigInteger)


class ExpectedArea:
    """The net area expected in truth, with its 95 % interval; null where nobody asked for it."""

    net_expected_m2: Mapped[float | None] = mapped_column(Float)
    net_low_m2: Mapped[float | None] = mapped_column(Float)
    net_high_m2: Mapped[float | None] = mapped_column(Float)


class FlightRow(ResultRow, ExpectedArea, Base):
    """A flight and the totals of its coverage; the expected area is that of the union of its plots."""

    __tablename__ = "flight"
    __table_args__ = (
        Index("flight_time", "cooperative", "newest", "start_ms"),
        Index("flight_device", "cooperative", "device", "newest", "start_ms"),
    )

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    flight: Mapped[str] = mapped_column(identifier(128), primary_key=True)
    device: Mapped[str] = mapped_column(_ID)
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    fixes: Mapped[int]
    op: Mapped[int]
    job: Mapped[str] = mapped_column(_LONG_ID)
    totals: Mapped[dict[str, Any]] = mapped_column(JSON)
    off_transit_m2: Mapped[float] = mapped_column(Real, nullable=True)
    off_failsafe_m2: Mapped[float] = mapped_column(Real, nullable=True)
    trust: Mapped[Trust | None] = mapped_column(Document(Trust))
    no_area: Mapped[str | None] = mapped_column(String(32))


class PlotFigures(ExpectedArea):
    """The figures of one plot, wherever they are kept; null where they are not known."""

    name: Mapped[str] = mapped_column(_NAME)
    area_m2: Mapped[float | None] = mapped_column(Float)
    gross_m2: Mapped[float | None] = mapped_column(Float)
    net_m2: Mapped[float | None] = mapped_column(Float)
    overlap_m2: Mapped[float | None] = mapped_column(Float)
    overlap3_m2: Mapped[float | None] = mapped_column(Float)
    missed_m2: Mapped[float | None] = mapped_column(Float)
    volume_l: Mapped[float | None] = mapped_column(Float)
    mass_kg: Mapped[float | None] = mapped_column(Float)
    dose_cv: Mapped[float | None] = mapped_column(Float)


class FlightPlotRow(PlotFigures, Base):
    """The sprayed area of one flight on one plot."""

    __tablename__ = "flight_plot"
    __table_args__ = (
        Reference(
            ["cooperative", "flight", "version"],
            ["flight.cooperative", "flight.flight", "flight.version"],
            name="flight_plot_of_version",
        ),
    )

    cooperative: Mapped[str] = mapped_column(_ID, primary_key=True)
    flight: Mapped[str] = mapped_column(identifier(128), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    plot: Mapped[str] = mapped_column(_LONG_ID)


class JobPlotRow(ResultRow, PlotFigures, Base):
    """The sprayed area of all flights of one job on one plot."""

    __tablename__ = "job_plot"
    __table_args__ = (Index("job_plot_day", "cooperative", "newest", "day"),)

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    job: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    day: Mapped[str] = mapped_column(identifier(10), primary_key=True)
    plot: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    op: Mapped[int]
    flights: Mapped[list[str]] = mapped_column(JSON)


class AdminUnitRow(Base):
    """An administrative unit with its dates. It belongs to nobody: the whole country may read it."""

    __tablename__ = "admin_unit"
    __table_args__ = (Index("admin_unit_parent", "level", "parent"),)

    level: Mapped[AdminLevel] = mapped_column(Worded(AdminLevel), primary_key=True)
    code: Mapped[str] = mapped_column(identifier(5), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)
    name: Mapped[str] = mapped_column(_NAME)
    parent: Mapped[str] = mapped_column(identifier(5))
    boundary: Mapped[BaseGeometry | None] = mapped_column(GeometryColumn)
    source: Mapped[str] = mapped_column(String(500))


class AdminSuccessionRow(Base):
    """Which unit went into which, on a day."""

    __tablename__ = "admin_succession"

    level: Mapped[AdminLevel] = mapped_column(Worded(AdminLevel), primary_key=True)
    old: Mapped[str] = mapped_column(identifier(5), primary_key=True)
    new: Mapped[str] = mapped_column(identifier(5), primary_key=True)
    on: Mapped[date] = mapped_column("on_day", Date, primary_key=True)
    extent: Mapped[Extent] = mapped_column(Worded(Extent))
    share: Mapped[float] = mapped_column(Real, nullable=True)
