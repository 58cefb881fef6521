"""Weather stamps, sensitive sites that a flight came near, what speaks against a product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from api.schemas.fields import known
from core.localtime import iso_utc
from core.model.context import (
    Exclusion,
    FlightContext,
    JobContext,
    Reason,
    SiteContact,
    Stamp,
    Stamps,
    Weather,
)


class SourceOut(BaseModel):
    """Which station told a quantity."""

    station: str
    distance_m: float | None
    age_s: float | None


class WeatherOut(BaseModel):
    """The weather at a spot and an instant; ``null`` is not known."""

    time: str
    lon: float | None
    lat: float | None
    temperature_c: float | None
    humidity_pct: float | None
    pressure_hpa: float | None
    pressure_assumed: bool
    wind_mps: float | None
    wind_from_deg: float | None
    gust_mps: float | None
    rain_mmph: float | None
    delta_t_c: float | None
    sun_deg: float | None
    sources: dict[str, SourceOut]

    @classmethod
    def of(cls, it: Weather) -> Self:
        """From the model."""
        names = [n for n, f in cls.model_fields.items() if f.annotation == float | None and n not in {"lon", "lat"}]
        sources = {
            name: SourceOut(station=s.station, distance_m=known(s.distance_m), age_s=known(s.age_s))
            for name, s in (it.sources or {}).items()
        }
        place = {"lon": known(it.lon_deg), "lat": known(it.lat_deg), "time": iso_utc(it.ts_ms)}
        figures = {name: known(getattr(it, name)) for name in names}
        return cls.model_validate(figures | place | {"pressure_assumed": it.pressure_assumed, "sources": sources})


class ReasonOut(BaseModel):
    """One cause of a verdict: the value, and the limit that it passed."""

    cause: str = Field(examples=["wind-high"])
    window: str = Field(examples=["amber"])
    value: float | None
    limit: float | None
    unit: str

    @classmethod
    def of(cls, it: Reason) -> Self:
        """From the model."""
        return cls(cause=it.cause, window=it.window, value=known(it.value), limit=known(it.limit), unit=it.unit)


class StampOut(BaseModel):
    """Weather and whether it allowed spraying: green, amber, red, or no-data."""

    weather: WeatherOut
    window: str = Field(examples=["green"])
    reasons: list[ReasonOut]
    missing: list[str]

    @classmethod
    def of(cls, it: Stamp) -> Self:
        """From the model."""
        reasons = [ReasonOut.of(r) for r in it.verdict.reasons]
        missing = [c.value for c in it.verdict.missing]
        return cls(weather=WeatherOut.of(it.weather), window=it.verdict.window, reasons=reasons, missing=missing)


class StampsOut(BaseModel):
    """The weather at the first switch on, at its worst, in the mean, at the last switch off."""

    before: StampOut
    worst: StampOut
    mean: StampOut
    after: StampOut
    minutes: int
    minutes_without: int

    @classmethod
    def of(cls, it: Stamps | None) -> Self | None:
        """From the model; none where nothing was treated."""
        if it is None:
            return None
        four = {name: StampOut.of(getattr(it, name)) for name in ("before", "worst", "mean", "after")}
        return cls(**four, minutes=it.minutes, minutes_without=it.minutes_without)


class ContactOut(BaseModel):
    """What a flight did beside one sensitive site; ``reasons`` says why a figure is ``null``."""

    site: str
    kind: str
    distance_m: float | None
    buffer_m: float | None
    downwind_m: float | None
    source: str
    in_buffer_l: float | None
    in_buffer_s: float | None
    downwind_l: float | None
    downwind_s: float | None
    drift_min: float | None
    reasons: list[str]

    @classmethod
    def of(cls, it: SiteContact) -> Self:
        """From the model."""
        names = [n for n, f in cls.model_fields.items() if f.annotation == float | None]
        figures = {name: known(getattr(it, name)) for name in names}
        told = {"site": it.site, "kind": it.kind.value, "source": it.source, "reasons": list(it.reasons)}
        return cls.model_validate(figures | told)


class FlightContextOut(BaseModel):
    """What surrounded one flight; ``stamps`` is ``null`` where it treated nothing."""

    flight: str
    device: str
    start: str
    end: str
    job: str
    day: str
    stamps: StampsOut | None
    sites: list[ContactOut]

    @classmethod
    def of(cls, it: FlightContext, contacts: Sequence[SiteContact] | None = None) -> Self:
        """From the model; with some contacts only, where they are named."""
        sites = [ContactOut.of(c) for c in (it.contacts if contacts is None else contacts)]
        return cls(
            flight=it.flight,
            device=it.device,
            start=iso_utc(it.start_ms),
            end=iso_utc(it.end_ms),
            job=it.job,
            day=it.day,
            stamps=StampsOut.of(it.stamps),
            sites=sites,
        )


class ExclusionOut(BaseModel):
    """A product of a job against one plot; ``violation``: a rule is broken, not only unproven."""

    plot: str
    plot_kind: str
    product: str
    list_version: str
    objection: str
    violation: bool
    net_m2: float | None

    @classmethod
    def of(cls, it: Exclusion) -> Self:
        """From the model."""
        names = ("plot", "plot_kind", "product", "list_version", "objection", "violation")
        return cls.model_validate({name: getattr(it, name) for name in names} | {"net_m2": known(it.net_m2)})


class JobContextOut(BaseModel):
    """What surrounded all flights of a job on a local day."""

    job: str
    day: str
    flights: list[str]
    product: str
    stamps: StampsOut | None
    exclusions: list[ExclusionOut]

    @classmethod
    def of(cls, it: JobContext) -> Self:
        """From the model."""
        exclusions = [ExclusionOut.of(e) for e in it.exclusions]
        stamps, flights = StampsOut.of(it.stamps), list(it.flights)
        return cls(job=it.job, day=it.day, flights=flights, product=it.product, stamps=stamps, exclusions=exclusions)
