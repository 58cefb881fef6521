"""Units of the platform, and what becomes of others."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.quantities import CONVERSIONS, UNITS, is_unit, normalised

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("quantity", "value", "unit", "kept"),
    [
        ("distance", 1_534.0, "mm", 1.534),
        ("water_level", 57.0, "cm", 0.57),
        ("water_level", -5.0, "cm", -0.05),
        ("rain_total", 0.0124, "m", 12.4),
        ("air_pressure", 100_840.0, "Pa", 1_008.4),
        ("air_pressure", 101.325, "kPa", 1_013.25),
        ("air_pressure", 1.01325, "bar", 1_013.25),
        ("water_pressure", 1_013.25, "hPa", 101.325),
        ("water_pressure", 1.5, "bar", 150.0),
        ("air_temperature", 300.15, "K", 27.0),
        ("air_temperature", 32.0, "degF", 0.0),
        ("air_temperature", 212.0, "degF", 100.0),
        ("air_temperature", -40.0, "degF", -40.0),
        ("wind_speed", 36.0, "km/h", 10.0),
        ("wind_gust", 10.0, "kn", 5.144444),
        ("wind_direction", math.pi, "rad", 180.0),
        ("soil_moisture", 0.325, "/", 32.5),
        ("air_humidity", 0.78, "/", 78.0),
        ("air_humidity", 78.0, "%", 78.0),
        ("battery", 97.0, "%EL", 97.0),
        ("battery_voltage", 3_625.0, "mV", 3.625),
        ("soil_conductivity", 0.0812, "S/m", 812.0),
        ("soil_conductivity", 0.812, "mS/cm", 812.0),
        ("soil_conductivity", 0.812, "dS/m", 812.0),
        ("salinity", 4_000.0, "mg/L", 4.0),
        ("salinity", 4.0, "ppt", 4.0),
        ("rain_rate", 0.002, "m/h", 2.0),
    ],
)
def test_values_become_the_platforms_units(quantity: str, value: float, unit: str, kept: float) -> None:
    found, kept_in = normalised(quantity, value, unit)
    assert found == pytest.approx(kept)
    assert kept_in == UNITS[quantity]


def test_every_conversion_leads_to_a_unit_of_the_platform() -> None:
    assert {wanted for _, wanted in CONVERSIONS} <= set(UNITS.values())
    assert not [pair for pair in CONVERSIONS if pair[0] == pair[1]]


@given(hundredths=st.integers(-100_000, 100_000))
def test_whole_centimetres_become_the_nearest_number_of_metres(hundredths: int) -> None:
    assert normalised("water_level", float(hundredths), "cm")[0] == float(f"{hundredths}e-2")


@given(value=FINITE, quantity=st.sampled_from(sorted(UNITS)), unit=st.sampled_from([one for one, _ in CONVERSIONS]))
def test_no_value_stops_being_a_number(value: float, quantity: str, unit: str) -> None:
    found, kept_in = normalised(quantity, value, unit)
    assert math.isfinite(found)
    assert kept_in in {unit, UNITS[quantity]}


@given(value=FINITE, quantity=st.sampled_from(sorted(UNITS)))
def test_the_platforms_own_unit_is_left_alone(value: float, quantity: str) -> None:
    assert normalised(quantity, value, UNITS[quantity]) == (value, UNITS[quantity])


def test_nothing_is_guessed() -> None:
    assert normalised("air_temperature", 86.0, "") == (86.0, "")
    assert normalised("air_temperature", 86.0, "mm") == (86.0, "mm")
    assert normalised("pump", 1.0, "cm") == (1.0, "cm")


@pytest.mark.parametrize(
    ("word", "unit"),
    [
        ("mm", "mm"),
        ("°C", "Cel"),
        ("℃", "Cel"),
        ("µS/cm", "uS/cm"),
        ("\u03bcS/cm", "uS/cm"),
        ("%", "%RH"),
        ("lux", "lx"),
    ],
)
def test_words_that_people_write_for_a_unit(word: str, unit: str) -> None:
    assert is_unit(word, unit)


@pytest.mark.parametrize(("word", "unit"), [("cm", "mm"), ("°F", "Cel"), ("mS/cm", "uS/cm"), ("Volt", "V"), ("", "mm")])
def test_another_unit_is_another_unit(word: str, unit: str) -> None:
    assert not is_unit(word, unit)
