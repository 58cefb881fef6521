"""Fixes, readings and flights."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from api.schemas.fields import known
from core.localtime import iso_utc
from core.model.coverage import Flight
from core.model.samples import Fix, Reading


class FixOut(BaseModel):
    """A drone's sample."""

    time: str
    lat: float
    lon: float
    height_m: float | None
    speed_mps: float | None
    heading_deg: float | None
    fix: str
    op: str
    on: bool
    mode: str
    flow_lpm: float | None
    rate_kgpm: float | None
    swath_m: float | None
    tank_l: float | None
    battery_pct: float | None

    @classmethod
    def of(cls, it: Fix) -> Self:
        """From the model."""
        return cls(
            time=iso_utc(it.ts_ms),
            lat=it.lat_deg,
            lon=it.lon_deg,
            height_m=known(it.height_m),
            speed_mps=known(it.speed_mps),
            heading_deg=known(it.heading_deg),
            fix=it.quality.word,
            op=it.op.word,
            on=it.on,
            mode=it.mode.word,
            flow_lpm=known(it.flow_lpm),
            rate_kgpm=known(it.rate_kgpm),
            swath_m=known(it.swath_m),
            tank_l=known(it.tank_l),
            battery_pct=known(it.battery_pct),
        )


class ReadingOut(BaseModel):
    """A sensor's sample of one quantity."""

    time: str
    quantity: str
    value: float | None
    unit: str

    @classmethod
    def of(cls, it: Reading) -> Self:
        """From the model."""
        return cls(time=iso_utc(it.ts_ms), quantity=it.quantity, value=known(it.value), unit=it.unit)


class FlightOut(BaseModel):
    """A flight."""

    flight: str
    device: str
    start: str
    end: str
    fixes: int
    op: str
    job: str

    @classmethod
    def of(cls, it: Flight) -> Self:
        """From the model."""
        return cls(
            flight=it.flight,
            device=it.device,
            start=iso_utc(it.start_ms),
            end=iso_utc(it.end_ms),
            fixes=it.fixes,
            op=it.op.word,
            job=it.job,
        )


class StepOut(BaseModel):
    """Readings of one quantity in one step of time: how many, and the least, the mean and the most of them."""

    time: str = Field(description="when the step begins", examples=["2026-11-20T06:00:00.000Z"])
    quantity: str = Field(examples=["air_temperature"])
    unit: str = Field(examples=["degC"])
    readings: int = Field(examples=[60])
    min: float | None = Field(examples=[26.1])
    mean: float | None = Field(examples=[27.4])
    max: float | None = Field(examples=[29.0])
