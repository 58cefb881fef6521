"""Readings of one uplink as the object that the maker's own decoder makes of its bytes, oddities and all.

Sources: Milesight-IoT/SensorDecoders, dragino/dragino-end-node-decoder, TheThingsNetwork/lorawan-devices and
Seeed-Solution/SenseCAP-Decoder; :mod:`ingest.sensors` reads them back and tells the traps. A value that is NaN is a
probe that failed, and becomes what the maker sends then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

Values = Mapping[str, float]
"""Values by quantity, in the platform's units; NaN for a failed probe."""
Object = dict[str, Any]
Names = dict[str, tuple[str, Callable[[float], float | int]]]
"""The decoder's name of a quantity, and how it writes a value."""

_FAILED: Final = "collection failed"
_BEYOND: Final = "out of range"
_WRAP: Final = 65_536
_FAILED_CEL: Final = -0.1
_ABSENT_CEL: Final = 327.67
_ABSENT_TEXT: Final = "3276.70"
_DEPTH_CODES: Final = {-1: _FAILED, -3: _BEYOND}
"""Depths in cm whose bytes, 0xFFFF and 0xFFFD, the decoder takes for error codes."""


def decoded(server: str, model: str, values: Values) -> Object:
    """What a model's decoder, set at a network server (a codec's name), hands over.

    Raises:
        KeyError: There is no such model.
    """
    return _DECODERS[model](values, server)


def number(value: float) -> float | int:
    """A number as JavaScript writes it: 31, not 31.0."""
    return int(value) if float(value).is_integer() else value


def _milesight(names: Names, values: Values) -> Object:
    found: Object = {}
    for quantity, (name, write) in names.items():
        value = values.get(quantity)
        if value is None:
            continue
        if math.isnan(value):
            found[f"{name}_error"] = _FAILED
        else:
            found[name] = write(value)
    return found


_BATTERY: Final[Names] = {"battery": ("battery", round)}


def _swl(values: Values, _: str) -> Object:
    found = _milesight({**_BATTERY, "water_level": ("depth", lambda m: round(m * 100.0))}, values)
    depth = found.get("depth", 0)
    if depth in _DEPTH_CODES:
        del found["depth"]
        found["depth_error"] = _DEPTH_CODES[depth]
    elif depth < 0:
        found["depth"] = depth + _WRAP
    return found


def _udl(values: Values, _: str) -> Object:
    return _milesight({**_BATTERY, "distance": ("distance", lambda m: round(m * 1_000.0))}, values)


def _smtc(values: Values, _: str) -> Object:
    names: Names = {
        **_BATTERY,
        "soil_temperature": ("temperature", number),
        "soil_moisture": ("moisture", number),
        "soil_conductivity": ("electricity", round),
    }
    found = _milesight(names, values)
    if found.pop("temperature_error", ""):
        found["temperature"] = _FAILED_CEL
    return found


def _wts506(values: Values, _: str) -> Object:
    names: Names = {
        **_BATTERY,
        "air_temperature": ("temperature", number),
        "air_humidity": ("humidity", number),
        "wind_direction": ("wind_direction", number),
        "air_pressure": ("pressure", number),
        "wind_speed": ("wind_speed", number),
    }
    found = _milesight(names, values)
    rain = values.get("rain_total", math.nan)
    return found if math.isnan(rain) else {**found, "rainfall_total": number(rain), "rainfall_counter": 0}


_S2120: Final = (
    (
        ("air_temperature", "4097", "Air Temperature"),
        ("air_humidity", "4098", "Air Humidity"),
        ("light", "4099", "Light Intensity"),
        ("uv_index", "4190", "UV Index"),
        ("wind_speed", "4105", "Wind Speed"),
    ),
    (
        ("wind_direction", "4104", "Wind Direction Sensor"),
        ("rain_rate", "4113", "Rain Gauge"),
        ("air_pressure", "4101", "Barometric Pressure"),
    ),
    (("wind_gust", "4191", "Peak Wind Gust"), ("rain_total", "4213", "Rain Accumulation")),
)


def _s2120(values: Values, server: str) -> Object:
    groups: list[list[Object]] = []
    failed = False
    for group in _S2120:
        said: list[Object] = []
        for quantity, ident, words in group:
            value = values.get(quantity)
            if value is None or math.isnan(value):
                failed |= value is not None
                continue
            sent = round(value * 100.0) if quantity == "air_pressure" else number(value)
            said.append({"measurementValue": sent, "measurementId": ident, "type": words})
        if said:
            groups.append(said)
    if failed:
        groups.append([{"measurementId": "4101", "type": "sensor_error_event", "errCode": 1}])
    if "battery" in values:
        groups.append([{"Battery(%)": round(values["battery"])}])
    found = {"err": 0, "payload": "", "valid": True, "messages": groups}
    return {"data": found} if server == "chirpstack_v3" else found


def _lse01(values: Values, server: str) -> Object:
    """Zeros and ``s_flag`` 0 where the soil probe is not identified; texts at The Things Stack, numbers elsewhere."""
    texts = server == "ttn_v3"
    found: Object = {}
    if "battery_voltage" in values:
        found["BatV"] = number(values["battery_voltage"])
    if "probe_temperature" in values:
        air = values["probe_temperature"]
        absent = _ABSENT_TEXT if texts else _ABSENT_CEL
        found["temp_DS18B20"] = absent if math.isnan(air) else f"{air:.2f}" if texts else number(air)
    soil = {"soil_temperature": "temp_SOIL", "soil_moisture": "water_SOIL"}
    lost = False
    for quantity, name in soil.items():
        if quantity in values:
            lost |= math.isnan(values[quantity])
            value = 0.0 if math.isnan(values[quantity]) else values[quantity]
            found[name] = f"{value:.2f}" if texts else number(value)
    if "soil_conductivity" in values:
        lost |= math.isnan(values["soil_conductivity"])
        found["conduct_SOIL"] = 0 if math.isnan(values["soil_conductivity"]) else round(values["soil_conductivity"])
    found |= {"s_flag": int(not lost), "i_flag": 0, "Mod": 0}
    return found if texts else {**found, "Node_type": "LSE01"}


def _ldds75(values: Values, server: str) -> Object:
    """Texts with units at ChirpStack; a distance of 0 where nothing was heard."""
    units = server != "ttn_v3"
    found: Object = {"Node_type": "LDDS75"}
    if "battery_voltage" in values:
        volts = values["battery_voltage"]
        found["Bat"] = f"{volts:.3f} V" if units else number(volts)
    if "distance" in values:
        distance = values["distance"]
        told = 0 if math.isnan(distance) else round(distance * 1_000.0)
        found["Distance"] = f"{told} mm" if units else told
    found["Interrupt_flag"] = 0
    if "probe_temperature" in values:
        air = values["probe_temperature"]
        text = f"{_ABSENT_CEL:.2f}" if math.isnan(air) else f"{air:.2f}"
        found["TempC_DS18B20"] = f"{text} °C" if units else text
    return {**found, "Sensor_flag": 1}


_DECODERS: Final[dict[str, Callable[[Values, str], Object]]] = {
    "em500-swl": _swl,
    "em500-udl": _udl,
    "em500-smtc": _smtc,
    "wts506": _wts506,
    "s2120": _s2120,
    "lse01": _lse01,
    "ldds75": _ldds75,
}
