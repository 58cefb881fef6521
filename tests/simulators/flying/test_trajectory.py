"""A drone's way in whole milliseconds: nowhere a leap, the pump switched at exact instants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.flying.trajectory import (
    Kinematics,
    Pilot,
    State,
    Trajectory,
    climb_ms,
    legs_ms,
    run_ms,
    run_up_m,
    travel_ms,
)
from simulators.route import Line

START_MS = 1_764_000_000_000
KINEMATICS = Kinematics()
LINE = Line(30.0, 40.0, 0.6, 0.8, ((0.0, 41.37), (50.001, 77.7), (80.0, 123.456)))
SPEED_MPS = 5.3
LENGTHS = st.floats(0.01, 400.0)
HALF_TURN_MS = 2_000


def _pilot() -> Pilot:
    return Pilot(START_MS, (0.0, 0.0), KINEMATICS)


def _flown() -> Trajectory:
    pilot = _pilot()
    pilot.climb(KINEMATICS.height_m)
    pilot.run(LINE, SPEED_MPS)
    pilot.fly_to((-10.0, 5.0))
    pilot.climb(0.0)
    return pilot.finish()


def _every_ms(trajectory: Trajectory) -> State:
    return trajectory.at(np.arange(int(trajectory.start_ms[0]), trajectory.end_ms + 1, dtype=np.int64))


def _line(lengths: list[float]) -> Line:
    """Spans and gaps in turn; an even number loses its last gap."""
    ends = np.cumsum([0.0, *lengths[: len(lengths) - 1 + len(lengths) % 2]]).tolist()
    return Line(7.0, -3.0, 0.8, -0.6, tuple(zip(ends[::2], ends[1::2], strict=True)))


def test_pieces_are_whole_milliseconds() -> None:
    trajectory = _flown()
    assert trajectory.start_ms.dtype == np.int64
    assert trajectory.start_ms[0] == START_MS
    assert (np.diff([*trajectory.start_ms.tolist(), trajectory.end_ms]) >= 1).all()
    assert trajectory.columns.shape == (15, len(trajectory.start_ms))


def test_nothing_leaps_and_the_airframe_is_not_overtaxed() -> None:
    state = _every_ms(_flown())
    mean = (state.speed_mps[1:] + state.speed_mps[:-1]) / 2_000.0
    np.testing.assert_allclose(np.hypot(np.diff(state.x_m), np.diff(state.y_m)), mean, atol=1e-6)
    assert np.abs(np.diff(state.height_m)).max() <= KINEMATICS.climb_mps / 1_000.0 + 1e-9
    # a span is flown a little slower than told, each by its own little
    assert np.abs(np.diff(state.speed_mps)).max() <= KINEMATICS.accel_mps2 / 1_000.0 + SPEED_MPS / 1_000.0
    assert state.speed_mps.max() <= KINEMATICS.transit_mps + 1e-9
    assert state.speed_mps.min() >= -1e-9


def test_integral_of_the_speed_is_the_distance() -> None:
    before, after = run_up_m(LINE, SPEED_MPS, KINEMATICS)
    stands, ends = LINE.point(-before), LINE.point(LINE.length_m + after)
    way = math.dist((0.0, 0.0), stands) + math.dist(stands, ends) + math.dist(ends, (-10.0, 5.0))
    state = _every_ms(_flown())
    assert np.trapezoid(state.speed_mps, dx=1e-3) == pytest.approx(way, abs=1e-5)


def test_the_pump_switches_at_exact_instants_and_places() -> None:
    trajectory = _flown()
    switches = trajectory.switches()
    times = np.array([t for t, _ in switches])
    assert [on for _, on in switches] == [True, False] * 3
    places = np.array([LINE.point(along) for span in LINE.spans for along in span])
    state = trajectory.at(times)
    np.testing.assert_allclose(np.column_stack([state.x_m, state.y_m]), places, atol=1e-9)
    np.testing.assert_array_equal(state.on, [True, False] * 3)
    np.testing.assert_array_equal(trajectory.at(times - 1).on, [False, True] * 3)
    assert _every_ms(trajectory).on.sum() == sum(times[1::2] - times[::2])


def test_sprayed_metres_are_those_of_the_spans() -> None:
    trajectory = _flown()
    assert trajectory.sprayed_m == pytest.approx(LINE.sprayed_m, abs=1e-9)
    state = _every_ms(trajectory)
    assert (np.diff(state.sprayed_m) >= -1e-9).all()
    moved = np.diff(state.sprayed_m) > 1e-9
    np.testing.assert_array_equal(moved, state.on[:-1])


def test_with_the_pump_on_it_flies_as_told_in_the_direction_of_the_line() -> None:
    state = _every_ms(_flown())
    assert state.speed_mps[state.on].max() <= SPEED_MPS + 1e-9
    assert state.speed_mps[state.on].min() >= SPEED_MPS * (1.0 - 1e-3)
    np.testing.assert_allclose(state.heading_deg[state.on], math.degrees(math.atan2(0.6, 0.8)), atol=1e-9)
    assert (state.height_m[state.on] == KINEMATICS.height_m).all()


def test_speed_is_steady_around_the_switches() -> None:
    """Fixes on both sides of a switch must show the speed of the line."""
    trajectory = _flown()
    times = np.array([t for t, _ in trajectory.switches()])
    for time in (times[0] - KINEMATICS.steady_ms, times[-1] + KINEMATICS.steady_ms):
        assert trajectory.at(np.array([time])).speed_mps[0] == pytest.approx(SPEED_MPS, rel=1e-3)


@given(LENGTHS, st.floats(0.0, 2.0 * math.pi))
def test_a_way_ends_where_told_standing_and_in_the_time_foretold(distance_m: float, angle: float) -> None:
    pilot = _pilot()
    goal = (distance_m * math.cos(angle), distance_m * math.sin(angle))
    pilot.fly_to(goal)
    assert pilot.at == goal
    trajectory = pilot.finish()
    state = trajectory.at(np.array([trajectory.end_ms]))
    assert (state.x_m[0], state.y_m[0]) == pytest.approx(goal, abs=1e-6)
    assert state.speed_mps[0] == pytest.approx(0.0, abs=1e-9)
    foretold = travel_ms(math.dist((0.0, 0.0), goal), KINEMATICS)
    assert foretold <= trajectory.end_ms - START_MS <= foretold + HALF_TURN_MS
    assert np.abs(trajectory.columns[5]).max() <= KINEMATICS.accel_mps2 + 1e-9
    assert trajectory.switches() == []


@given(st.lists(LENGTHS, min_size=1, max_size=7), st.floats(0.5, 9.0))
def test_a_line_ends_behind_its_end_in_the_time_foretold(lengths: list[float], speed_mps: float) -> None:
    line = _line(lengths)
    before, after = run_up_m(line, speed_mps, KINEMATICS)
    there = travel_ms(math.dist((0.0, 0.0), line.point(-before)), KINEMATICS)
    pilot = _pilot()
    pilot.run(line, speed_mps)
    trajectory = pilot.finish()
    assert pilot.at == pytest.approx(line.point(line.length_m + after), abs=1e-6)
    foretold = there + run_ms(line, speed_mps, KINEMATICS)
    assert pilot.now_ms == trajectory.end_ms
    assert foretold <= trajectory.end_ms - START_MS <= foretold + 2 * HALF_TURN_MS
    assert trajectory.sprayed_m == pilot.sprayed_m == pytest.approx(line.sprayed_m, abs=1e-6)
    assert len(trajectory.switches()) == 2 * len(line.spans)
    assert trajectory.columns[4, trajectory.columns[8] > 0.0].max() <= speed_mps + 1e-9


def test_it_turns_its_nose_before_a_line_and_keeps_it_there() -> None:
    state = _every_ms(_flown())
    steps = np.abs((np.diff(state.heading_deg) + 180.0) % 360.0 - 180.0)
    assert steps.max() <= KINEMATICS.turn_dps / 1_000.0 + 1e-9
    turning = steps > 1e-9
    assert turning.any()
    assert state.speed_mps[:-1][turning].max() == 0.0
    np.testing.assert_allclose(state.nose_x[state.on], LINE.ux)
    np.testing.assert_allclose(state.nose_y[state.on], LINE.uy)


def test_a_short_way_aside_is_slid() -> None:
    pilot = _pilot()
    pilot.fly_to((KINEMATICS.slide_m - 1.0, 0.0))
    trajectory = pilot.finish()
    assert trajectory.at(np.array([trajectory.end_ms])).heading_deg[0] == 0.0


def test_climbing_takes_its_time_on_the_spot() -> None:
    pilot = _pilot()
    pilot.climb(2.8)
    assert pilot.now_ms - START_MS == climb_ms(2.8, KINEMATICS) == 1_867
    pilot.climb(2.8)
    pilot.climb(1.0)
    trajectory = pilot.finish()
    state = trajectory.at(np.array([START_MS, START_MS + 1_867, trajectory.end_ms]))
    np.testing.assert_allclose(state.height_m, [0.0, 2.8, 1.0], atol=1e-12)
    assert len(trajectory.start_ms) == 2
    assert not state.x_m.any()
    assert not state.y_m.any()


def test_no_distance_takes_no_time() -> None:
    pilot = _pilot()
    pilot.fly_to((0.0, 0.0))
    assert pilot.now_ms == START_MS
    assert legs_ms(0.0, KINEMATICS) == (0, 0)
    assert travel_ms(0.0, KINEMATICS) == 0
