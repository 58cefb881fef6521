"""What a map of plots is drawn from: each plot with how its last job covered it, and the parts that were missed.

Small enough for a browser: simplified by 30 cm, with coordinates to 1e-6 degrees. The figures are those of record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import reduce
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from core.accounts import Principal
from core.errors import NotFound
from core.localtime import day_window_ms
from core.model.coverage import JobPlot
from core.model.enums import Operation
from core.registry import Registry
from core.shapes import FlightShape, ShapeKind, ShapeQuery, ShapeStore
from geo.phone import Feature, collection, simplified
from geo.projection import LocalPlane

SIMPLIFY_M: Final = 0.3
DIGITS: Final = 6
COVERED_PCT: Final = 95.0
"""From here on a plot is covered."""
PARTLY_PCT: Final = 10.0
"""From here on it is covered in part; below, it was missed."""
_LEAST_M2: Final = 1.0


class Class(StrEnum):
    """What a plot, or a part of one, is drawn as."""

    COVERED = "covered"
    PARTLY = "partly"
    MISSED = "missed"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a map shows: the last jobs of an operation within some days up to a local date."""

    today: str
    days: int
    op: Operation

    @property
    def first(self) -> str:
        """The first local date."""
        return (date.fromisoformat(self.today) - timedelta(days=self.days - 1)).isoformat()


def class_of(row: JobPlot | None) -> Class:
    """How a plot stands after its last job; None: there was none."""
    if row is None:
        return Class.NEVER
    share = row.coverage.covered_pct
    return Class.COVERED if share >= COVERED_PCT else Class.PARTLY if share >= PARTLY_PCT else Class.MISSED


class PlotMap:
    """The maps of one cooperative, for one principal. Only :mod:`api.tenancy` opens it."""

    def __init__(self, registry: Registry, shapes: ShapeStore, cooperative: str, principal: Principal) -> None:
        if not principal.belongs_to(cooperative):
            raise NotFound(f"no cooperative {cooperative!r}")
        self._registry = registry
        self._shapes = shapes
        self._id = cooperative

    def revision(self) -> str:
        """What stands: a map that was drawn at it holds, on that day."""
        return self._registry.revision()

    def plots(self, asked: Asked) -> dict[str, Any]:
        """Every plot that is in use, as GeoJSON."""
        last = self._last(asked)
        drawn = [
            (it.boundary, told(it.plot, it.name, last.get(it.plot), asked.today))
            for it in self._registry.plots(self._id)
        ]
        return _collected(drawn)

    def missed(self, asked: Asked) -> dict[str, Any]:
        """What the last job of each plot has missed, as GeoJSON; plots whose shapes nobody has drawn yet are left out.

        A part that one flight of a job has missed and another has treated is not missed.
        """
        last = self._last(asked)
        window = day_window_ms(asked.first)[0], day_window_ms(asked.today)[1]
        left = _by_plot_and_flight(self._shapes.shapes(self._id, ShapeQuery((ShapeKind.MISSED,), window_ms=window)))
        known = self._shapes.drawn(self._id, ShapeKind.COVERED, *window)
        drawn: list[tuple[BaseGeometry, dict[str, Any]]] = []
        for plot in self._registry.plots(self._id):
            row = last.get(plot.plot)
            if row is None or not known.issuperset(row.flights):
                continue
            parts = [left.get((plot.plot, flight), shapely.Polygon()) for flight in row.flights]
            properties = told(plot.plot, plot.name, row, asked.today) | {"class": Class.MISSED.value}
            drawn.append((reduce(shapely.intersection, parts), properties))
        return _collected(drawn)

    def _last(self, asked: Asked) -> dict[str, JobPlot]:
        """The last row of each plot."""
        rows = [it for it in self._registry.job_plots(self._id, asked.first, asked.today) if it.op is asked.op]
        return {it.coverage.plot: it for it in sorted(rows, key=lambda it: (it.day, it.job))}


def told(plot: str, name: str, row: JobPlot | None, today: str) -> dict[str, Any]:
    """What is said of a plot: its class, the days since its last job and that job's share; ``null``: never."""
    since = None if row is None else (date.fromisoformat(today) - date.fromisoformat(row.day)).days
    share = None if row is None else round(row.coverage.covered_pct, 1)
    return {"plot": plot, "name": name, "class": class_of(row).value, "days_since": since, "covered_pct": share}


def _by_plot_and_flight(found: Iterable[tuple[int, FlightShape]]) -> dict[tuple[str, str], BaseGeometry]:
    parts: dict[tuple[str, str], list[BaseGeometry]] = {}
    for _, it in found:
        parts.setdefault((it.plot, it.flight), []).append(shapely.make_valid(it.shape))
    return {key: shapely.union_all(some) for key, some in parts.items()}


def _collected(drawn: Sequence[tuple[BaseGeometry, dict[str, Any]]]) -> dict[str, Any]:
    """GeoJSON of shapes in degrees; what is smaller than a square metre falls away."""
    features: list[dict[str, Any]] = []
    for shape, properties in drawn:
        if shape.is_empty:
            continue
        middle = shape.centroid
        plane = LocalPlane.around(middle.x, middle.y)
        plain = simplified(plane.to_plane(shape), SIMPLIFY_M, _LEAST_M2)
        if not plain.is_empty:
            features += collection([Feature(plain, properties)], plane, digits=DIGITS)["features"]
    return {"type": "FeatureCollection", "features": features}
