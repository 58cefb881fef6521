"""Milesight EM500-SWL, -UDL, -SMTC, -PP and WTS506, as the maker's decoders name their values.

Source: Milesight-IoT/SensorDecoders (seen at e79c9d8). Traps: SWL's depth (older decoders: level) is decoded as
unsigned 16 bits, so that −5 cm come as 65531; SMTC's temperature errors 0xFFFF and 0xFFFD come as exactly −0.1 and
−0.3 °C, which the tropics do not know; its conductivity is called ``electricity`` in the decoder and ``ec`` in its
README. UDL measures from the sensor down to the water: a level needs the height of the mount, and is not computed here.
WTS506's rain counts up, and may begin again.
"""

from __future__ import annotations

from typing import Final

from ingest.sensors import Field, Sensor

_HALF: Final = 32_768
_WRAP: Final = 65_536
_ERRORS_CEL: Final = (-0.1, -0.3)


def _signed(value: float) -> float:
    """A 16-bit number that was decoded without its sign."""
    return value - _WRAP if value >= _HALF else value


def _no_error(value: float) -> float | None:
    return None if value in _ERRORS_CEL else value


_BATTERY: Final = Field("battery", "%")

SENSORS: Final = [
    Sensor(
        "Milesight EM500-SWL",
        ("em500-swl",),
        ("depth", "depth_error", "level"),
        {
            "battery": _BATTERY,
            "depth": Field("water_level", "cm", _signed),
            "level": Field("water_level", "cm", _signed),
        },
        errors=("depth_error",),
    ),
    Sensor(
        "Milesight EM500-UDL",
        ("em500-udl",),
        ("distance", "distance_alarm", "distance_error"),
        {"battery": _BATTERY, "distance": Field("distance", "mm")},
        errors=("distance_error",),
        ignored=("distance_alarm",),
    ),
    Sensor(
        "Milesight EM500-SMTC",
        ("em500-smtc",),
        ("moisture", "electricity", "ec", "moisture_error", "electricity_error", "ec_error"),
        {
            "battery": _BATTERY,
            "temperature": Field("soil_temperature", "Cel", _no_error),
            "moisture": Field("soil_moisture", "%"),
            "electricity": Field("soil_conductivity", "uS/cm"),
            "ec": Field("soil_conductivity", "uS/cm"),
        },
        errors=("temperature_error", "moisture_error", "electricity_error", "ec_error"),
    ),
    Sensor(
        "Milesight WTS506",
        ("wts506",),
        ("wind_speed", "rainfall_total", "rainfall_counter"),
        {
            "battery": _BATTERY,
            "temperature": Field("air_temperature", "Cel"),
            "humidity": Field("air_humidity", "%"),
            "wind_direction": Field("wind_direction", "deg"),
            "pressure": Field("air_pressure", "hPa"),
            "wind_speed": Field("wind_speed", "m/s"),
            "rainfall_total": Field("rain_total", "mm"),
        },
        errors=("temperature_error", "humidity_error", "wind_speed_error", "pressure_error"),
        ignored=("rainfall_counter",),
    ),
    Sensor(
        "Milesight EM500-PP",
        ("em500-pp",),
        ("pressure",),
        {"battery": _BATTERY, "pressure": Field("water_pressure", "kPa")},
        errors=("pressure_error",),
    ),
]
