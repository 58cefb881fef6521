"""Humid air: vapour pressure, dew point, wet bulb, light of the sun; of + − × ÷ and square roots alone."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints
from simulators.weather.waves import cosine, sine

_LOWE: Final = (
    6.107799961,
    4.436518521e-1,
    1.428945805e-2,
    2.650648471e-4,
    3.031240396e-6,
    2.034080948e-8,
    6.136820929e-11,
)
_PSYCHROMETER: Final = 0.000662
_NEWTON_STEPS: Final = 6
_COLDEST_C: Final = -10
_TABLE_C: Final = np.arange(_COLDEST_C * 10, 500, dtype=np.int64) / 10.0
_DAY_MS: Final = 86_400_000
_YEAR_DAYS: Final = 365.2425
_SOLSTICE_DAY: Final = 355.0
_TILT_DEG: Final = 23.44


def saturation_hpa(air_c: Floats) -> Floats:
    """Saturation vapour pressure over water: the polynomial of Lowe (J. Appl. Meteor. 16, 1977, 100-103)."""
    total = np.zeros_like(air_c)
    for factor in reversed(_LOWE):
        total = total * air_c + factor
    return total


def dew_point_c(air_c: Floats, humidity_pct: Floats) -> Floats:
    """The temperature at which the air's vapour saturates it, to 0.001 °C (−10 to 50 °C)."""
    vapour = saturation_hpa(air_c) * humidity_pct / 100.0
    table = saturation_hpa(_TABLE_C)
    left = np.clip(np.searchsorted(table, vapour, side="right") - 1, 0, len(table) - 2)
    return _TABLE_C[left] + 0.1 * (vapour - table[left]) / (table[left + 1] - table[left])


def delta_t_c(air_c: Floats, humidity_pct: Floats, pressure_hpa: Floats) -> Floats:
    """Air temperature less wet bulb: e = e_s(wet) − 0.000662 p (air − wet), the aspirated psychrometer (WMO-No. 8)."""
    vapour = saturation_hpa(air_c) * humidity_pct / 100.0
    wet = air_c - (100.0 - humidity_pct) / 6.0
    for _ in range(_NEWTON_STEPS):
        excess = saturation_hpa(wet) - _PSYCHROMETER * pressure_hpa * (air_c - wet) - vapour
        slope = (saturation_hpa(wet + 0.05) - saturation_hpa(wet - 0.05)) / 0.1 + _PSYCHROMETER * pressure_hpa
        wet -= excess / slope
    return air_c - wet


def sun_height(ts_ms: Ints, lat_deg: float, lon_deg: float) -> Floats:
    """Sine of the sun's elevation; declination and equation of time by their first terms (to about a degree)."""
    days = ts_ms / _DAY_MS
    year = (days % _YEAR_DAYS) / _YEAR_DAYS
    declination = -_TILT_DEG * cosine(year - (_SOLSTICE_DAY - _YEAR_DAYS) / _YEAR_DAYS) / 360.0
    spring = year - 81.0 / _YEAR_DAYS
    minutes = 9.87 * sine(2.0 * spring) - 7.53 * cosine(spring) - 1.5 * sine(spring)
    hour_angle = days % 1.0 + lon_deg / 360.0 + minutes / 1440.0 - 0.5
    place = np.full_like(days, lat_deg / 360.0)
    return sine(place) * sine(declination) + cosine(place) * cosine(declination) * cosine(hour_angle)


def radiation_wm2(sun: Floats, cloud: Floats) -> Floats:
    """Global radiation (910 sin h − 30)(1 − 0.75 N^3.5) in W/m² at cloud cover N.

    Kasten and Czeplak, Solar Energy 24, 1980, 177-189; their exponent is 3.4, but 3.5 needs only a square root.
    """
    return np.maximum(910.0 * sun - 30.0, 0.0) * (1.0 - 0.75 * cloud * cloud * cloud * np.sqrt(cloud))


def uv_index(sun: Floats, radiation: Floats) -> Floats:
    """About 12.5 sin(h)^2.4 (Madronich, Photochem. Photobiol. 83, 2007), dimmed as the radiation is."""
    high = np.maximum(sun, 0.0)
    clear = np.maximum(910.0 * sun - 30.0, 1.0)
    return 12.5 * high * high * np.sqrt(high) * np.minimum(radiation / clear, 1.0)
