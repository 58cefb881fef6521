"""The tables that are exported: a row per fix, and a row per flight and plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from core.exports import Column, FlightPiece, Kind, Rows
from core.localtime import local_day
from core.model.coverage import Coverage, Flight, PlotCoverage
from core.model.enums import FixQuality, HeightRef, Mode, Operation, Word
from core.model.fixtable import FLOATS, Labels
from core.model.samples import NAN
from core.shapes import ShapeKind

_SHORT: Final = {
    "height_m": "height_m",
    "speed_mps": "speed_mps",
    "heading_deg": "headng_deg",
    "hdop": "hdop",
    "flow_lpm": "flow_lpm",
    "rate_kgpm": "rate_kgpm",
    "swath_m": "swath_m",
    "tank_l": "tank_l",
    "tank_kg": "tank_kg",
    "battery_pct": "batery_pct",
}
_NUMBERS: Final = tuple(name for name in FLOATS if name in _SHORT)
FIXES: Final = (
    Column("device", Kind.TEXT, "device"),
    Column("flight", Kind.TEXT, "flight"),
    Column("job", Kind.TEXT, "job"),
    Column("ts", Kind.COUNT, "ts_ms"),
    Column("time_utc", Kind.UTC, "time_utc"),
    Column("time_local", Kind.LOCAL, "time_local"),
    Column("seq", Kind.COUNT, "seq"),
    Column("boot", Kind.TEXT, "boot"),
    Column("lat", Kind.NUMBER, "lat"),
    Column("lon", Kind.NUMBER, "lon"),
    Column("fix", Kind.TEXT, "fix"),
    Column("op", Kind.TEXT, "op"),
    Column("on", Kind.FLAG, "on"),
    Column("mode", Kind.TEXT, "mode"),
    *(Column(name, Kind.NUMBER, _SHORT[name]) for name in _NUMBERS),
    Column("height_ref", Kind.TEXT, "height_ref"),
)
"""Columns of fixes: the names of the native payload, so that what was exported can be read back as a log."""

COVERAGE: Final = (
    Column("flight", Kind.TEXT, "flight"),
    Column("device", Kind.TEXT, "device"),
    Column("op", Kind.TEXT, "op"),
    Column("job", Kind.TEXT, "job"),
    Column("day", Kind.TEXT, "day"),
    Column("start_utc", Kind.UTC, "start_utc"),
    Column("start_local", Kind.LOCAL, "start_loc"),
    Column("end_utc", Kind.UTC, "end_utc"),
    Column("end_local", Kind.LOCAL, "end_loc"),
    Column("plot", Kind.TEXT, "plot"),
    Column("plot_name", Kind.TEXT, "plot_name"),
    Column("kind", Kind.TEXT, "kind"),
    Column("area_m2", Kind.NUMBER, "area_m2"),
    Column("plot_area_m2", Kind.NUMBER, "plot_m2"),
    Column("gross_m2", Kind.NUMBER, "gross_m2"),
    Column("net_m2", Kind.NUMBER, "net_m2"),
    Column("overlap_m2", Kind.NUMBER, "overlap_m2"),
    Column("missed_m2", Kind.NUMBER, "missed_m2"),
    Column("covered_pct", Kind.NUMBER, "coverd_pct"),
    Column("volume_l", Kind.NUMBER, "volume_l"),
    Column("mass_kg", Kind.NUMBER, "mass_kg"),
    Column("dose_lpha", Kind.NUMBER, "dose_lpha"),
    Column("dose_kgpha", Kind.NUMBER, "dose_kgpha"),
    Column("algorithm", Kind.TEXT, "algorithm"),
    Column("input_hash", Kind.TEXT, "input_hash"),
)
"""Columns of coverage. ``area_m2`` is that of the row's shape, the other figures are the flight's on the plot."""


def fix_rows(piece: FlightPiece) -> Rows:
    """The rows of some fixes, each with its point."""
    fixes, flight = piece.fixes, piece.flight
    n = len(fixes)
    columns: dict[str, Any] = {
        "device": _repeated(flight.device, n),
        "flight": _repeated(flight.flight, n),
        "job": _texts(fixes.job) if any(fixes.job.labels) else _repeated(flight.job, n),
        **dict.fromkeys(("ts", "time_utc", "time_local"), fixes.ts_ms),
        "seq": fixes.seq,
        "boot": _texts(fixes.boot),
        "lat": fixes.lat_deg,
        "lon": fixes.lon_deg,
        "fix": _words(FixQuality, fixes.quality),
        "op": _words(Operation, fixes.op),
        "on": fixes.on,
        "mode": _words(Mode, fixes.mode),
        "height_ref": _words(HeightRef, fixes.height_ref),
    }
    columns |= {name: getattr(fixes, name) for name in _NUMBERS}
    return Rows(columns, shapely.points(fixes.lon_deg, fixes.lat_deg))


def _repeated(text: str, n: int) -> Any:
    return np.full(n, text or None, object)


def _texts(labels: Labels) -> Any:
    return np.array([label or None for label in labels.labels] or [None], object)[labels.codes]


def _words(kind: type[Word], codes: Any) -> Any:
    """Codes as words; None for "not told"."""
    table = np.full(max(int(it) for it in kind) + 2, None, object)
    for it in kind:
        if int(it) >= 0:
            table[int(it)] = it.word
    return table[np.where(codes < 0, len(table) - 1, codes)]


Part = tuple[ShapeKind, str, float, BaseGeometry | None]
"""What a shape shows, on which plot ("" on none), its area in m², and itself."""


def coverage_rows(flight: Flight, coverage: Coverage, parts: Sequence[Part]) -> Rows:
    """The rows of one flight: one per part."""
    of_plot = {it.plot: it for it in coverage.plots}
    rows = [_coverage_row(flight, coverage, part, of_plot.get(part[1])) for part in parts]
    columns = {c.name: _column(c, [row[c.name] for row in rows]) for c in COVERAGE}
    shapes = np.empty(len(parts), object)
    shapes[:] = [part[3] for part in parts]
    return Rows(columns, shapes)


def _coverage_row(flight: Flight, coverage: Coverage, part: Part, on: PlotCoverage | None) -> dict[str, Any]:
    kind, plot, area_m2, _ = part
    return {
        "flight": flight.flight,
        "device": flight.device,
        "op": flight.op.word if flight.op is not Operation.UNKNOWN else "",
        "job": flight.job,
        "day": local_day(flight.start_ms),
        **dict.fromkeys(("start_utc", "start_local"), flight.start_ms),
        **dict.fromkeys(("end_utc", "end_local"), flight.end_ms),
        "plot": plot,
        "plot_name": "" if on is None else on.name,
        "kind": kind.value,
        "area_m2": area_m2,
        "plot_area_m2": NAN if on is None else on.area_m2,
        **{
            name: NAN if on is None else getattr(on, name)
            for name in ("gross_m2", "net_m2", "overlap_m2", "missed_m2", "covered_pct")
        },
        **{
            name: NAN if on is None else getattr(on, name)
            for name in ("volume_l", "mass_kg", "dose_lpha", "dose_kgpha")
        },
        "algorithm": coverage.algorithm,
        "input_hash": coverage.input_hash,
    }


def _column(column: Column, values: list[Any]) -> Any:
    match column.kind:
        case Kind.TEXT:
            made = np.empty(len(values), object)
            made[:] = [value or None for value in values]
            return made
        case Kind.NUMBER:
            return np.array([NAN if value is None else value for value in values], np.float64)
        case _:
            return np.array(values, np.int64)
