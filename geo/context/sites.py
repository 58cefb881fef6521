"""Sensitive sites beside a flight: how near the treated ground came, and what was released within their distances.

A strip counts towards a site by the share of its ground inside the site's buffer. It counts *downwind* only where the
site also lies within a fan (45 degrees to each side) downwind of the strip's middle in that minute's wind. Where ground
within reach was treated in a minute whose wind nobody knows, the downwind figures are NaN: never 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from core.model.context import SiteContact, SiteMinutes
from core.model.fixtable import Bools, Codes, Floats, Ints
from core.model.land import SUGGESTED_BUFFERS_M, Site
from geo.context.fans import HALF_ANGLE_DEG, fans, towards
from geo.context.released import SPOT_M, Released
from geo.context.weather import WeatherTable
from geo.context.window import Limits
from geo.overlay import intersections
from geo.projection import LocalPlane

LISTED_M = 500.0
"""Sites further from the treated ground than this (and than their own distances) are not listed."""
SUGGESTED = "suggested"
"""Source of distances that nobody set for the site."""
_QUARTER = 64


@dataclass(frozen=True, slots=True, eq=False)
class MinuteWind:
    """The wind of each treated minute, shape (m,), in the order of :meth:`Released.minutes`; NaN: not known."""

    wind_mps: Floats
    from_deg: Floats
    sun_deg: Floats

    @classmethod
    def of(cls, table: WeatherTable | None, minutes: int) -> MinuteWind:
        """From the weather of the minutes, or from none."""
        if table is None:
            nothing = np.full(minutes, np.nan)
            return cls(nothing, nothing, nothing)
        return cls(table.wind_mps, table.wind_from_deg, table.sun_deg)


@dataclass(frozen=True, slots=True)
class Keep:
    """Distances to keep from a site in metres, and who set them."""

    buffer_m: float
    downwind_m: float
    source: str

    @classmethod
    def of(cls, site: Site) -> Keep:
        """The site's own distances; where it has none, those suggested for its kind."""
        near, far = SUGGESTED_BUFFERS_M[site.kind]
        told = math.isfinite(site.buffer_m), math.isfinite(site.downwind_m)
        source = site.source if any(told) else SUGGESTED
        if any(told) and not all(told):
            source = f"{site.source}; {SUGGESTED}" if site.source else SUGGESTED
        return cls(site.buffer_m if told[0] else near, site.downwind_m if told[1] else far, source)


def contacts(
    treated: Released,
    weather: WeatherTable | None,
    plane: LocalPlane,
    sites: Sequence[Site],
    limits: Limits | None = None,
    *,
    half_angle_deg: float = HALF_ANGLE_DEG,
    listed_m: float = LISTED_M,
) -> list[SiteContact]:
    """What a flight did beside the sites that it came near, the nearest first.

    Args:
        treated: Everything that it released, in metres of ``plane``.
        weather: That of its minutes (:func:`geo.context.stamps.minute_weather`), None: nobody measured any.
        plane: Where the sites are brought to.
        sites: Those of the cooperative that may be near; retired ones are passed over.
        limits: What makes a minute drift-prone: wind over ``strong_mps``, or under ``calm_mps`` while the sun is low.
        half_angle_deg: Up to which angle from the wind's direction ground lies downwind.
        listed_m: How far sites are listed.
    """
    if len(treated) == 0:
        return []
    ground = treated.ground
    tree = shapely.STRtree(ground)
    start, number = treated.minutes()
    wind = MinuteWind.of(weather, len(start))
    flight = Flown(treated, ground, start, number, wind, limits or Limits(), half_angle_deg)
    found: list[SiteContact] = []
    for site in sites:
        shape = plane.to_plane(site.boundary)
        keep = Keep.of(site)
        near = max(listed_m, keep.buffer_m, keep.downwind_m)
        if not site.retired and not shape.is_empty and len(tree.query(shape, predicate="dwithin", distance=near)):
            found.append(contact(flight, site, shape, keep))
    return sorted(found, key=lambda c: (c.distance_m, c.site))


@dataclass(frozen=True, slots=True, eq=False)
class Flown:
    """A flight as the sites see it: its strips, their ground, the minutes, each strip's minute, and their wind."""

    treated: Released
    ground: np.ndarray
    start_ms: Ints
    minute: Ints
    wind: MinuteWind
    limits: Limits
    half_angle_deg: float = HALF_ANGLE_DEG

    def by_minute(self, values: Floats) -> Floats:
        """Sums of the strips' values by minute."""
        return np.bincount(self.minute, weights=values, minlength=len(self.start_ms)).astype(np.float64)

    def any_in_minute(self, strips: Bools) -> Bools:
        """Minutes in which any of the strips is marked."""
        return np.asarray(self.by_minute(strips.astype(np.float64)) > 0.0)


def contact(flight: Flown, site: Site, shape: BaseGeometry, keep: Keep) -> SiteContact:
    """One flight against one site, whose ``shape`` is in the flight's plane."""
    treated = flight.treated
    shapely.prepare(shape)
    distance = np.asarray(shapely.distance(flight.ground, shape))
    inside = _share(flight, distance, shape, keep.buffer_m)
    reach = _share(flight, distance, shape, keep.downwind_m)
    blows, unknown = (column[flight.minute] for column in towards(flight.wind.wind_mps, flight.wind.from_deg))
    touched = reach > 0.0
    downwind = touched & blows
    downwind[downwind] = _hit(flight, np.flatnonzero(downwind), shape, keep.downwind_m)
    downwind |= touched & (distance == 0.0)
    open_ = touched & unknown & ~downwind
    lost = flight.any_in_minute(open_)
    litres = np.where(inside > 0.0, treated.litres * inside, 0.0)
    carried = np.where(downwind, treated.litres * reach, 0.0)
    minutes = SiteMinutes(
        flight.start_ms,
        _least(flight, distance),
        _upwind(flight, distance, shape, downwind),
        _drift(flight, touched, downwind),
        flight.by_minute(litres),
        np.where(lost, np.nan, flight.by_minute(carried)),
    )
    no_data = bool(lost.any() or (minutes.drift < 0).any())
    no_flow = bool(np.isnan(treated.litres[(inside > 0.0) | touched]).any())
    return SiteContact(
        site=site.site,
        kind=site.kind,
        distance_m=float(distance.min()),
        buffer_m=keep.buffer_m,
        downwind_m=keep.downwind_m,
        source=keep.source,
        in_buffer_l=float(litres.sum()),
        in_buffer_s=float((treated.dt_s * inside).sum()),
        downwind_l=float(minutes.downwind_l.sum()),
        downwind_s=math.nan if lost.any() else float((treated.dt_s * reach)[downwind].sum()),
        drift_min=math.nan if (minutes.drift < 0).any() else float((minutes.drift == 1).sum()),
        reasons=tuple(reason for reason, yes in (("no-data", no_data), ("no-flow", no_flow)) if yes),
        minutes=minutes,
    )


def _share(flight: Flown, distance: Floats, shape: BaseGeometry, within_m: float) -> Floats:
    """Which part of each strip's ground lies within a distance of the site, 0 to 1, shape (k,)."""
    share = np.zeros(len(distance))
    near = np.flatnonzero((distance < within_m) | (distance == 0.0))
    if len(near) == 0:
        return share
    zone = shape.buffer(within_m, quad_segs=_QUARTER) if within_m > 0.0 else shape
    shapely.prepare(zone)
    ground = flight.ground[near]
    share[near] = shapely.contains_properly(zone, ground)
    edge = near[share[near] == 0.0]
    ground, area = flight.ground[edge], shapely.area(flight.ground[edge])
    spot = area <= SPOT_M
    size = np.where(spot, shapely.length(ground), area)
    part = np.zeros(len(edge))
    part[~spot] = shapely.area(intersections(ground[~spot], zone))
    part[spot] = shapely.length(shapely.intersection(ground[spot], zone))
    share[edge] = np.minimum(np.divide(part, size, out=np.zeros(len(edge)), where=size > 0.0), 1.0)
    return share


def _hit(flight: Flown, strips: Ints, shape: BaseGeometry, within_m: float) -> Bools:
    """Whether the site lies downwind of strips (numbers) within a distance of their edges, shape (len(strips),)."""
    corners = flight.treated.corners[strips].reshape(-1, 4, 2)
    middle = corners.mean(axis=1)
    half = np.hypot(*(corners - middle[:, None, :]).transpose(2, 0, 1)).max(axis=1)
    from_deg = flight.wind.from_deg[flight.minute[strips]]
    return np.asarray(shapely.intersects(shape, fans(middle, from_deg, half + within_m, flight.half_angle_deg)))


def _least(flight: Flown, distance: Floats) -> Floats:
    """The least distance of each minute."""
    least = np.full(len(flight.start_ms), np.inf)
    np.minimum.at(least, flight.minute, distance)
    return least


def _upwind(flight: Flown, distance: Floats, shape: BaseGeometry, downwind: Bools) -> Codes:
    """Whether the site lay downwind of each minute's nearest strip, however far, or of any strip within reach."""
    order = np.lexsort((distance, flight.minute))
    nearest = order[np.searchsorted(flight.minute[order], np.arange(len(flight.start_ms)))]
    blows, unknown = towards(flight.wind.wind_mps, flight.wind.from_deg)
    found = np.zeros(len(flight.start_ms), np.bool_)
    asked = np.flatnonzero(blows)
    if len(asked):
        far = float(distance.max()) + float(np.hypot(*np.diff(np.reshape(shape.bounds, (2, 2)), axis=0)[0]))
        found[asked] = _hit(flight, nearest[asked], shape, far)
    found |= flight.any_in_minute(downwind)
    return np.where(found, 1, np.where(unknown, -1, 0)).astype(np.int8)


def _drift(flight: Flown, touched: Bools, downwind: Bools) -> Codes:
    """Drift-prone minutes: treating upwind of the site in strong wind, or anywhere within reach in a low sun's calm."""
    wind, limits = flight.wind, flight.limits
    reach, carried = flight.any_in_minute(touched), flight.any_in_minute(downwind)
    calm = (wind.wind_mps < limits.calm_mps) & ~(wind.sun_deg >= limits.low_sun_deg)
    prone = (reach & calm) | (carried & (wind.wind_mps > limits.strong_mps))
    lost = reach & ~carried & np.isnan(wind.from_deg) & (wind.wind_mps > limits.strong_mps)
    lost |= reach & np.isnan(wind.wind_mps)
    return np.where(prone, 1, np.where(lost, -1, 0)).astype(np.int8)
