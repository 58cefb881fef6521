"""Traps of Milesight's decoders."""

from __future__ import annotations

from typing import Any

import pytest

from ingest import sensors


def read(model: str, decoded: dict[str, Any]) -> tuple[dict[str, float], list[str]]:
    """Values by quantity, and the reasons of faults."""
    sensor = sensors.choose([model], decoded)
    assert sensor is not None
    found = sensors.read(sensor, decoded)
    return {quantity: value for quantity, value, _ in found.values}, [fault.reason for fault in found.faults]


@pytest.mark.parametrize(
    ("sent_cm", "level_m"),
    [(0, 0.0), (57, 0.57), (32_767, 327.67), (65_531, -0.05), (65_534, -0.02), (32_768, -327.68), (-5, -0.05)],
)
def test_depth_is_signed_though_it_was_decoded_unsigned(sent_cm: int, level_m: float) -> None:
    assert read("EM500-SWL", {"depth": sent_cm}) == ({"water_level": level_m}, [])


def test_a_depth_that_no_16_bits_hold_is_left_alone() -> None:
    assert read("EM500-SWL", {"depth": 65_536}) == ({"water_level": 655.36}, [])


def test_a_failed_depth_is_a_fault_beside_the_battery() -> None:
    assert read("EM500-SWL", {"battery": 92, "depth_error": "out of range"}) == ({"battery": 92.0}, ["sensor-error"])


def test_a_distance_stays_a_distance() -> None:
    values, faults = read("EM500-UDL", {"distance": 1_534, "distance_alarm": "threshold_alarm"})
    assert values == {"distance": 1.534}
    assert not faults


def test_a_distance_of_an_unsure_unit_is_refused() -> None:
    assert read("EM500-UDL", {"battery": 9, "distance": 153.4, "distance_mutation": 1.2}) == (
        {"battery": 9.0},
        ["unit"],
    )


@pytest.mark.parametrize("code_cel", [-0.1, -0.3, "-0.1", "-0.30"])
def test_temperatures_that_are_error_codes(code_cel: float | str) -> None:
    values, faults = read("EM500-SMTC", {"temperature": code_cel, "moisture": 30})
    assert values == {"soil_moisture": 30.0}
    assert faults == ["sensor-error"]


@pytest.mark.parametrize("real_cel", [-0.2, 0.0, 0.1, 0.3, 27.4])
def test_temperatures_that_are_none(real_cel: float) -> None:
    assert read("EM500-SMTC", {"temperature": real_cel}) == ({"soil_temperature": real_cel}, [])


@pytest.mark.parametrize("name", ["electricity", "ec"])
def test_both_names_of_the_conductivity(name: str) -> None:
    assert read("EM500-SMTC", {name: 812}) == ({"soil_conductivity": 812.0}, [])


@pytest.mark.parametrize("name", ["temperature_error", "moisture_error", "electricity_error", "ec_error"])
def test_fields_of_errors_are_no_values(name: str) -> None:
    assert read("EM500-SMTC", {name: "collection failed", "moisture": 30}) == (
        {"soil_moisture": 30.0},
        ["sensor-error"],
    )


def test_pressure_in_a_pipe_is_not_the_airs() -> None:
    assert read("EM500-PP", {"battery": 90, "pressure": 98}) == ({"battery": 90.0, "water_pressure": 98.0}, [])


def test_a_weather_station() -> None:
    sent = {"temperature": 31.2, "humidity": 78, "wind_direction": 135, "pressure": 1_008.4, "wind_speed": 2.3}
    rain = {"rainfall_total": 0.2, "rainfall_counter": 4, "rainfall_alarm": "threshold alarm"}
    values, faults = read("WTS506", sent | rain)
    assert values == {
        "air_temperature": 31.2,
        "air_humidity": 78.0,
        "wind_direction": 135.0,
        "air_pressure": 1_008.4,
        "wind_speed": 2.3,
        "rain_total": 0.2,
    }
    assert not faults
