"""SenseCAP S2120 weather station, as the maker's decoder hands its values over.

Source: Seeed-Solution/SenseCAP-Decoder (seen at bceda3d). ``messages`` is a list of measurements, or of lists of them,
each with ``measurementId`` (a text; a number in the README's example) and ``measurementValue``; battery and versions
stand there as objects of their own, such as ``{"Battery(%)": 97}``. The ids mean the same with all of the maker's
sensors. Traps: id 4101 is the pressure in Pa, and also the id of ``sensor_error_event``, which is told apart by its
type (its code 00 is "no error"). Where ``err`` is not 0 or ``valid`` is false, nothing of the object is believed. The
decoder for ChirpStack v3 wraps all into ``data``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ingest.sensors import Field, Object, Sensor

_FINE: Final = (None, 0, "0", "")
_INVALID: Final = (False, "false")
_NO_ERROR: Final = ("0", "00")
_FRAME: Final = frozenset({"err", "payload", "valid", "messages"})


def _unpack(decoded: Object) -> Iterator[tuple[str, Any]]:
    """The measurements by their ids; error events, battery and whatever else beside them."""
    err, valid = decoded.get("err"), decoded.get("valid")
    if err not in _FINE or valid in _INVALID:
        yield "err", {"err": err, "valid": valid}
        return
    yield from ((name, value) for name, value in decoded.items() if name not in _FRAME)
    for it in _flat(decoded.get("messages", [])):
        yield from _named(it) if isinstance(it, dict) else [("messages", it)]


def _flat(value: Any) -> Iterator[Any]:
    """What lists of lists hold; they are not deep, for :func:`ingest.lorawan.parsed` refuses such."""
    if isinstance(value, list):
        for it in value:
            yield from _flat(it)
    else:
        yield value


def _named(it: Object) -> Iterator[tuple[str, Any]]:
    said = it.get("measurementId")
    if isinstance(said, float) and said.is_integer():
        said = int(said)
    if "error" in str(it.get("type", "")):
        if str(it.get("errCode")) not in _NO_ERROR:
            yield "sensor_error_event", it
    elif said is not None:
        yield str(said), it.get("measurementValue")
    else:
        yield from it.items()


SENSORS: Final = [
    Sensor(
        "SenseCAP S2120",
        ("s2120",),
        {
            "4097": Field("air_temperature", "Cel"),
            "4098": Field("air_humidity", "%RH"),
            "4099": Field("light", "lx"),
            "4190": Field("uv_index", "1"),
            "4105": Field("wind_speed", "m/s"),
            "4104": Field("wind_direction", "deg"),
            "4113": Field("rain_rate", "mm/h"),
            "4101": Field("air_pressure", "Pa"),
            "4191": Field("wind_gust", "m/s"),
            "4213": Field("rain_total", "mm"),
            "Battery(%)": Field("battery", "%"),
            "battery": Field("battery", "%"),
        },
        signature=(frozenset({"messages", "err"}), frozenset({"messages", "valid"})),
        closed=False,
        errors=("sensor_error_event", "err"),
        ignored=(
            "type",
            "hardwareVersion",
            "softwareVersion",
            "Hardware Version",
            "Firmware Version",
            "interval",
            "measureInterval",
            "gpsInterval",
            "channel",
            "sensorId",
            "status",
            "channelType",
            "sensorEui",
        ),
        unpack=_unpack,
    ),
]
