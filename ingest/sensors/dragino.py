"""Dragino LSE01 (soil) and LDDS75 (distance), as the maker's decoders name their values.

Source: dragino/dragino-end-node-decoder (seen at e81cc58). Traps: the decoder for The Things Stack sends numbers as
texts ("37.00"), the one for ChirpStack v4 as numbers; LSE01 with Mod=1 sends raw values beside the dielectric constant.
"""

from __future__ import annotations

from typing import Final

from ingest.sensors import Field, Sensor

_ABSENT_CEL: Final = 327.67


def _probe(value: float) -> float | None:
    """A DS18B20 that is not there reads 0x7FFF, which is 327.67 °C or more."""
    return None if value >= _ABSENT_CEL else value


SENSORS: Final = [
    Sensor(
        "Dragino LSE01",
        ("lse01",),
        ("water_SOIL", "conduct_SOIL", "temp_SOIL", "Soil_dielectric_constant"),
        {
            "BatV": Field("battery_voltage", "V"),
            "Bat": Field("battery_voltage", "V"),
            "temp_DS18B20": Field("probe_temperature", "Cel", _probe),
            "TempC_DS18B20": Field("probe_temperature", "Cel", _probe),
            "temp_SOIL": Field("soil_temperature", "Cel"),
            "water_SOIL": Field("soil_moisture", "%"),
            "conduct_SOIL": Field("soil_conductivity", "uS/cm"),
            "Soil_dielectric_constant": Field("soil_dielectric", "1"),
        },
        ignored=("s_flag", "i_flag", "Mod", "Node_type", "Raw_water_SOIL", "Raw_conduct_SOIL", "Interrupt_flag"),
    ),
    Sensor(
        "Dragino LDDS75",
        ("ldds75",),
        ("Distance",),
        {
            "Bat": Field("battery_voltage", "V"),
            "Distance": Field("distance", "mm"),
            "TempC_DS18B20": Field("probe_temperature", "Cel", _probe),
        },
        ignored=("Node_type", "Interrupt_flag", "Sensor_flag"),
    ),
]
