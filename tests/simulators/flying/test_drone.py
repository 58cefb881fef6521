"""A drone's telemetry against what it really did: who steers, what comes out, what the receiver makes of it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

from core.model.enums import EventKind, FixQuality, Mode, Operation
from core.model.fixtable import FixTable, Floats, Ints
from simulators import specs
from simulators.flying.aircraft import Airframe, Equipment
from simulators.flying.drone import FALL_MPS, Flown, Place, record
from simulators.flying.implement import Valve
from simulators.flying.plane import Plane
from simulators.flying.sortie import Work, plan_sorties
from simulators.flying.terrain import Terrain
from simulators.flying.trajectory import Kinematics
from simulators.flying.truth import Strips
from simulators.route import Line

PLANE = Plane.around(105.725, 9.285)
START_MS = 1_767_225_600_000
SWATH_M, DOSE, SPEED_MPS, LENGTH_M, LINES = 7.0, 20.0, 6.0, 600.0, 8
EXACT = specs.Gnss(slow_sd_m=0.0, white_sd_m=0.0)
CALM = Equipment(EXACT, restless=0.0)
SINGLE = specs.Gnss(mode="single", white_sd_m=0.0)


def _lines() -> list[tuple[Line, float]]:
    """Lines to the north, side by side from 0 on to the east."""
    return [(Line((k + 0.5) * SWATH_M, 0.0, 0.0, 1.0, ((0.0, LENGTH_M),)), SPEED_MPS) for k in range(LINES)]


def _flown(equipment: Equipment = CALM, place: Place | None = None, seed: int = 1, **work: Any) -> Flown:
    airframe = Airframe("d1", tank=40.0, kinematics=Kinematics(steady_ms=600), equipment=equipment)
    told = Work("j1", _lines(), (-10.0, -10.0), SWATH_M, DOSE, START_MS)
    task = replace(told, **work)
    sorties = plan_sorties(airframe, task)
    return record(airframe, task, sorties, place or Place(PLANE), np.random.default_rng(seed))


def _log_xy(fixes: FixTable) -> tuple[Floats, Floats]:
    return PLANE.local.xy(fixes.lon_deg, fixes.lat_deg)


def _true_xy(strips: Strips) -> tuple[Floats, Floats]:
    """Middles of the cross-sections."""
    left = PLANE.local.xy(strips.left_lon_deg, strips.left_lat_deg)
    right = PLANE.local.xy(strips.right_lon_deg, strips.right_lat_deg)
    return (left[0] + right[0]) / 2.0, (left[1] + right[1]) / 2.0


def _aside(x: Floats) -> Floats:
    """How far a place lies beside the middle of the nearest line, m to the east."""
    return (x - SWATH_M / 2.0 + SWATH_M / 2.0) % SWATH_M - SWATH_M / 2.0


def _sorties(flown: Flown) -> list[FixTable]:
    """The fixes of each sortie."""
    starts = np.array([s.start_ms for s in flown.sorties])
    number = np.searchsorted(starts, flown.fixes.ts_ms, side="right") - 1
    return [flown.fixes.take(number == k) for k in range(len(starts))]


def _area_m2(strips: Strips) -> float:
    """The strips' area, added up."""
    total = 0.0
    lx, ly = PLANE.local.xy(strips.left_lon_deg, strips.left_lat_deg)
    rx, ry = PLANE.local.xy(strips.right_lon_deg, strips.right_lat_deg)
    for a, b in pairwise(strips.start.tolist()):
        ring = np.column_stack([np.concatenate([lx[a:b], rx[a:b][::-1]]), np.concatenate([ly[a:b], ry[a:b][::-1]])])
        total += shapely.Polygon(ring).area
    return total


# --- who steers


@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.AB])
def test_an_autopilot_keeps_the_log_on_the_line_and_the_truth_carries_the_error(mode: Mode) -> None:
    flown = _flown(replace(CALM, gnss=SINGLE), mode=mode)
    on = flown.fixes.on
    told = _aside(_log_xy(flown.fixes)[0][on])
    true = np.concatenate([_aside(_true_xy(s)[0]) for s in flown.strips])
    assert np.std(told) < 0.15
    assert 0.5 < np.std(true) < 1.6


def test_a_pilot_by_eye_keeps_the_truth_on_the_line_and_the_log_carries_the_error() -> None:
    flown = _flown(replace(CALM, gnss=SINGLE, restless=0.1), mode=Mode.MANUAL)
    told = _aside(_log_xy(flown.fixes)[0][flown.fixes.on])
    true = np.concatenate([_aside(_true_xy(s)[0]) for s in flown.strips])
    assert np.std(true) < 0.06
    assert 0.5 < np.std(told) < 1.6


def test_log_less_truth_is_the_receivers_error_whoever_steers() -> None:
    """The same seed, the same receiver: what is between log and truth does not depend on who steers."""
    errors = []
    for mode in (Mode.AUTO, Mode.MANUAL):
        flown = _flown(replace(CALM, gnss=SINGLE), mode=mode)
        table, strips = _sorties(flown)[0], flown.strips[0]
        x, y = _log_xy(table)
        inside = (strips.ts_ms % 1_000 == 0) & (strips.ts_ms < table.ts_ms[-1])
        true_x, true_y = (axis[inside] for axis in _true_xy(strips))
        rows = np.searchsorted(table.ts_ms, strips.ts_ms[inside])
        errors.append((x[rows] - true_x, y[rows] - true_y))
    assert np.abs(errors[0][0]).max() > 0.3
    np.testing.assert_allclose(errors[0], errors[1], atol=0.02)


def test_a_pilot_by_eye_switches_by_thumb() -> None:
    auto, manual = (_flown(replace(CALM, restless=1.0), mode=m) for m in (Mode.AUTO, Mode.MANUAL))
    times = [[e.ts_ms for e in f.events if e.kind in {EventKind.ON, EventKind.OFF}] for f in (auto, manual)]
    late = np.diff(times, axis=0)
    assert 50.0 < np.std(late) < 250.0
    assert np.abs(late).max() <= 300


# --- what comes out


@pytest.mark.parametrize("op", list(Operation)[1:])
@pytest.mark.parametrize("valve", [Valve(), Valve(100, 300)])
def test_flow_follows_speed_within_the_response_on_every_fix(op: Operation, valve: Valve) -> None:
    """flow = dose × speed × swath × 0.006, once the valve has had its time."""
    fixes = _flown(replace(CALM, valve=valve), op=op).fixes
    flow = fixes.flow_lpm if op is Operation.SPRAY else fixes.rate_kgpm
    times = _switches(fixes, valve.delay_ms + valve.response_ms)
    steady = ~times
    wanted = np.where(fixes.on, DOSE * fixes.speed_mps * SWATH_M * 0.006, 0.0)
    np.testing.assert_allclose(flow[steady], wanted[steady], atol=2e-3)
    assert flow[~steady].max() <= wanted.max() + 2e-3
    assert flow.min() >= 0.0


def _switches(fixes: FixTable, within_ms: int) -> Any:
    """Which fixes have a change of state at most so long before them (with a fix's step to spare)."""
    step_ms = 200
    changed = fixes.ts_ms[1:][np.diff(fixes.on.astype(int)) != 0]
    since = fixes.ts_ms - changed[np.maximum(np.searchsorted(changed, fixes.ts_ms, side="right") - 1, 0)]
    return (since >= 0) & (since <= within_ms + step_ms)


@pytest.mark.parametrize("op", list(Operation)[1:])
def test_tank_difference_is_the_volume_is_the_integral(op: Operation) -> None:
    flown = _flown(Equipment(EXACT, valve=Valve(50, 300)), op=op)
    assert len(flown.sorties) > 1
    for table, strips in zip(_sorties(flown), flown.strips, strict=True):
        flow, tank = (table.flow_lpm, table.tank_l) if op is Operation.SPRAY else (table.rate_kgpm, table.tank_kg)
        lost = tank[0] - tank[-1]
        assert lost == pytest.approx(strips.released.sum(), abs=2e-3)
        metered = np.trapezoid(flow, table.ts_ms) / 60_000.0
        assert metered == pytest.approx(lost, rel=0.01)
    assert sum(s.released.sum() for s in flown.strips) == pytest.approx(flown.released)
    assert flown.released == pytest.approx(LINES * LENGTH_M * SWATH_M * DOSE / 10_000.0, rel=1e-3)


def test_a_meter_that_is_off_is_off_all_day_and_the_tank_is_not() -> None:
    flown = _flown(replace(CALM, meter_error=0.05))
    on = flown.fixes.on & ~_switches(flown.fixes, 0)
    ratio = flown.fixes.flow_lpm[on] / (DOSE * flown.fixes.speed_mps[on] * SWATH_M * 0.006)
    assert np.ptp(ratio) < 1e-3
    assert 1e-3 < abs(ratio.mean() - 1.0) <= 0.05
    table = _sorties(flown)[0]
    assert table.tank_l[0] - table.tank_l[-1] == pytest.approx(flown.strips[0].released.sum(), abs=2e-3)


# --- the ground


def test_strips_are_what_the_lines_say_where_nothing_errs() -> None:
    flown = _flown()
    assert sum(map(_area_m2, flown.strips)) == pytest.approx(LINES * LENGTH_M * SWATH_M, rel=1e-6)


def test_the_valves_lag_moves_every_strip_along() -> None:
    lag_s = 0.25
    plain, late = _flown(), _flown(replace(CALM, valve=Valve(100, 300)))
    for one, two in zip(plain.strips, late.strips, strict=True):
        first, second = _true_xy(one)[1][one.start[:-1]], _true_xy(two)[1][two.start[:-1]]
        np.testing.assert_allclose(np.abs(second - first), lag_s * SPEED_MPS, atol=2e-2)
    assert sum(map(_area_m2, late.strips)) == pytest.approx(sum(map(_area_m2, plain.strips)), rel=1e-3)


def test_wind_drifts_the_deposit_by_the_time_of_fall() -> None:
    def wind(ts_ms: Ints) -> tuple[Floats, Floats]:
        return np.full(len(ts_ms), 2.0), np.full(len(ts_ms), -1.0)

    plain, blown = _flown(), _flown(place=Place(PLANE, None, wind))
    fall_s = Kinematics().height_m / FALL_MPS[Operation.SPRAY]
    for one, two in zip(plain.strips, blown.strips, strict=True):
        moved = np.array(_true_xy(two)) - np.array(_true_xy(one))
        np.testing.assert_allclose(moved[0], 2.0 * fall_s, atol=1e-3)
        np.testing.assert_allclose(moved[1], -1.0 * fall_s, atol=1e-3)


def test_positions_are_the_antennas() -> None:
    flown = _flown(replace(CALM, antenna_right_m=0.3, antenna_ahead_m=0.5))
    on = flown.fixes.on
    x, y = (axis[on] for axis in _log_xy(flown.fixes))
    plain_x, plain_y = (axis[on] for axis in _log_xy(_flown().fixes))
    north = np.where(flown.fixes.heading_deg[on] < 90.0, 1.0, -1.0)  # lines run north and back
    np.testing.assert_allclose(x - plain_x, 0.3 * north, atol=0.02)
    np.testing.assert_allclose(y - plain_y, 0.5 * north, atol=0.02)


def test_a_stuck_valve_sprays_all_the_way_home() -> None:
    plain, stuck = _flown(), _flown(replace(CALM, stuck_share=1.0))
    home = stuck.fixes.on & (stuck.fixes.mode == Mode.FAILSAFE)
    assert home.sum() > 20
    assert stuck.fixes.flow_lpm[home].min() > 1.0
    assert sum(map(_area_m2, stuck.strips)) > sum(map(_area_m2, plain.strips)) + 500.0
    assert sum(s.released.sum() for s in stuck.strips) == pytest.approx(stuck.released)
    assert not (plain.fixes.mode == Mode.FAILSAFE).any()


# --- what is told


def test_flags_agree_with_events_to_the_millisecond() -> None:
    flown = _flown(Equipment(specs.Gnss()), mode=Mode.MANUAL)
    times = [e.ts_ms for e in flown.events if e.kind in {EventKind.ON, EventKind.OFF}]
    assert times == sorted(times)
    np.testing.assert_array_equal(flown.fixes.on, np.searchsorted(times, flown.fixes.ts_ms, side="right") % 2 == 1)


def test_sequence_numbers_rise_by_one_within_a_boot() -> None:
    fixes = _flown().fixes
    for label in set(fixes.boot.values()):
        rows = np.array([value == label for value in fixes.boot.values()])
        np.testing.assert_array_equal(fixes.seq[rows], np.arange(rows.sum()))


def test_a_receivers_troubles_are_told_as_such() -> None:
    trouble = specs.Gnss(null_islands_per_h=60.0, no_fix_per_h=60.0, jumps_per_h=0.0, slow_sd_m=0.0, white_sd_m=0.0)
    fixes = _flown(replace(CALM, gnss=trouble)).fixes
    null, lost = (fixes.lat_deg == 0.0) & (fixes.lon_deg == 0.0), fixes.quality == FixQuality.NONE
    assert 0 < null.sum() < len(fixes) / 2
    assert 0 < lost.sum() < len(fixes) / 2
    x, y = _log_xy(fixes.take(~null & ~lost))
    assert np.hypot(x, y).max() < 1_000.0
    held = fixes.take(lost & ~null)
    assert np.isfinite(held.lat_deg).all()


def test_a_jump_draws_the_autopilot_after_it() -> None:
    """The log comes back onto the line within seconds; the truth is off it as long as the receiver is."""
    jumpy = specs.Gnss(slow_sd_m=0.0, white_sd_m=0.0, jumps_per_h=30.0, jump_m=2.0)
    flown = _flown(replace(CALM, gnss=jumpy))
    true = np.concatenate([np.abs(_aside(_true_xy(s)[0])) for s in flown.strips])
    told = np.abs(_aside(_log_xy(flown.fixes)[0][flown.fixes.on]))
    assert true.max() > 0.8
    assert (true > 0.5).mean() > 1.5 * (told > 0.5).mean()


def test_height_follows_the_ground() -> None:
    terrain = Terrain.made(np.random.default_rng(4))
    flown = _flown(replace(CALM, restless=0.0), Place(PLANE, terrain))
    height = flown.fixes.height_m[flown.fixes.on]
    assert 0.01 < np.std(height) < 0.5
    assert abs(height.mean() - Kinematics().height_m) < 0.1


def test_digits_are_those_of_the_contract() -> None:
    fixes = _flown(Equipment(specs.Gnss())).fixes
    for column in (fixes.lat_deg, fixes.lon_deg):
        np.testing.assert_array_equal(column, np.round(column, 7))
    for column in (fixes.height_m, fixes.speed_mps, fixes.flow_lpm, fixes.tank_l, fixes.battery_pct):
        np.testing.assert_array_equal(column, np.round(column, 3))
    assert all(not math.isnan(value) for value in (fixes.speed_mps[0], fixes.tank_l[-1]))
