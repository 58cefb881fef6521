"""Traps of SenseCAP's decoder."""

from __future__ import annotations

from typing import Any

import pytest

from ingest import sensors

AIR = {"measurementId": "4097", "measurementValue": 30.1, "type": "Air Temperature"}
PRESSURE = {"measurementId": "4101", "measurementValue": 100_840, "type": "Barometric Pressure"}


def read(messages: Any, **beside: Any) -> sensors.Found:
    decoded = {"err": 0, "payload": "01", "valid": True, "messages": messages, **beside}
    sensor = sensors.choose([], decoded)
    assert sensor is not None
    return sensors.read(sensor, decoded)


@pytest.mark.parametrize("messages", [[AIR], [[AIR]], [[[AIR]], []], [[AIR], [AIR]]])
def test_lists_and_lists_of_lists(messages: Any) -> None:
    found = read(messages)
    assert found.values == [("air_temperature", 30.1, "Cel")]
    assert not found.faults


@pytest.mark.parametrize("said", ["4097", 4097, 4097.0])
def test_ids_as_texts_and_as_numbers(said: Any) -> None:
    assert read([[{**AIR, "measurementId": said}]]).values == [("air_temperature", 30.1, "Cel")]


def test_pressure_comes_in_pascal() -> None:
    assert read([[PRESSURE]]).values == [("air_pressure", 1_008.4, "hPa")]


def test_an_error_event_bears_the_pressures_id() -> None:
    event = {"measurementId": "4101", "type": "sensor_error_event", "errCode": "03"}
    found = read([[event], [PRESSURE], [{**event, "errCode": "04"}]])
    assert found.values == [("air_pressure", 1_008.4, "hPa")]
    assert [fault.reason for fault in found.faults] == ["sensor-error", "sensor-error"]
    assert b'"errCode":"03"' in found.faults[0].payload


@pytest.mark.parametrize("code", ["00", "0", 0])
def test_an_event_of_no_error(code: Any) -> None:
    found = read([[{"measurementId": "4101", "type": "sensor_error_event", "errCode": code}]])
    assert (found.values, found.faults, found.unknown) == ([], [], 0)


def test_battery_and_versions_stand_beside() -> None:
    found = read([[{"Battery(%)": 97, "Hardware Version": "2.0", "Firmware Version": "1.8", "measureInterval": 60}]])
    assert found.values == [("battery", 97.0, "%")]
    assert found.unknown == 0


@pytest.mark.parametrize(
    "beside", [{"err": -1}, {"err": "-1"}, {"valid": False}, {"err": -1, "valid": False}, {"err": []}, {"err": {}}]
)
def test_what_is_not_valid_is_not_believed(beside: dict[str, Any]) -> None:
    found = read([[AIR]], **beside)
    assert not found.values
    assert [fault.reason for fault in found.faults] == ["sensor-error"]


def test_one_id_twice_is_one_value_and_a_fault() -> None:
    found = read([[AIR, {**AIR, "measurementValue": 31.0}]])
    assert found.values == [("air_temperature", 30.1, "Cel")]
    assert [fault.reason for fault in found.faults] == ["repeated"]


@pytest.mark.parametrize("messages", ["x", 5, None, [5], [["x"]], [[{"measurementId": "9999", "measurementValue": 1}]]])
def test_what_nobody_knows_is_counted(messages: Any) -> None:
    found = read(messages)
    assert (found.values, found.faults, found.unknown) == ([], [], 1)


def test_a_measurement_without_a_value_is_a_fault() -> None:
    assert [fault.reason for fault in read([[{"measurementId": "4097"}]]).faults] == ["schema"]


def test_all_ids_of_the_station() -> None:
    ids = ["4097", "4098", "4099", "4190", "4105", "4104", "4113", "4101", "4191", "4213"]
    found = read([[{"measurementId": said, "measurementValue": 100} for said in ids]])
    assert [(quantity, unit) for quantity, _, unit in found.values] == [
        ("air_temperature", "Cel"),
        ("air_humidity", "%RH"),
        ("light", "lx"),
        ("uv_index", "1"),
        ("wind_speed", "m/s"),
        ("wind_direction", "deg"),
        ("rain_rate", "mm/h"),
        ("air_pressure", "hPa"),
        ("wind_gust", "m/s"),
        ("rain_total", "mm"),
    ]
