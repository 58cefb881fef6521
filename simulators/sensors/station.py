"""A weather station: what it makes of the weather."""

from __future__ import annotations

import numpy as np

from core.model.fixtable import Floats, Ints
from simulators.sensors.columns import Column, Table, noisy
from simulators.weather.course import LUMEN_PER_W, Course

_TIP_MM = 0.2


def truth(weather: Course, ts_ms: Ints) -> Table:
    """The weather at the instants of a station; the gust is the strongest since the instant before, rain since ever."""
    since = np.concatenate([ts_ms[:1] - 60_000, ts_ms[:-1] + 1])
    at = weather.at
    return Table(
        ts_ms,
        (
            Column("air_temperature", "Cel", at(weather.air_c, ts_ms)),
            Column("air_humidity", "%RH", at(weather.humidity_pct, ts_ms)),
            Column("air_pressure", "hPa", at(weather.pressure_hpa, ts_ms)),
            Column("wind_speed", "m/s", at(weather.wind_mps, ts_ms)),
            Column("wind_gust", "m/s", np.maximum(weather.strongest_gust(since, ts_ms), at(weather.wind_mps, ts_ms))),
            Column("wind_direction", "deg", weather.wind_from_deg(ts_ms)),
            Column("rain_rate", "mm/h", at(weather.rain_mmph, ts_ms)),
            Column("rain_total", "mm", at(weather.rain_mm, ts_ms)),
            Column("light", "lx", LUMEN_PER_W * at(weather.radiation_wm2, ts_ms)),
            Column("uv_index", "1", at(weather.uv, ts_ms)),
        ),
    )


def measured(truth: Table, rng: np.random.Generator) -> dict[str, Floats]:
    """What the instruments say, by quantity: noise of a common compact station, and a gauge that tips by 0.2 mm.

    A gust is never below the mean that stands beside it.
    """
    n = len(truth)
    speed = noisy(truth["wind_speed"], 0.1, rng, low=0.0)
    full_mm = float(rng.random()) * _TIP_MM
    return {
        "air_temperature": noisy(truth["air_temperature"], 0.1, rng),
        "air_humidity": noisy(truth["air_humidity"], 0.5, rng, low=0.0, high=100.0),
        "air_pressure": noisy(truth["air_pressure"], 0.1, rng),
        "wind_speed": speed,
        "wind_gust": np.maximum(noisy(truth["wind_gust"], 0.1, rng, low=0.0), speed),
        "wind_direction": (truth["wind_direction"] + 3.0 * rng.standard_normal(n)) % 360.0,
        "rain_rate": truth["rain_rate"] * (1.0 + 0.03 * rng.standard_normal(n)),
        "rain_total": np.floor((truth["rain_total"] + full_mm) / _TIP_MM) * _TIP_MM,
        "light": truth["light"] * (1.0 + 0.02 * rng.standard_normal(n)),
        "uv_index": truth["uv_index"],
    }
