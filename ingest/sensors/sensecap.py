"""SenseCAP S2120 weather station, as the maker's decoder hands its values over.

Source: Seeed-Solution/SenseCAP-Decoder (seen at bceda3d). ``messages`` is a list of lists of measurements, each with
``measurementId`` (a text; a number in the README's example) and ``measurementValue``. Trap: id 4101 is the pressure in
Pa, and also the id of ``sensor_error_event``, which is told apart by its type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ingest.sensors import Field, Object, Sensor


def _flat(value: Any) -> Iterator[Object]:
    if isinstance(value, list):
        for it in value:
            yield from _flat(it)
    elif isinstance(value, dict):
        yield value


def _unpack(decoded: Object) -> Object:
    """The measurements by their ids; error events and battery beside them."""
    plain: Object = {}
    for it in _flat(decoded.get("messages", [])):
        said = it.get("measurementId")
        if "error" in str(it.get("type", "")):
            plain["sensor_error_event"] = {name: it.get(name) for name in ("type", "errCode", "measurementValue")}
        elif said is not None:
            plain[str(said)] = it.get("measurementValue")
        elif "Battery(%)" in it:
            plain["Battery(%)"] = it["Battery(%)"]
        else:
            plain.update({str(name): value for name, value in it.items()})
    if decoded.get("err") not in {None, 0, "0"} or decoded.get("valid") is False:
        plain["err"] = decoded.get("err")
    return plain


SENSORS: Final = [
    Sensor(
        "SenseCAP S2120",
        ("s2120",),
        ("messages",),
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
        errors=("sensor_error_event", "err"),
        ignored=("type", "hardwareVersion", "softwareVersion", "interval", "channel"),
        unpack=_unpack,
    ),
]
