"""Units at the edges."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import units

_some = st.floats(0.01, 1e4)


def test_the_flow_that_lays_a_dose() -> None:
    """20 L/ha at 9 m/s and 7 m: 0.378 ha a minute. The figures may trade places."""
    assert units.flow_lpm(20.0, 7.0, 9.0) == pytest.approx(7.56)
    assert units.flow_lpm(dose_lpha=20.0, speed_mps=9.0, swath_m=7.0) == pytest.approx(7.56)
    assert units.flow_lpm(20.0, 0.0, 7.0) == 0.0


@given(_some, _some, _some)
def test_what_a_flow_releases_in_a_minute_is_the_dose_again(dose_lpha: float, speed_mps: float, swath_m: float) -> None:
    in_a_minute_l = units.flow_lpm(dose_lpha, speed_mps, swath_m)
    assert units.dose_lpha(in_a_minute_l, 60.0 * speed_mps * swath_m) == pytest.approx(dose_lpha)


@pytest.mark.parametrize("area_m2", [0.0, -1.0])
def test_there_is_no_dose_without_an_area(area_m2: float) -> None:
    assert math.isnan(units.dose_lpha(3.0, area_m2))


def test_hectares_and_cong() -> None:
    assert units.ha(12_500.0) == 1.25
    assert units.cong(12_500.0) == 12.5
    assert units.cong(1_296.0, m2_per_cong=1_296.0) == 1.0
    assert units.cong(720.0, m2_per_cong=360.0) == 2.0


def test_a_chinese_mu_is_a_fifteenth_of_a_hectare() -> None:
    assert pytest.approx(units.M2_PER_HA) == 15 * units.M2_PER_MU
    assert pytest.approx(666.667, abs=1e-3) == units.M2_PER_MU


def test_lengths_and_speeds() -> None:
    assert pytest.approx(30.48) == 100 * units.M_PER_FT
    assert pytest.approx(10.0) == 36.0 * units.MPS_PER_KMH
    assert pytest.approx(1_852.0) == 3_600.0 * units.MPS_PER_KNOT
    assert pytest.approx(1_609.344) == 3_600.0 * units.MPS_PER_MPH


@pytest.mark.parametrize(
    ("unit", "m2_per_cong", "m2"),
    [
        ("m2", 1_000.0, 1.0),
        ("ha", 1_000.0, 10_000.0),
        ("km²", 1_000.0, 1_000_000.0),
        ("công", 1_000.0, 1_000.0),
        (" Cong ", 1_296.0, 1_296.0),
        ("sào", 360.0, 360.0),
        ("mẫu", 1_000.0, 10_000.0),
        ("mau", 360.0, 3_600.0),
        ("mu-cn", 360.0, 10_000.0 / 15.0),
    ],
)
def test_units_of_area_in_square_metres(unit: str, m2_per_cong: float, m2: float) -> None:
    assert units.m2_per(unit, m2_per_cong) == pytest.approx(m2, rel=1e-12)


@pytest.mark.parametrize(("unit", "words"), [("mu", "mu-cn"), ("acre", "no unit of area"), ("", "no unit of area")])
def test_a_unit_that_may_be_two_or_none_is_refused(unit: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        units.m2_per(unit)


@pytest.mark.parametrize(
    ("dose", "unit", "per_ha"),
    [
        (20.0, "L/ha", (20.0, "L/ha")),
        (2.0, "l/công", (20.0, "L/ha")),
        (100.0, "kg/ha", (100.0, "kg/ha")),
        (5.0, "kg/mau", (5.0, "kg/ha")),
        (2.0, "ml/m2", (20.0, "L/ha")),
        (10.0, "g/m²", (100.0, "kg/ha")),
        (1.0, "L/mu-cn", (15.0, "L/ha")),
    ],
)
def test_doses_per_hectare(dose: float, unit: str, per_ha: tuple[float, str]) -> None:
    amount, word = units.dose_per_ha(dose, unit)
    assert amount == pytest.approx(per_ha[0])
    assert word == per_ha[1]


def test_a_dose_per_cong_is_the_cooperatives_own() -> None:
    assert units.dose_per_ha(1.0, "L/sao", 360.0)[0] == pytest.approx(10_000.0 / 360.0)


@pytest.mark.parametrize(
    ("dose", "unit"), [(1.0, "L"), (1.0, "L/mu"), (1.0, "gal/ha"), (0.0, "L/ha"), (math.nan, "L/ha"), (1.0, "/ha")]
)
def test_what_is_no_dose_is_refused(dose: float, unit: str) -> None:
    with pytest.raises(ValueError, match=r"no dose|is none|mu-cn"):
        units.dose_per_ha(dose, unit)
