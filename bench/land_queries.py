"""Queries for the plots at a point and for those in a box: by the registry, and by a scan of all rows in SQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely import Point, from_wkb
from sqlalchemy import Connection, text

from core.model.land import Plot
from storage.registry.repository import SqlRegistry

_HALF_DEG: Final = 0.00225
"""Half the width of the box that is asked for: 250 m."""
_SQLITE_SCAN: Final = """SELECT plot, boundary FROM plot NOT INDEXED
WHERE cooperative = :cooperative AND newest AND NOT retired
AND west_deg <= :east AND east_deg >= :west AND south_deg <= :north AND north_deg >= :south"""
_POSTGIS_SCAN: Final = """SELECT plot, ST_AsBinary(boundary) FROM plot
WHERE cooperative = :cooperative AND newest AND NOT retired
AND boundary && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"""
_WITHOUT_INDEX: Final = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in a plot of a cooperative."""

    cooperative: str
    plot: str
    lon_deg: float
    lat_deg: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """500 m around it: west, south, east, north in degrees."""
        west, south = self.lon_deg - _HALF_DEG, self.lat_deg - _HALF_DEG
        return west, south, west + 2.0 * _HALF_DEG, south + 2.0 * _HALF_DEG

    @property
    def point(self) -> tuple[float, float, float, float]:
        """The point as a box."""
        return self.lon_deg, self.lat_deg, self.lon_deg, self.lat_deg


@dataclass(frozen=True, slots=True)
class Timing:
    """How long queries take, in ms."""

    median_ms: float
    p99_ms: float

    def __str__(self) -> str:
        return f"median {self.median_ms:8.3f} ms, p99 {self.p99_ms:8.3f} ms"


def spots(plots: Sequence[Plot], count: int, seed: int = 1) -> list[Spot]:
    """Points in plots that are drawn at random."""
    drawn = np.random.default_rng(seed).integers(0, len(plots), count).tolist()
    inside = [(plots[k], plots[k].boundary.point_on_surface()) for k in drawn]
    return [Spot(plot.cooperative, plot.plot, point.x, point.y) for plot, point in inside]


def by_registry(registry: SqlRegistry, asked: Sequence[Spot]) -> dict[str, Timing]:
    """What the registry needs."""

    def at_point(it: Spot) -> list[str]:
        return [plot.plot for plot in registry.plots_at(it.cooperative, it.lon_deg, it.lat_deg)]

    def in_box(it: Spot) -> list[str]:
        return [plot.plot for plot in registry.plots(it.cooperative, it.box)]

    return {"point": _timed(at_point, asked), "box": _timed(in_box, asked)}


def by_scan(connection: Connection, asked: Sequence[Spot]) -> dict[str, Timing]:
    """What a scan of all rows needs in the same database."""
    postgres = connection.dialect.name == "postgresql"
    for setting in _WITHOUT_INDEX if postgres else ():
        connection.execute(text(f"SET LOCAL {setting} = off"))
    statement = text(_POSTGIS_SCAN if postgres else _SQLITE_SCAN)

    def rows(it: Spot, box: tuple[float, float, float, float]) -> list[tuple[str, bytes]]:
        edges = dict(zip(("west", "south", "east", "north"), box, strict=True))
        return [(plot, wkb) for plot, wkb in connection.execute(statement, {"cooperative": it.cooperative, **edges})]

    def at_point(it: Spot) -> list[str]:
        point = Point(it.lon_deg, it.lat_deg)
        return [plot for plot, wkb in rows(it, it.point) if from_wkb(wkb).covers(point)]

    def in_box(it: Spot) -> list[str]:
        return [plot for plot, _ in rows(it, it.box)]

    return {"point": _timed(at_point, asked), "box": _timed(in_box, asked)}


def ratios(ours: Mapping[str, Timing], scan: Mapping[str, Timing]) -> dict[str, float]:
    """How many times longer a scan takes, at the median, by query."""
    return {query: round(scan[query].median_ms / timing.median_ms, 1) for query, timing in ours.items()}


def _timed(query: Callable[[Spot], list[str]], asked: Sequence[Spot]) -> Timing:
    """Time every query by itself.

    Raises:
        RuntimeError: A query does not find the plot that its point lies in.
    """
    took_ms = []
    for it in asked:
        start_s = time.perf_counter()
        found = query(it)
        took_ms.append(1_000.0 * (time.perf_counter() - start_s))
        if it.plot not in found:
            raise RuntimeError(f"plot {it.plot} of {it.cooperative} is not among {found}")
    median_ms, p99_ms = np.percentile(took_ms, [50.0, 99.0]).tolist()
    return Timing(median_ms, p99_ms)
