"""Water in a paddy under alternate wetting and drying, and in a canal with the tide; how level sensors tell of it.

A field tube's level sinks by evapotranspiration and percolation, faster below the soil's surface, where only the pores
hold water; rain raises it; at −15 cm the plot is flooded to +5 cm within hours ("safe AWD" of IRRI).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints
from simulators.sensors.tide import tide_m
from simulators.weather.course import Course
from simulators.weather.waves import along, restless

STEP_MS: Final = 600_000
"""The step in which the water is reckoned; linear in between."""

DRY_M: Final = -0.15
FLOODED_M: Final = 0.05
BUND_M: Final = 0.12
"""Height of the outlet in the bund: above, rain runs off."""

_FLOOD_M_PER_STEP: Final = 0.20 / 36.0
_MAKKINK: Final = 0.61 * 0.78
_LATENT_MJ_PER_KG: Final = 2.43
_CANAL_SHARE: Final = 0.35
_CANAL_LAG_MS: Final = 5_400_000


@dataclass(frozen=True, slots=True)
class Paddy:
    """What differs between plots: percolation in m a day, share of the soil's volume that drains, first level in m."""

    percolation_m_per_day: float
    drainable: float
    first_m: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Paddy:
        """A plot by chance: 2 to 7 mm a day, 16 to 28 %."""
        return cls(
            float(rng.uniform(0.002, 0.007)), float(rng.uniform(0.16, 0.28)), float(rng.uniform(DRY_M + 0.03, 0.04))
        )


def field_level_m(weather: Course, paddy: Paddy, ts_ms: Ints) -> Floats:
    """Water level above the soil in a plot, at instants of shape (n,).

    Evapotranspiration is 0.61 W Rs/λ with the weight W = 0.78 at 28 °C (Makkink, J. Inst. Water Eng. 11, 1957).
    """
    steps = np.arange(weather.start_ms, int(ts_ms[-1]) + STEP_MS if len(ts_ms) else weather.start_ms + 1, STEP_MS)
    seconds = STEP_MS / 1000.0
    evaporated = weather.at(weather.radiation_wm2, steps) * (_MAKKINK * seconds / (_LATENT_MJ_PER_KG * 1e9))
    loss = (evaporated + paddy.percolation_m_per_day * STEP_MS / 86_400_000.0).tolist()
    rained = weather.at(weather.rain_mm, steps) / 1000.0
    rain = np.diff(rained, append=rained[-1:]).tolist()
    level, flooding = paddy.first_m, False
    levels = np.empty(len(steps))
    for i in range(len(steps)):
        levels[i] = level
        flooding = level <= DRY_M or (flooding and level < FLOODED_M)
        if flooding:
            level += _FLOOD_M_PER_STEP + rain[i]
        else:
            level = _after(level, rain[i] - loss[i], paddy.drainable)
        level = min(level, BUND_M)
    return along(levels, weather.start_ms, STEP_MS, ts_ms)


def _after(level: float, gain: float, drainable: float) -> float:
    """The level after some water came (above 0) or went, in m of water: below the surface it only fills the pores."""
    stored = level if level > 0.0 else level * drainable
    stored += gain
    return stored if stored > 0.0 else stored / drainable


def canal_level_m(weather: Course, ts_ms: Ints, mean_m: float, rng: np.random.Generator) -> Floats:
    """Water level in a canal against the soil beside it: the damped tide, an hour and a half after the sea's."""
    surge = along(restless(len(weather), 0.04, (240, 1440), rng), weather.start_ms, 60_000, ts_ms)
    return mean_m + _CANAL_SHARE * tide_m(ts_ms - _CANAL_LAG_MS) + surge


def water_c(weather: Course, ts_ms: Ints) -> Floats:
    """Water temperature: the air's of two hours before, its swings by half."""
    warmest = along(weather.air_c, weather.start_ms, 60_000, ts_ms - 7_200_000)
    return 28.5 + 0.5 * (warmest - 28.0)
