"""The flow of a sortie against a model of its own: each run a ramp up and a ramp down, runs added up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.fixtable import Floats, Ints
from simulators.flying.implement import Outflow, Run, Valve

VALVES = st.builds(Valve, delay_ms=st.integers(0, 1_500), response_ms=st.integers(0, 2_500))


@st.composite
def _runs(draw: st.DrawFn) -> list[Run]:
    """Runs one after the other, some of them shorter than the valve's response, some close together."""
    at = draw(st.integers(0, 10_000))
    runs = []
    for _ in range(draw(st.integers(1, 7))):
        off = at + draw(st.integers(1, 40_000))
        runs.append(Run(at, off, draw(st.floats(0.05, 30.0))))
        at = off + draw(st.integers(0, 6_000))
    return runs


def _modelled(runs: list[Run], valve: Valve, ts_ms: Ints) -> Floats:
    ramp = max(valve.response_ms, 1)
    total = np.zeros(len(ts_ms))
    for run in runs:
        opened, closed = (np.clip((ts_ms - at - valve.delay_ms) / ramp, 0.0, 1.0) for at in (run.on_ms, run.off_ms))
        total += run.flow * (opened - closed)
    return total


def _corners(runs: list[Run], valve: Valve) -> Ints:
    ramp = max(valve.response_ms, 1)
    at = [t + valve.delay_ms + d for run in runs for t in (run.on_ms, run.off_ms) for d in (0, ramp)]
    return np.unique(np.array([0, *at, max(at) + 5_000], np.int64))


@given(_runs(), VALVES)
def test_flow_is_the_sum_of_ramps(runs: list[Run], valve: Valve) -> None:
    corners = _corners(runs, valve)
    ts = np.unique(np.concatenate([corners, corners + 1, (corners[1:] + corners[:-1]) // 2]))
    flow, _ = Outflow.of(runs, valve).at(ts)
    assert flow == pytest.approx(_modelled(runs, valve, ts), abs=1e-9)
    assert (flow >= 0.0).all()
    assert (flow <= sum(run.flow for run in runs) + 1e-9).all()
    assert flow[-1] == 0.0, "it is exactly dry in the end"


@given(_runs(), VALVES)
def test_what_comes_out_is_the_integral_of_the_flow(runs: list[Run], valve: Valve) -> None:
    """Between corners the flow is straight, so trapezes are exact."""
    corners = _corners(runs, valve)
    flow, out = Outflow.of(runs, valve).at(corners)
    steps = (flow[1:] + flow[:-1]) / 2.0 * np.diff(corners) / 60_000.0
    assert out == pytest.approx(np.concatenate([[0.0], np.cumsum(steps)]), abs=1e-9)
    middles = (corners[1:] + corners[:-1]) // 2
    half_flow, half_out = Outflow.of(runs, valve).at(middles)
    first_halves = (flow[:-1] + half_flow) / 2.0 * (middles - corners[:-1]) / 60_000.0
    assert half_out == pytest.approx(out[:-1] + first_halves, abs=1e-9)
    assert (np.diff(out) >= -1e-12).all()


@given(_runs(), VALVES)
def test_the_total_is_wanted_flow_times_time(runs: list[Run], valve: Valve) -> None:
    outflow = Outflow.of(runs, valve)
    wanted = sum(run.flow * (run.off_ms - run.on_ms) for run in runs) / 60_000.0
    assert outflow.total == pytest.approx(wanted, rel=1e-9)
    long_after = np.array([runs[-1].off_ms + 1_000_000])
    assert outflow.at(long_after)[1][0] == pytest.approx(wanted, rel=1e-9)


@given(_runs(), VALVES)
def test_nothing_comes_before_the_first_run(runs: list[Run], valve: Valve) -> None:
    ts = np.array([-(10**9), 0, runs[0].on_ms + valve.delay_ms])
    flow, out = Outflow.of(runs, valve).at(np.minimum(ts, runs[0].on_ms + valve.delay_ms))
    assert flow.tolist() == [0.0] * 3
    assert out.tolist() == [0.0] * 3


@given(st.integers(0, 1_500), st.integers(0, 1_250), st.floats(0.1, 30.0))
def test_half_of_the_flow_comes_at_the_lag(delay_ms: int, half_ms: int, wanted: float) -> None:
    valve = Valve(delay_ms, 2 * half_ms)
    outflow = Outflow.of([Run(1_000, 31_000, wanted)], valve)
    at = np.array([1_000, 31_000]) + valve.lag_ms
    share = 0.5 if half_ms else 0.0  # without a response it opens within a millisecond, from this instant on
    assert outflow.at(at)[0] == pytest.approx([share * wanted, (1.0 - share) * wanted])


def test_a_dead_time_moves_everything() -> None:
    runs = [Run(0, 10_000, 6.0), Run(12_000, 15_000, 3.0)]
    ts = np.arange(-500, 20_000, 37)
    prompt, late = (Outflow.of(runs, Valve(delay, 400)).at(ts + delay) for delay in (0, 900))
    assert (prompt[0] == late[0]).all()
    assert (prompt[1] == late[1]).all()


def test_overlapping_ramps_add_up() -> None:
    """The second run begins while the first is falling: 10 less a quarter, and a quarter of 4."""
    outflow = Outflow.of([Run(0, 10_000, 10.0), Run(10_000, 20_000, 4.0)], Valve(0, 1_000))
    assert outflow.at(np.array([10_250]))[0][0] == pytest.approx(7.5 + 1.0)


def test_a_touch_of_the_switch_never_opens_the_valve_wholly() -> None:
    outflow = Outflow.of([Run(0, 300, 10.0)], Valve(0, 1_000))
    assert outflow.at(np.arange(2_000))[0].max() == pytest.approx(3.0)
    assert outflow.total == pytest.approx(10.0 * 0.3 / 60.0)


def test_a_sortie_without_a_run_lets_nothing_go() -> None:
    outflow = Outflow.of([], Valve(100, 300))
    flow, out = outflow.at(np.array([-5, 0, 10**12]))
    assert (flow.tolist(), out.tolist(), outflow.total) == ([0.0] * 3, [0.0] * 3, 0.0)


def test_instants_of_today_lose_no_digits() -> None:
    """Milliseconds since 1970 are large; the amounts must not feel it."""
    runs, valve = [Run(0, 20_000, 6.0), Run(30_000, 40_000, 7.0)], Valve(50, 300)
    start = 1_795_000_000_000
    later = [Run(run.on_ms + start, run.off_ms + start, run.flow) for run in runs]
    ts = np.arange(0, 45_000, 200)
    for now, then in zip(Outflow.of(runs, valve).at(ts), Outflow.of(later, valve).at(ts + start), strict=True):
        assert (now == then).all()
