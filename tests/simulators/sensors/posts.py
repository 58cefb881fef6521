"""Sensors over a month of weather, for the tests of this folder."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.localtime import day_window_ms
from core.model.fixtable import Floats, Ints
from core.model.samples import Reading
from simulators import specs
from simulators.sensors import Installed, installed
from simulators.weather.course import Course, course

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
START_MS = day_window_ms("2026-03-02")[0]
END_MS = START_MS + 30 * DAY_MS
PLACE = (105.725, 9.285)

FORMATS: dict[str, tuple[str, ...]] = {
    "weather": ("wts506", "s2120"),
    "water_level": ("em500-swl", "em500-udl", "ldds75"),
    "soil": ("em500-smtc", "lse01"),
    "salinity": (),
}
SERVERS = ("chirpstack_v3", "chirpstack_v4", "ttn_v3")
WIRES = [(kind, f"{server}/{model}") for kind, models in FORMATS.items() for model in models for server in SERVERS] + [
    (kind, "senml") for kind in FORMATS
]


@cache
def month(showers_per_day: float = 0.5) -> Course:
    """A month of weather in March."""
    return course(specs.Weather(showers_per_day=showers_per_day), START_MS, END_MS, 3)


def sensor(spec: specs.Sensor, number: int = 1, *, seed: int = 1, weather: Course | None = None) -> Installed:
    """A sensor over the month."""
    return installed(
        spec, number, PLACE, weather or month(), cooperative="htx-a", start_ms=START_MS, end_ms=END_MS, seed=seed
    )


def readings(made: Installed) -> list[Reading]:
    """What a sensor says."""
    samples = made.stream.samples
    return [sample for sample in samples if isinstance(sample, Reading)] if isinstance(samples, list) else []


def values(made: Installed, quantity: str) -> Floats:
    """What a sensor says of one quantity, by time."""
    return np.array([r.value for r in readings(made) if r.quantity == quantity])


def times(made: Installed, quantity: str) -> Ints:
    """When it says it."""
    return np.array([r.ts_ms for r in readings(made) if r.quantity == quantity], dtype=np.int64)
