"""Figures that follow from the area of a plot's coverage."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import pytest

from core.model.coverage import PlotCoverage


def a_plot(area_m2: float, net_m2: float, **known: float) -> PlotCoverage:
    return PlotCoverage("p1", area_m2, net_m2, net_m2, 0.0, 0.0, area_m2 - net_m2, **known)  # type: ignore[arg-type]


def test_share_and_doses_are_of_the_net_area() -> None:
    plot = a_plot(10_000.0, 8_000.0, volume_l=16.0, mass_kg=80.0)
    assert (plot.covered_pct, plot.dose_lpha, plot.dose_kgpha) == (80.0, 20.0, 100.0)


def test_without_area_there_is_no_share_and_no_dose() -> None:
    assert math.isnan(a_plot(0.0, 0.0).covered_pct)
    assert math.isnan(a_plot(10_000.0, 0.0, volume_l=1.0).dose_lpha)
    assert math.isnan(a_plot(10_000.0, 0.0, mass_kg=1.0).dose_kgpha)


def test_a_dose_that_was_not_told_is_not_zero() -> None:
    assert math.isnan(a_plot(10_000.0, 8_000.0).dose_lpha)
    assert math.isnan(a_plot(10_000.0, 8_000.0).dose_kgpha)


def test_results_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        a_plot(1.0, 1.0).net_m2 = 2.0  # type: ignore[misc]
