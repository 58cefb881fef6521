"""What one flight did near a place: how near the drone came, how near its spray, what it released around, and when.

The strips are those of :mod:`geo.context.released`: each treated step by itself, so that a distance has its instant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from shapely import MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from core.errors import ConfigError
from core.model.fixtable import FixTable, Floats
from core.model.samples import NAN, Event
from geo.cleaning import clean
from geo.context.released import Released, released_in
from geo.overlay import polygonal
from geo.parameters import Parameters
from geo.passes import gap_limit_s
from geo.projection import LocalPlane

MARGIN_M: Final = 20.0
"""How far beside a drone's path its spray may lie: more than half of any swath."""
_THIN_M: Final = 0.02
"""Width of a strip whose swath nobody knows: as good as the path."""
_TOUCHING_M: Final = 1e-6
_ROUND: Final = 64
_DEFAULTS: Final = Parameters()


@dataclass(frozen=True, slots=True)
class Place:
    """A spot (WGS 84, degrees), a radius around it in metres, and a span of time in ms since 1970 UTC."""

    lat_deg: float
    lon_deg: float
    radius_m: float
    start_ms: int
    end_ms: int

    @property
    def plane(self) -> LocalPlane:
        """The plane around the spot."""
        return LocalPlane.around(self.lon_deg, self.lat_deg)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all from which something may have come here, in degrees."""
        x, y = self.plane.xy(np.array([self.lon_deg]), np.array([self.lat_deg]))
        reach = self.radius_m + MARGIN_M
        lon, lat = self.plane.lonlat(x + np.array([-reach, reach]), y + np.array([-reach, reach]))
        return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])

    def spot(self) -> Point:
        """The spot on the plane."""
        x, y = self.plane.xy(np.array([self.lon_deg]), np.array([self.lat_deg]))
        return Point(float(x[0]), float(y[0]))

    def meets(self, shape: BaseGeometry) -> bool:
        """Whether a path in WGS 84 comes so near that it matters."""
        return bool(self.plane.to_plane(shape).distance(self.spot()) <= self.radius_m + MARGIN_M)


@dataclass(frozen=True, slots=True, eq=False)
class Nearby:
    """One flight near a place; distances in metres from the spot, times in ms since 1970 UTC.

    ``distance_m`` and ``ts_ms`` are of the drone's middle at its nearest, ``on`` whether it treated then.
    ``treated_distance_m`` is of the nearest ground that it treated (0: the spot itself; NaN: none), ``treated_ts_ms``
    when (the first time, where it did so again; −1: never), ``bearing_deg`` the direction from there to the spot, from
    north clockwise (NaN where that is the spot itself, or none). ``treated_s`` and ``litres`` are of what lies within
    the radius (litres NaN where the device tells none). ``entered_ms`` and ``left_ms`` are of the drone within the
    radius, −1 where only its spray was. ``swath_known`` False: nobody knows the width, and treated ground is the path
    alone. ``track`` and ``treated`` are the parts within the radius, in WGS 84.
    """

    distance_m: float
    ts_ms: int
    on: bool
    treated_distance_m: float
    treated_ts_ms: int
    bearing_deg: float
    treated_s: float
    litres: float
    entered_ms: int
    left_ms: int
    swath_known: bool
    track: MultiLineString
    treated: MultiPolygon


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """Steps of a drone on the plane: ends of shape (k, 2), their times in ms, whether it treated."""

    start: Floats
    end: Floats
    start_ms: Floats
    end_ms: Floats
    on: np.ndarray

    def nearest(self, spot: Floats) -> tuple[Floats, Floats]:
        """Where along each step (0 to 1) it is nearest to a spot, and how near, in m."""
        step = self.end - self.start
        length2 = np.maximum((step**2).sum(axis=1), 1e-12)
        along = np.clip(((spot - self.start) * step).sum(axis=1) / length2, 0.0, 1.0)
        return along, np.hypot(*(self.start + along[:, None] * step - spot).T)

    def within(self, spot: Floats, radius_m: float) -> tuple[np.ndarray, Floats, Floats]:
        """Steps that cross a circle, and from where to where along each (0 to 1) they are inside.

        The roots of |start + t step − spot|² = radius².
        """
        step, away = self.end - self.start, self.start - spot
        a = np.maximum((step**2).sum(axis=1), 1e-12)
        b = (step * away).sum(axis=1)
        c = (away**2).sum(axis=1) - radius_m**2
        root = b**2 - a * c
        reach = np.sqrt(np.maximum(root, 0.0))
        first, last = np.clip((-b - reach) / a, 0.0, 1.0), np.clip((-b + reach) / a, 0.0, 1.0)
        rows = np.flatnonzero((root > 0.0) & (last > first))
        return rows, first[rows], last[rows]

    def time_ms(self, rows: np.ndarray, along: Floats) -> Floats:
        """The instant of a point of a step."""
        return np.asarray(self.start_ms[rows] + along * (self.end_ms[rows] - self.start_ms[rows]))


def nearby(fixes: FixTable, events: Sequence[Event], place: Place, parameters: Parameters = _DEFAULTS) -> Nearby | None:
    """What a flight did near a place, within its span of time; None where neither drone nor spray came so near.

    Args:
        fixes: The flight's, with the registered swath where they name none.
        events: The flight's.
        place: Where and when.
        parameters: Choices of the computation.
    """
    spot = place.spot()
    at = np.array([spot.x, spot.y])
    path = _path(fixes, place, parameters)
    if not len(path.start):
        return None
    along, distances = path.nearest(at)
    best = int(np.argmin(distances))
    strips, known = _strips(fixes, events, place, parameters)
    ground = strips.ground
    far = shapely.distance(ground, spot) if len(ground) else np.empty(0)
    if distances[best] > place.radius_m and not (far <= place.radius_m).any():
        return None
    rows, first, last = path.within(at, place.radius_m)
    times = np.concatenate([path.time_ms(rows, first), path.time_ms(rows, last)])
    treated, seconds, litres = _around(strips, ground, spot.buffer(place.radius_m, quad_segs=_ROUND))
    nearest = int(np.argmin(far)) if len(far) else -1
    return Nearby(
        distance_m=float(distances[best]),
        ts_ms=round(float(path.time_ms(np.array([best]), along[[best]])[0])),
        on=bool(path.on[best]),
        treated_distance_m=float(far[nearest]) if len(far) else NAN,
        treated_ts_ms=int(strips.ts_ms[nearest]) if len(far) else -1,
        bearing_deg=_bearing_deg(ground[nearest], spot) if len(far) else NAN,
        treated_s=seconds,
        litres=litres,
        entered_ms=round(float(times.min())) if len(times) else -1,
        left_ms=round(float(times.max())) if len(times) else -1,
        swath_known=known,
        track=place.plane.to_wgs84(_lines(path, rows, first, last)),
        treated=place.plane.to_wgs84(treated),
    )


def _bearing_deg(ground: BaseGeometry, spot: Point) -> float:
    """The direction from the nearest point of some ground to a spot."""
    (x0, y0), (x1, y1) = shapely.shortest_line(ground, spot).coords
    if math.hypot(x1 - x0, y1 - y0) <= _TOUCHING_M:
        return NAN
    return math.degrees(math.atan2(x1 - x0, y1 - y0)) % 360.0


def _path(fixes: FixTable, place: Place, parameters: Parameters) -> _Path:
    """The steps of the believed fixes in the span of time, but for those across a gap; a lone fix is one by itself."""
    cleaned = clean(fixes)
    table = cleaned.fixes
    inside = (table.ts_ms >= place.start_ms) & (table.ts_ms <= place.end_ms)
    points = np.column_stack(place.plane.xy(table.lon_deg, table.lat_deg)).reshape(-1, 2)
    ms = table.ts_ms.astype(np.float64)
    dt_s = np.diff(ms) / 1_000.0
    limit_s = max(gap_limit_s(dt_s, parameters), parameters.bridge_s) if len(dt_s) else 0.0
    joined = ~cleaned.breaks[1:] & (dt_s <= limit_s) & inside[:-1] & inside[1:]
    begins = np.flatnonzero(joined)
    lone = np.flatnonzero(inside & ~(np.append(joined, False) | np.append(False, joined)))
    start, end = np.concatenate([begins, lone]), np.concatenate([begins + 1, lone])
    return _Path(points[start], points[end], ms[start], ms[end], table.on[start])


def _strips(fixes: FixTable, events: Sequence[Event], place: Place, parameters: Parameters) -> tuple[Released, bool]:
    """The treated strips in the span of time on the place's plane, and whether their width is known."""
    known = True
    try:
        strips, plane = released_in(fixes, events, parameters)
    except ConfigError:
        known = False
        strips, plane = released_in(fixes, events, replace(parameters, default_swath_m=_THIN_M))
    mine = (strips.ts_ms >= place.start_ms) & (strips.ts_ms <= place.end_ms)
    corners = strips.corners[mine]
    lon, lat = plane.lonlat(corners[:, 0::2].ravel(), corners[:, 1::2].ravel())
    x, y = place.plane.xy(lon, lat)
    moved = np.stack([x, y], axis=-1).reshape(-1, 8)
    return Released(strips.ts_ms[mine], strips.dt_s[mine], moved, strips.litres[mine]), known


def _around(strips: Released, ground: np.ndarray, circle: Polygon) -> tuple[MultiPolygon, float, float]:
    """Treated ground within a circle, seconds and litres that it got; a strip counts by its share within."""
    touching = np.flatnonzero(shapely.intersects(ground, circle)) if len(ground) else np.empty(0, np.int64)
    if not len(touching):
        return MultiPolygon(), 0.0, 0.0 if np.isfinite(strips.litres).any() or not len(strips) else NAN
    some = ground[touching]
    parts = shapely.intersection(some, circle)
    whole, part = shapely.area(some), shapely.area(parts)
    share = np.where(whole > 0.0, part / np.where(whole > 0.0, whole, 1.0), 1.0)
    litres = strips.litres[touching]
    told = np.isfinite(litres)
    total = float((litres * share)[told].sum()) if told.any() else NAN
    union = polygonal(shapely.union_all(parts[shapely.area(parts) > 0.0]))
    return MultiPolygon(shapely.get_parts(union).tolist()), float((strips.dt_s[touching] * share).sum()), total


def _lines(path: _Path, rows: np.ndarray, first: Floats, last: Floats) -> MultiLineString:
    """The parts of the path within the radius, as lines; steps that follow each other are joined."""
    step = path.end[rows] - path.start[rows]
    starts, ends = path.start[rows] + first[:, None] * step, path.start[rows] + last[:, None] * step
    lines: list[list[tuple[float, float]]] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if lines and lines[-1][-1] == tuple(start):
            lines[-1].append((end[0], end[1]))
        else:
            lines.append([(start[0], start[1]), (end[0], end[1])])
    return MultiLineString(lines)
