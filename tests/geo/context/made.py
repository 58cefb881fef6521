"""Weather, strips and sites that the tests of the context make by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from shapely.geometry.base import BaseGeometry

from core.model.context import Weather
from core.model.land import Device, DeviceKind, Site, SiteKind
from core.model.samples import NAN, Reading
from geo.context.readings import UNITS, Readings, Stations
from geo.context.released import Released
from geo.context.weather import WeatherTable
from tests.geo.tracks import PLANE

NOON_MS = 1_774_069_200_000
"""2026-03-21 05:00 UTC: about noon in Vietnam, with a high sun."""
DAWN_MS = NOON_MS - 6 * 3_600_000
"""Six hours before: the sun is at the horizon."""


def stations(**east_m: float) -> Stations:
    """Stations by name, so many metres east of the plane's centre."""
    devices = []
    for name, x in east_m.items():
        lon, lat = PLANE.lonlat(np.array([x]), np.array([0.0]))
        devices.append(Device(name, "c1", DeviceKind.SENSOR, lon_deg=float(lon[0]), lat_deg=float(lat[0])))
    return Stations.of(devices)


def readings(where: Stations, *rows: tuple[str, str, int, float]) -> Readings:
    """Readings (station, quantity, seconds from noon, value)."""
    return Readings.from_samples(
        [
            Reading(name, NOON_MS + 1000 * at_s, quantity, value, UNITS[quantity])
            for name, quantity, at_s, value in rows
        ],
        where,
    )


def strip(start_ms: int, corners: Sequence[float], *, dt_s: float = 1.0, litres: float = 1.0) -> Released:
    """One strip by its corners x0, y0, x1, y1 ..."""
    return Released(np.array([start_ms]), np.array([dt_s]), np.array([corners], np.float64), np.array([litres]))


def box(start_ms: int, west: float, south: float, east: float, north: float, *, litres: float = 1.0) -> Released:
    """A strip that fills a box."""
    return strip(start_ms, [west, south, east, south, east, north, west, north], litres=litres)


def site(
    shape: BaseGeometry,
    buffer_m: float = NAN,
    downwind_m: float = NAN,
    name: str = "s1",
    kind: SiteKind = SiteKind.POND,
) -> Site:
    """A site whose shape is in metres of PLANE."""
    return Site(
        site=name,
        cooperative="c1",
        kind=kind,
        boundary=PLANE.to_wgs84(shape),
        buffer_m=buffer_m,
        downwind_m=downwind_m,
        source="statute",
    )


def wind(treated: Released, mps: Sequence[float], from_deg: Sequence[float], sun_deg: float = 50.0) -> WeatherTable:
    """The weather of the minutes of some strips, of which only the wind and the sun count."""
    start, _ = treated.minutes()
    n = len(start)
    nothing = np.full(n, np.nan)
    speed, direction = (np.array(np.broadcast_to(c, n), np.float64) for c in (mps, from_deg))
    return WeatherTable(
        start,
        nothing,
        nothing,
        temperature_c=nothing,
        humidity_pct=nothing,
        pressure_hpa=nothing,
        pressure_assumed=np.ones(n, np.bool_),
        wind_mps=speed,
        wind_vector_mps=speed,
        wind_from_deg=direction,
        gust_mps=nothing,
        rain_mmph=nothing,
        delta_t_c=nothing,
        sun_deg=np.full(n, sun_deg),
        sources={},
        stations=(),
    )


def fair(**changed: float) -> Weather:
    """A weather in which everything is green, but for what is changed."""
    values: dict[str, float] = {
        "wind_mps": 2.0,
        "gust_mps": 3.0,
        "delta_t_c": 5.0,
        "rain_mmph": 0.0,
        "sun_deg": 50.0,
    } | changed
    return Weather(NOON_MS, 105.7, 9.3, **values)  # type: ignore[arg-type]
