"""The weather at spots and instants: each quantity from the nearest station that knows it and is not stale.

Nothing after the instant is used, so that live and batch agree. Wind is averaged over ten minutes, as WMO-No. 8 does;
a station that reports less often is taken by its last reading, as long as that is not stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.model.context import Source, Weather
from core.model.fixtable import Bools, Floats, Ints
from geo.context.psychrometry import ASSUMED_HPA, delta_t_c
from geo.context.readings import (
    DIRECTION,
    GUST,
    HUMIDITY,
    PRESSURE,
    RAIN,
    TEMPERATURE,
    WIND,
    Readings,
    Series,
    Stations,
)
from geo.context.sun import elevation_deg
from geo.projection import GEOD

PAIR_MS = 60_000
"""A direction belongs to a speed that was read at most so long after it."""
STILL = 1e-9
"""A mean vector shorter than this has no direction."""


@dataclass(frozen=True, slots=True)
class Search:
    """How far and how far back a station may be asked.

    Attributes:
        max_distance_m: A station further away is not asked.
        max_age_s: A value that was read longer ago is stale.
        window_s: Averaging time of the wind, and time over which gusts and rain count.
        assumed_hpa: Pressure where no station tells it.
    """

    max_distance_m: float = 10_000.0
    max_age_s: float = 900.0
    window_s: float = 600.0
    assumed_hpa: float = ASSUMED_HPA


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Where a column comes from: station number (−1: nowhere), distance and age of the last reading, shape (n,)."""

    station: Ints
    distance_m: Floats
    age_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class WeatherTable:
    """Weather as columns of shape (n,); the fields of :class:`core.model.context.Weather`."""

    ts_ms: Ints
    lon_deg: Floats
    lat_deg: Floats
    temperature_c: Floats
    humidity_pct: Floats
    pressure_hpa: Floats
    pressure_assumed: Bools
    wind_mps: Floats
    wind_vector_mps: Floats
    wind_from_deg: Floats
    gust_mps: Floats
    rain_mmph: Floats
    delta_t_c: Floats
    sun_deg: Floats
    sources: dict[str, Sources]
    stations: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ts_ms)

    def row(self, i: int) -> Weather:
        """One row, with the sources that it has."""
        names = [n for n in Weather.__dataclass_fields__ if n not in {"ts_ms", "pressure_assumed", "sources"}]
        values = {name: float(getattr(self, name)[i]) for name in names}
        found = {
            quantity: Source(self.stations[int(s.station[i])], float(s.distance_m[i]), float(s.age_s[i]))
            for quantity, s in self.sources.items()
            if s.station[i] >= 0
        }
        return Weather(
            ts_ms=int(self.ts_ms[i]), pressure_assumed=bool(self.pressure_assumed[i]), sources=found, **values
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What each station knows, shape (s, n): columns of values, and the age of the last reading (inf: nothing)."""

    values: tuple[Floats, ...]
    age_s: Floats


def weather_at(  # noqa: PLR0917 - columns
    ts_ms: Ints, lon_deg: Floats, lat_deg: Floats, stations: Stations, readings: Readings, search: Search | None = None
) -> WeatherTable:
    """The weather at spots and instants, arrays of shape (n,); NaN where no near station knew it in time."""
    search = search or Search()
    place = (np.asarray(lon_deg, np.float64), np.asarray(lat_deg, np.float64))
    ts_ms = np.asarray(ts_ms, np.int64)
    far = distances_m(*place, stations)
    sources: dict[str, Sources] = {}

    def nearest(quantity: str, asked: _Asked) -> tuple[Floats, ...]:
        columns, sources[quantity] = _nearest(asked, far, search)
        return columns

    each = range(len(stations))
    last = {
        q: nearest(q, _asked(ts_ms, [_last(readings.of(q, s), ts_ms) for s in each]))[0]
        for q in (TEMPERATURE, HUMIDITY, PRESSURE)
    }
    highest = {
        q: nearest(q, _asked(ts_ms, [_highest(readings.of(q, s), ts_ms, search) for s in each]))[0]
        for q in (GUST, RAIN)
    }
    speed = nearest(WIND, _asked(ts_ms, [_speed(readings.of(WIND, s), ts_ms, search) for s in each]))[0]
    winds = [_wind(readings.of(WIND, s), readings.of(DIRECTION, s), ts_ms, search) for s in each]
    direction, vector = nearest(DIRECTION, _asked(ts_ms, winds, columns=2))
    assumed = np.isnan(last[PRESSURE])
    pressure = np.where(assumed, search.assumed_hpa, last[PRESSURE])
    return WeatherTable(
        ts_ms,
        *place,
        temperature_c=last[TEMPERATURE],
        humidity_pct=last[HUMIDITY],
        pressure_hpa=pressure,
        pressure_assumed=assumed,
        wind_mps=speed,
        wind_vector_mps=vector,
        wind_from_deg=direction,
        gust_mps=highest[GUST],
        rain_mmph=highest[RAIN],
        delta_t_c=delta_t_c(last[TEMPERATURE], last[HUMIDITY], pressure),
        sun_deg=elevation_deg(ts_ms, *place),
        sources=sources,
        stations=stations.names,
    )


def distances_m(lon_deg: Floats, lat_deg: Floats, stations: Stations) -> Floats:
    """Geodesic metres from each station to each spot, shape (s, n)."""
    shape = (len(stations), len(lon_deg))
    if 0 in shape:
        return np.empty(shape)
    lon, lat = (np.broadcast_to(c, shape).ravel() for c in (lon_deg, lat_deg))
    lon0, lat0 = (np.repeat(c, shape[1]) for c in (stations.lon_deg, stations.lat_deg))
    return np.asarray(GEOD.inv(lon0, lat0, lon, lat)[2], np.float64).reshape(shape)


def _asked(ts_ms: Ints, answers: Sequence[tuple[Floats, ...]], columns: int = 1) -> _Asked:
    """Answers of the stations, each (value, ..., age), as one."""
    if not answers:
        return _Asked((np.empty((0, len(ts_ms))),) * columns, np.empty((0, len(ts_ms))))
    *values, age = (np.array(column) for column in zip(*answers, strict=True))
    return _Asked(tuple(values), age)


def _nearest(asked: _Asked, far: Floats, search: Search) -> tuple[tuple[Floats, ...], Sources]:
    """Each spot's values from the nearest station whose first value is known and fresh."""
    n = far.shape[1]
    nothing = np.full(n, np.nan)
    if far.shape[0] == 0:
        return (nothing,) * len(asked.values), Sources(np.full(n, -1), nothing, nothing)
    good = np.isfinite(asked.values[0]) & (asked.age_s <= search.max_age_s) & (far <= search.max_distance_m)
    station = np.argmin(np.where(good, far, np.inf), axis=0)
    at = (station, np.arange(n))
    found = good[at]
    columns = tuple(np.where(found, column[at], np.nan) for column in asked.values)
    distance, age = (np.where(found, c[at], np.nan) for c in (far, asked.age_s))
    return columns, Sources(np.where(found, station, -1), distance, age)


def _last(series: Series, at_ms: Ints) -> tuple[Floats, Floats]:
    """The last value at or before each instant, and its age in seconds."""
    row = series.last(at_ms)
    if len(series.ts_ms) == 0:
        return np.full(len(at_ms), np.nan), np.full(len(at_ms), np.inf)
    age = np.where(row >= 0, (at_ms - series.ts_ms[row]) / 1000.0, np.inf)
    return np.where(row >= 0, series.value[row], np.nan), age


def _window(series: Series, at_ms: Ints, search: Search) -> tuple[Ints, Ints]:
    """Rows of the averaging time before each instant, first and one past the last; the last reading where none is."""
    end = series.last(at_ms) + 1
    start = np.searchsorted(series.ts_ms, at_ms - int(search.window_s * 1000.0), side="right")
    return np.maximum(np.minimum(start, end - 1), 0), end


def _reduced(values: Floats, start: Ints, end: Ints, by: np.ufunc) -> Floats:
    """A sum or a maximum over rows ``start:end``; NaN where there are none."""
    if len(values) == 0:
        return np.full(len(start), np.nan)
    padded = np.append(values, values[-1:])
    found = by.reduceat(padded, np.column_stack([start, np.maximum(end, start + 1)]).ravel())[::2]
    return np.where(end > start, found, np.nan)


def _highest(series: Series, at_ms: Ints, search: Search) -> tuple[Floats, Floats]:
    return _reduced(series.value, *_window(series, at_ms, search), np.maximum), _last(series, at_ms)[1]


def _speed(series: Series, at_ms: Ints, search: Search) -> tuple[Floats, Floats]:
    """Scalar mean and age."""
    start, end = _window(series, at_ms, search)
    return _reduced(series.value, start, end, np.add) / np.maximum(end - start, 1), _last(series, at_ms)[1]


def _wind(speed: Series, direction: Series, at_ms: Ints, search: Search) -> tuple[Floats, Floats, Floats]:
    """Where the mean vector comes from in degrees, its length in m/s, and the age of the last direction.

    Where no direction came with a speed, the mean of the directions alone stands, without a length.
    """
    row = direction.last(speed.ts_ms)
    paired = row >= 0
    paired[paired] = speed.ts_ms[paired] - direction.ts_ms[row[paired]] <= PAIR_MS
    pairs = Series(speed.ts_ms[paired], direction.value[row[paired]])
    from_deg, length, age = _vector(pairs, speed.value[paired], at_ms, search)
    alone, _, alone_age = _vector(direction, np.ones(len(direction.value)), at_ms, search)
    use = age <= search.max_age_s
    return np.where(use, from_deg, alone), np.where(use, length, np.nan), np.where(use, age, alone_age)


def _vector(direction: Series, weight: Floats, at_ms: Ints, search: Search) -> tuple[Floats, Floats, Floats]:
    """Direction, length and age of the mean of vectors; no direction where they cancel out."""
    angle = np.radians(direction.value)
    start, end = _window(direction, at_ms, search)
    east, north = (_reduced(weight * part, start, end, np.add) for part in (np.sin(angle), np.cos(angle)))
    length = np.hypot(east, north) / np.maximum(end - start, 1)
    from_deg = np.where(length > STILL, np.degrees(np.arctan2(east, north)) % 360.0, np.nan)
    return from_deg, length, _last(direction, at_ms)[1]
