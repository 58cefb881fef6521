"""Traps of Dragino's decoders."""

from __future__ import annotations

from typing import Any

import pytest

from ingest import sensors


def read(decoded: dict[str, Any]) -> tuple[dict[str, float], list[str]]:
    """Values by quantity, and the reasons of faults."""
    sensor = sensors.choose([], decoded)
    assert sensor is not None
    found = sensors.read(sensor, decoded)
    assert not found.unknown
    return {quantity: value for quantity, value, _ in found.values}, [fault.reason for fault in found.faults]


SOIL = {"battery_voltage": 3.6, "soil_temperature": 24.59, "soil_moisture": 37.0, "soil_conductivity": 812.0}
FLAGS = {"s_flag": 1, "i_flag": 0, "Mod": 0, "Node_type": "LSE01"}


@pytest.mark.parametrize(
    "sent",
    [
        {"BatV": 3.6, "temp_SOIL": 24.59, "water_SOIL": 37.0, "conduct_SOIL": 812},
        {"BatV": 3.6, "temp_SOIL": "24.59", "water_SOIL": "37.00", "conduct_SOIL": 812},
        {"Bat": 3.6, "temp_SOIL": "24.59", "water_SOIL": "37.00", "conduct_SOIL": 812},
    ],
)
def test_soil_as_numbers_and_as_texts(sent: dict[str, Any]) -> None:
    assert read(sent) == (SOIL, [])
    assert read(sent | FLAGS) == (SOIL, [])


def test_raw_values_are_no_readings() -> None:
    sent = {"Mod": 1, "Soil_dielectric_constant": "12.1", "Raw_water_SOIL": 900, "Raw_conduct_SOIL": 55}
    assert read(sent) == ({"soil_dielectric": 12.1}, [])


@pytest.mark.parametrize(("sent", "real_cel"), [("-1.24", -1.25), (-0.01, -0.02), ("0.00", 0.0), ("24.59", 24.59)])
def test_soil_below_zero_is_a_hundredth_colder(sent: Any, real_cel: float) -> None:
    assert read({"temp_SOIL": sent}) == ({"soil_temperature": real_cel}, [])


@pytest.mark.parametrize("sent", [327.67, "327.67", "3276.70"])
def test_a_probe_that_is_not_there(sent: Any) -> None:
    assert read({"water_SOIL": "37.00", "temp_DS18B20": sent}) == ({"soil_moisture": 37.0}, ["sensor-error"])


@pytest.mark.parametrize(
    "sent",
    [
        {"Bat": 3.4, "Distance": 2_410, "TempC_DS18B20": "25.50"},
        {"Bat": "3.4 V", "Distance": "2410 mm", "TempC_DS18B20": "25.50 °C"},
    ],
)
def test_distances_as_numbers_and_as_texts_with_units(sent: dict[str, Any]) -> None:
    values = {"battery_voltage": 3.4, "distance": 2.41, "probe_temperature": 25.5}
    assert read(sent) == (values, [])
    assert read(sent | {"Node_type": "LDDS75", "Interrupt_flag": 0, "Sensor_flag": 1}) == (values, [])


@pytest.mark.parametrize("sent", [0, "0 mm", 20, "20 mm"])
def test_distances_that_are_none(sent: Any) -> None:
    assert read({"Node_type": "LDDS75", "Bat": 3.4, "Distance": sent}) == ({"battery_voltage": 3.4}, ["sensor-error"])


def test_volts_and_per_cent_are_two_quantities() -> None:
    volts, _ = read({"Node_type": "LDDS75", "Bat": 3.4})
    assert volts == {"battery_voltage": 3.4}
