from __future__ import annotations

from collections import defaultdict

import numpy as np

from core.localtime import local
from core.model.samples import Reading
from simulators.sensor import water_level, weather

DAY_MS = 86_400_000
START_MS = 1_767_200_400_000  # midnight in Vietnam


def _by_quantity(readings: list[Reading]) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    found: dict[str, list[float]] = defaultdict(list)
    for reading in readings:
        found[reading.quantity].append(reading.value)
    return {name: np.array(values) for name, values in found.items()}


def test_a_day_of_weather_has_its_course() -> None:
    readings = weather("weather-01", START_MS, START_MS + DAY_MS - 1, seed=2)
    units = {r.quantity: r.unit for r in readings}
    assert units == {
        "air_temperature": "degC",
        "relative_humidity": "%",
        "wind_speed": "m/s",
        "wind_direction": "deg",
        "rain": "mm",
    }
    values = _by_quantity(readings)
    assert {len(v) for v in values.values()} == {1440}
    warmest = START_MS + 60_000 * int(np.convolve(values["air_temperature"], np.ones(60), "valid").argmax()) + 1_800_000
    assert 12 <= local(warmest).hour <= 16
    assert 22.0 < values["air_temperature"].min() < values["air_temperature"].max() < 35.0
    assert 78.0 < values["relative_humidity"].mean() < 88.0
    assert values["relative_humidity"].max() <= 100.0
    assert 0.0 < values["wind_speed"].min() < values["wind_speed"].max() < 6.0
    assert ((values["wind_direction"] >= 0.0) & (values["wind_direction"] <= 360.0)).all()


def test_it_rains_now_and_then() -> None:
    rain = _by_quantity(weather("w", START_MS, START_MS + 60 * DAY_MS, seed=1))["rain"]
    assert (rain >= 0.0).all()
    assert 0.0 < (rain > 0.0).mean() < 0.05


def test_water_sinks_and_is_refilled_between_the_marks_of_wetting_and_drying() -> None:
    readings = water_level("water-01", START_MS, START_MS + 30 * DAY_MS, seed=1)
    level = np.array([r.value for r in readings])
    assert {(r.quantity, r.unit) for r in readings} == {("water_level", "m")}
    assert -0.16 < level.min() < -0.145
    assert 0.045 < level.max() < 0.06
    assert np.abs(np.diff(level)).max() < 0.01
    assert [r.ts_ms for r in readings[:3]] == [START_MS, START_MS + 60_000, START_MS + 120_000]


def test_same_seed_same_readings() -> None:
    assert weather("w", START_MS, START_MS + DAY_MS, 4) == weather("w", START_MS, START_MS + DAY_MS, 4)
    assert water_level("w", START_MS, START_MS + DAY_MS, 4) != water_level("w", START_MS, START_MS + DAY_MS, 5)
