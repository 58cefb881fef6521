"""Which sensor an object is of, and what is common to reading all of them."""

from __future__ import annotations

from typing import Any

import pytest

from ingest import sensors
from ingest.quantities import UNITS, normalised

SWL = {"battery": 92, "depth": 12}


def name_of(hints: list[str], decoded: dict[str, Any]) -> str | None:
    found = sensors.choose(hints, decoded)
    return None if found is None else found.name


def test_the_models_that_are_known() -> None:
    assert {sensor.name for sensor in sensors.sensors()} == {
        "Dragino LDDS75",
        "Dragino LSE01",
        "Milesight EM500-PP",
        "Milesight EM500-SMTC",
        "Milesight EM500-SWL",
        "Milesight EM500-UDL",
        "Milesight WTS506",
        "SenseCAP S2120",
    }


@pytest.mark.parametrize("sensor", sensors.sensors(), ids=lambda sensor: sensor.name)
def test_every_field_ends_in_a_unit_of_the_platform(sensor: sensors.Sensor) -> None:
    for field in sensor.fields.values():
        assert normalised(field.quantity, 1.0, field.unit)[1] == UNITS[field.quantity]


@pytest.mark.parametrize("sensor", sensors.sensors(), ids=lambda sensor: sensor.name)
def test_every_model_is_told_by_its_name(sensor: sensors.Sensor) -> None:
    for model in sensor.models:
        assert name_of([f"Trạm 868 {model.upper()} v2"], {"x": 1}) == sensor.name
    assert sensor.name.rpartition(" ")[2].lower().replace("-", "") in sensor.models


@pytest.mark.parametrize("sensor", sensors.sensors(), ids=lambda sensor: sensor.name)
def test_a_signature_fits_one_model_only(sensor: sensors.Sensor) -> None:
    for one in sensor.signature:
        assert [other.name for other in sensors.sensors() if other.fits(set(one))] == [sensor.name]


@pytest.mark.parametrize("hint", ["EM500-SWL", "em500_swl", "Milesight EM500 SWL 923", "milesight-iot/em500-swl"])
def test_marks_and_case_of_a_name_do_not_matter(hint: str) -> None:
    assert name_of([hint], {"distance": 3}) == "Milesight EM500-SWL"


def test_the_first_hint_that_names_one_model_counts() -> None:
    assert name_of(["", "bến đò", "WTS506", "LSE01"], SWL) == "Milesight WTS506"
    assert name_of(["EM500-UDL hoặc EM500-SMTC"], SWL) == "Milesight EM500-SWL"


@pytest.mark.parametrize(
    "decoded",
    [
        {"air_temperature": 30.1},
        {"soil_moisture": 41, "battery": 90},
        {"battery": 90},
        {"temperature": 31.0, "humidity": 80.0},
        {"battery": 90, "pressure": 1_013.2},
        {"wind_speed": 12.5},
        {"battery": 90, "distance": 30, "position": "tilt"},
        {"moisture": 30, "ec": 700},
        {"messages": []},
        {"Distance": 120},
        {},
    ],
    ids=str,
)
def test_plain_names_of_strangers_are_not_guessed(decoded: dict[str, Any]) -> None:
    assert name_of([], decoded) is None


def test_a_model_that_the_decoder_names_is_believed() -> None:
    assert name_of([], {"Node_type": "LDDS75", "Bat": 3.4}) == "Dragino LDDS75"
    assert name_of([], {"Node_type": "LDDS20", "Distance": 3, "TempC_DS18B20": 3}) is None
    assert name_of([], {"Node_type": " ", "Distance": 3, "TempC_DS18B20": 3}) == "Dragino LDDS75"


def test_an_uplink_of_history_alone_is_told_by_its_entries() -> None:
    assert name_of([], {"history": [{"timestamp": 1, "distance": 3}]}) == "Milesight EM500-UDL"
    assert name_of([], {"history": [{"timestamp": 1, "distance": 3, "x": 1}]}) is None
    assert name_of([], {"history": "distance"}) is None


def sensor(name: str) -> sensors.Sensor:
    return next(it for it in sensors.sensors() if it.name == name)


@pytest.mark.parametrize(
    ("value", "kept"),
    [(37, 0.37), ("37.00", 0.37), (" 37 cm ", 0.37), ("+3.7e1cm", 0.37), ("-.5", -0.005), (0, 0.0)],
)
def test_numbers_and_texts_of_numbers(value: Any, kept: float) -> None:
    found = sensors.read(sensor("Milesight EM500-SWL"), {"depth": value})
    assert found.values == [("water_level", kept, "m")]
    assert not found.faults


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        "",
        "x",
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e999",
        "1_000",
        "1,5",
        "٣",
        "3 4",
        [],
        [3],
        {"v": 3},
        10**400,
        "9" * 50,
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_number_is_a_fault_of_that_field(value: Any) -> None:
    found = sensors.read(sensor("Milesight EM500-SWL"), {"battery": 90, "depth": value})
    assert found.values == [("battery", 90.0, "%")]
    assert [(fault.index, fault.reason) for fault in found.faults] == [(1, "schema")]
    assert found.faults[0].payload.startswith(b'{"depth":')
    assert len(found.faults[0].message) <= 500


def test_a_number_in_another_unit_is_a_fault_of_that_field() -> None:
    found = sensors.read(sensor("Milesight EM500-SWL"), {"depth": "0.37 m"})
    assert not found.values
    assert [(fault.reason, fault.payload) for fault in found.faults] == [("unit", b'{"depth":"0.37 m"}')]


def test_fields_that_nobody_knows_are_counted() -> None:
    found = sensors.read(sensor("Milesight EM500-SWL"), {"depth": 3, "wobble": 1, "sn": "a", "x": None})
    assert (found.known, found.unknown) == (2, 2)


def test_a_quantity_that_is_said_twice_must_be_said_alike() -> None:
    swl = sensor("Milesight EM500-SWL")
    alike = sensors.read(swl, {"depth": 3, "level": 3})
    assert alike.values == [("water_level", 0.03, "m")]
    assert not alike.faults
    otherwise = sensors.read(swl, {"depth": 3, "level": 4})
    assert otherwise.values == [("water_level", 0.03, "m")]
    assert [fault.reason for fault in otherwise.faults] == ["repeated"]
