"""Rows of the registry to the model and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final, cast

from core.model.coverage import Coverage, Flight, JobPlot, PlotCoverage
from core.model.enums import Operation
from core.model.land import Boundary, Cooperative, Device, DeviceKind, ForeignDevice, Plot
from storage.registry.engine import nan, null
from storage.registry.tables import (
    CooperativeRow,
    DeviceRow,
    FlightPlotRow,
    FlightRow,
    ForeignDeviceRow,
    JobPlotRow,
    PlotRow,
)

_PLOT_FIGURES: Final = (
    "area_m2",
    "gross_m2",
    "net_m2",
    "overlap_m2",
    "overlap3_m2",
    "missed_m2",
    "volume_l",
    "mass_kg",
)
_TOTALS: Final = tuple(f.name for f in fields(Coverage) if f.name not in ("flight", "plots"))


def cooperative(row: CooperativeRow) -> Cooperative:
    """A tenant."""
    return Cooperative(row.cooperative, row.name, row.m2_per_cong)


def device(row: DeviceRow) -> Device:
    """A device."""
    return Device(
        row.device,
        row.cooperative,
        DeviceKind(row.kind),
        row.name,
        row.model,
        nan(row.swath_m),
        nan(row.lat_deg),
        nan(row.lon_deg),
    )


def device_row(it: Device) -> DeviceRow:
    """A device as a row."""
    return DeviceRow(
        cooperative=it.cooperative,
        device=it.device,
        kind=it.kind.value,
        name=it.name,
        model=it.model,
        swath_m=null(it.swath_m),
        lat_deg=null(it.lat_deg),
        lon_deg=null(it.lon_deg),
    )


def foreign(row: ForeignDeviceRow) -> ForeignDevice:
    """A foreign identifier."""
    return ForeignDevice(row.format, row.external, row.cooperative, row.device, row.valid_from_ms)


def plot(row: PlotRow) -> Plot:
    """A version of a plot."""
    return Plot(
        row.plot,
        cast("Boundary", row.boundary),
        row.name,
        row.cooperative,
        row.crop,
        nan(row.declared_area_m2),
        row.source_crs,
        row.version,
        row.valid_from_ms,
    )


def plot_row(it: Plot) -> PlotRow:
    """A version of a plot as a row, the newest."""
    west, south, east, north = it.boundary.bounds
    return PlotRow(
        cooperative=it.cooperative,
        plot=it.plot,
        version=it.version,
        newest=True,
        name=it.name,
        crop=it.crop,
        declared_area_m2=null(it.declared_area_m2),
        source_crs=it.source_crs,
        valid_from_ms=it.valid_from_ms,
        boundary=it.boundary,
        west_deg=west,
        south_deg=south,
        east_deg=east,
        north_deg=north,
    )


def flight(row: FlightRow) -> Flight:
    """A flight."""
    return Flight(
        row.flight, row.cooperative, row.device, row.start_ms, row.end_ms, row.fixes, Operation(row.op), row.job
    )


def flight_row(cooperative: str, it: Flight, coverage: Coverage) -> FlightRow:
    """A flight with the totals of its coverage."""
    totals = {name: getattr(coverage, name) for name in _TOTALS}
    return FlightRow(
        cooperative=cooperative,
        flight=it.flight,
        device=it.device,
        start_ms=it.start_ms,
        end_ms=it.end_ms,
        fixes=it.fixes,
        op=int(it.op),
        job=it.job,
        totals={name: null(value) if isinstance(value, float) else value for name, value in totals.items()},
    )


def coverage(row: FlightRow, plots: list[FlightPlotRow]) -> Coverage:
    """The coverage of a flight, its plots in the order in which they were saved."""
    totals: dict[str, Any] = {name: nan(value) if value is None else value for name, value in row.totals.items()}
    return Coverage(flight=row.flight, plots=tuple(plot_coverage(p) for p in plots), **totals)


def plot_coverage(row: FlightPlotRow | JobPlotRow) -> PlotCoverage:
    """The figures of one plot."""
    return PlotCoverage(row.plot, name=row.name, **{name: nan(getattr(row, name)) for name in _PLOT_FIGURES})


def plot_figures(it: PlotCoverage) -> dict[str, Any]:
    """The figures of one plot as columns."""
    return {"plot": it.plot, "name": it.name} | {name: null(getattr(it, name)) for name in _PLOT_FIGURES}


def job_plot(row: JobPlotRow) -> JobPlot:
    """A job's work on one plot."""
    return JobPlot(row.job, row.day, Operation(row.op), tuple(row.flights), plot_coverage(row))
