"""The quantities of field sensors, each with the one unit that the platform keeps it in, and the units that become it.

Units are written as SenML does (RFC 8428, 12.1, and RFC 8798) where it has them, else in UCUM (https://ucum.org). A
quantity that is not here keeps its name and the unit that it was sent in: nothing is guessed.
"""

from __future__ import annotations

from typing import Final

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
    "salinity": "g/L",
    "distance": "m",
    "probe_temperature": "Cel",
    "battery": "%",
    "battery_voltage": "V",
}
"""The unit of every quantity of the platform."""

CONVERSIONS: Final[dict[tuple[str, str], tuple[float, float]]] = {
    ("mm", "m"): (0.001, 0.0),
    ("cm", "m"): (0.01, 0.0),
    ("km", "m"): (1_000.0, 0.0),
    ("m", "mm"): (1_000.0, 0.0),
    ("Pa", "hPa"): (0.01, 0.0),
    ("kPa", "hPa"): (10.0, 0.0),
    ("bar", "hPa"): (1_000.0, 0.0),
    ("Pa", "kPa"): (0.001, 0.0),
    ("hPa", "kPa"): (0.1, 0.0),
    ("K", "Cel"): (1.0, -273.15),
    ("degF", "Cel"): (5.0 / 9.0, -160.0 / 9.0),
    ("km/h", "m/s"): (1.0 / 3.6, 0.0),
    ("kn", "m/s"): (1_852.0 / 3_600.0, 0.0),
    ("rad", "deg"): (57.29577951308232, 0.0),
    ("/", "%"): (100.0, 0.0),
    ("/", "%RH"): (100.0, 0.0),
    ("%", "%RH"): (1.0, 0.0),
    ("%EL", "%"): (1.0, 0.0),
    ("S/m", "uS/cm"): (10_000.0, 0.0),
    ("mS/cm", "uS/cm"): (1_000.0, 0.0),
    ("dS/m", "uS/cm"): (1_000.0, 0.0),
    ("uS/cm", "uS/cm"): (1.0, 0.0),
    ("mV", "V"): (0.001, 0.0),
    ("mg/L", "g/L"): (0.001, 0.0),
    ("ppt", "g/L"): (1.0, 0.0),
    ("m/h", "mm/h"): (1_000.0, 0.0),
}
"""From one unit to another: multiply by the first number, add the second."""


def normalised(quantity: str, value: float, unit: str) -> tuple[float, str]:
    """A value in the platform's unit of its quantity; as it is where that is not known, or no way leads there."""
    wanted = UNITS.get(quantity)
    if wanted is None or unit == wanted:
        return value, unit
    factor = CONVERSIONS.get((unit, wanted))
    if factor is None:
        return value, unit
    return value * factor[0] + factor[1], wanted
