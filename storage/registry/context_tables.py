"""Tables of what surrounded flights and jobs, in versions as the results are that they belong to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, String
from sqlalchemy import ForeignKeyConstraint as Reference
from sqlalchemy.orm import Mapped, mapped_column

from core.model.context import Exclusion, Stamps, Treating
from core.model.land import SiteKind
from storage.registry.columns import Real, Structured, Worded, identifier
from storage.registry.tables import Base, ResultRow

_LONG_ID = identifier(200)


class FlightContextRow(ResultRow, Base):
    """The weather of a flight, and when and where it treated."""

    __tablename__ = "flight_context"
    __table_args__ = (
        Index("flight_context_time", "cooperative", "newest", "start_ms"),
        Index("flight_context_device", "cooperative", "device", "newest", "start_ms"),
    )

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    flight: Mapped[str] = mapped_column(identifier(128), primary_key=True)
    device: Mapped[str] = mapped_column(identifier())
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    fixes: Mapped[int]
    job: Mapped[str] = mapped_column(_LONG_ID)
    day: Mapped[str] = mapped_column(identifier(10))
    treating: Mapped[Treating | None] = mapped_column(Structured(Treating | None))
    stamps: Mapped[Stamps | None] = mapped_column(Structured(Stamps | None))


class FlightSiteRow(Base):
    """One flight beside one sensitive site; null where a figure is not known."""

    __tablename__ = "flight_site"
    __table_args__ = (
        Reference(
            ["cooperative", "flight", "version"],
            ["flight_context.cooperative", "flight_context.flight", "flight_context.version"],
            name="flight_site_of_version",
        ),
        Index("flight_site_site", "cooperative", "site"),
    )

    cooperative: Mapped[str] = mapped_column(identifier(), primary_key=True)
    flight: Mapped[str] = mapped_column(identifier(128), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    site: Mapped[str] = mapped_column(_LONG_ID)
    kind: Mapped[SiteKind] = mapped_column(Worded(SiteKind))
    distance_m: Mapped[float] = mapped_column(Float)
    buffer_m: Mapped[float] = mapped_column(Float)
    downwind_m: Mapped[float] = mapped_column(Float)
    source: Mapped[str] = mapped_column(String(600))
    in_buffer_l: Mapped[float] = mapped_column(Real, nullable=True)
    in_buffer_s: Mapped[float] = mapped_column(Real, nullable=True)
    downwind_l: Mapped[float] = mapped_column(Real, nullable=True)
    downwind_s: Mapped[float] = mapped_column(Real, nullable=True)
    drift_min: Mapped[float] = mapped_column(Real, nullable=True)
    reasons: Mapped[tuple[str, ...]] = mapped_column(Structured(tuple[str, ...]))
    minutes: Mapped[dict[str, list[Any]]] = mapped_column(JSON)


class JobContextRow(ResultRow, Base):
    """The weather of a job on a day, and what speaks against its product."""

    __tablename__ = "job_context"
    __table_args__ = (Index("job_context_day", "cooperative", "newest", "day"),)

    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"), primary_key=True)
    job: Mapped[str] = mapped_column(_LONG_ID, primary_key=True)
    day: Mapped[str] = mapped_column(identifier(10), primary_key=True)
    flights: Mapped[tuple[str, ...]] = mapped_column(Structured(tuple[str, ...]))
    product: Mapped[str] = mapped_column(_LONG_ID)
    stamps: Mapped[Stamps | None] = mapped_column(Structured(Stamps | None))
    exclusions: Mapped[tuple[Exclusion, ...]] = mapped_column(Structured(tuple[Exclusion, ...]))
