"""The process on fakes: what is computed, told and acknowledged, in which order, and what is counted."""

from __future__ import annotations

import json
import logging
import math
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PayloadError
from core.model.coverage import NO_SWATH, Flight
from core.model.fixtable import FixTable
from core.model.land import Cooperative, Device, DeviceKind
from core.ports import Message
from geo.coverage import Parameters
from geo.evidence import input_hash
from geo.service import Counters, GeoService, Window, coalesce, parse_closed
from storage.archive.parquet import open_archive
from tests.support import rectangle
from tests.support.fakes import FakeBus, FakeDelivery, FakeRegistry, FakeTelemetryStore

HTX, OTHER = "htx-a", "htx-b"
TOPIC = f"canhdong/v1/{HTX}/flights/closed"
START_MS = 1_795_129_200_000
ALWAYS = (-(2**62), 2**62)


class Patience(threading.Event):
    """A stop that lets nobody wait: waits are listed with what was acknowledged, the ``left``-th one sets it."""

    def __init__(self, bus: FakeBus) -> None:
        super().__init__()
        self.bus = bus
        self.left = 100
        self.waits: list[tuple[float, int]] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append((timeout or 0.0, len(self.bus.acknowledged)))
        self.left -= 1
        if self.left == 0:
            self.set()
        return self.is_set()


@dataclass
class Broker(FakeBus):
    """Looks at the registry at each acknowledgement, stops at the ``last``; never takes ``lost`` publications."""

    registry: FakeRegistry = field(default_factory=FakeRegistry)
    lost: int = 0
    last: int = 1
    stop: threading.Event = field(default_factory=threading.Event)
    seen: dict[object, list[Flight]] = field(default_factory=dict)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> FakeDelivery:
        super().publish(topic, payload, retain=retain)
        self.lost -= 1
        return FakeDelivery(taken=self.lost < 0)

    def acknowledge(self, *messages: Message) -> None:
        super().acknowledge(*messages)
        for message in messages:
            self.seen[message.handle] = self.registry.flights(HTX, *ALWAYS)
        if len(self.acknowledged) >= self.last:
            self.stop.set()


class Bench:
    """A service with fakes all around. It runs in the test's own thread, and stops when all is acknowledged."""

    def __init__(self) -> None:
        self.registry = FakeRegistry()
        self.store = FakeTelemetryStore()
        self.bus = Broker(registry=self.registry)
        self.stop = Patience(self.bus)
        self.service = GeoService(self.bus, self.store, self.registry, Parameters())
        for cooperative in (HTX, OTHER):
            self.registry.add_cooperative(Cooperative(cooperative, cooperative))
            self.registry.put_plot(rectangle.plot(cooperative))
            self.registry.add_device(Device("d1", cooperative, DeviceKind.DRONE))

    def fly(self, device: str = "d1", minutes: int = 0, cooperative: str = HTX, **columns: object) -> bytes:
        """Store a flight over the whole rectangle; returns the message that closes it."""
        table = rectangle.flight(device, START_MS + minutes * 60_000).with_columns(**columns)
        self.store.write(cooperative, list(table.rows()), START_MS)
        return closed(table, cooperative)

    def run(self, *payloads: bytes, until: int | None = None) -> None:
        """Run with these messages waiting, until all (or so many) are acknowledged or the stop is set otherwise."""
        self.bus.stop, self.bus.last = self.stop, until or len(payloads)

        def ready() -> None:
            for payload in payloads:
                self.bus.deliver(TOPIC, payload)

        self.service.run(self.stop, ready)

    @property
    def told(self) -> list[tuple[str, dict[str, Any]]]:
        return [(topic, json.loads(payload)) for topic, payload in self.bus.published]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def closed(table: FixTable, cooperative: str = HTX, **changed: object) -> bytes:
    start_ms, end_ms = int(table.ts_ms[0]), int(table.ts_ms[-1])
    body = {"cooperative": cooperative, "device": table.device, "start_ms": start_ms, "end_ms": end_ms}
    return json.dumps({**body, "reason": "landing", **changed}).encode()


def test_a_closed_flight_is_computed_told_and_then_acknowledged(bench: Bench) -> None:
    bench.run(bench.fly())
    ((topic, told),) = bench.told
    assert topic == f"canhdong/v1/{HTX}/drones/d1/coverage"
    assert set(told) == {
        "flight",
        "start_ms",
        "end_ms",
        "op",
        "gross_m2",
        "net_m2",
        "off_target_m2",
        "no_area",
        "plots",
        "live",
        "ts",
    }
    (flight,) = bench.registry.flights(HTX, *ALWAYS)
    assert [told[k] for k in ("flight", "start_ms", "end_ms", "op")] == [
        flight.flight,
        START_MS,
        flight.end_ms,
        "spray",
    ]
    assert [told["net_m2"], told["gross_m2"]] == pytest.approx([rectangle.AREA_M2] * 2, abs=0.5)
    assert told["off_target_m2"] == pytest.approx(0.0, abs=0.5)
    near = {"net_m2": pytest.approx(rectangle.AREA_M2, abs=0.5), "covered_pct": pytest.approx(100.0, abs=0.02)}
    assert told["plots"] == [{"plot": "rect-1"} | near]
    assert bench.bus.trace == [("publish", topic), ("acknowledge", 1)]
    assert bench.bus.seen == {1: [flight]}
    assert bench.service.counters == Counters(messages=1, windows=1, flights=1)


def test_each_flight_of_a_window_is_told(bench: Bench) -> None:
    bench.fly()
    bench.fly(minutes=20)
    bench.run(closed(rectangle.flight("d1", START_MS), end_ms=START_MS + 30 * 60_000))
    assert [told["flight"] for _, told in bench.told] == ["d1-20261119T230000Z", "d1-20261119T232000Z"]
    assert bench.service.counters.flights == 2


def test_a_window_without_fixes_is_acknowledged_and_nothing_is_told(bench: Bench) -> None:
    bench.run(closed(rectangle.flight("d1", START_MS)))
    assert bench.bus.trace == [("acknowledge", 1)]
    assert bench.service.counters == Counters(messages=1, windows=1)


GOOD = closed(rectangle.flight("d1", START_MS))
MALFORMED = {
    "not JSON": b"{",
    "not UTF-8": b"\xff\xfe{}",
    "nested too deep": b"[" * 100_000,
    "a number of too many digits": b"9" * 5_000,
    "a list": b"[]",
    "nothing in it": b"{}",
    "device of a wrong type": GOOD.replace(b'"d1"', b"7"),
    "no device": GOOD.replace(b'"d1"', b'""'),
    "cooperative of a wrong type": GOOD.replace(b'"htx-a"', b"null"),
    "a fraction": GOOD.replace(b'"start_ms": 1', b'"start_ms": 0.1'),
    "a text for a time": GOOD.replace(b'"start_ms": 1795129200000', b'"start_ms": "1795129200000"'),
    "true for a time": GOOD.replace(b'"start_ms": 1795129200000', b'"start_ms": true'),
    "the end before the start": GOOD.replace(b'"start_ms": 1', b'"start_ms": 9'),
    "another cooperative than the topic's": GOOD.replace(b"htx-a", b"htx-b"),
}


@pytest.mark.parametrize("payload", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_closed_flight_is_refused(payload: bytes) -> None:
    with pytest.raises(PayloadError) as refused:
        parse_closed(Message(TOPIC, payload, 0))
    assert refused.value.reason == ("identity" if b"htx-b" in payload else "schema")


@pytest.mark.parametrize("topic", ["canhdong/v1/htx-a/flights/open", f"x/{TOPIC}", f"{TOPIC}/x"])
def test_a_topic_that_names_no_cooperative_is_refused(topic: str) -> None:
    with pytest.raises(PayloadError) as refused:
        parse_closed(Message(topic, GOOD, 0))
    assert refused.value.reason == "identity"


def test_a_closed_flight_is_read() -> None:
    message = Message(TOPIC, GOOD, 0, handle=4)
    assert parse_closed(message) == Window(HTX, "d1", START_MS, START_MS + 247_000, (message,))
    at_once = closed(rectangle.flight("d1", START_MS), end_ms=START_MS)
    assert parse_closed(Message(TOPIC, at_once, 0)).end_ms == START_MS


def test_malformed_messages_are_acknowledged_and_counted_and_the_good_ones_computed(bench: Bench) -> None:
    bench.fly("d1", cooperative=OTHER)
    bench.run(*MALFORMED.values(), bench.fly())
    assert bench.bus.acknowledged == list(range(1, len(MALFORMED) + 2))
    assert bench.service.counters.malformed == len(MALFORMED)
    assert bench.service.counters.flights == len(bench.told) == 1
    assert bench.registry.flights(OTHER, *ALWAYS) == []


@pytest.mark.parametrize("away", ["store", "registry", "bus"])
def test_while_something_is_away_it_is_tried_again_and_nothing_is_acknowledged(bench: Bench, away: str) -> None:
    payload = bench.fly()
    getattr(bench, away).outage.left = 3
    bench.run(payload)
    assert [acknowledged for _, acknowledged in bench.stop.waits] == [0, 0, 0]
    assert [kind for kind, _ in bench.bus.trace] == ["publish", "acknowledge"]
    assert len(bench.bus.seen[1]) == 1
    assert bench.service.counters == Counters(messages=1, windows=1, flights=1, retries=3)


def test_it_waits_longer_and_longer_but_not_for_ever(bench: Bench) -> None:
    payload = bench.fly()
    bench.store.outage.left = 12
    bench.run(payload)
    delays_s = [delay for delay, _ in bench.stop.waits]
    longest_s = [min(0.1 * 2**k, 5.0) for k in range(12)]
    assert all(most / 2.0 <= delay <= most for delay, most in zip(delays_s, longest_s, strict=True))


def test_a_coverage_that_the_broker_does_not_take_holds_back_the_acknowledgement(bench: Bench) -> None:
    payload = bench.fly()
    bench.bus.lost = 2
    bench.run(payload)
    assert [kind for kind, _ in bench.bus.trace] == ["publish", "publish", "publish", "acknowledge"]
    assert len({payload for _, payload in bench.bus.published}) == 1
    assert (bench.service.counters.retries, bench.service.counters.flights) == (2, 1)


def test_stopped_while_the_store_is_away_it_leaves_the_messages_to_the_broker(bench: Bench) -> None:
    first, second = bench.fly(), bench.fly("d2", minutes=20)
    bench.store.outage.left = 10**9
    bench.stop.left = 4
    bench.run(first, second)
    assert (bench.bus.trace, bench.registry.flights(HTX, *ALWAYS)) == ([], [])
    assert bench.service.counters == Counters(messages=2, retries=4)


def test_a_flight_whose_swath_nobody_knows_is_listed_and_a_line_says_what_to_do(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "canhdong.geo"):
        bench.run(bench.fly(swath_m=math.nan), bench.fly("d2", minutes=20))
    assert bench.bus.acknowledged == [1, 2]
    assert [f.device for f in bench.registry.flights(HTX, *ALWAYS)] == ["d2", "d1"]
    assert bench.service.counters == Counters(messages=2, windows=2, flights=2)
    told = {topic.split("/")[4]: message for topic, message in bench.told}
    assert (told["d1"]["no_area"], told["d1"]["net_m2"], told["d1"]["plots"]) == (NO_SWATH, None, [])
    assert (told["d2"]["no_area"], told["d2"]["net_m2"]) == (None, pytest.approx(rectangle.AREA_M2, abs=0.5))
    (line,) = [r.getMessage() for r in caplog.records]
    assert "\n" not in line
    command = "canhdong calibration add htx-a NAME --drone d1 --op spray --day 2026-11-20 --swath M"
    assert command in line
    assert "canhdong coverage recompute --from 2026-11-20 --to 2026-11-20" in line
    assert all(r.exc_info is None for r in caplog.records)


def test_a_flight_that_cannot_be_computed_is_counted_and_the_next_one_goes_on(bench: Bench) -> None:
    """A drone of a cooperative that nobody registered."""
    unknown = closed(rectangle.flight("d1", START_MS), "htx-z")
    bench.store.write("htx-z", list(rectangle.flight("d1", START_MS).rows()), START_MS)
    bench.bus.stop, bench.bus.last = bench.stop, 2
    payload = bench.fly("d2", minutes=20)

    def ready() -> None:
        bench.bus.deliver(TOPIC.replace(HTX, "htx-z"), unknown)
        bench.bus.deliver(TOPIC, payload)

    bench.service.run(bench.stop, ready)
    assert bench.bus.acknowledged == [1, 2]
    assert [f.device for f in bench.registry.flights(HTX, *ALWAYS)] == ["d2"]
    assert bench.service.counters == Counters(messages=2, failed=1, windows=1, flights=1)


def test_windows_of_a_device_that_overlap_and_wait_together_are_done_once(bench: Bench) -> None:
    whole, other = bench.fly(), bench.fly("d2")
    part = closed(rectangle.flight("d1", START_MS), start_ms=START_MS + 50_000)
    bench.run(part, other, whole, whole)
    assert [topic.split("/")[4] for topic, _ in bench.told] == ["d1", "d2"]
    assert set(bench.bus.acknowledged) == {1, 2, 3, 4}
    assert bench.bus.trace.index(("acknowledge", 4)) < bench.bus.trace.index(("acknowledge", 2))
    assert (bench.service.counters.messages, bench.service.counters.windows) == (4, 2)


def test_a_stop_finishes_the_window_under_way_and_leaves_the_others(bench: Bench) -> None:
    bench.run(bench.fly(), bench.fly("d2", minutes=20), until=1)
    assert bench.bus.acknowledged == [1]
    assert [f.device for f in bench.registry.flights(HTX, *ALWAYS)] == ["d1"]


def test_it_says_when_it_is_ready_and_ends_when_it_is_told_to() -> None:
    b, ready, stop = Bench(), threading.Event(), threading.Event()
    thread = threading.Thread(target=b.service.run, args=(stop, ready.set))
    thread.start()
    try:
        assert ready.wait(10.0)
        b.bus.deliver(TOPIC, b.fly())
        assert b.bus.stop.wait(20.0)
    finally:
        stop.set()
        thread.join(20.0)
    assert not thread.is_alive()
    assert len(b.told) == 1


def _window(start_ms: int, end_ms: int, device: str = "d1", cooperative: str = HTX, handle: int = 0) -> Window:
    return Window(cooperative, device, start_ms, end_ms, (Message(TOPIC, b"", 0, handle),))


def test_windows_join_where_they_meet_and_only_for_the_same_device() -> None:
    windows = [_window(5, 9), _window(0, 5), _window(20, 30), _window(6, 7), _window(10, 19)]
    assert [(w.start_ms, w.end_ms, len(w.messages)) for w in coalesce(windows)] == [(0, 9, 3), (10, 19, 1), (20, 30, 1)]
    apart = [_window(0, 5), _window(0, 5, "d2"), _window(0, 5, cooperative=OTHER)]
    assert [coalesce(apart), coalesce([])] == [apart, []]


_spans = st.tuples(st.integers(0, 60), st.integers(0, 9), st.sampled_from(["d1", "d2"]))


@given(st.lists(_spans, max_size=12))
def test_joined_windows_hold_every_message_once_and_do_not_overlap(spans: list[tuple[int, int, str]]) -> None:
    windows = [_window(start, start + length, device, handle=k) for k, (start, length, device) in enumerate(spans)]
    joined = coalesce(windows)
    for device in ("d1", "d2"):
        mine = [w for w in joined if w.device == device]
        covered = [ms for w in mine for ms in range(w.start_ms, w.end_ms + 1)]
        wanted = {ms for w in windows if w.device == device for ms in range(w.start_ms, w.end_ms + 1)}
        assert len(covered) == len(set(covered))
        assert set(covered) == wanted
    assert sorted(str(m.handle) for w in joined for m in w.messages) == sorted(map(str, range(len(spans))))


def test_a_closed_flight_goes_to_the_archive_with_the_hash_of_its_result(bench: Bench, tmp_path: Path) -> None:
    bench.service.archive = open_archive(str(tmp_path / "archive"))
    bench.run(bench.fly())
    (flight,) = bench.registry.flights(HTX, *ALWAYS)
    (entry,) = bench.service.archive.flights(HTX, *ALWAYS)
    assert entry.flight == flight.flight
    kept = bench.service.archive.read(entry)
    assert input_hash([kept.fixes], kept.events) == bench.registry.coverage(HTX, flight.flight).input_hash
    assert not bench.service.archive.flights(OTHER, *ALWAYS)
