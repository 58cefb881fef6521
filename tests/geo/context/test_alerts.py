from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point
from shapely import box as rectangle

from core.model.context import Alert, AlertKind, Cause, Verdict, Window
from core.model.land import Plot
from geo.context.alerts import Rules, Second, Watch, watched
from geo.context.surroundings import Surroundings, Wind
from geo.context.window import judge
from tests.geo.context.made import NOON_MS, fair, site
from tests.geo.tracks import PLANE, plot

FIELD = plot(rectangle(0.0, 0.0, 100.0, 100.0))
OUT, IN, BAD, TANK = (
    AlertKind.OUTSIDE_PLOT,
    AlertKind.IN_BUFFER,
    AlertKind.BAD_WEATHER,
    AlertKind.TANK_MISMATCH,
)
GREEN, RED = judge(fair()), judge(fair(wind_mps=5.0))
NAN = float("nan")


def surroundings(*sites: object, plots: Sequence[Plot] = (FIELD,), wind: Wind | None = None) -> Surroundings:
    return Surroundings.prepared(PLANE, list(plots), list(sites), wind)  # type: ignore[arg-type]


def second(k: int, x: float, y: float = 50.0, *, on: bool = True, flow_lpm: float = NAN, tank_l: float = NAN) -> Second:
    """Five fixes at one place in second k."""
    n = 5
    ts_ms = NOON_MS + 1000 * k + 200 * np.arange(n)
    return Second(ts_ms, np.full(n, x), np.full(n, y), np.full(n, on), np.full(n, flow_lpm), np.full(n, tank_l))


def part_of(whole: Second, rows: slice) -> Second:
    """Some of the fixes."""
    return Second(*(getattr(whole, name)[rows] for name in Second.__dataclass_fields__))


def run(
    around: Surroundings, seconds: Sequence[Second], verdict: Verdict | Sequence[Verdict | None] | None = None
) -> list[Alert]:
    watch, found = Watch(), list[Alert]()
    verdicts = [verdict] * len(seconds) if verdict is None or isinstance(verdict, Verdict) else verdict
    for part, judged in zip(seconds, verdicts, strict=True):
        watch, alerts = watched(watch, part, around, judged)
        found += alerts
    return found


def told(alerts: list[Alert]) -> list[tuple[AlertKind, bool, float]]:
    """Which, whether it begins, and at which second."""
    return [(a.kind, a.raised, (a.ts_ms - NOON_MS) / 1000.0) for a in alerts]


def test_spraying_outside_all_plots_is_raised_once_and_cleared_once() -> None:
    xs = [90.0, 103.0, 103.0, 104.0, 90.0, 90.0, 90.0, 90.0, 90.0]
    found = run(surroundings(), [second(k, x) for k, x in enumerate(xs)])
    assert told(found) == [(OUT, True, 1.6), (OUT, False, 7.0)]
    assert found[0].value == pytest.approx(3.0, abs=0.01)
    assert (found[0].limit, found[0].unit) == (2.0, "m")
    x, y = PLANE.xy(np.array([found[0].lon_deg]), np.array([found[0].lat_deg]))
    assert (x[0], y[0]) == (pytest.approx(103.0, abs=0.01), pytest.approx(50.0, abs=0.01))


def test_the_edge_is_given_to_the_receiver_and_noise_at_the_limit_does_not_repeat_an_alert() -> None:
    assert run(surroundings(), [second(k, 101.9) for k in range(10)]) == []
    flutter = [second(k, 102.2 if k % 2 else 101.5) for k in range(20)]
    assert [a.raised for a in run(surroundings(), flutter)] == [True]
    blink = [second(0, 50.0), replace(second(1, 110.0), on=np.array([True, False, False, False, False]))]
    assert run(surroundings(), blink) == []


def test_outside_with_the_implement_off_is_nothing_and_off_ends_it() -> None:
    assert run(surroundings(), [second(k, 150.0, on=False) for k in range(10)]) == []
    found = run(surroundings(), [second(k, 150.0, on=k < 3) for k in range(8)])
    assert told(found) == [(OUT, True, 0.6), (OUT, False, 6.0)]


def test_without_any_plot_nobody_can_say_that_it_is_outside() -> None:
    assert run(surroundings(plots=()), [second(k, 150.0) for k in range(5)]) == []


def test_a_sites_buffer_all_round() -> None:
    around = surroundings(
        site(Point(50.0, 20.0), 10.0, 10.0, name="pond"), site(Point(0.0, 0.0), 5.0, 5.0, name="hive")
    )
    ys = [50.0, 29.0, 29.0, 31.0, 31.0, 31.0, 31.0, 31.0, 33.0, 33.0, 33.0, 33.0, 33.0]
    found = run(around, [second(k, 50.0, y) for k, y in enumerate(ys)])
    assert told(found) == [(IN, True, 1.6), (IN, False, 11.0)]
    assert {a.subject for a in found} == {"pond"}
    assert found[0].value == pytest.approx(9.0, abs=0.01)
    assert (found[0].cause, found[0].limit) == ("all-round", 10.0)


@pytest.mark.parametrize(
    ("wind", "raised"),
    [
        (Wind(2.0, 0.0), True),  # from the north, and the site lies south
        (Wind(2.0, 40.0), True),
        (Wind(2.0, 50.0), False),
        (Wind(2.0, 180.0), False),
        (Wind(0.0, 0.0), False),
        (Wind(), False),
    ],
)
def test_the_downwind_distance_counts_while_the_wind_blows_there(wind: Wind, *, raised: bool) -> None:
    canal = site(LineString([(-500.0, 20.0), (500.0, 20.0)]), 10.0, 40.0)
    found = run(surroundings(canal, wind=wind), [second(k, 50.0) for k in range(3)])
    assert told(found) == ([(IN, True, 0.6)] if raised else [])
    assert all(a.cause == "downwind" and a.limit == 40.0 for a in found)


def test_the_implements_reach_counts() -> None:
    canal = site(LineString([(-500.0, 20.0), (500.0, 20.0)]), 28.0, 28.0)
    wide = replace(surroundings(canal), half_swath_m=3.0)
    assert run(surroundings(canal), [second(k, 50.0) for k in range(3)]) == []
    assert [a.value for a in run(wide, [second(k, 50.0) for k in range(3)])] == [pytest.approx(27.0, abs=0.01)]


def test_bad_weather_names_its_worst_cause_and_ends_after_a_while() -> None:
    verdicts = [GREEN] * 2 + [RED] * 10 + [GREEN] * 30 + [RED] + [GREEN] * 70
    found = run(surroundings(), [second(k, 50.0) for k in range(len(verdicts))], verdicts)
    assert told(found) == [(BAD, True, 2.6), (BAD, False, 103.0)]
    assert (found[0].cause, found[0].value, found[0].limit, found[0].unit) == (Cause.WIND_HIGH, 5.0, 4.0, "m/s")


def test_no_data_neither_begins_nor_ends_bad_weather() -> None:
    unknown = judge(fair(wind_mps=NAN))
    assert unknown.window is Window.NO_DATA
    seconds = [second(k, 50.0) for k in range(200)]
    assert run(surroundings(), seconds, unknown) == []
    assert [a.raised for a in run(surroundings(), seconds, [RED, RED, *[unknown, None] * 99])] == [True]


def sprayed(seconds: int, flow_lpm: float, drain_lpm: float, start_l: float = 30.0, at: int = 0) -> list[Second]:
    """Spraying inside the plot: the meter says ``flow_lpm``, the level falls by ``drain_lpm``."""
    parts = []
    for k in range(at, at + seconds):
        part = second(k, 50.0, flow_lpm=flow_lpm)
        since_ms = part.ts_ms - NOON_MS - 1000 * at
        parts.append(replace(part, tank_l=np.asarray(start_l - drain_lpm * since_ms / 60_000.0, np.float64)))
    return parts


def test_a_meter_that_disagrees_with_the_tank() -> None:
    assert run(surroundings(), sprayed(120, 6.0, 6.2)) == []
    found = run(surroundings(), sprayed(120, 6.0, 7.2))
    assert told(found) == [(TANK, True, 25.0)]
    assert found[0].value == pytest.approx(100.0 / 6.0)
    assert (found[0].limit, found[0].unit) == (5.0, "%")
    assert [a.raised for a in run(surroundings(), sprayed(120, 7.2, 6.0))] == [True]


def test_a_refill_starts_both_totals_anew() -> None:
    bad = sprayed(60, 6.0, 7.2)
    refilled = sprayed(60, 6.0, 6.0, at=60)
    assert [(a.kind, a.raised) for a in run(surroundings(), [*bad, *refilled])] == [(TANK, True), (TANK, False)]


def test_what_flows_in_a_gap_of_the_telemetry_counts_in_neither_total() -> None:
    full = sprayed(120, 6.0, 6.0)
    assert run(surroundings(), [s for k, s in enumerate(full) if not 50 <= k < 75]) == []


def test_late_repeated_and_unplaced_fixes_change_nothing() -> None:
    around = surroundings()
    seconds = [second(k, 103.0 if 1 < k < 5 else 50.0) for k in range(12)]
    plain = run(around, seconds)
    assert len(plain) == 2
    noisy = [s for pair in zip(seconds, [seconds[0], *seconds[:-1]], strict=True) for s in pair]
    assert run(around, noisy) == plain
    assert run(around, [replace(s, x=np.full(5, NAN)) for s in seconds]) == []
    backwards = [part_of(s, slice(None, None, -1)) for s in seconds]
    assert run(around, backwards) == plain


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 20))
def test_how_fixes_are_bundled_does_not_matter_and_alerts_take_turns(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    n = 300
    walk = np.cumsum(random.normal(0, 1.5, (n, 2)), axis=0) + np.array([95.0, 30.0])
    whole = Second(
        NOON_MS + 200 * np.arange(n),
        walk[:, 0],
        walk[:, 1],
        random.random(n) < 0.9,
        np.full(n, 6.0),
        np.linspace(30.0, 22.0, n),
    )
    around = surroundings(site(Point(90.0, 20.0), 10.0, 25.0), wind=Wind(2.0, 0.0))
    watch, alerts = Watch(), list[Alert]()
    for start in range(0, n, size):
        watch, some = watched(watch, part_of(whole, slice(start, start + size)), around, RED)
        alerts += some
    last, at_once = watched(Watch(), whole, around, RED)
    assert repr(alerts) == repr(at_once)
    assert sorted(watch.standing) == sorted(last.standing)
    for key in {(a.kind, a.subject) for a in alerts}:
        states = [a.raised for a in alerts if (a.kind, a.subject) == key]
        assert states == [k % 2 == 0 for k in range(len(states))]


def test_a_watch_is_not_changed_by_what_comes_after() -> None:
    watch = Watch()
    watched(watch, second(0, 150.0), surroundings(), RED, Rules(begin_s=0.0))
    assert watch == Watch()


def test_a_second_of_flight_costs_little() -> None:
    """0.2 ms on the machine that was measured; ten times that here, so that a busy machine does not fail."""
    plots = [
        plot(rectangle(120.0 * i, 120.0 * j, 120.0 * i + 110.0, 120.0 * j + 110.0), f"p{i}-{j}")
        for i in range(15)
        for j in range(20)
    ]
    sites = [site(Point(240.0 * i, 240.0 * j).buffer(5.0), name=f"s{i}-{j}") for i in range(7) for j in range(10)]
    around = surroundings(*sites, plots=plots, wind=Wind(2.0, 90.0))
    watch, cost = Watch(), list[float]()
    for k in range(200):
        x = 5.0 * k + np.arange(5.0)
        part = replace(second(k, 0.0, 205.0, flow_lpm=6.0, tank_l=30.0 - 0.1 * k), x=x)
        start = time.perf_counter()
        watch, _ = watched(watch, part, around, RED)
        cost.append(time.perf_counter() - start)
    assert float(np.median(cost)) < 2e-3


def test_outside_ends_only_nearer_than_it_began() -> None:
    xs = [103.0] * 3 + [101.5] * 10
    assert [a.raised for a in run(surroundings(), [second(k, x) for k, x in enumerate(xs)])] == [True]


def test_what_was_not_sprayed_in_a_gap_is_not_held_against_the_meter() -> None:
    before, after = sprayed(50, 6.0, 6.0), sprayed(60, 6.0, 6.0, start_l=25.0, at=75)
    assert run(surroundings(), [*before, *after]) == []
