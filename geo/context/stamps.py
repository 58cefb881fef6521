"""The three weather stamps of a job: before, during and after, as the GRDC's spray manual asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.model.context import Cause, Spot, Stamp, Stamps, TreatedMinute, Treating, Weather, Window
from core.model.fixtable import Floats
from geo.context.readings import Readings, Stations
from geo.context.released import MINUTE_MS, Released
from geo.context.weather import STILL, Search, WeatherTable, weather_at
from geo.context.window import SEVERITY, Limits, judge
from geo.projection import LocalPlane


def treating(treated: Released, plane: LocalPlane) -> Treating | None:
    """When and where strips were treated; None where there are none."""
    if len(treated) == 0:
        return None
    last = int(np.argmax(treated.ts_ms + treated.dt_s * 1000.0))
    off_ms = int(treated.ts_ms[last] + round(_step_s(treated, last) * 1000.0))
    start, number = treated.minutes()
    count = np.bincount(number, minlength=len(start))
    x, y = (np.bincount(number, weights=c, minlength=len(start)) / count for c in treated.middle.T)
    minutes = zip(start.tolist(), *(c.tolist() for c in plane.lonlat(x, y)), count.tolist(), strict=True)
    lon, lat = (c.tolist() for c in plane.lonlat(*treated.middle[[0, last]].T))
    return Treating(
        Spot(int(treated.ts_ms[0]), lon[0], lat[0]),
        Spot(off_ms, lon[1], lat[1]),
        tuple(TreatedMinute(*minute) for minute in minutes),
    )


def together(parts: Sequence[Treating]) -> Treating | None:
    """Several flights as one; a minute that some of them share has the middle of all their strips."""
    if not parts:
        return None
    shared: dict[int, list[TreatedMinute]] = {}
    for minute in (m for part in parts for m in part.minutes):
        shared.setdefault(minute.start_ms, []).append(minute)
    return Treating(
        min((p.first for p in parts), key=lambda s: s.ts_ms),
        max((p.last for p in parts), key=lambda s: s.ts_ms),
        tuple(_middle(shared[start_ms]) for start_ms in sorted(shared)),
    )


def _middle(same: Sequence[TreatedMinute]) -> TreatedMinute:
    strips = sum(m.strips for m in same)
    lon, lat = (sum(getattr(m, name) * m.strips for m in same) / strips for name in ("lon_deg", "lat_deg"))
    return TreatedMinute(same[0].start_ms, lon, lat, strips)


def minute_weather(
    when: Treating, stations: Stations, readings: Readings, search: Search | None = None
) -> WeatherTable:
    """The weather at the end of each treated minute, in the middle of its strips; shape (m,)."""
    start, lon, lat = (np.array([getattr(m, n) for m in when.minutes]) for n in ("start_ms", "lon_deg", "lat_deg"))
    return weather_at(start + MINUTE_MS - 1, lon, lat, stations, readings, search)


def stamps(
    when: Treating,
    stations: Stations,
    readings: Readings,
    search: Search | None = None,
    limits: Limits | None = None,
) -> Stamps:
    """The stamps of a flight or a job.

    The worst minute is the one with the worst verdict; of several, the one with the most reasons, then the most wind.
    """
    limits = limits or Limits()
    ts_ms, lon, lat = (
        np.array([getattr(s, n) for s in (when.first, when.last)]) for n in ("ts_ms", "lon_deg", "lat_deg")
    )
    edges = weather_at(ts_ms, lon, lat, stations, readings, search)
    table = minute_weather(when, stations, readings, search)
    during = [stamp_of(table.row(i), limits) for i in range(len(table))]
    without = sum(s.verdict.window is Window.NO_DATA for s in during)
    return Stamps(
        before=stamp_of(edges.row(0), limits),
        worst=max(during, key=_badness),
        mean=stamp_of(mean_weather(table), limits),
        after=stamp_of(edges.row(1), limits),
        minutes=len(during),
        minutes_without=without,
    )


def stamp_of(weather: Weather, limits: Limits) -> Stamp:
    """A weather with its verdict."""
    return Stamp(weather, judge(weather, limits))


def mean_weather(table: WeatherTable) -> Weather:
    """The mean of the rows (at least one), each quantity over those that know it; gust and rain: the highest.

    The time and place are the means too. The direction is that of the mean vector, where it has one.
    """
    names = ("lon_deg", "lat_deg", "temperature_c", "humidity_pct", "pressure_hpa", "wind_mps", "delta_t_c", "sun_deg")
    means = {name: _mean(getattr(table, name)) for name in names}
    told = np.isfinite(table.wind_vector_mps)
    weight = table.wind_vector_mps if told.any() else np.ones(len(table))
    angle = np.radians(table.wind_from_deg)
    still = table.wind_vector_mps <= STILL
    east, north = (_mean(np.where(still, 0.0, weight * part)) for part in (np.sin(angle), np.cos(angle)))
    length = math.hypot(east, north)
    return Weather(
        ts_ms=int(np.mean(table.ts_ms)),
        pressure_assumed=bool(table.pressure_assumed.all()),
        wind_vector_mps=length if told.any() else math.nan,
        wind_from_deg=math.degrees(math.atan2(east, north)) % 360.0 if length > STILL else math.nan,
        gust_mps=_highest(table.gust_mps),
        rain_mmph=_highest(table.rain_mmph),
        sources={},
        **means,
    )


def _step_s(treated: Released, last: int) -> float:
    """Time of the whole step that a strip belongs to: strips side by side share it out by their widths."""
    return float(treated.dt_s[treated.ts_ms == treated.ts_ms[last]].sum())


def _mean(values: Floats) -> float:
    good = values[np.isfinite(values)]
    return float(good.mean()) if len(good) else math.nan


def _highest(values: Floats) -> float:
    good = values[np.isfinite(values)]
    return float(good.max()) if len(good) else math.nan


def _badness(stamp: Stamp) -> tuple[int, int, float]:
    verdict, wind = stamp.verdict, stamp.weather.wind_mps
    same: Sequence[Cause] = [r.cause for r in verdict.reasons if r.window is verdict.window]
    return SEVERITY[verdict.window], len(same), -1.0 if math.isnan(wind) else wind
