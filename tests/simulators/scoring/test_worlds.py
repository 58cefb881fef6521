"""Whole scenarios, scored: the truth and the telemetry of the simulator belong together."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from simulators import specs
from simulators.scoring.score import Score, score
from simulators.world import build

IDEAL: dict[str, Any] = {
    "response_s": 0.0,
    "meter_error_pct": 0.0,
    "restless": 0.0,
    "gnss": "exact",
    "height_m": 0.01,
}
"""No fault at all; the calmest air moves at 0.1 m/s, so drops fall from a centimetre."""


def scored(**fleet: Any) -> Score:
    scenario = specs.Scenario(
        title_vi="Thử",
        title_en="Test",
        start=dt.datetime(2026, 1, 5, 7, 0, tzinfo=dt.timezone(dt.timedelta(hours=7))),
        weather=specs.Weather(wind_mps=0.0, showers_per_day=0.0),
        gnss={"exact": specs.Gnss(mode="rtk", slow_sd_m=0.0, white_sd_m=0.0)},
        cooperatives=[
            specs.Cooperative(
                id="htx", name="HTX", land=specs.Land(count=8), fleets=[specs.Fleet(**{"count": 2, **IDEAL, **fleet})]
            )
        ],
    )
    return score(*build(scenario))


def test_a_fleet_without_any_fault_is_seen_as_it_is() -> None:
    result = scored()
    assert len(result.plots) == 8
    assert all(abs(p.of_plot_pct(p.net_error_m2)) < 0.02 for p in result.plots)
    assert all(abs(p.of_plot_pct(p.overlap_error_m2)) < 0.02 for p in result.plots)
    assert abs(result.told.off_target_m2 - result.true.off_target_m2) < 1e-4 * result.true.plots_m2
    assert all(abs(p.amount_error_pct) < 1.5 for p in result.plots), "half a step at each start of a line"
    for job in result.jobs:
        parts = sum(p.true.volume_l for p in job.plots) + job.true.off_target_volume_l
        assert parts == pytest.approx(job.true.volume_l, rel=1e-9)


def test_an_autopilot_on_a_single_receiver_is_believed_too_much_and_a_pilot_too_little() -> None:
    steered = {mode: scored(gnss="single", mode=mode) for mode in ("auto", "manual")}
    errors = {mode: result.told.net_m2 - result.true.net_m2 for mode, result in steered.items()}
    shares = {mode: error / steered[mode].true.net_m2 for mode, error in errors.items()}
    assert 0.01 < shares["auto"] < 0.10
    assert -0.10 < shares["manual"] < -0.01


def test_a_late_valve_moves_the_true_strips_along() -> None:
    result = scored(response_s=0.6)
    assert result.told.net_m2 > result.true.net_m2, "at the far ends it falls beside the plots"
    assert result.told.off_target_m2 < result.true.off_target_m2
