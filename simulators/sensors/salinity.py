"""Salinity in a river's mouth: the sea comes in with the tide and the dry season, the rain season washes it out."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints
from simulators.sensors.tide import HIGHEST_M, HOUR_MS, tide_m
from simulators.weather.course import Course
from simulators.weather.waves import along, cosine, restless

FRESH_GL: Final = 0.15
"""What the river itself carries."""

_YEAR_MS: Final = 365.2425 * 86_400_000.0
_PEAK_DAY: Final = 90.0
_LAG_MS: Final = HOUR_MS
_STANDARD_MSPCM: Final = 42.914
_A: Final = (0.0080, -0.1692, 25.3851, 14.0941, -7.0261, 2.7081)
_B: Final = (0.0005, -0.0056, -0.0066, -0.0375, 0.0636, -0.0144)
_C: Final = (0.6766097, 2.00564e-2, 1.104259e-4, -6.9698e-7, 1.0031e-9)
_REFERENCE_C: Final = 25.0
_STRONGEST_MSPCM: Final = 80.0
_TABLE_STEPS: Final = 8_000


def season(ts_ms: Ints) -> Floats:
    """The dry season's share of the sea: 1 at the end of March, 0 at the end of September (ours; UTC years)."""
    year = (ts_ms / _YEAR_MS) % 1.0
    half = 0.5 + 0.5 * cosine(year - _PEAK_DAY / 365.2425)
    return half * half


def salinity_gl(weather: Course, ts_ms: Ints, strongest_gl: float, rng: np.random.Generator) -> Floats:
    """Salinity in g/L at instants of shape (n,); ``strongest_gl`` is about the highest of spring tides in March.

    It is highest an hour after high water, and higher at spring tides, for their high waters are.
    """
    tide = tide_m(ts_ms - _LAG_MS) / HIGHEST_M
    unrest = along(restless(len(weather), 0.06, (45, 400, 3000), rng), weather.start_ms, 60_000, ts_ms)
    reach = np.maximum(0.30 + 0.85 * tide + unrest, 0.0)
    return FRESH_GL + strongest_gl * season(ts_ms) * reach


def salinity_of_conductivity(uspcm: Floats) -> Floats:
    """Practical salinity (as g/L) of water of a conductivity in uS/cm at 25 °C: PSS-78, UNESCO Tech. Pap. Mar. Sci. 44.

    The scale is defined from 2 to 42 only; below, it is good enough for a simulation.
    """
    ratio_25 = _horner(_C, np.full_like(uspcm, _REFERENCE_C))
    root = np.sqrt(np.maximum(uspcm, 0.0) / 1000.0 / _STANDARD_MSPCM / ratio_25)
    warm = (_REFERENCE_C - 15.0) / (1.0 + 0.0162 * (_REFERENCE_C - 15.0))
    return np.maximum(_horner(_A, root) + warm * _horner(_B, root), 0.0)


def conductivity_of_salinity(gl: Floats) -> Floats:
    """Conductivity in uS/cm at 25 °C of water of a salinity, by a table of :func:`salinity_of_conductivity`."""
    step = 1000.0 * _STRONGEST_MSPCM / _TABLE_STEPS
    grid = np.arange(_TABLE_STEPS + 1, dtype=np.float64) * step
    table = salinity_of_conductivity(grid)
    left = np.clip(np.searchsorted(table, gl, side="right") - 1, 0, _TABLE_STEPS - 1)
    found: Floats = grid[left] + (gl - table[left]) / (table[left + 1] - table[left]) * step
    return found


def _horner(factors: tuple[float, ...], x: Floats) -> Floats:
    total = np.zeros_like(x)
    for factor in reversed(factors):
        total = total * x + factor
    return total
