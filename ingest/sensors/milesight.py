"""Milesight EM500-SWL, -UDL, -SMTC, -PP and WTS506, as the maker's decoders name their values.

Source: Milesight-IoT/SensorDecoders (seen at e79c9d8). ``history`` holds what could not be sent when it was measured,
each entry with its own ``timestamp`` in s. Traps: SWL's depth (older decoders: ``level``) is decoded as unsigned 16
bits, so that −5 cm come as 65531. SMTC's temperature errors 0xFFFF and 0xFFFD come as exactly −0.1 and −0.3 °C, which
the tropics do not know; its conductivity is ``electricity`` in the decoder and ``ec`` in its README. UDL measures from
the sensor down to the water, in mm: a level needs the height of the mount, and is not computed here; beside
``distance_mutation`` its decoder divides the distance by ten, in a unit that is not told, so it is refused. WTS505 and
WTS305 share WTS506's decoder; the rain counts up, and may begin again. PP is known by its name only: ``pressure`` alone
could be the air's.
"""

from __future__ import annotations

from typing import Final

from ingest.sensors import Field, Sensor

_HALF: Final = 32_768
_WRAP: Final = 65_536
_ERRORS_CEL: Final = (-0.1, -0.3)


def _signed(value: float) -> float:
    """A 16-bit number that was decoded without its sign."""
    return value - _WRAP if _HALF <= value < _WRAP else value


def _no_error(value: float) -> float | None:
    return None if value in _ERRORS_CEL else value


_BATTERY: Final = Field("battery", "%")
_ABOUT: Final = (
    "ipso_version",
    "hardware_version",
    "firmware_version",
    "tsl_version",
    "sn",
    "lorawan_class",
    "reset_event",
    "device_status",
)
"""What a device tells of itself when it joins."""

SENSORS: Final = [
    Sensor(
        "Milesight EM500-SWL",
        ("em500swl",),
        {
            "battery": _BATTERY,
            "depth": Field("water_level", "cm", _signed),
            "level": Field("water_level", "cm", _signed),
        },
        signature=(frozenset({"depth"}), frozenset({"depth_error"}), frozenset({"level"})),
        errors=("depth_error",),
        ignored=("depth_alarm", "measuring_equipment", *_ABOUT),
        history=True,
    ),
    Sensor(
        "Milesight EM500-UDL",
        ("em500udl",),
        {"battery": _BATTERY, "distance": Field("distance", "mm")},
        signature=(frozenset({"distance"}), frozenset({"distance_error"})),
        errors=("distance_error",),
        ignored=("distance_alarm", "distance_mutation", *_ABOUT),
        doubts={"distance": "distance_mutation"},
        history=True,
    ),
    Sensor(
        "Milesight EM500-SMTC",
        ("em500smtc",),
        {
            "battery": _BATTERY,
            "temperature": Field("soil_temperature", "Cel", _no_error),
            "moisture": Field("soil_moisture", "%"),
            "electricity": Field("soil_conductivity", "uS/cm"),
            "ec": Field("soil_conductivity", "uS/cm"),
        },
        signature=(frozenset({"electricity"}), frozenset({"electricity_error"})),
        errors=("temperature_error", "moisture_error", "electricity_error", "ec_error"),
        ignored=("temperature_alarm", "temperature_mutation", *_ABOUT),
        history=True,
    ),
    Sensor(
        "Milesight WTS506",
        ("wts506", "wts505", "wts305"),
        {
            "battery": _BATTERY,
            "temperature": Field("air_temperature", "Cel"),
            "humidity": Field("air_humidity", "%RH"),
            "wind_direction": Field("wind_direction", "deg"),
            "pressure": Field("air_pressure", "hPa"),
            "wind_speed": Field("wind_speed", "m/s"),
            "rainfall_total": Field("rain_total", "mm"),
        },
        signature=(
            frozenset({"rainfall_total", "rainfall_counter"}),
            frozenset({"rainfall_total", "wind_speed", "wind_direction"}),
        ),
        errors=("temperature_error", "humidity_error", "wind_speed_error", "wind_direction_error", "pressure_error"),
        ignored=(
            "rainfall_counter",
            "temperature_alarm",
            "pressure_alarm",
            "wind_speed_alarm",
            "rainfall_alarm",
            *_ABOUT,
        ),
        history=True,
    ),
    Sensor(
        "Milesight EM500-PP",
        ("em500pp",),
        {"battery": _BATTERY, "pressure": Field("water_pressure", "kPa")},
        errors=("pressure_error",),
        ignored=("pressure_alarm", *_ABOUT),
        history=True,
    ),
]
