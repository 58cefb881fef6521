"""Keeps the drawn shapes of every computed flight for maps and GIS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from core.model.coverage import Flight
from core.model.samples import NAN
from core.registry import Registry
from core.shapes import FlightShape, ShapeKind, ShapeStore
from geo.coverage import Parameters, compute
from geo.jobs import FlightSource, flight_data
from geo.phone import simplified
from geo.recompute import Recomputed, plots_near, tuned_for
from geo.shapes import Shapes, sizeable

SIMPLIFY_M: Final = 0.05
"""How far a kept shape may lie beside the drawn one; its figures are those of the drawn one."""
_LEAST_M2: Final = 1e-3


@dataclass(frozen=True, slots=True)
class ShapeFollower:
    """Draws the flights of a window from the store and keeps what people look at; see ``geo.service.Follower``."""

    store: FlightSource
    registry: Registry
    kept: ShapeStore
    parameters: Parameters

    def follow(self, done: Recomputed) -> None:
        """Put the shapes of the window's flights in place of those of all flights that were known in it.

        Raises:
            StoreUnavailable: A store is away; doing it again is safe.
        """
        names = {flight.flight for flight, _ in done.results} | {flight.flight for flight in done.gone}
        shapes = [shape for flight, it in done.results if not it.no_area for shape in self._drawn(flight)]
        self.kept.save_shapes(done.cooperative, sorted(names), shapes)

    def _drawn(self, flight: Flight) -> list[FlightShape]:
        tuned = tuned_for(self.registry, flight, self.parameters)
        fixes, events = flight_data(self.store, self.registry, flight, tuned.default_swath_m)
        plots = plots_near(self.registry, flight.cooperative, fixes, flight.start_ms)
        return flight_shapes(flight, compute(flight.flight, [fixes], plots, tuned, events).shapes)


def flight_shapes(flight: Flight, shapes: Shapes) -> list[FlightShape]:
    """The shapes of a flight as they are kept: simplified by 5 cm, in WGS 84, numbered by kind and plot."""
    found: list[FlightShape] = []
    number: dict[tuple[ShapeKind, str], int] = {}
    for kind, plot, shape in _kinds(shapes):
        areal = kind is not ShapeKind.TRACK
        plain = simplified(shape, SIMPLIFY_M, _LEAST_M2 if areal else 0.0)
        if plain.is_empty:
            continue
        number[kind, plot] = number.get((kind, plot), 0) + 1
        found.append(
            FlightShape(
                cooperative=flight.cooperative,
                flight=flight.flight,
                kind=kind,
                plot=plot,
                part=number[kind, plot],
                shape=shapes.plane.to_wgs84(plain),
                device=flight.device,
                op=flight.op,
                start_ms=flight.start_ms,
                end_ms=flight.end_ms,
                area_m2=shape.area if areal else NAN,
                length_m=NAN if areal else shape.length,
            )
        )
    return found


def _kinds(shapes: Shapes) -> Iterator[tuple[ShapeKind, str, BaseGeometry]]:
    for it in shapes.plots:
        name = it.plot.plot
        yield ShapeKind.COVERED, name, it.net
        yield ShapeKind.OVERLAP, name, sizeable(it.overlap)
        for part in sorted(sizeable(it.missed).geoms, key=lambda p: -p.area):
            yield ShapeKind.MISSED, name, part
    yield ShapeKind.OFF_TARGET, "", sizeable(shapes.off_target)
    for ribbon in shapes.swaths:
        yield ShapeKind.SWATH, "", ribbon
    if shapes.tracks:
        yield ShapeKind.TRACK, "", shapely.MultiLineString(shapes.tracks)
