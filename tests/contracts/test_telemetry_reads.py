"""TelemetryStore: what is read is what was written, in order, within the window, of one tenant only."""

from __future__ import annotations

import itertools
import math
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from msgspec.structs import replace

from core.model.enums import EventKind
from core.model.fixtable import FixTable
from core.model.samples import Fix, Section
from core.ports import TelemetryStore
from tests.contracts.samples import (
    ALL,
    DRONE,
    RECEIVED,
    T0,
    C,
    D,
    a_fix,
    a_reading,
    an_event,
    any_fixes,
    reprs,
)

_names = (f"device-{n}" for n in itertools.count())


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fixes=any_fixes)
@example(fixes=[Fix(DRONE, T0, -0.0, 0.0, height_m=5e-324, hdop=1.7976931348623157e308, speed_mps=0.1 + 0.2)])
def test_fixes_come_back_to_the_last_bit(store: TelemetryStore, fixes: list[Fix]) -> None:
    device = next(_names)
    mine = [replace(fix, device=device) for fix in fixes]
    assert store.write(C, mine, RECEIVED).stored == len(mine)
    table = store.fixes(C, device, *ALL)
    assert sorted(reprs(table.rows())) == sorted(reprs(mine))
    order = list(zip(table.ts_ms.tolist(), table.seq.tolist(), strict=True))
    assert order == sorted(order)
    (latest,) = [fix for fix in store.latest_fixes(C) if fix.device == device]
    assert (latest.ts_ms, latest.seq) == order[-1]
    assert repr(latest) in reprs(mine)


def test_what_a_fix_does_not_tell_stays_untold(store: TelemetryStore) -> None:
    least = Fix(DRONE, T0, 9.285, 105.725)
    store.write(C, [least], RECEIVED)
    (row,) = store.fixes(C, DRONE, *ALL).rows()
    assert repr(row) == repr(least)
    assert (row.seq, row.boot, row.flight, row.job, row.sections) == (-1, "", "", "", ())
    assert math.isnan(row.height_m)


def test_sections_stay_with_their_fix(store: TelemetryStore) -> None:
    boom = (Section(-1.5, 3.0, True, 2.1), Section(1.5, 3.0, False, 0.0), Section(0.1, 0.0, True))
    fixes = [a_fix(2.0, sections=boom), a_fix(1.0), a_fix(3.0, sections=boom[:1])]
    store.write(C, fixes, RECEIVED)
    table = store.fixes(C, DRONE, *ALL)
    assert [reprs(table.sections.row(i)) for i in range(3)] == [[], reprs(boom), reprs(boom[:1])]


def test_fixes_are_ordered_by_time_then_sequence_however_they_came(store: TelemetryStore) -> None:
    for second, seq, boot in [(5, 2, "a"), (1, 9, "b"), (5, 10, "a"), (3, -1, ""), (5, 1, "z")]:
        store.write(C, [a_fix(second, seq=seq, boot=boot)], RECEIVED)
    table = store.fixes(C, DRONE, *ALL)
    assert ((table.ts_ms - T0) // 1_000).tolist() == [1, 3, 5, 5, 5]
    assert table.seq.tolist() == [9, -1, 1, 2, 10]


def test_events_and_readings_are_ordered_by_time(store: TelemetryStore) -> None:
    events = [an_event(s, kind) for s, kind in [(3.0, EventKind.OFF), (1.0, EventKind.REFILL), (2.0, EventKind.ON)]]
    readings = [a_reading(s, q) for s, q in [(3.0, "a"), (1.0, "b"), (2.0, "a"), (2.5, "c")]]
    store.write(C, [*events, *readings], RECEIVED)
    assert store.events(C, DRONE, *ALL) == sorted(events, key=lambda e: e.ts_ms)
    assert store.readings(C, "s1", *ALL) == sorted(readings, key=lambda r: r.ts_ms)


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [(1, 3, [1, 2, 3]), (2, 2, [2]), (0, 1, [1]), (3, 9, [3]), (4, 9, []), (3, 1, [])],
)
def test_both_borders_of_the_window_belong_to_it(
    store: TelemetryStore, start: int, end: int, seconds: list[int]
) -> None:
    for make in (a_fix, an_event, a_reading):
        store.write(C, [make(float(s)) for s in (1, 2, 3)], RECEIVED)
    window = (T0 + start * 1_000, T0 + end * 1_000)
    times = [T0 + s * 1_000 for s in seconds]
    assert store.fixes(C, DRONE, *window).ts_ms.tolist() == times
    assert [e.ts_ms for e in store.events(C, DRONE, *window)] == times
    assert [r.ts_ms for r in store.readings(C, "s1", *window)] == times


def test_a_millisecond_outside_the_window_is_outside(store: TelemetryStore) -> None:
    store.write(C, [a_fix(1.0)], RECEIVED)
    assert len(store.fixes(C, DRONE, T0 + 1_001, T0 + 2_000)) == 0
    assert len(store.fixes(C, DRONE, T0, T0 + 999)) == 0


def test_where_there_is_nothing_the_answers_are_empty(store: TelemetryStore) -> None:
    table = store.fixes(C, DRONE, *ALL)
    assert isinstance(table, FixTable)
    assert (len(table), table.device) == (0, DRONE)
    assert store.events(C, DRONE, *ALL) == []
    assert store.readings(C, "s1", *ALL) == []
    assert store.latest_fixes(C) == []
    assert store.latest_readings(C) == []


def test_a_table_names_its_device(store: TelemetryStore) -> None:
    store.write(C, [a_fix()], RECEIVED)
    assert store.fixes(C, DRONE, *ALL).device == DRONE


def test_no_method_shows_another_cooperatives_data(store: TelemetryStore) -> None:
    store.write(C, [a_fix(), an_event(1.0), a_reading(2.0)], RECEIVED)
    assert len(store.fixes(D, DRONE, *ALL)) == 0
    assert store.events(D, DRONE, *ALL) == []
    assert store.readings(D, "s1", *ALL) == []
    assert store.latest_fixes(D) == []
    assert store.latest_readings(D) == []


def test_no_method_shows_another_devices_data(store: TelemetryStore) -> None:
    store.write(C, [a_fix(), an_event(1.0), a_reading(2.0)], RECEIVED)
    for other in ("d", "d11", "D1", "%", ""):
        assert len(store.fixes(C, other, *ALL)) == 0
        assert store.events(C, other, *ALL) == []
        assert store.readings(C, other, *ALL) == []


def test_late_data_never_moves_the_latest_back(store: TelemetryStore) -> None:
    store.write(C, [a_fix(9.0, seq=9), a_reading(9.0, value=40.0)], RECEIVED)
    store.write(C, [a_fix(8.0, seq=10), a_reading(8.0, value=20.0)], RECEIVED + 60_000)
    assert reprs(store.latest_fixes(C)) == reprs([a_fix(9.0, seq=9)])
    assert store.latest_readings(C) == [a_reading(9.0, value=40.0)]
    store.write(C, [a_fix(10.0, seq=0), a_reading(10.0, value=10.0)], RECEIVED)
    assert reprs(store.latest_fixes(C)) == reprs([a_fix(10.0, seq=0)])
    assert store.latest_readings(C) == [a_reading(10.0, value=10.0)]


def test_of_the_same_millisecond_the_higher_sequence_number_is_the_latest(store: TelemetryStore) -> None:
    store.write(C, [a_fix(seq=2), a_fix(seq=10), a_fix(seq=9)], RECEIVED)
    assert [fix.seq for fix in store.latest_fixes(C)] == [10]


def test_a_conflict_is_not_the_latest(store: TelemetryStore) -> None:
    store.write(C, [a_fix(), a_fix(lat_deg=1.0), a_reading(0.0), a_reading(0.0, value=1.0)], RECEIVED)
    assert reprs(store.latest_fixes(C)) == reprs([a_fix()])
    assert store.latest_readings(C) == [a_reading(0.0)]


def test_the_latest_of_many_devices_by_device_and_quantity(store: TelemetryStore) -> None:
    names = [f"d{n:03d}" for n in range(150)]
    fixes = [a_fix(s, device=name, seq=s) for s in (1, 0) for name in reversed(names)]
    readings = [a_reading(s, q, float(s), device=name) for s in (0, 1) for q in ("z", "a") for name in reversed(names)]
    store.write(C, [*fixes, *readings], RECEIVED)
    assert [(f.device, f.seq) for f in store.latest_fixes(C)] == [(name, 1) for name in names]
    latest = [(r.device, r.quantity, r.value) for r in store.latest_readings(C)]
    assert latest == [(name, q, 1.0) for name in names for q in ("a", "z")]


def test_the_latest_reading_of_what_was_told_long_ago_is_there_too(store: TelemetryStore) -> None:
    """A quantity that a sensor tells no more, and a sensor that is silent, beside those that tell today."""
    year = 366 * 86_400.0
    now_s = time.time() - T0 / 1_000
    names = ["a", 'm,á=y "1"', "s\\d", "it's"]
    old = [a_reading(now_s - year, q, 1.0, device=name) for name in names for q in ("rain, total", "water=level")]
    older = [a_reading(now_s - 2 * year, q, 0.0, device=name) for name in names for q in ("rain, total", "battery")]
    new = [a_reading(now_s, "rain, total", 2.0, device=name) for name in names[:2]]
    store.write(C, [*old, *older, *new], RECEIVED)
    store.write(D, [a_reading(now_s, device="a")], RECEIVED)
    found = {(r.device, r.quantity): r.value for r in store.latest_readings(C)}
    told = {(name, "rain, total"): 2.0 if name in names[:2] else 1.0 for name in names}
    told |= {(name, "water=level"): 1.0 for name in names} | {(name, "battery"): 0.0 for name in names}
    assert found == told
    assert [(r.device, r.quantity) for r in store.latest_readings(C)] == sorted(told)


def test_names_are_ordered_and_told_apart_as_written(store: TelemetryStore) -> None:
    names = ["Zebra", "a", "a b", "a'b", "máy-1", "máy-2"]
    store.write(C, [a_fix(device=name) for name in reversed(names)], RECEIVED)
    assert [fix.device for fix in store.latest_fixes(C)] == names
    assert all(len(store.fixes(C, name, *ALL)) == 1 for name in names)


def test_readings_come_in_pages_from_either_end(store: TelemetryStore) -> None:
    mine = [a_reading(float(s), "salinity", s / 3.0) for s in (4, 1, 3, 0, 2)]
    others = [a_reading(1.5, "salinity", device="s2"), a_reading(2.5, "temperature"), a_reading(2.5, "salinit")]
    store.write(C, [*mine, *others], RECEIVED)
    ordered = sorted(mine, key=lambda r: r.ts_ms)
    assert store.readings_page(C, "s1", "salinity", *ALL, 3) == ordered[:3]
    assert store.readings_page(C, "s1", "salinity", T0 + 2_001, ALL[1], 3) == ordered[3:]
    assert store.readings_page(C, "s1", "salinity", *ALL, 3, newest_first=True) == ordered[:1:-1]
    assert store.readings_page(C, "s1", "salinity", ALL[0], T0 + 1_999, 9, newest_first=True) == ordered[1::-1]
    assert store.readings_page(C, "s1", "salinity", T0 + 1_000, T0 + 3_000, 9) == ordered[1:4]
    assert store.readings_page(D, "s1", "salinity", *ALL, 3) == []
    assert store.readings_page(C, "s1", "none", *ALL, 3) == []


def test_a_reading_without_a_number_has_its_place_in_a_page(store: TelemetryStore) -> None:
    readings = [a_reading(0.0, "salinity", math.nan), a_reading(1.0, "salinity", 1.0)]
    store.write(C, readings, RECEIVED)
    assert reprs(store.readings_page(C, "s1", "salinity", *ALL, 1)) == reprs(readings[:1])
    assert store.count_readings(C, "s1", "salinity", *ALL) == 2


def test_readings_are_counted_within_a_window(store: TelemetryStore) -> None:
    store.write(C, [a_reading(float(s), q) for s in range(5) for q in ("a", "a'b", "đo mặn")], RECEIVED)
    for quantity in ("a", "a'b", "đo mặn"):
        assert store.count_readings(C, "s1", quantity, *ALL) == 5
        assert store.count_readings(C, "s1", quantity, T0 + 1_000, T0 + 3_000) == 3
        assert len(store.readings_page(C, "s1", quantity, *ALL, 9)) == 5
    assert store.count_readings(C, "s1", "b", *ALL) == store.count_readings(D, "s1", "a", *ALL) == 0
