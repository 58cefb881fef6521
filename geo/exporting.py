"""Flights and their coverage as the pieces of an export: read as they are written, one piece in memory at a time."""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
import shapely
from shapely import MultiPolygon

from core.archive import FlightArchive
from core.errors import ArchiveError, ConfigError, NotFound
from core.exportrows import COVERAGE, FIXES, Part, coverage_rows, fix_rows
from core.exports import PIECE, WGS84, Column, Exporter, Exporters, FlightPiece, Order, Rows, Subject
from core.model.coverage import Coverage, Flight
from core.model.fixtable import FixTable
from core.model.samples import NAN
from core.ports import TelemetryStore
from core.registry import Registry
from core.shapes import FlightShape, ShapeKind, ShapeQuery, ShapeStore
from geo.registered_swath import registered_swath

log: Final = logging.getLogger("canhdong.geo")

_ANYWHERE_DEG: Final = 105.75
"""Where nothing is exported, any zone near the middle of the country fits."""
_WHOLE: Final = 200_000
"""Fixes of a flight that is read from the archive in one piece; longer ones come from the store, by windows."""


@dataclass(frozen=True, slots=True)
class FlightFiles:
    """What an export reads from. ``archive`` is the evidence behind the results, and asked first where there is one."""

    store: TelemetryStore
    registry: Registry
    shapes: ShapeStore
    archive: FlightArchive | None = None

    def pieces(self, flights: Iterable[Flight]) -> Iterator[FlightPiece]:
        """The fixes of flights, one flight after the other, each in its order of time.

        A flight of which nobody has the fixes any more gives nothing.
        """
        for flight in flights:
            swath_m = registered_swath(self.registry, flight).swath_m
            held: FixTable | None = None
            first = True
            for table in self._tables(flight):
                if not len(table):
                    continue
                if held is not None:
                    yield FlightPiece(flight, held, swath_m, first=first, last=False)
                    first = False
                held = table
            if held is not None:
                yield FlightPiece(flight, held, swath_m, first=first, last=True)

    def _tables(self, flight: Flight) -> Iterator[FixTable]:
        archived = self._archived(flight) if flight.fixes <= _WHOLE else None
        if archived is not None:
            for start in range(0, len(archived), PIECE):
                yield archived.take(slice(start, start + PIECE))
            return
        parts = max(math.ceil(flight.fixes / PIECE), 1)
        step_ms = max(math.ceil((flight.end_ms - flight.start_ms + 1) / parts), 1)
        for start_ms in range(flight.start_ms, flight.end_ms + 1, step_ms):
            end_ms = min(start_ms + step_ms - 1, flight.end_ms)
            yield self.store.fixes(flight.cooperative, flight.device, start_ms, end_ms)

    def _archived(self, flight: Flight) -> FixTable | None:
        """The fixes that the flight's result was computed from; None where the archive does not have just these."""
        if self.archive is None:
            return None
        versions = self.archive.versions(flight.cooperative, flight.flight)
        newest = versions[-1] if versions else None
        if newest is None or newest.withdrawn or (newest.start_ms, newest.end_ms) != (flight.start_ms, flight.end_ms):
            return None
        try:
            return self.archive.read(newest).fixes.sorted()
        except (ArchiveError, NotFound) as error:
            log.warning("%s: exported from the telemetry store: %s", flight.flight, error)
            return None

    def coverage(self, flights: Iterable[Flight], kinds: Collection[ShapeKind]) -> Iterator[Rows]:
        """What flights treated: a row per flight, plot and kind, with its shape where one is kept.

        Flights without a result, or without anything of these kinds, give no row.
        """
        for flight in flights:
            try:
                found = self.registry.coverage(flight.cooperative, flight.flight)
            except NotFound:
                continue
            query = ShapeQuery(tuple(kinds), flight=flight.flight)
            parts = _parts(found, [it for _, it in self.shapes.shapes(flight.cooperative, query)], kinds)
            if parts:
                yield coverage_rows(flight, found, parts)


def _parts(found: Coverage, shapes: list[FlightShape], kinds: Collection[ShapeKind]) -> list[Part]:
    """The kept shapes joined by kind and plot, and what the figures tell of plots whose shapes nobody kept."""
    joined: dict[tuple[ShapeKind, str], list[FlightShape]] = {}
    for it in shapes:
        joined.setdefault((it.kind, it.plot), []).append(it)
    told = {(ShapeKind.COVERED, it.plot): it.net_m2 for it in found.plots if ShapeKind.COVERED in kinds}
    told |= {(ShapeKind.MISSED, it.plot): it.missed_m2 for it in found.plots if ShapeKind.MISSED in kinds}
    told |= {(ShapeKind.OVERLAP, it.plot): it.overlap_m2 for it in found.plots if ShapeKind.OVERLAP in kinds}
    parts: list[Part] = []
    for kind, plot in sorted(joined.keys() | told.keys(), key=lambda it: (list(ShapeKind).index(it[0]), it[1])):
        some = joined.get((kind, plot), [])
        shape = MultiPolygon([p for it in some for p in shapely.get_parts(it.shape) if p.geom_type == "Polygon"])
        drawn_m2 = float(np.sum([it.area_m2 for it in some])) if some else NAN
        parts.append((kind, plot, told.get((kind, plot), drawn_m2), None if shape.is_empty else shape))
    return parts


@dataclass(frozen=True, slots=True)
class Wanted:
    """How somebody wants an export.

    ``form`` is a format's name, ``kinds`` what coverage is wanted, ``bom`` whether a text begins with a byte order
    mark.
    """

    subject: Subject
    form: str
    name: str
    crs: str = WGS84
    kinds: tuple[ShapeKind, ...] = (ShapeKind.COVERED,)
    bom: bool = False


def exported(
    files: FlightFiles, exporters: Exporters, flights: Sequence[Flight], wanted: Wanted
) -> tuple[Exporter, Iterator[bytes]]:
    """The format, and the bytes of a file of flights; what speaks against it is said before there are any.

    Raises:
        ConfigError: There is no such format, it cannot hold that, or the CRS does not fit.
        StoreUnavailable: A store does not answer; also while the bytes are read.
    """
    exporter = _exporter(exporters, wanted)
    if wanted.subject is Subject.FIXES:
        pieces = files.pieces(flights)
        first = next(pieces, None)
        pieces = iter(()) if first is None else chain((first,), pieces)
        lon_deg = None if first is None else float(np.median(first.fixes.lon_deg))
        order = _order(exporters, wanted, FIXES, map(fix_rows, pieces), pieces, lon_deg)
    else:
        rows = files.coverage(flights, wanted.kinds)
        some = next(rows, None)
        rows = iter(()) if some is None else chain((some,), rows)
        order = _order(exporters, wanted, COVERAGE, rows, iter(()), None if some is None else _middle_deg(some))
    return exporter, _begun(exporter.stream(order))


def _exporter(exporters: Exporters, wanted: Wanted) -> Exporter:
    exporter = exporters.formats.get(wanted.form)
    if exporter is None:
        raise ConfigError(f"no format {wanted.form[:40]!r}; there are: {', '.join(exporters.formats)}")
    if wanted.subject not in exporter.subjects:
        raise ConfigError(f"{exporter.name} cannot hold {wanted.subject.value}; it holds {exporter.subjects[0].value}")
    if not exporter.any_crs and wanted.crs.upper().removeprefix("EPSG:") != "4326":
        able = ", ".join(it.name for it in exporters.formats.values() if it.any_crs)
        raise ConfigError(f"{exporter.name} is always in WGS 84 (EPSG:4326); another CRS can be had in: {able}")
    return exporter


def _order(  # noqa: PLR0917 - what an order is made of
    exporters: Exporters,
    wanted: Wanted,
    columns: tuple[Column, ...],
    rows: Iterator[Rows],
    pieces: Iterator[FlightPiece],
    lon_deg: float | None,
) -> Order:
    frame = exporters.frame(wanted.crs, _ANYWHERE_DEG if lon_deg is None else lon_deg)
    return Order(wanted.subject, wanted.name, columns, rows, pieces, frame, wanted.bom)


def _middle_deg(rows: Rows) -> float | None:
    box = shapely.total_bounds(rows.shapes)
    return None if np.isnan(box).any() else float(box[0] + box[2]) / 2.0


def _begun(stream: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes; the first are made now, so that a fault is told before anything was sent."""
    first = next(stream, b"")
    return chain((first,), stream)
