"""Field sensors: a weather station and water levels in paddies, with the day's course of the Mekong delta."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.localtime import local
from core.model.fixtable import Floats, Ints
from core.model.samples import Reading

STEP_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Course:
    """One quantity over time: values of shape (n,) with the name and unit that go onto the wire."""

    quantity: str
    unit: str
    values: Floats
    decimals: int


def weather(device: str, start_ms: int, end_ms: int, seed: int = 1) -> list[Reading]:
    """Readings of a weather station, one a minute and quantity, by time.

    Air 24-33 °C with its peak at 14 h, relative humidity against it (about 83 % in the mean), wind 1-4 m/s that rises
    in the day and turns slowly around south-west, rain (mm in the minute before) in an occasional shower. Wind
    direction is where it blows from, degrees clockwise from north.
    """
    rng = np.random.default_rng(seed)
    ts = _times(start_ms, end_ms)
    warmth = np.cos((_hours(ts) - 14.0) / 24.0 * 2.0 * math.pi)
    rain = _showers(len(ts), rng)
    temperature = 28.0 + 3.8 * warmth + _wander(len(ts), 0.3, rng) - 1.5 * (rain > 0.0)
    humidity = np.clip(82.0 - 12.0 * warmth + _wander(len(ts), 1.5, rng) + 8.0 * (rain > 0.0), 35.0, 100.0)
    wind = np.maximum(2.2 + 0.9 * warmth + _wander(len(ts), 0.4, rng), 0.1)
    direction = (225.0 + _wander(len(ts), 15.0, rng)) % 360.0
    courses = (
        Course("air_temperature", "degC", temperature, 1),
        Course("relative_humidity", "%", humidity, 1),
        Course("wind_speed", "m/s", wind, 1),
        Course("wind_direction", "deg", direction, 0),
        Course("rain", "mm", rain, 1),
    )
    return _readings(device, ts, courses)


def water_level(device: str, start_ms: int, end_ms: int, seed: int = 1) -> list[Reading]:
    """Readings of a field tube, one a minute, in m above the soil: alternate wetting and drying.

    The level sinks by about 2 cm a day, mostly at noon; at -0.15 m the plot is flooded to +0.05 m within six hours.
    """
    rng = np.random.default_rng(seed)
    ts = _times(start_ms, end_ms)
    daylight = np.maximum(np.cos((_hours(ts) - 13.0) / 24.0 * 2.0 * math.pi), 0.0)
    loss_m = (0.010 + 0.010 * math.pi * daylight) * STEP_MS / 86_400_000.0
    gain_m = 0.20 * STEP_MS / (6 * 3_600_000.0)
    level, flooding = float(rng.uniform(-0.12, 0.04)), False
    levels = np.empty(len(ts))
    for i, loss in enumerate(loss_m.tolist()):
        levels[i] = level
        flooding = level <= -0.15 or (flooding and level < 0.05)  # noqa: PLR2004 - the docstring's levels
        level += gain_m if flooding else -loss
    noisy = levels + rng.normal(0.0, 0.001, len(ts))
    return _readings(device, ts, (Course("water_level", "m", noisy, 3),))


def _times(start_ms: int, end_ms: int) -> Ints:
    return np.arange(start_ms, end_ms + 1, STEP_MS, dtype=np.int64)


def _hours(ts_ms: Ints) -> Floats:
    """Local hour of the day, by the first time's date."""
    first = local(int(ts_ms[0]))
    start = first.hour + first.minute / 60.0 + first.second / 3600.0
    hours: Floats = start + (ts_ms - ts_ms[0]) / 3_600_000.0
    return hours


def _wander(n: int, sd: float, rng: np.random.Generator) -> Floats:
    """A quantity's restlessness: changes over about ten minutes, standard deviation ``sd``, and a fifth of it white."""
    knots = rng.normal(0.0, sd, n // 10 + 2)
    return np.interp(np.arange(n) / 10.0, np.arange(len(knots)), knots) + rng.normal(0.0, sd / 5.0, n)


def _showers(n: int, rng: np.random.Generator) -> Floats:
    """Rain in mm per minute: a shower of twenty minutes about every third day."""
    rain = np.zeros(n)
    for start in np.flatnonzero(rng.random(n) < 1.0 / (3 * 1440)):
        rain[start : start + 20] = np.round(rng.uniform(0.1, 0.9, len(rain[start : start + 20])), 1)
    return rain


def _readings(device: str, ts_ms: Ints, courses: Sequence[Course]) -> list[Reading]:
    columns = [np.round(c.values, c.decimals).tolist() for c in courses]
    return [
        Reading(device, ts, course.quantity, values[i], course.unit)
        for i, ts in enumerate(ts_ms.tolist())
        for course, values in zip(courses, columns, strict=True)
    ]
