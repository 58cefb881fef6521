"""The process on fakes: what is acknowledged, when, and what is counted."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.model.enums import EventKind
from core.model.land import Cooperative, Device, DeviceKind, ForeignDevice
from core.model.samples import Fix, Reading
from core.settings import IngestSettings
from ingest import sparkplug
from ingest.codecs import native_json
from ingest.ports import Ports, Slot
from ingest.service import IngestService
from storage.intake.sqlite import SqliteIntake
from storage.spool.segments import Spool
from tests.ingest.samples import COOPERATIVE, DRONE, EVENTS, FIXES, READINGS, SENSOR, T0, a_fix, an_event
from tests.support.fakes import FakeBus, FakeClock, FakeDeadLetters, FakeRegistry, FakeTelemetryStore

CLOSED = f"canhdong/v1/{COOPERATIVE}/flights/closed"


class Bench:
    """A service with fakes all around, and a spool and a ledger on the disk, running in a thread of its own."""

    def __init__(self, folder: Path, batch: int = 2_000, *, spool_bytes: int = 1 << 30) -> None:
        self.clock = FakeClock(T0 + 3_600_000)
        self.bus = FakeBus(self.clock)
        self.store = FakeTelemetryStore()
        self.registry = FakeRegistry()
        self.letters = FakeDeadLetters()
        self.stop = threading.Event()
        self.registry.add_cooperative(Cooperative(COOPERATIVE, "HTX"))
        self.registry.add_device(Device(DRONE, COOPERATIVE, DeviceKind.DRONE))
        self.registry.add_device(Device(SENSOR, COOPERATIVE, DeviceKind.SENSOR))
        self.intake = SqliteIntake(folder / "intake.sqlite")

        def slot(number: int) -> Slot:
            spool = Spool(folder / f"spool-{number}", spool_bytes)
            return Slot(f"slot-{number}", self.bus, spool, lambda name: Spool(folder / f"aside-{name}", spool_bytes))

        ports = Ports(self.store, self.registry, self.letters, self.intake)
        self.service = IngestService(slot, ports, IngestSettings(ingest_batch=batch, metrics_port=0), self.clock)
        self.thread = threading.Thread(target=self.service.run, args=(self.stop, threading.Event().set))

    @contextmanager
    def running(self) -> Iterator[Bench]:
        """Run until the block ends; a thread that died or does not stop fails the test."""
        self.thread.start()
        assert self.bus.subscribed.wait(10.0)
        try:
            yield self
        finally:
            self.stop.set()
            self.thread.join(20.0)
            self.intake.close()
        assert not self.thread.is_alive()
        assert self.service.counters.balanced

    def until(self, condition: Callable[[], bool], patience_s: float = 20.0) -> None:
        deadline = time.monotonic() + patience_s
        while not condition():
            assert self.thread.is_alive(), "the service ended"
            assert time.monotonic() < deadline, "waited too long"
            time.sleep(0.002)

    def send(self, topic: str, *samples: Fix | Reading) -> int:
        return self.bus.deliver(topic, native_json.encode(samples))

    def land(self, second: float) -> int:
        return self.bus.deliver(EVENTS, native_json.encode([an_event(second, EventKind.LANDING)]))

    def acknowledged(self, count: int) -> None:
        self.until(lambda: len(self.bus.acknowledged) >= count)

    def done(self, messages: int) -> None:
        """Wait until so many messages are stored, kept as dead letters and counted."""
        self.until(lambda: self.service.counters.messages >= messages)

    @property
    def closed(self) -> list[dict[str, object]]:
        return [json.loads(payload) for topic, payload in self.bus.published if topic == CLOSED]


def test_samples_of_all_kinds_are_stored_and_then_acknowledged_in_order(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        sent = [b.send(FIXES, a_fix(0, seq=1), a_fix(1, seq=2)), b.land(2)]
        sent.append(b.send(READINGS, Reading(SENSOR, T0, "rain", 1.5, "mm")))
        b.done(3)
    assert b.bus.acknowledged == sent
    assert len(b.store.fixes(COOPERATIVE, DRONE, T0, T0 + 10_000)) == 2
    assert len(b.store.events(COOPERATIVE, DRONE, T0, T0 + 10_000)) == 1
    assert b.store.readings(COOPERATIVE, SENSOR, T0, T0)[0].value == 1.5
    assert b.service.counters.stored == b.service.counters.received == 4


def test_while_the_store_is_away_everything_is_acknowledged_and_nothing_is_lost(tmp_path: Path) -> None:
    bench = Bench(tmp_path, batch=7)
    with bench.running() as b:
        b.store.outage.left = 3
        for n in range(50):
            b.send(FIXES, a_fix(n, seq=n))
        b.acknowledged(50)
        b.done(50)
    assert b.bus.acknowledged == list(range(1, 51))
    assert b.service.counters.stored == 50
    assert b.service.counters.retries == 3
    assert b.service.counters.writes == b.store.writes > 0
    assert b.service.counters.write_s > 0.0


def test_a_process_that_is_stopped_while_the_store_is_away_keeps_messages_for_the_next(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.store.outage.left = 10**9
        b.send(FIXES, a_fix(0))
        b.until(lambda: b.store.outage.met > 0)
        b.acknowledged(1)
    assert b.service.counters.received == 0
    with Bench(tmp_path).running() as b:
        b.done(1)
    assert b.service.counters.stored == 1


def test_where_the_spool_is_full_nothing_is_acknowledged(tmp_path: Path) -> None:
    with Bench(tmp_path, spool_bytes=10).running() as b:
        b.send(FIXES, a_fix(0))
        b.until(lambda: bool(b.service.workers[0].receiver.stuck))
        assert "limit" in b.service.workers[0].receiver.stuck
    assert b.bus.acknowledged == []
    assert b.service.counters.received == 0


def test_stopping_finishes_what_is_queued(tmp_path: Path) -> None:
    bench = Bench(tmp_path, batch=3)
    with bench.running() as b:
        for n in range(100):
            b.send(FIXES, a_fix(n, seq=n))
    assert b.bus.acknowledged == list(range(1, 101))
    assert b.service.counters.stored == 100


def test_what_comes_after_the_stop_is_not_taken(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        pass
    b.send(FIXES, a_fix(0))
    assert b.bus.acknowledged == []


def test_bad_messages_are_kept_with_their_reason_and_do_not_hold_up_the_others(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        good = native_json.encode([a_fix(0)])
        bad = [
            ("schema", FIXES, b"{"),
            ("identity", "canhdong/v1/htx/drones/d9/telemetry", good.replace(b'"d1"', b'"d9"')),
            ("identity", FIXES, good.replace(b'"d1"', b'"d9"')),
            ("clock", FIXES, native_json.encode([a_fix(0, boot="b0")]).replace(b'"ts":17', b'"ts":27')),
            ("range", FIXES, good.replace(b'"lat":9', b'"lat":99')),
        ]
        for _, topic, payload in bad:
            b.bus.deliver(topic, payload)
        b.bus.deliver(FIXES, good)
        b.done(6)
    assert [(letter.reason, letter.topic, letter.payload) for letter in b.letters.kept] == bad
    assert b.service.counters.rejected == {"schema": 1, "identity": 2, "clock": 1, "range": 1}
    assert b.service.counters.stored == 1


def test_the_bad_rows_of_a_batch_are_kept_and_the_good_ones_stored(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        batch = native_json.encode([a_fix(0), a_fix(1), a_fix(2)]).replace(b'"lat":9.285001', b'"lat":99')
        b.bus.deliver(FIXES, batch)
        b.done(1)
    (letter,) = b.letters.kept
    assert (letter.reason, json.loads(letter.payload)["ts"]) == ("range", T0 + 1_000)
    assert letter.message.startswith("row 1: lat 99")
    assert b.service.counters.stored == 2


def test_a_batch_without_a_good_row_is_kept_once_and_counted_by_sample(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        topic = "canhdong/v1/htx/drones/d9/telemetry"
        b.send(topic, a_fix(0, device="d9"), a_fix(1, device="d9"))
        b.done(1)
    assert len(b.letters.kept) == 1
    assert b.service.counters.rejected == {"identity": 2}


def test_dead_letters_are_durable_before_their_message_is_done(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.letters.outage.left = 2
        b.bus.deliver(FIXES, b"{")
        b.until(lambda: b.letters.outage.met == 1)
        assert b.intake.todo("slot-0") == [(0, -1)]
        b.until(lambda: b.intake.todo("slot-0") != [(0, -1)])
    assert len(b.letters.kept) == 1


def test_the_registry_may_be_away_too(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.registry.outage.left = 2
        b.send(FIXES, a_fix(0))
        b.done(1)
    assert b.service.counters.stored == 1
    assert not b.letters.kept


def test_odd_values_and_unknown_fields_are_stored_and_flagged(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        payload = native_json.encode([a_fix(0, swath_m=36.0, speed_mps=20.0)])[:-1] + b',"wind_mps":3}'
        b.bus.deliver(FIXES, payload)
        b.done(1)
    assert b.service.counters.flagged == {"swath": 1, "speed": 1, "unknown-field": 1}
    assert b.service.counters.stored == 1


def test_repeats_and_conflicts_are_counted_and_lose_nothing(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.send(FIXES, a_fix(0, seq=1))
        b.send(FIXES, a_fix(0, seq=1))
        b.send(FIXES, a_fix(0, seq=1, speed_mps=3.0))
        b.done(3)
    counters = b.service.counters
    assert (counters.stored, counters.duplicates, counters.conflicts) == (1, 1, 1)


def test_a_landing_is_told_when_it_is_stored(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.store.outage.left = 2
        b.send(FIXES, a_fix(0), a_fix(1))
        b.land(1.5)
        b.until(lambda: bool(b.closed))
        assert len(b.store.events(COOPERATIVE, DRONE, T0, T0 + 10_000)) == 1
    told = {"cooperative": COOPERATIVE, "device": DRONE, "start_ms": T0, "end_ms": T0 + 1_500, "reason": "landing"}
    assert b.closed == [told]


def test_a_closed_flight_is_kept_until_the_broker_takes_it(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.send(FIXES, a_fix(0))
        b.done(1)
        b.bus.outage.left = 10**9
        b.land(1)
        b.until(lambda: b.bus.outage.met > 0)
        b.done(2)
    assert b.closed == []
    with Bench(tmp_path).running() as b:
        b.until(lambda: bool(b.closed))
    assert b.closed[0]["reason"] == "landing"


def test_silence_closes_a_flight_without_any_message(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.send(FIXES, a_fix(0), a_fix(1))
        b.until(lambda: b.service.flights_open == 1)
        b.clock.advance(300)
        b.until(lambda: bool(b.closed))
    assert b.closed[0]["reason"] == "silence"


def test_a_flight_left_open_by_a_stop_is_closed_by_the_next_start(tmp_path: Path) -> None:
    with Bench(tmp_path / "1").running() as b:
        b.send(FIXES, a_fix(0), a_fix(1))
        b.done(1)
    assert b.closed == []
    second = Bench(tmp_path / "2")
    second.store.write(COOPERATIVE, [a_fix(0), a_fix(1)], T0)
    with second.running() as b:
        b.land(2)
        b.until(lambda: bool(b.closed))
    assert [(c["end_ms"], c["reason"]) for c in second.closed] == [(T0 + 2_000, "landing")]


def test_the_bus_waits_while_far_too_many_messages_do_and_a_stop_frees_it(tmp_path: Path) -> None:
    b = Bench(tmp_path, spool_bytes=10)
    with b.running():
        done = threading.Event()

        def flood() -> None:
            payload = native_json.encode([a_fix(0)])
            for _ in range(80_000):
                b.bus.deliver(FIXES, payload)
            done.set()

        thread = threading.Thread(target=flood)
        thread.start()
        b.until(lambda: b.service.workers[0].receiver.waiting >= 65_535)
        assert not done.is_set()
        b.stop.set()
        assert done.wait(20.0)
        thread.join()


def _messages() -> list[tuple[str, bytes]]:
    fixes = [(FIXES, native_json.encode([a_fix(n, seq=n), a_fix(n + 0.5, seq=n)])) for n in range(0, 12, 2)]
    ends = [(EVENTS, native_json.encode([an_event(n, EventKind.LANDING)])) for n in (5, 11)]
    water = [(READINGS, native_json.encode([Reading(SENSOR, T0 + n, "level", float(n), "cm")])) for n in range(3)]
    return [*fixes, *ends, *water, (FIXES, b"{")]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(_messages()), st.integers(1, 5), st.lists(st.integers(0, 11), max_size=10))
def test_order_batching_and_repeats_do_not_change_what_is_stored(
    messages: list[tuple[str, bytes]], batch: int, repeats: list[int]
) -> None:
    sent = [*messages, *(messages[n] for n in repeats)]
    with TemporaryDirectory() as folder, Bench(Path(folder), batch).running() as b:
        for topic, payload in sent:
            b.bus.deliver(topic, payload)
        b.done(len(sent))
    expected = FakeTelemetryStore()
    for topic, payload in _messages()[:-1]:
        expected.write(COOPERATIVE, native_json.decode(topic, payload).samples, T0)
    assert b.store.content(COOPERATIVE) == expected.content(COOPERATIVE)
    counters = b.service.counters
    assert counters.stored == 17
    assert counters.rejected == {"schema": sum(payload == b"{" for _, payload in sent)}


@pytest.mark.parametrize("seconds", [1, 9])
def test_the_counters_say_what_they_count(seconds: int, tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.send(FIXES, *[a_fix(n) for n in range(seconds)])
        b.bus.deliver(FIXES, b"{")
        b.done(2)
    line = b.service.counters.line()
    assert f"received={seconds + 1} stored={seconds} " in line
    assert "rejected=1 (schema 1)" in line


EUI = "24e124136b316231"
UPLINK = f"application/1/device/{EUI}/event/up"


def uplink(depth_cm: int) -> bytes:
    it = {"time": "2025-11-24T16:00:00Z", "deviceInfo": {"devEui": EUI}, "object": {"depth": depth_cm}}
    return json.dumps(it).encode()


def test_a_foreign_device_waits_in_quarantine_and_is_taken_in_when_it_is_adopted(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with bench.running() as b:
        b.bus.deliver(UPLINK, uplink(30))
        b.done(1)
        (stranger,) = b.letters.strangers()
        assert (stranger.format, stranger.sender, stranger.topic) == ("chirpstack_v4", EUI, UPLINK)
        assert b.store.latest_readings(COOPERATIVE) == []
        b.registry.add_foreign(ForeignDevice("chirpstack_v4", EUI, COOPERATIVE, SENSOR))
        b.clock.advance(3)
        b.bus.deliver(UPLINK, b.letters.kept[0].payload)
        b.done(2)
    (reading,) = b.store.latest_readings(COOPERATIVE)
    assert (reading.device, reading.quantity, reading.value, reading.unit) == (SENSOR, "water_level", 0.3, "m")
    assert b.service.counters.rejected == {"identity": 1}


def test_a_foreign_device_that_changed_hands_belongs_to_each_in_its_time(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.registry.add_cooperative(Cooperative("khac", "Khác"))
        b.registry.add_device(Device("s9", "khac", DeviceKind.SENSOR))
        b.registry.add_foreign(ForeignDevice("chirpstack_v4", EUI, COOPERATIVE, SENSOR))
        b.registry.add_foreign(ForeignDevice("chirpstack_v4", EUI, "khac", "s9", T0 + 1))
        b.bus.deliver(UPLINK, uplink(30))
        b.bus.deliver(UPLINK, uplink(31).replace(b"16:00:00Z", b"16:00:05Z"))
        b.done(2)
    assert [r.value for r in b.store.latest_readings(COOPERATIVE)] == [0.3]
    assert [(r.device, r.value) for r in b.store.latest_readings("khac")] == [("s9", 0.31)]


def test_what_a_sender_is_owed_is_published(tmp_path: Path) -> None:
    data = sparkplug.Payload(timestamp=T0)
    data.metrics.add(alias=8, datatype=2, int_value=1)
    with Bench(tmp_path).running() as b:
        b.bus.deliver("spBv1.0/htx/NDATA/tram1", data.SerializeToString())
        b.until(lambda: any(topic == "spBv1.0/htx/NCMD/tram1" for topic, _ in b.bus.published))
        b.until(lambda: any(topic == "canhdong/v1/deadletter/alias" for topic, _ in b.bus.published))
    assert b.service.counters.rejected == {"alias": 1}


def test_a_huge_dead_letter_is_kept_whole_and_told_in_part(tmp_path: Path) -> None:
    """The broker takes 1 MiB: published in base64, a message of that size would be refused for ever."""
    payload = b"x" * (1 << 20)
    with Bench(tmp_path).running() as b:
        b.bus.deliver(FIXES, payload)
        b.until(lambda: any(topic.startswith("canhdong/v1/deadletter/") for topic, _ in b.bus.published))
    (told,) = (body for topic, body in b.bus.published if topic.startswith("canhdong/v1/deadletter/"))
    assert len(told) < 100_000
    assert json.loads(told)["payload_bytes"] == len(payload)
    (letter,) = b.letters.kept
    assert letter.payload == payload


def test_births_of_sparkplug_outlive_the_process(tmp_path: Path) -> None:
    birth, data = sparkplug.Payload(timestamp=T0), sparkplug.Payload(timestamp=T0 + 1_000)
    birth.metrics.add(name="water_level", alias=8, datatype=10, double_value=0.5)
    data.metrics.add(alias=8, double_value=0.75)
    known = ForeignDevice("sparkplug_b", "htx/tram1", COOPERATIVE, SENSOR)
    first, second = Bench(tmp_path), Bench(tmp_path)
    for bench in (first, second):
        bench.registry.add_foreign(known)
    with first.running() as b:
        b.bus.deliver("spBv1.0/htx/NBIRTH/tram1", birth.SerializeToString())
        b.done(1)
    with second.running() as b:
        b.bus.deliver("spBv1.0/htx/NDATA/tram1", data.SerializeToString())
        b.done(1)
    assert [r.value for r in second.store.latest_readings(COOPERATIVE)] == [0.75]


def test_a_clock_that_runs_ahead_raises_an_alert(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.send(FIXES, a_fix(10_000, seq=1))
        b.until(lambda: any(topic == f"canhdong/v1/{COOPERATIVE}/alerts" for topic, _ in b.bus.published))
    alert = next(json.loads(payload) for topic, payload in b.bus.published if topic.endswith("/alerts"))
    assert (alert["kind"], alert["device"], alert["state"]) == ("device-clock", DRONE, "ahead")
    assert b.service.counters.rejected == {"clock": 1}


def test_a_cooperative_that_is_refused_holds_up_nobody_and_is_taken_up_again(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.registry.add_cooperative(Cooperative("khac", "Khác"))
        b.registry.add_device(Device("d2", "khac", DeviceKind.DRONE))
        b.store.refused.add("khac")
        b.send("canhdong/v1/khac/drones/d2/telemetry", a_fix(0, seq=1, device="d2"))
        b.send(FIXES, a_fix(0, seq=1))
        b.until(lambda: b.service.counters.stored == 1)
        assert b.service.workers[0].processor.aside_bytes["khac"] > 0
        b.store.refused.clear()
        b.clock.advance(31)
        b.until(lambda: b.service.counters.stored == 2)
        assert b.service.workers[0].processor.aside_bytes == {}
    assert len(b.store.fixes("khac", "d2", T0, T0)) == 1


def test_what_the_store_itself_refuses_is_a_dead_letter(tmp_path: Path) -> None:
    with Bench(tmp_path).running() as b:
        b.store.bad_seqs.add(2)
        b.send(FIXES, a_fix(0, seq=1), a_fix(1, seq=2), a_fix(2, seq=3))
        b.done(1)
    (letter,) = b.letters.kept
    assert (letter.reason, json.loads(letter.payload)["seq"]) == ("store-type", 2)
    counters = b.service.counters
    assert (counters.stored, counters.rejected) == (2, {"store-type": 1})


def test_a_burst_that_is_larger_than_the_spool_goes_through_it_in_pieces(tmp_path: Path) -> None:
    """What waits while the spool is full is more than it holds: no group may be too large for an empty one."""
    bench = Bench(tmp_path, spool_bytes=4 << 20)
    with bench.running() as b:
        b.store.outage.left = 10**9
        payload = native_json.encode([a_fix(n, seq=n, job="thửa " * 20) for n in range(40)])
        for _ in range(1_500):
            b.bus.deliver(FIXES, payload)
        b.until(lambda: bool(b.service.workers[0].receiver.stuck))
        b.store.outage.left = 0
        b.done(1_500)
    assert b.service.counters.received == 60_000
    assert len(b.bus.acknowledged) == 1_500
