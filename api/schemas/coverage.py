"""What the API answers: JSON with the unit in every key, times in UTC, coordinates in WGS 84 (longitude, latitude)."""

from __future__ import annotations

import math
from typing import Any, Self

from pydantic import BaseModel, Field
from shapely.geometry import mapping

from core.localtime import iso_utc
from core.model.coverage import Coverage, Flight, JobPlot, PlotCoverage
from core.model.land import Cooperative, Device, Plot
from core.model.samples import Fix, Reading
from core.units import cong, ha


def known(value: float) -> float | None:
    """A figure, or ``null`` where it is not known."""
    return value if math.isfinite(value) else None


class CooperativeOut(BaseModel):
    """A tenant."""

    cooperative: str
    name: str
    m2_per_cong: float

    @classmethod
    def of(cls, it: Cooperative) -> Self:
        """From the model."""
        return cls(cooperative=it.cooperative, name=it.name, m2_per_cong=it.m2_per_cong)


class PlotOut(BaseModel):
    """A plot with its boundary (GeoJSON geometry, WGS 84)."""

    plot: str
    name: str
    version: int
    crop: str
    declared_area_m2: float | None
    source_crs: str
    boundary: dict[str, Any]

    @classmethod
    def of(cls, it: Plot) -> Self:
        """From the model."""
        return cls(
            plot=it.plot,
            name=it.name,
            version=it.version,
            crop=it.crop,
            declared_area_m2=known(it.declared_area_m2),
            source_crs=it.source_crs,
            boundary=mapping(it.boundary),
        )


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


class DeviceOut(BaseModel):
    """A drone or a sensor, with the last that was heard of it."""

    device: str
    name: str
    model: str
    swath_m: float | None
    lat: float | None
    lon: float | None
    last_fix: FixOut | None = None
    last_readings: list[ReadingOut] = Field(default_factory=list)

    @classmethod
    def of(cls, it: Device, last_fix: Fix | None = None, readings: list[Reading] | None = None) -> Self:
        """From the model."""
        return cls(
            device=it.device,
            name=it.name,
            model=it.model,
            swath_m=known(it.swath_m),
            lat=known(it.lat_deg),
            lon=known(it.lon_deg),
            last_fix=None if last_fix is None else FixOut.of(last_fix),
            last_readings=[ReadingOut.of(r) for r in readings or []],
        )


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


class PlotCoverageOut(BaseModel):
    """Sprayed area of one plot."""

    plot: str
    name: str
    area_m2: float
    area_ha: float
    area_cong: float
    gross_m2: float
    net_m2: float
    net_ha: float
    overlap_m2: float
    overlap3_m2: float | None
    missed_m2: float
    covered_pct: float | None
    volume_l: float | None
    mass_kg: float | None
    dose_lpha: float | None
    dose_kgpha: float | None

    @classmethod
    def of(cls, it: PlotCoverage, m2_per_cong: float) -> Self:
        """From the model, with công of the cooperative's size."""
        return cls(
            plot=it.plot,
            name=it.name,
            area_m2=it.area_m2,
            area_ha=ha(it.area_m2),
            area_cong=cong(it.area_m2, m2_per_cong),
            gross_m2=it.gross_m2,
            net_m2=it.net_m2,
            net_ha=ha(it.net_m2),
            overlap_m2=it.overlap_m2,
            overlap3_m2=known(it.overlap3_m2),
            missed_m2=it.missed_m2,
            covered_pct=known(it.covered_pct),
            volume_l=known(it.volume_l),
            mass_kg=known(it.mass_kg),
            dose_lpha=known(it.dose_lpha),
            dose_kgpha=known(it.dose_kgpha),
        )


class CoverageOut(BaseModel):
    """Sprayed area of one flight; ``plots_*`` are of the union of the plots."""

    flight: str
    plots: list[PlotCoverageOut]
    gross_m2: float
    net_m2: float
    off_target_m2: float
    plots_area_m2: float
    plots_gross_m2: float
    plots_net_m2: float
    plots_overlap_m2: float
    plots_missed_m2: float
    volume_l: float | None
    mass_kg: float | None
    off_target_volume_l: float | None
    off_target_mass_kg: float | None
    distance_m: float
    treated_distance_m: float
    bridged_m: float
    fixes: int
    rejected: dict[str, int]
    algorithm: str
    input_hash: str

    @classmethod
    def of(cls, it: Coverage, m2_per_cong: float) -> Self:
        """From the model."""
        floats = {
            name: known(getattr(it, name))
            for name, field in cls.model_fields.items()
            if field.annotation in (float, float | None)
        }
        plots = [PlotCoverageOut.of(plot, m2_per_cong) for plot in it.plots]
        return cls.model_validate(
            floats
            | {
                "flight": it.flight,
                "plots": plots,
                "fixes": it.fixes,
                "rejected": it.rejected,
                "algorithm": it.algorithm,
                "input_hash": it.input_hash,
            }
        )


class JobPlotOut(PlotCoverageOut):
    """Sprayed area of one plot over all flights of a job."""

    job: str
    day: str
    op: str
    flights: list[str]

    @classmethod
    def of_row(cls, it: JobPlot, m2_per_cong: float) -> Self:
        """From the model."""
        figures = PlotCoverageOut.of(it.coverage, m2_per_cong).model_dump()
        return cls(job=it.job, day=it.day, op=it.op.word, flights=list(it.flights), **figures)
