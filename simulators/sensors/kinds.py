"""What the four kinds of sensors measure at their place: the truth there, and what the instruments make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints
from simulators.sensors import station
from simulators.sensors.columns import Column, Table, noisy
from simulators.sensors.salinity import conductivity_of_salinity, salinity_gl
from simulators.sensors.soil import Soil, state
from simulators.sensors.water import Paddy, canal_level_m, field_level_m, water_c
from simulators.weather.course import Course

_CANAL_MEAN_M: Final = -0.1


@dataclass(frozen=True, slots=True)
class Post:
    """Where and when a sensor measures: the weather over it, its instants of shape (n,), its chance."""

    weather: Course
    ts_ms: Ints
    rng: np.random.Generator
    canal: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """The truth at a post, and what the instruments make of it by quantity, the kind's first quantity first."""

    truth: Table
    values: dict[str, Floats]


def weather(post: Post) -> Measured:
    """A weather station."""
    truth = station.truth(post.weather, post.ts_ms)
    return Measured(truth, station.measured(truth, post.rng))


def water_level(post: Post) -> Measured:
    """A field tube, or a gauge in a canal; levels in m against the soil."""
    if post.canal:
        level = canal_level_m(post.weather, post.ts_ms, _CANAL_MEAN_M, post.rng)
    else:
        level = field_level_m(post.weather, Paddy.drawn(post.rng), post.ts_ms)
    temperature = water_c(post.weather, post.ts_ms)
    truth = Table(post.ts_ms, (Column("water_level", "m", level), Column("water_temperature", "Cel", temperature)))
    return Measured(
        truth,
        {
            "water_level": noisy(level, 0.001, post.rng),
            "water_temperature": noisy(temperature, 0.1, post.rng),
            "probe_temperature": _housing_c(post),
        },
    )


def salinity(post: Post) -> Measured:
    """A probe in the river: it measures conductivity, and reckons the salinity from it."""
    salt = salinity_gl(post.weather, post.ts_ms, float(post.rng.uniform(4.0, 12.0)), post.rng)
    temperature = water_c(post.weather, post.ts_ms)
    truth = Table(
        post.ts_ms,
        (
            Column("salinity", "g/L", salt),
            Column("water_conductivity", "uS/cm", conductivity_of_salinity(salt)),
            Column("water_temperature", "Cel", temperature),
        ),
    )
    told = salt * (1.0 + 0.01 * post.rng.standard_normal(len(salt)))
    return Measured(truth, {"salinity": told, "water_temperature": noisy(temperature, 0.1, post.rng)})


def soil(post: Post) -> Measured:
    """A probe at 10 cm in the soil of a paddy."""
    moisture, temperature, conductivity = state(post.weather, Soil.drawn(post.rng), post.ts_ms)
    truth = Table(
        post.ts_ms,
        (
            Column("soil_moisture", "%", moisture),
            Column("soil_temperature", "Cel", temperature),
            Column("soil_conductivity", "uS/cm", conductivity),
        ),
    )
    return Measured(
        truth,
        {
            "soil_moisture": noisy(moisture, 0.15, post.rng, low=0.0, high=100.0),
            "soil_temperature": noisy(temperature, 0.05, post.rng),
            "soil_conductivity": noisy(conductivity, 4.0, post.rng, low=0.0),
            "probe_temperature": _housing_c(post),
        },
    )


def _housing_c(post: Post) -> Floats:
    """A thermometer at the sensor's housing: the air's temperature, and a little of the sun's warmth."""
    sunny = post.weather.at(post.weather.radiation_wm2, post.ts_ms)
    return noisy(post.weather.at(post.weather.air_c, post.ts_ms) + 0.002 * sunny, 0.1, post.rng)


KINDS: Final[dict[str, Callable[[Post], Measured]]] = {
    "weather": weather,
    "water_level": water_level,
    "salinity": salinity,
    "soil": soil,
}
