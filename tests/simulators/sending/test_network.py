"""A device on a bad network: nothing is invented, and what goes wrong is what the simulator says went wrong."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.intake import IntakeCommit
from core.model.enums import EventKind
from core.model.fixtable import FixTable, Labels
from core.model.ledger import merged
from core.model.samples import Event, Fix, Reading
from core.model.traffic import Sending
from core.ports import Sample
from ingest.ledger import Ledger
from ingest.pipeline import Share
from simulators.sending.boots import UNSET_MS, before_reboots
from simulators.sending.network import Sent, send, send_readings
from simulators.sending.tally import Tally
from simulators.specs import Network
from storage.intake.sqlite import SqliteIntake
from tests.support.fakes import FakeTelemetryStore

MIDNIGHT_MS = 1_763_917_200_000
T0 = MIDNIGHT_MS + 7 * 3_600_000
IDEAL = Network(latency_ms=0.0, jitter_ms=0.0)

pct = st.sampled_from([0.0, 3.0, 40.0, 100.0])
networks = st.builds(
    Network,
    batch_s=st.sampled_from([0.0, 0.2, 1.0, 30.0]),
    latency_ms=st.floats(0.0, 3_000.0),
    jitter_ms=st.floats(0.0, 2_000.0),
    holes_per_h=st.sampled_from([0.0, 10.0, 200.0]),
    hole_s=st.floats(0.1, 60.0),
    duplicate_pct=pct,
    reorder_pct=pct,
    reorder_s=st.floats(0.0, 20.0),
    outages_h=st.sampled_from([[], [(7.0, 7.05)], [(7.001, 7.01), (7.005, 7.02), (0.0, 7.0)]]),
    outage_flights=st.sampled_from([0.0, 0.5, 1.0]),
    flood_per_s=st.sampled_from([0.5, 7.0, 50.0]),
    clock_offset_s=st.sampled_from([0.0, -7.5, 4_000.0]),
    clock_drift_ppm=st.sampled_from([0.0, 100.0, -5_000.0]),
    clock_unset_share=st.sampled_from([0.0, 0.5, 1.0]),
    reboots_per_h=st.sampled_from([0.0, 60.0]),
    reboot_s=st.floats(0.5, 20.0),
)


def a_day(boots: int = 3, fixes: int = 120, *, step_ms: int = 200, events: bool = True) -> tuple[FixTable, list[Event]]:
    """Boots of some flights, half a minute between them; heights number the fixes, so that each is known again."""
    n = boots * fixes
    number = np.arange(n)
    ts = T0 + number * step_ms + number // fixes * 30_000
    boot = Labels((number // fixes).astype(np.int32), tuple(f"b{i}" for i in range(boots)))
    table = FixTable.build(ts, np.full(n, 9.2), np.full(n, 105.7), device="d1", height_m=number, boot=boot)
    made: list[Event] = []
    for i in range(boots) if events else ():
        first, last = int(ts[i * fixes]), int(ts[(i + 1) * fixes - 1])
        inside = [(first + 1_100, EventKind.ON), ((first + last) // 2, EventKind.OFF)]
        for at, kind in ((first, EventKind.TAKEOFF), *inside, (last, EventKind.LANDING)):
            made.append(Event("d1", at, kind, f"b{i}"))
    return table, made


def deliveries(sending: Sending) -> list[tuple[int, int, int]]:
    return list(zip(sending.due_ms.tolist(), sending.first.tolist(), sending.end.tolist(), strict=True))


def of(spec: Network, seed: int = 1, *, boots: int = 3, fixes: int = 120, events: bool = True) -> Sent:
    table, made = a_day(boots, fixes, events=events)
    return send(table, made, spec, np.random.default_rng(seed), day0_ms=MIDNIGHT_MS)


def columns(sent: Sent) -> list[Any]:
    table, sending = sent.fixes
    told = [table.ts_ms, table.seq, table.height_m, *(getattr(sending, name) for name in ("due_ms", "first", "end"))]
    events, event_sending = sent.events
    return [*(c.tobytes() for c in told), table.boot.values(), events, deliveries(event_sending), sent.tally]


@given(networks, st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_nothing_is_invented_and_nothing_gets_lost_of_itself(spec: Network, seed: int) -> None:
    ideal, ideal_events = a_day()
    (table, sending), (events, event_sending), tally = of(spec, seed)
    taken = table.height_m.astype(int)
    true_ms = ideal.ts_ms[taken]
    assert len(np.unique(taken)) == len(taken)
    assert len(table) + len(events) + tally.untaken == len(ideal) + len(ideal_events)
    assert all(before_reboots(b) == ideal.boot[i] for b, i in zip(table.boot.values(), taken.tolist(), strict=True))

    came: Counter[int] = Counter()
    for due_ms, first, end in deliveries(sending):
        assert 0 <= first < end <= len(table)
        assert end - first <= 10
        assert true_ms[end - 1] - true_ms[first] <= spec.batch_s * 1_000
        assert len(set(table.boot.codes[first:end].tolist())) == 1
        assert due_ms >= true_ms[end - 1]
        came.update(range(first, end))
    assert set(came) == set(range(len(table)))
    event_came = Counter(first for _, first, end in deliveries(event_sending) if end == first + 1)
    assert set(event_came) == set(range(len(events)))
    for told in (sending, event_sending):
        assert (np.diff(told.due_ms) >= 0).all()
    assert (tally.lost, tally.missing) == (0, 0)
    assert tally.duplicated == sum(came.values()) + sum(event_came.values()) - len(table) - len(events)


@given(networks, st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_the_same_seed_gives_the_same(spec: Network, seed: int) -> None:
    assert columns(of(spec, seed)) == columns(of(spec, seed))


@given(networks)
@settings(max_examples=60, deadline=None)
def test_fixes_are_counted_from_0_in_every_boot(spec: Network) -> None:
    table = of(spec).fixes[0]
    for code in set(table.boot.codes.tolist()):
        seq = table.seq[table.boot.codes == code]
        np.testing.assert_array_equal(seq, np.arange(len(seq)))


def test_an_ideal_network_delivers_every_sample_once_in_order() -> None:
    ideal, ideal_events = a_day()
    (table, sending), (events, event_sending), tally = of(IDEAL)
    np.testing.assert_array_equal(table.ts_ms, ideal.ts_ms)
    assert table.boot.values() == ideal.boot.values()
    assert events == ideal_events
    assert sending.first[0] == 0
    assert (sending.first[1:] == sending.end[:-1]).all()
    assert sending.end[-1] == len(table)
    np.testing.assert_array_equal(sending.due_ms, ideal.ts_ms[sending.end - 1])
    assert deliveries(event_sending) == [(e.ts_ms, i, i + 1) for i, e in enumerate(events)]
    assert tally == Tally(sent=len(ideal) + len(ideal_events))


def test_a_message_never_reaches_over_an_event() -> None:
    ideal, events = a_day()
    for _, first, end in deliveries(of(IDEAL).fixes[1]):
        span = range(int(ideal.ts_ms[first]), int(ideal.ts_ms[end - 1]))
        assert not [e for e in events if e.ts_ms in span and e.ts_ms != ideal.ts_ms[first]]


def test_no_message_overtakes_another_where_nothing_is_said_of_it() -> None:
    spec = Network(batch_s=0.0, latency_ms=500.0, jitter_ms=2_000.0, holes_per_h=100.0)
    (_, sending), (_, event_sending), _ = of(spec, fixes=600)
    assert (np.diff(sending.first) == 1).all()
    assert (np.diff(event_sending.first) == 1).all()


def test_at_one_instant_a_take_off_comes_before_the_fix_and_a_landing_behind_it() -> None:
    spec = Network(batch_s=0.0, outages_h=[(7.0, 7.02)], flood_per_s=10.0)
    (table, sending), (events, event_sending), _ = of(spec, boots=1)
    due = dict(zip((e.kind for e in events), event_sending.due_ms.tolist(), strict=True))
    assert due[EventKind.TAKEOFF] == sending.due_ms[0] - 100
    assert due[EventKind.LANDING] == sending.due_ms[len(table) - 1] + 100


def test_without_events_or_without_fixes() -> None:
    (table, sending), (events, none), _ = of(Network(outage_flights=1.0), events=False)
    assert (len(table), events, len(none)) == (360, [], 0)
    assert sending.due_ms[0] > table.ts_ms[119]  # a boot counts as a flight
    _, made = a_day()
    sent = send(FixTable.empty("d1"), made, Network(), np.random.default_rng(1))
    assert (len(sent.fixes[0]), len(sent.events[0])) == (0, len(made))
    assert send(FixTable.empty("d1"), [], Network(), np.random.default_rng(1)).tally == Tally()


def test_samples_out_of_order_are_refused() -> None:
    table, events = a_day()
    with pytest.raises(ValueError, match="order of their times"):
        send(table.take(slice(None, None, -1)), events, IDEAL, np.random.default_rng(1))


# --- single faults


def test_a_clock_that_is_wrong() -> None:
    spec = Network(clock_offset_s=-12.5, clock_drift_ppm=1_000.0)
    (table, sending), (events, _), _ = of(spec)
    ideal, ideal_events = a_day()
    after_s = (ideal.ts_ms - MIDNIGHT_MS) / 1_000.0
    assert table.ts_ms - ideal.ts_ms == pytest.approx(-12_500 + after_s, abs=1.0)
    assert [e.ts_ms - i.ts_ms for e, i in zip(events, ideal_events, strict=True)] == pytest.approx(
        [-12_500 + (i.ts_ms - MIDNIGHT_MS) / 1e6 * 1_000 for i in ideal_events], abs=1.0
    )
    assert (sending.due_ms > ideal.ts_ms[sending.end - 1]).all()  # true time knows nothing of it


def test_a_clock_that_is_unset_until_the_receiver_tells_it() -> None:
    table, events = a_day(2, 600)
    (told, _), (stamped, _), tally = send(table, events, Network(clock_unset_share=1.0), np.random.default_rng(5))
    unset = told.ts_ms < 1_104_537_600_000
    for code in (0, 1):
        mine = told.boot.codes == code
        rows = np.flatnonzero(mine & unset)
        assert 20_000 <= told.ts_ms[rows[-1]] - told.ts_ms[rows[0]] < 60_000
        assert told.ts_ms[rows[0]] in UNSET_MS
        assert rows[-1] - rows[0] + 1 == len(rows)  # it is set once
        np.testing.assert_array_equal(np.diff(told.ts_ms[rows]), 200)
    np.testing.assert_array_equal(told.ts_ms[~unset], table.ts_ms[~unset])
    assert sum(e.ts_ms < 1_104_537_600_000 for e in stamped) + unset.sum() == tally.unset


def test_some_boots_have_an_unset_clock() -> None:
    (told, _), _, tally = of(Network(clock_unset_share=0.5), boots=40, fixes=20)
    unset = {b for b, ts in zip(told.boot.values(), told.ts_ms.tolist(), strict=True) if ts < 1e12}
    assert 8 < len(unset) < 32
    assert tally.unset > 0


def test_a_reboot_in_flight_starts_another_boot() -> None:
    (table, _), _, tally = of(Network(reboots_per_h=120.0, reboot_s=4.0), fixes=600)
    assert tally.reboots > 3
    labels = [label for label in table.boot.labels if label in set(table.boot.values())]
    assert len(labels) > 3
    assert all(before_reboots(label) in {"b0", "b1", "b2"} for label in labels)
    steps = np.diff(table.ts_ms)
    crossing = np.flatnonzero(np.diff(table.boot.codes))
    inside = [i for i in crossing if before_reboots(table.boot[int(i)]) == before_reboots(table.boot[int(i) + 1])]
    assert inside
    assert all(steps[i] >= 4_000 for i in inside)
    assert tally.untaken >= 4 * 5 * len(inside) - len(inside)


def test_outage_by_the_hour_and_the_flood_behind_it() -> None:
    spec = Network(latency_ms=0.0, jitter_ms=0.0, outages_h=[(7.0, 7.02)], flood_per_s=10.0)
    (table, sending), _, tally = of(spec, events=False, boots=1, fixes=600)
    back_ms = MIDNIGHT_MS + round(7.02 * 3_600_000)
    assert sending.due_ms[0] == back_ms
    flood = np.flatnonzero(sending.due_ms > table.ts_ms[sending.end - 1])
    np.testing.assert_array_equal(np.diff(sending.due_ms[flood]), 100)
    assert len(flood) > 12  # those that waited, and those that were ready meanwhile
    assert (sending.first[1:] == sending.end[:-1]).all()  # in order
    assert tally.late == (table.ts_ms < np.repeat(sending.due_ms, sending.end - sending.first) - 60_000).sum() > 0


def test_a_flight_without_a_connection_comes_after_the_landing() -> None:
    (table, sending), (events, event_sending), _ = of(Network(outage_flights=1.0))
    landings = [e.ts_ms for e in events if e.kind is EventKind.LANDING]
    flight = np.searchsorted(landings, table.ts_ms[sending.end - 1])
    assert (sending.due_ms > np.array(landings)[flight]).all()
    assert (event_sending.due_ms > [min(at for at in landings if at >= e.ts_ms) for e in events]).all()


def test_holes_delay_and_lose_nothing() -> None:
    (table, sending), _, tally = of(Network(holes_per_h=200.0, hole_s=8.0), fixes=900)
    delay = sending.due_ms - table.ts_ms[sending.end - 1]
    assert np.median(delay) < 400
    assert delay.max() > 3_000
    assert tally.lost == 0


def test_a_full_buffer_loses_the_oldest() -> None:
    spec = Network(latency_ms=0.0, jitter_ms=0.0, outages_h=[(7.0, 7.02)], buffer_messages=5)
    (table, sending), _, tally = of(spec, events=False, boots=1, fixes=600)
    assert tally.lost == sending.first[0] > 0
    assert (sending.due_ms < MIDNIGHT_MS + round(7.02 * 3_600_000) + 100).sum() == 5
    assert tally.missing == 0  # a receiver cannot know of what comes before the first
    assert sending.end[-1] == len(table)


def test_shares_are_about_what_the_spec_says() -> None:
    (_, sending), _, tally = of(Network(lost_pct=5.0, duplicate_pct=10.0, reorder_pct=3.0), boots=10, fixes=2_000)
    samples = tally.sent
    assert tally.lost / samples == pytest.approx(0.05, abs=0.015)
    assert tally.duplicated / samples == pytest.approx(0.095, abs=0.02)
    falls = (np.diff(sending.first) < 0).sum()
    assert falls > 0.02 * len(sending)


def test_duplicates_come_soon_after() -> None:
    _, sending = of(Network(duplicate_pct=100.0), events=False)[0]
    came: dict[int, list[int]] = {}
    for due_ms, first, _ in deliveries(sending):
        came.setdefault(first, []).append(due_ms)
    assert all(len(times) == 2 and 100 <= times[1] - times[0] <= 5_000 for times in came.values())


def test_six_million_fixes() -> None:
    """Prints the time; nothing is asserted about it, for the machine may be busy."""
    n = 70_000
    number = np.arange(n)
    boot = Labels((number // 2_000).astype(np.int32), tuple(f"b{i}" for i in range(n // 2_000)))
    table = FixTable.build(T0 + number * 200, np.full(n, 9.2), np.full(n, 105.7), boot=boot)
    events = [Event("", T0 + i * 6_000, EventKind.ON if i % 2 else EventKind.OFF, boot[i * 30]) for i in range(2_300)]
    spec = Network(holes_per_h=6.0, duplicate_pct=1.0, reorder_pct=1.0, reboots_per_h=1.0, clock_unset_share=0.1)
    best_s = 1e9
    for _ in range(4):
        began = time.perf_counter()
        sent = send(table, events, spec, np.random.default_rng(1))
        best_s = min(best_s, time.perf_counter() - began)
    print(f"6 million fixes would take {best_s * 6e6 / n:.1f} s")  # noqa: T201
    assert sent.tally.sent + sent.tally.untaken == n + len(events)


# --- the ledger


def booked(tmp_path: Path, stream: list[tuple[int, list[Sample]]]) -> dict[str, Any]:
    """What ingest's ledger makes of messages in order of arrival: its pages by boot."""
    intake = SqliteIntake(tmp_path / "intake.sqlite")
    store, ledger = FakeTelemetryStore(), Ledger(intake, "s")
    for due_ms, samples in sorted(stream, key=lambda it: it[0]):
        result = store.write("htx", samples, due_ms)
        ledger.apply("htx", Share(list(samples), [0] * len(samples)), dict(result.verdicts), [due_ms])
    accounts, days, clocks, _ = ledger.changes()
    intake.commit("s", IntakeCommit(todo={}, accounts=accounts, days=days, clocks=clocks))
    pages = {page.boot: merged([page]) for page in intake.accounts("htx")}
    intake.close()
    return pages


@pytest.mark.parametrize("seed", range(4))
def test_the_ledger_finds_exactly_what_the_simulator_says(tmp_path: Path, seed: int) -> None:
    spec = Network(
        lost_pct=4.0, duplicate_pct=6.0, reorder_pct=5.0, holes_per_h=300.0, hole_s=3.0, reboots_per_h=60.0,
        outages_h=[(7.01, 7.05)], buffer_messages=60,
    )  # fmt: skip
    (table, sending), (events, event_sending), tally = of(spec, seed, fixes=500)
    rows = list(table.rows())
    stream: list[tuple[int, list[Sample]]] = [(d, list(rows[a:b])) for d, a, b in deliveries(sending)]
    stream += [(due_ms, list(events[a:b])) for due_ms, a, b in deliveries(event_sending)]
    pages = booked(tmp_path, stream)
    assert tally.missing > 0
    assert tally.duplicated > 0
    assert tally.late > 0
    assert tally.reboots > 0
    assert sum(page.missing for page in pages.values()) == tally.missing
    assert sum(page.duplicates for page in pages.values()) == tally.duplicated
    assert sum(page.stored for page in pages.values()) == tally.sent - tally.lost
    assert sum(page.late for page in pages.values()) == tally.late
    assert set(pages) == {*table.boot.values(), *(e.boot for e in events)} & set(pages)


# --- sensors


def some_readings(n: int = 200) -> list[Reading]:
    return [
        Reading("w1", T0 + i * 60_000, q, float(i), u) for i in range(n) for q, u in (("rain", "mm"), ("wind", "m/s"))
    ]


@given(networks, st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_readings_arrive_too_those_of_an_instant_together(spec: Network, seed: int) -> None:
    ideal = some_readings()
    (readings, sending), tally = send_readings(ideal, spec, np.random.default_rng(seed), day0_ms=MIDNIGHT_MS)
    assert len(readings) + tally.untaken == len(ideal)
    came: Counter[int] = Counter()
    for due_ms, first, end in deliveries(sending):
        assert [r.quantity for r in readings[first:end]] == ["rain", "wind"]
        assert due_ms >= T0 + readings[first].value * 60_000
        came.update(range(first, end))
    assert set(came) == set(range(len(readings)))
    assert (np.diff(sending.due_ms) >= 0).all()
    assert tally.duplicated == sum(came.values()) - len(readings)
    numbers = [r.value for r in readings]
    assert numbers == sorted(numbers)


def test_a_gateway_stamps_readings_rightly() -> None:
    ideal = some_readings(20)
    spec = Network(clock_offset_s=900.0, clock_unset_share=1.0)
    wrong = send_readings(ideal, spec, np.random.default_rng(1)).readings[0]
    right = send_readings(ideal, spec, np.random.default_rng(1), clock=False).readings[0]
    assert right == ideal
    assert wrong[0].ts_ms in UNSET_MS
    assert wrong[2:] == [replace(r, ts_ms=r.ts_ms + 900_000) for r in ideal[2:]]


def test_readings_in_the_ledger(tmp_path: Path) -> None:
    spec = Network(lost_pct=10.0, duplicate_pct=10.0, outages_h=[(7.0, 8.0)])
    (readings, sending), tally = send_readings(some_readings(), spec, np.random.default_rng(3), day0_ms=MIDNIGHT_MS)
    stream: list[tuple[int, list[Sample]]] = [(d, list(readings[a:b])) for d, a, b in deliveries(sending)]
    page = booked(tmp_path, stream)[""]
    assert (page.duplicates, page.stored, page.late) == (tally.duplicated, tally.sent - tally.lost, tally.late)
    assert tally.late > 50


def test_no_readings() -> None:
    (readings, sending), tally = send_readings([], Network(), np.random.default_rng(1))
    assert (readings, len(sending), tally) == ([], 0, Tally())


def test_fixes_stay_as_they_were_but_for_what_the_device_stamps() -> None:
    ideal, _ = a_day()
    table = of(Network(clock_offset_s=1.0, duplicate_pct=50.0)).fixes[0]
    for was, became in zip(ideal.rows(), table.rows(), strict=True):
        stamps = {"ts_ms": was.ts_ms + 1_000, "seq": became.seq}
        assert repr(replace(was, **stamps)) == repr(became)
        assert isinstance(became, Fix)
