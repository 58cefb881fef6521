"""The quantities of field sensors, each with the one unit that the platform keeps it in, and the units that become it.

Units are written as SenML does (RFC 8428, 12.1, and RFC 8798) where it has them, else in UCUM (https://ucum.org). A
quantity that is not here keeps its name and the unit that it was sent in: nothing is guessed.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

UNITS: Final[dict[str, str]] = {
    "air_temperature": "Cel",
    "air_humidity": "%RH",
    "air_pressure": "hPa",
    "wind_speed": "m/s",
    "wind_gust": "m/s",
    "wind_direction": "deg",
    "rain_rate": "mm/h",
    "rain_total": "mm",
    "light": "lx",
    "uv_index": "1",
    "soil_temperature": "Cel",
    "soil_moisture": "%",
    "soil_conductivity": "uS/cm",
    "soil_dielectric": "1",
    "water_level": "m",
    "water_pressure": "kPa",
    "water_temperature": "Cel",
    "water_conductivity": "uS/cm",
    "salinity": "g/L",
    "distance": "m",
    "probe_temperature": "Cel",
    "battery": "%",
    "battery_voltage": "V",
}
"""The unit of every quantity of the platform."""


class Conversion(NamedTuple):
    """From one unit to another: add ``before``, multiply by ``times``, divide by ``over``.

    Whole numbers where it can be: 57 cm are 57 / 100 = 0.57 m, while 57 * 0.01 is 0.5700000000000001.
    """

    times: float = 1.0
    over: float = 1.0
    before: float = 0.0


CONVERSIONS: Final[dict[tuple[str, str], Conversion]] = {
    ("mm", "m"): Conversion(over=1_000.0),
    ("cm", "m"): Conversion(over=100.0),
    ("km", "m"): Conversion(times=1_000.0),
    ("m", "mm"): Conversion(times=1_000.0),
    ("Pa", "hPa"): Conversion(over=100.0),
    ("kPa", "hPa"): Conversion(times=10.0),
    ("bar", "hPa"): Conversion(times=1_000.0),
    ("Pa", "kPa"): Conversion(over=1_000.0),
    ("hPa", "kPa"): Conversion(over=10.0),
    ("bar", "kPa"): Conversion(times=100.0),
    ("K", "Cel"): Conversion(before=-273.15),
    ("degF", "Cel"): Conversion(times=5.0, over=9.0, before=-32.0),
    ("km/h", "m/s"): Conversion(times=10.0, over=36.0),
    ("kn", "m/s"): Conversion(times=1_852.0, over=3_600.0),
    ("rad", "deg"): Conversion(times=180.0, over=math.pi),
    ("/", "%"): Conversion(times=100.0),
    ("/", "%RH"): Conversion(times=100.0),
    ("%", "%RH"): Conversion(),
    ("%EL", "%"): Conversion(),
    ("S/m", "uS/cm"): Conversion(times=10_000.0),
    ("mS/cm", "uS/cm"): Conversion(times=1_000.0),
    ("dS/m", "uS/cm"): Conversion(times=1_000.0),
    ("mV", "V"): Conversion(over=1_000.0),
    ("mg/L", "g/L"): Conversion(over=1_000.0),
    ("ppt", "g/L"): Conversion(),
    ("m/h", "mm/h"): Conversion(times=1_000.0),
}
"""How values in one unit become values in another; ``ppt`` is g of salt a kg of water, which in the field is g/L."""

WRITTEN: Final[dict[str, str]] = {
    "°C": "Cel",
    "℃": "Cel",
    "C": "Cel",
    "°F": "degF",
    "°": "deg",
    "us/cm": "uS/cm",
    "µS/cm": "uS/cm",  # the micro sign
    "\u03bcS/cm": "uS/cm",  # the Greek letter
    "lux": "lx",
    "Lux": "lx",
}
"""How people write units behind a number, and which unit is meant."""


def normalised(quantity: str, value: float, unit: str) -> tuple[float, str]:
    """A value in the platform's unit of its quantity.

    It stays as it is where that unit is not known, no conversion leads there, or the result is too large a number.
    """
    wanted = UNITS.get(quantity)
    conversion = None if wanted is None else CONVERSIONS.get((unit, wanted))
    if wanted is None or conversion is None:
        return value, unit
    found = (value + conversion.before) * conversion.times / conversion.over
    return (found, wanted) if math.isfinite(found) else (value, unit)


def is_unit(word: str, unit: str) -> bool:
    """Whether a word that somebody wrote behind a number means this unit, or one that differs from it in name only."""
    meant = WRITTEN.get(word, word)
    return meant == unit or CONVERSIONS.get((meant, unit)) == Conversion()
