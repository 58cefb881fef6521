from __future__ import annotations

import numpy as np
import pytest

from core.errors import ConfigError
from simulators import specs
from tests.simulators.sensors.posts import DAY_MS, HOUR_MS, START_MS, readings, sensor, times, values

STEPS_A_DAY = 144


def faulty(kind: str, *faults: specs.Fault, form: str = "native_json") -> tuple[np.ndarray, np.ndarray]:
    """A sensor's first quantity with some faults and without."""
    quantity = {"weather": "air_temperature", "soil": "soil_moisture"}.get(kind, kind)
    spec = {"kind": kind, "format": form}
    bad = sensor(specs.Sensor(**spec, faults=list(faults)))  # type: ignore[arg-type]
    good = sensor(specs.Sensor(**spec))  # type: ignore[arg-type]
    return values(bad, quantity), values(good, quantity)


def test_drift_adds_day_by_day_until_it_is_mended() -> None:
    bad, good = faulty("water_level", specs.Fault(kind="drift", from_h=48.0, hours=240.0, amount=0.01))
    off = bad - good
    assert np.abs(off[: 2 * STEPS_A_DAY - 1]).max() == 0.0
    assert off[7 * STEPS_A_DAY] == pytest.approx(0.05, abs=0.002)
    assert off[12 * STEPS_A_DAY - 2] == pytest.approx(0.10, abs=0.002)
    assert np.abs(off[12 * STEPS_A_DAY + 1 :]).max() == 0.0


def test_dirt_lets_a_probe_see_less() -> None:
    bad, good = faulty("salinity", specs.Fault(kind="fouling", amount=2.0))
    assert bad[10 * STEPS_A_DAY] == pytest.approx(0.8 * good[10 * STEPS_A_DAY], abs=0.02)
    assert bad[-1] == pytest.approx(0.4 * good[-1], abs=0.02)


def test_dirt_in_the_gauge_lets_it_count_less_but_never_back() -> None:
    spec = specs.Sensor(kind="weather", faults=[specs.Fault(kind="fouling", amount=3.0)])
    dirty, clean = sensor(spec), sensor(specs.Sensor(kind="weather"))
    counted = values(dirty, "rain_total")
    assert (np.diff(counted) >= 0.0).all()
    assert 0.1 < counted[-1] / values(clean, "rain_total")[-1] < 0.95
    assert values(dirty, "air_temperature").tolist() == values(clean, "air_temperature").tolist()


def test_a_stuck_sensor_repeats_itself() -> None:
    bad, good = faulty("soil", specs.Fault(kind="stuck", from_h=24.0, hours=72.0))
    assert len(set(bad[STEPS_A_DAY + 1 : 4 * STEPS_A_DAY - 1].tolist())) == 1
    assert bad[: STEPS_A_DAY - 1].tolist() == good[: STEPS_A_DAY - 1].tolist()
    assert bad[4 * STEPS_A_DAY + 1 :].tolist() == good[4 * STEPS_A_DAY + 1 :].tolist()


def test_only_the_named_quantity_is_stuck() -> None:
    fault = specs.Fault(kind="stuck", quantity="wind_speed")
    made = sensor(specs.Sensor(kind="weather", faults=[fault]))
    assert len(set(values(made, "wind_speed").tolist())) == 1
    assert len(set(values(made, "air_pressure").tolist())) > 10


def test_silence_sends_nothing_and_goes_on_afterwards() -> None:
    fault = specs.Fault(kind="silent", from_h=100.0, hours=50.0)
    made = sensor(specs.Sensor(kind="salinity", faults=[fault]))
    hours = (times(made, "salinity") - START_MS) / HOUR_MS
    assert not ((hours >= 100.0) & (hours < 150.0)).any()
    assert hours[-1] > 29 * 24
    assert np.diff(hours).max() == pytest.approx(50.0, abs=0.4)
    assert len(readings(made)) == 4 * len(hours)


def test_a_failed_probe_is_left_out_by_ours_and_told_to_the_maker() -> None:
    fault = specs.Fault(kind="error", quantity="water_level", from_h=24.0, hours=24.0)
    ours, _ = faulty("water_level", fault)
    makers, _ = faulty("water_level", fault, form="chirpstack_v4/em500-swl")
    assert len(ours) == 29 * STEPS_A_DAY
    assert len(makers) == 30 * STEPS_A_DAY
    assert np.isnan(makers).sum() == STEPS_A_DAY


def test_faults_of_a_level_reach_a_sensor_that_measures_the_distance() -> None:
    fault = specs.Fault(kind="drift", amount=0.01)
    spec = specs.Sensor(kind="water_level", format="ttn_v3/ldds75", faults=[fault])
    bad, good = sensor(spec), sensor(specs.Sensor(kind="water_level", format="ttn_v3/ldds75"))
    off = values(bad, "distance") - values(good, "distance")
    assert off[10 * STEPS_A_DAY] == pytest.approx(-0.10, abs=0.003)
    assert bad.truth["water_level"].tolist() == good.truth["water_level"].tolist()


def test_a_fault_of_what_is_not_measured_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'co2'.*water_level"):
        sensor(specs.Sensor(kind="water_level", faults=[specs.Fault(kind="stuck", quantity="co2")]))


def test_a_fault_after_the_end_does_nothing() -> None:
    bad, good = faulty("soil", *(specs.Fault(kind=k, from_h=1e5, amount=5.0) for k in ("drift", "stuck", "fouling")))
    assert bad.tolist() == good.tolist()
    assert DAY_MS == 24 * HOUR_MS
