"""The weather that really is: columns on whole minutes, linear in between; what stations measure and droplets drift in.

The day's course of the Mekong delta: calm at dawn, warmest at 14 h, a sea breeze in the afternoon, the pressure's
semidiurnal tide, showers mostly after noon, and the squall lines that a scenario orders.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.localtime import day_window_ms, local_day
from core.model.fixtable import Floats, Ints
from simulators import specs
from simulators.weather.air import delta_t_c, dew_point_c, radiation_wm2, saturation_hpa, sun_height, uv_index
from simulators.weather.squalls import Disturbance, add_front, bell, showers
from simulators.weather.waves import MINUTE_MS, along, cosine, ramp, restless, sine

LAT_DEG: Final = 9.3
LON_DEG: Final = 105.7
"""Where the sun is reckoned for: the old Bạc Liêu."""

LUMEN_PER_W: Final = 115.0
"""Luminous efficacy of daylight: lx for every W/m² (between 105 for the sun and 130 for the sky)."""

_HOUR_MS: Final = 3_600_000
_DAY_HOURS: Final = 24.0
_WARMEST_H: Final = 14.0
_COOLEST_H: Final = 6.0
_DAMPEST_PCT: Final = 99.0
_DRIEST_PCT: Final = 30.0
_WET_PCT: Final = 96.0
_TIDE_HPA: Final = 1.2
_SEA_FROM_DEG: Final = 150.0
_GUSTINESS: Final = 1.5
_CALMEST_MPS: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The weather at n whole minutes from ``start_ms`` on; every column has the shape (n,).

    Attributes:
        start_ms: When the first minute begins, ms since 1970 UTC.
        air_c: Air temperature in °C.
        humidity_pct: Relative humidity.
        pressure_hpa: Pressure where the station is.
        wind_mps: Mean wind at 2 m.
        gust_mps: Strongest gust of the minute, never below the mean.
        from_deg: Where the wind blows from, clockwise from north, unwound: it may leave 0 to 360.
        east_mps: The vector that the wind blows towards, its part to the east.
        north_mps: Its part to the north.
        rain_mmph: Rain intensity.
        rain_mm: Rain since the start.
        radiation_wm2: Global radiation.
        uv: UV index.
    """

    start_ms: int
    air_c: Floats
    humidity_pct: Floats
    pressure_hpa: Floats
    wind_mps: Floats
    gust_mps: Floats
    from_deg: Floats
    east_mps: Floats
    north_mps: Floats
    rain_mmph: Floats
    rain_mm: Floats
    radiation_wm2: Floats
    uv: Floats

    def __len__(self) -> int:
        return len(self.air_c)

    @property
    def ts_ms(self) -> Ints:
        """The minutes themselves."""
        return self.start_ms + MINUTE_MS * np.arange(len(self), dtype=np.int64)

    def at(self, column: Floats, ts_ms: Ints | Floats) -> Floats:
        """A column at instants of shape (m,); before the first and after the last minute its value holds."""
        return along(column, self.start_ms, MINUTE_MS, ts_ms)

    def wind_to(self, ts_ms: Ints | Floats) -> tuple[Floats, Floats]:
        """The vector that the wind blows towards, in m/s to the east and to the north, linear between minutes."""
        return self.at(self.east_mps, ts_ms), self.at(self.north_mps, ts_ms)

    def wind_from_deg(self, ts_ms: Ints | Floats) -> Floats:
        """Where the wind blows from, 0 to 360 degrees clockwise from north."""
        return self.at(self.from_deg, ts_ms) % 360.0

    def strongest_gust(self, since_ms: Ints, until_ms: Ints) -> Floats:
        """The strongest gust of the minutes that begin in the spans [since, until]; at least the one at the end."""
        first = np.clip(-((self.start_ms - since_ms) // MINUTE_MS), 0, len(self) - 1)
        last = np.clip((until_ms - self.start_ms) // MINUTE_MS, first, len(self) - 1)
        edges = np.stack([first, last + 1], axis=1).ravel()
        return np.maximum.reduceat(np.append(self.gust_mps, -np.inf), edges)[::2]

    def dew_point_c(self) -> Floats:
        """Dew point at every minute."""
        return dew_point_c(self.air_c, self.humidity_pct)

    def delta_t_c(self) -> Floats:
        """Air temperature less wet bulb at every minute: below 2 droplets live long, above 8 they dry up."""
        return delta_t_c(self.air_c, self.humidity_pct, self.pressure_hpa)


def course(spec: specs.Weather, start_ms: int, end_ms: int, seed: int) -> Course:
    """The weather from one instant to another.

    Args:
        spec: The climate and the squall lines of the scenario; their day 0 is the local date of ``start_ms``.
        start_ms: First instant, ms since 1970 UTC.
        end_ms: Last instant.
        seed: Of all that is random, 0 or more.
    """
    rng = np.random.default_rng([seed, 0x77])
    start = start_ms // MINUTE_MS * MINUTE_MS
    n = -((start - end_ms) // MINUTE_MS) + 1
    ts = start + MINUTE_MS * np.arange(n, dtype=np.int64)
    hours = _hours(ts)
    upset = showers(spec.showers_per_day, hours, rng)
    for front in spec.fronts:
        add_front(upset, front, _minutes_since(front, start_ms, ts), rng)
    sun = sun_height(ts, LAT_DEG, LON_DEG)
    cloud = np.maximum(np.clip(0.4 + restless(n, 0.18, (25, 180, 900), rng), 0.03, 0.95), upset.cloud)
    radiation = radiation_wm2(sun, cloud)
    air = _air_c(spec, hours, cloud, upset, rng)
    humidity = _humidity_pct(spec, air, upset, rng)
    pressure = (
        spec.pressure_hpa
        + _TIDE_HPA * cosine((hours - 10.0) / 12.0)
        + restless(n, 0.5, (240, 1500, 4000), rng)
        + upset.pressure_hpa
    )
    wind, gust, direction = _wind(spec, hours, upset, rng)
    turns = direction / 360.0
    return Course(
        start_ms=start,
        air_c=air,
        humidity_pct=humidity,
        pressure_hpa=pressure,
        wind_mps=wind,
        gust_mps=gust,
        from_deg=direction,
        east_mps=-wind * sine(turns),
        north_mps=-wind * cosine(turns),
        rain_mmph=upset.rain_mmph,
        rain_mm=np.cumsum(upset.rain_mmph) / 60.0,
        radiation_wm2=radiation,
        uv=uv_index(sun, radiation),
    )


def _hours(ts_ms: Ints) -> Floats:
    """Local hour of the day."""
    return (ts_ms + 7 * _HOUR_MS) % (24 * _HOUR_MS) / _HOUR_MS


def _warmth(hours: Floats) -> Floats:
    """The day's course: −1 at 6 h, 1 at 14 h, half a cosine up and a longer one down; 0 in the mean."""
    rising = (hours - _COOLEST_H) / (2.0 * (_WARMEST_H - _COOLEST_H))
    falling = ((hours - _WARMEST_H) % _DAY_HOURS) / (2.0 * (_DAY_HOURS - _WARMEST_H + _COOLEST_H))
    return np.where((hours >= _COOLEST_H) & (hours < _WARMEST_H), -cosine(rising), cosine(falling))


def _minutes_since(front: specs.Front, start_ms: int, ts_ms: Ints) -> Floats:
    midnight_ms = day_window_ms(local_day(start_ms))[0]
    at_ms = midnight_ms + round((front.day * _DAY_HOURS + front.at_h) * _HOUR_MS)
    return (ts_ms - at_ms) / MINUTE_MS


def _air_c(spec: specs.Weather, hours: Floats, cloud: Floats, upset: Disturbance, rng: np.random.Generator) -> Floats:
    """A cloudy day has a smaller range; what showers and fronts cool is taken off."""
    dimmed = 1.0 - 0.35 * (along(cloud[::120], 0, 120, np.arange(len(cloud), dtype=np.int64)) - 0.4)
    calm = spec.mean_c + 0.5 * spec.range_c * _warmth(hours) * dimmed
    return calm + restless(len(hours), 0.3, (15, 90, 1000), rng) - upset.cooling_c


def _humidity_pct(spec: specs.Weather, air_c: Floats, upset: Disturbance, rng: np.random.Generator) -> Floats:
    """The vapour stays about the same all day, so that the humidity falls as the air warms; rain brings it to 96 %."""
    vapour = _vapour_hpa(spec) * (1.0 + restless(len(air_c), 0.015, (20, 120, 800), rng))
    humidity = np.clip(100.0 * vapour / saturation_hpa(air_c), _DRIEST_PCT, _DAMPEST_PCT)
    wet = ramp(upset.rain_mmph, 0.0, 2.0) * np.maximum(_WET_PCT - humidity, 0.0)
    return humidity + wet


def _vapour_hpa(spec: specs.Weather) -> float:
    """The vapour pressure at which a fine day has the mean humidity that is ordered, by bisection."""
    air = spec.mean_c + 0.5 * spec.range_c * _warmth(np.arange(96, dtype=np.float64) / 4.0)
    saturated = saturation_hpa(air)
    low, high = 0.0, 100.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        humidity = np.clip(100.0 * middle / saturated, _DRIEST_PCT, _DAMPEST_PCT)
        if math.fsum(humidity.tolist()) / len(air) < spec.humidity_pct:
            low = middle
        else:
            high = middle
    return low


def _wind(
    spec: specs.Weather, hours: Floats, upset: Disturbance, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Mean, gust and where it blows from: weak and unsteady at dawn, drawn towards the sea's side in the afternoon."""
    n = len(hours)
    steady = spec.wind_mps * (1.0 + 0.6 * _warmth((hours - 0.5) % _DAY_HOURS))
    fine = np.maximum(steady * (1.0 + restless(n, 0.22, (4, 15, 90), rng)), _CALMEST_MPS)
    gusts = fine * (1.25 + 0.3 * rng.random(n)) + 0.1
    wind = fine + upset.front * np.maximum(upset.front_mps / _GUSTINESS - fine, 0.0)
    blown = upset.front_mps * (1.0 - 0.15 * rng.random(n))
    full = np.flatnonzero(upset.front == 1.0)
    if len(full):
        blown[full[np.argmax(upset.front_mps[full])]] = np.max(upset.front_mps[full])
    gust = np.maximum(gusts + upset.front * np.maximum(blown - gusts, 0.0), wind)
    towards_sea = (_SEA_FROM_DEG - spec.wind_from_deg + 180.0) % 360.0 - 180.0
    breeze = 0.4 * towards_sea * bell(hours, 10.0, 14.5, 19.0)
    unsteady = restless(n, 9.0, (5, 25, 240), rng) * (0.7 + 1.0 / (0.4 + wind))
    return wind, gust, spec.wind_from_deg + breeze + unsteady + upset.turn_deg
