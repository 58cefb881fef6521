"""Tables of the registry. Every row carries its cooperative: nothing can be read without naming one."""

from __future__ import annotations

from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import JSON, BigInteger, Float, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.registry.geometry import BoundaryColumn

_ID = String(64)


class Base(DeclarativeBase):
    """Root of the tables."""


class CooperativeRow(Base):
    """A tenant."""

    __tablename__ = "cooperative"

    cooperative: Mapped[str] = mapped_column(_ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    m2_per_cong: Mapped[float] = mapped_column(Float)


class DeviceRow(Base):
    """A drone or a field sensor."""

    __tablename__ = "device"

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    device: Mapped[str] = mapped_column(_ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    model: Mapped[str] = mapped_column(String(200))
    swath_m: Mapped[float | None] = mapped_column(Float)
    lat_deg: Mapped[float | None] = mapped_column(Float)
    lon_deg: Mapped[float | None] = mapped_column(Float)


class ForeignDeviceRow(Base):
    """Whose an identifier of a foreign payload format is, from a time on."""

    __tablename__ = "foreign_device"
    __table_args__ = (
        ForeignKeyConstraint(
            ["cooperative", "device"], ["device.cooperative", "device.device"], name="foreign_device_of"
        ),
        Index("foreign_device_owner", "cooperative", "device"),
    )

    format: Mapped[str] = mapped_column(_ID, primary_key=True)
    external: Mapped[str] = mapped_column(String(200), primary_key=True)
    valid_from_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cooperative: Mapped[str] = mapped_column(_ID)
    device: Mapped[str] = mapped_column(_ID)


class PlotRow(Base):
    """One version of a plot: never changed once it is written, but for ``newest``."""

    __tablename__ = "plot"
    __table_args__ = (Index("plot_box", "cooperative", "newest", "west_deg", "east_deg", "south_deg", "north_deg"),)

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    plot: Mapped[str] = mapped_column(String(200), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest: Mapped[bool]
    name: Mapped[str] = mapped_column(String(200))
    crop: Mapped[str] = mapped_column(String(200))
    declared_area_m2: Mapped[float | None] = mapped_column(Float)
    source_crs: Mapped[str] = mapped_column(String(2000))
    valid_from_ms: Mapped[int] = mapped_column(BigInteger)
    boundary: Mapped[BaseGeometry] = mapped_column(BoundaryColumn)
    west_deg: Mapped[float] = mapped_column(Float)
    south_deg: Mapped[float] = mapped_column(Float)
    east_deg: Mapped[float] = mapped_column(Float)
    north_deg: Mapped[float] = mapped_column(Float)


class FlightRow(Base):
    """A flight and the totals of its coverage."""

    __tablename__ = "flight"
    __table_args__ = (
        Index("flight_time", "cooperative", "start_ms"),
        Index("flight_device", "cooperative", "device", "start_ms"),
    )

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    flight: Mapped[str] = mapped_column(String(128), primary_key=True)
    device: Mapped[str] = mapped_column(_ID)
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    fixes: Mapped[int]
    op: Mapped[int]
    job: Mapped[str] = mapped_column(String(200))
    totals: Mapped[dict[str, Any]] = mapped_column(JSON)


class PlotFigures:
    """The figures of one plot, wherever they are kept; null where they are not known."""

    name: Mapped[str] = mapped_column(String(200))
    area_m2: Mapped[float | None] = mapped_column(Float)
    gross_m2: Mapped[float | None] = mapped_column(Float)
    net_m2: Mapped[float | None] = mapped_column(Float)
    overlap_m2: Mapped[float | None] = mapped_column(Float)
    overlap3_m2: Mapped[float | None] = mapped_column(Float)
    missed_m2: Mapped[float | None] = mapped_column(Float)
    volume_l: Mapped[float | None] = mapped_column(Float)
    mass_kg: Mapped[float | None] = mapped_column(Float)


class FlightPlotRow(PlotFigures, Base):
    """The sprayed area of one flight on one plot."""

    __tablename__ = "flight_plot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["cooperative", "flight"],
            ["flight.cooperative", "flight.flight"],
            ondelete="CASCADE",
            name="flight_plot_of",
        ),
    )

    cooperative: Mapped[str] = mapped_column(_ID, primary_key=True)
    flight: Mapped[str] = mapped_column(String(128), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    plot: Mapped[str] = mapped_column(String(200))


class JobPlotRow(PlotFigures, Base):
    """The sprayed area of all flights of one job on one plot."""

    __tablename__ = "job_plot"
    __table_args__ = (Index("job_plot_day", "cooperative", "day"),)

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    job: Mapped[str] = mapped_column(String(200), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    plot: Mapped[str] = mapped_column(String(200), primary_key=True)
    op: Mapped[int]
    flights: Mapped[list[str]] = mapped_column(JSON)
