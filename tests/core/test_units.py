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
