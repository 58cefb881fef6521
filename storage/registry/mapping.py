"""Rows of the registry to the model and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final, cast

from core.model.admin import AdminUnit, Succession
from core.model.coverage import Coverage, Flight, JobPlot, PlotCoverage
from core.model.enums import Operation
from core.model.land import Boundary, ForeignDevice
from core.model.trust import NetRange
from storage.registry.engine import nan, null
from storage.registry.tables import (
    AdminUnitRow,
    ExpectedArea,
    FlightPlotRow,
    FlightRow,
    ForeignDeviceRow,
    JobPlotRow,
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
    "dose_cv",
)
_OWN_COLUMNS: Final = ("off_transit_m2", "off_failsafe_m2", "trust")
_TOTALS: Final = tuple(
    f.name for f in fields(Coverage) if f.name not in {"flight", "plots", "plots_expected", "no_area", *_OWN_COLUMNS}
)


def foreign(row: ForeignDeviceRow) -> ForeignDevice:
    """A foreign identifier."""
    return ForeignDevice(row.format, row.external, row.cooperative, row.device, row.valid_from_ms)


def foreign_values(it: ForeignDevice) -> dict[str, Any]:
    """A foreign identifier as columns."""
    return {f.name: getattr(it, f.name) for f in fields(it)}


def admin_unit(row: AdminUnitRow) -> AdminUnit:
    """An administrative unit."""
    boundary = cast("Boundary | None", row.boundary)
    return AdminUnit(row.code, row.level, row.name, row.valid_from, row.valid_to, row.parent, boundary)


def admin_values(it: AdminUnit, source: str) -> dict[str, Any]:
    """An administrative unit as columns."""
    return {f.name: getattr(it, f.name) for f in fields(it)} | {"source": source}


def succession_values(it: Succession) -> dict[str, Any]:
    """Which unit went into which, as columns."""
    values = {f.name: getattr(it, f.name) for f in fields(it)}
    return values | {"on_day": values.pop("on")}


def flight(row: FlightRow) -> Flight:
    """A flight."""
    return Flight(
        row.flight, row.cooperative, row.device, row.start_ms, row.end_ms, row.fixes, Operation(row.op), row.job
    )


def flight_values(it: Flight, coverage: Coverage) -> dict[str, Any]:
    """A flight with the totals of its coverage, as columns."""
    totals = {name: getattr(coverage, name) for name in _TOTALS}
    return {
        "cooperative": it.cooperative,
        "flight": it.flight,
        "device": it.device,
        "start_ms": it.start_ms,
        "end_ms": it.end_ms,
        "fixes": it.fixes,
        "op": int(it.op),
        "job": it.job,
        "totals": {name: null(value) if isinstance(value, float) else value for name, value in totals.items()},
        "no_area": coverage.no_area or None,
        **{name: getattr(coverage, name) for name in _OWN_COLUMNS},
        **_expected_values(coverage.plots_expected),
    }


def coverage(row: FlightRow, plots: list[FlightPlotRow]) -> Coverage:
    """The coverage of a flight, its plots in the order in which they were saved."""
    totals: dict[str, Any] = {name: nan(it) if (it := row.totals[name]) is None else it for name in _TOTALS}
    return Coverage(
        flight=row.flight,
        plots=tuple(plot_coverage(p) for p in plots),
        plots_expected=_expected(row),
        no_area=row.no_area or "",
        **totals,
        **{name: getattr(row, name) for name in _OWN_COLUMNS},
    )


def plot_coverage(row: FlightPlotRow | JobPlotRow) -> PlotCoverage:
    """The figures of one plot."""
    figures = {name: nan(getattr(row, name)) for name in _PLOT_FIGURES}
    return PlotCoverage(row.plot, name=row.name, expected=_expected(row), **figures)


def plot_figures(it: PlotCoverage) -> dict[str, Any]:
    """The figures of one plot as columns."""
    figures = {name: null(getattr(it, name)) for name in _PLOT_FIGURES}
    return {"plot": it.plot, "name": it.name} | figures | _expected_values(it.expected)


def _expected(row: ExpectedArea) -> NetRange | None:
    """The net area expected in truth; None where nobody asked for it."""
    if row.net_expected_m2 is None or row.net_low_m2 is None or row.net_high_m2 is None:
        return None
    return NetRange(row.net_expected_m2, row.net_low_m2, row.net_high_m2)


def _expected_values(it: NetRange | None) -> dict[str, float | None]:
    return {f.name: None if it is None else null(getattr(it, f.name)) for f in fields(NetRange)}


def job_plot(row: JobPlotRow) -> JobPlot:
    """A job's work on one plot."""
    return JobPlot(row.job, row.day, Operation(row.op), tuple(row.flights), plot_coverage(row))


def job_plot_values(cooperative: str, it: JobPlot) -> dict[str, Any]:
    """A job's work on one plot, as columns."""
    named = {"cooperative": cooperative, "job": it.job, "day": it.day, "op": int(it.op), "flights": list(it.flights)}
    return named | plot_figures(it.coverage)
