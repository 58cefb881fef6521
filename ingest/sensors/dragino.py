"""Dragino LSE01 (soil) and LDDS75 (distance), as the maker's decoders name their values.

Source: dragino/dragino-end-node-decoder (seen at e81cc58). ``Node_type`` names the model, and one that we do not know
is not guessed. Traps: some decoders send numbers, others texts ("37.00"), and LDDS75's for ChirpStack texts with a unit
("2410 mm", "3.4 V", "25.50 °C"). LSE01 with Mod=1 sends raw values beside the dielectric constant. LSE01 subtracts
0xFFFF from a negative soil temperature where it should be 0x10000, which makes it 0.01 °C too warm. A DS18B20 that is
not there reads 327.67 °C or more. LDDS75 cannot measure nearer than about 0.28 m: 0 and 20 mm are no distances but
"nothing heard" and "too near".
"""

from __future__ import annotations

from typing import Final

from ingest.sensors import Field, Sensor

_ABSENT_CEL: Final = 327.67
_TOO_WARM_CEL: Final = 0.01
_CODES_MM: Final = (0.0, 20.0)


def _probe(value: float) -> float | None:
    return None if value >= _ABSENT_CEL else value


def _below_zero(value: float) -> float:
    return round(value - _TOO_WARM_CEL, 2) if value < 0.0 else value


def _measured(value: float) -> float | None:
    return None if value in _CODES_MM else value


SENSORS: Final = [
    Sensor(
        "Dragino LSE01",
        ("lse01",),
        {
            "BatV": Field("battery_voltage", "V"),
            "Bat": Field("battery_voltage", "V"),
            "temp_DS18B20": Field("probe_temperature", "Cel", _probe),
            "TempC_DS18B20": Field("probe_temperature", "Cel", _probe),
            "temp_SOIL": Field("soil_temperature", "Cel", _below_zero),
            "water_SOIL": Field("soil_moisture", "%"),
            "conduct_SOIL": Field("soil_conductivity", "uS/cm"),
            "Soil_dielectric_constant": Field("soil_dielectric", "1"),
        },
        signature=tuple(
            frozenset({name}) for name in ("water_SOIL", "conduct_SOIL", "temp_SOIL", "Soil_dielectric_constant")
        ),
        closed=False,
        ignored=("s_flag", "i_flag", "Mod", "Node_type", "Raw_water_SOIL", "Raw_conduct_SOIL", "Interrupt_flag"),
    ),
    Sensor(
        "Dragino LDDS75",
        ("ldds75",),
        {
            "Bat": Field("battery_voltage", "V"),
            "BatV": Field("battery_voltage", "V"),
            "Distance": Field("distance", "mm", _measured),
            "TempC_DS18B20": Field("probe_temperature", "Cel", _probe),
        },
        signature=(frozenset({"Distance", "TempC_DS18B20"}),),
        ignored=("Node_type", "Interrupt_flag", "Sensor_flag"),
    ),
]
