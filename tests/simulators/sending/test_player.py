"""What is published: every sample once, by time, in batches that reach over nothing, acknowledged to the last."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BrokerUnavailable
from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.fixtable import FixTable
from core.model.land import DeviceKind
from core.model.samples import Event, Fix, Reading, Section
from core.model.traffic import RawMessage, Sending, Stream
from core.ports import Sample
from ingest.codecs import native_json, senml
from simulators.sending.network import send
from simulators.sending.player import BATCH, BATCH_SPAN_S, Progress, Published, play, shift_to_end_now, wait_s
from simulators.specs import Network
from tests.support.fakes import FakeBus, FakeClock, FakeDelivery

NOW_MS = 1_764_000_000_000
OPENING = {EventKind.TAKEOFF, EventKind.ARM, EventKind.ON}
SPEEDS = st.sampled_from([0.0, 0.5, 1.0, 3.0, 20.0, 1_000.0])
TIMES = st.lists(st.integers(0, 20_000), min_size=1, max_size=60)


class Delivery(FakeDelivery):
    """Counts how often it was waited for."""

    waits = 0

    def wait(self, timeout_s: float) -> bool:
        self.waits += 1
        return super().wait(timeout_s)


class Bus(FakeBus):
    """Notes what is retained; acknowledges or not; sets ``stop`` at the ``last``-th publication."""

    def __init__(self, *, taken: bool = True, stop: threading.Event | None = None, last: int = 0) -> None:
        super().__init__()
        self.retained: dict[str, bytes] = {}
        self.deliveries: list[Delivery] = []
        self.qos: list[int] = []
        self._taken, self._stop, self._last = taken, stop, last

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> FakeDelivery:
        super().publish(topic, payload, retain=retain)
        self.qos.append(qos)
        if retain:
            self.retained[topic] = payload
        if self._stop is not None and len(self.published) == self._last:
            self._stop.set()
        self.deliveries.append(Delivery(self._taken))
        return self.deliveries[-1]

    def messages(self) -> list[list[Sample]]:
        """What the messages hold, in their order, without the retained ones."""
        return [_decoded(topic, payload) for topic, payload in self.published if topic not in self.retained]

    def samples(self, device: str = "") -> list[Sample]:
        return [s for message in self.messages() for s in message if device in {"", s.device}]


class Instant(threading.Event):
    """Time that passes at once: notes for how long it was to wait; ends a run at the ``last``-th waiting."""

    def __init__(self, last: int = 0) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._last = last

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        if len(self.waited) == self._last:
            self.set()
        return self.is_set()


def _decoded(topic: str, payload: bytes) -> list[Sample]:
    decoded = native_json.decode(topic, payload)
    assert decoded.faults == []
    assert decoded.unknown == 0
    return decoded.samples


def _table(times: Sequence[int], device: str = "d1") -> FixTable:
    n = len(times)
    return FixTable.build(times, np.linspace(9.2, 9.3, n), np.full(n, 105.7), device=device, seq=np.arange(n), boot="b")


def _fixes(times: Sequence[int], device: str = "d1", *, replay: bool = False) -> Stream:
    return Stream(device, DeviceKind.DRONE, _table(times, device), replay)


def _events(*events: tuple[int, EventKind], device: str = "d1") -> Stream:
    return Stream(device, DeviceKind.DRONE, [Event(device, ts, kind, "b") for ts, kind in events])


def _readings(times: Sequence[int]) -> Stream:
    return Stream("w1", DeviceKind.SENSOR, [Reading("w1", ts, "rain", ts / 7.0, "mm") for ts in times])


def _play(
    *streams: Stream, bus: Bus, speed: float = 0.0, stop: threading.Event | None = None, shift_ms: int | None = 0
) -> Published:
    stop = Instant() if stop is None else stop
    return play(streams, bus, "htx-1", speed=speed, clock=FakeClock(NOW_MS), stop=stop, shift_ms=shift_ms)


def _texts(samples: Sequence[Sample]) -> list[str]:
    """Samples in a form that compares: NaN equals NaN."""
    return [repr(s) for s in samples]


def test_all_that_a_fix_tells_arrives() -> None:
    told = Fix(
        *("d1", 1_000, 9.123456789, 105.123456789, 7, "b1", 2.8, HeightRef.CROP, 5.1, 359.5, FixQuality.RTK, 0.6),
        *(Operation.SPREAD, True, Mode.AB, 4.2, 1.5, 7.0, 31.0, 12.0, 66.0, "f-1", "job-1"),
        sections=(Section(-1.5, 3.0, on=True, flow_lpm=2.1), Section(1.5, 3.0, on=False)),
    )
    table = FixTable.of([told, Fix("d1", 2_000, 9.2, 105.2)])
    bus = Bus()
    _play(Stream("d1", DeviceKind.DRONE, table), bus=bus)
    assert _texts(bus.samples()) == _texts([told, Fix("d1", 2_000, 9.2, 105.2)])


@pytest.mark.parametrize("speed", [0.0, 1.0, 50.0])
def test_every_sample_once_and_counted(speed: float) -> None:
    streams = [
        _fixes(range(0, 9_000, 200)),
        _events((0, EventKind.TAKEOFF), (4_100, EventKind.ON), (9_000, EventKind.LANDING)),
        _fixes(range(50, 5_000, 100), "d2"),
        _readings(range(0, 9_000, 1_000)),
        Stream("d3", DeviceKind.DRONE, FixTable.empty("d3")),
        Stream("d4", DeviceKind.DRONE, []),
    ]
    bus = Bus()
    published = _play(*streams, bus=bus, speed=speed)
    sent: list[Any] = [s for t in streams for s in (t.samples.rows() if isinstance(t.samples, FixTable) else t.samples)]
    assert sorted(_texts(bus.samples())) == sorted(_texts(sent))
    assert (published.fixes, published.events, published.readings) == (45 + 50, 3, 9)
    assert published.messages == len(bus.messages())
    assert all(d.waits == 1 for d in bus.deliveries)


def test_nothing_to_send_is_no_fault() -> None:
    bus = Bus()
    published = _play(Stream("d1", DeviceKind.DRONE, []), bus=bus, shift_ms=None)
    assert (published.messages, published.fixes, bus.published) == (0, 0, [])


@given(TIMES, st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from(list(EventKind))), max_size=8), SPEEDS)
@settings(max_examples=150, deadline=None)
def test_batches_and_order(times: list[int], events: list[tuple[int, EventKind]], speed: float) -> None:
    times.sort()
    # events of one instant: what opens, then what closes, as one stream can send them around a fix
    events.sort(key=lambda e: (e[0], e[1] not in OPENING))
    bus = Bus()
    _play(_fixes(times), _events(*events), bus=bus, speed=speed)
    sent: list[tuple[int, int]] = []
    for message in bus.messages():
        assert len(message) == 1 or isinstance(message[0], Fix)
        assert len(message) <= BATCH
        if speed > 0.0:
            assert message[-1].ts_ms - message[0].ts_ms <= BATCH_SPAN_S * 1_000.0 * speed
        sent += [(s.ts_ms, _place(s)) for s in message]
    assert sent == sorted(sent)  # over single samples: a batch that reached over an event would break the order
    assert len(sent) == len(times) + len(events)


def _place(sample: Sample) -> int:
    """What comes before what at one instant: opening events, fixes, the other events."""
    if isinstance(sample, Event):
        return 0 if sample.kind in OPENING else 2
    return 1


def test_a_fix_stands_behind_take_off_and_before_landing_of_its_instant() -> None:
    bus = Bus()
    takeoff, landing = (0, EventKind.TAKEOFF), (400, EventKind.LANDING)
    _play(_fixes([0, 200, 400, 600]), _events(takeoff, (200, EventKind.ON), (200, EventKind.OFF), landing), bus=bus)
    kinds = [s.kind.word if isinstance(s, Event) else s.ts_ms for s in bus.samples()]
    assert kinds == ["takeoff", 0, "on", 200, "off", 400, "landing", 600]


def test_another_device_does_not_part_a_batch() -> None:
    bus = Bus()
    _play(_fixes(range(0, 1_000, 100)), _events((450, EventKind.ON), device="d2"), bus=bus)
    assert sorted(map(len, bus.messages())) == [1, 10]


def test_real_time_gathers_half_a_second() -> None:
    bus = Bus()
    _play(_fixes(range(0, 1_000, 100)), bus=bus, speed=1.0)
    assert [len(m) for m in bus.messages()] == [6, 4]


@pytest.mark.parametrize("speed", [0.0, 1.0, 7.0])
def test_steps_of_a_log_that_runs_backwards_are_kept(speed: float) -> None:
    times = [5_000, 5_200, 5_200, 4_100, 4_300, 6_000, 5_900]
    bus = Bus()
    _play(_fixes(times), bus=bus, speed=speed, shift_ms=None)
    sent = np.array([s.ts_ms for s in bus.samples()])
    np.testing.assert_array_equal(np.diff(sent), np.diff(times))
    assert [s.seq for s in bus.samples() if isinstance(s, Fix)] == list(range(7))


@given(TIMES, SPEEDS)
def test_nothing_comes_from_the_future_and_the_last_carries_the_wall_clock(times: list[int], speed: float) -> None:
    streams = [_fixes(times), _readings(sorted(times))]
    shift = shift_to_end_now(streams, speed, NOW_MS)
    due = np.maximum.accumulate(times)
    first, last = min(times), int(due[-1])  # the readings begin with the earliest
    for ts, due_ms in zip(times, due.tolist(), strict=True):
        wall_ms = NOW_MS + 1_000.0 * wait_s(due_ms, first, speed)
        assert ts + shift <= wall_ms + 1e-3
    end_ms = NOW_MS + 1_000.0 * wait_s(last, first, speed)
    if speed == 0.0 or speed >= 1.0:
        assert last + shift == pytest.approx(end_ms, abs=1.0)
    else:
        assert first + shift == NOW_MS


def test_shift_is_taken_where_none_is_given() -> None:
    bus = Bus()
    _play(_fixes([10, 20, 5_010]), _events((5_010, EventKind.LANDING)), bus=bus, speed=0.0, shift_ms=None)
    assert [s.ts_ms for s in bus.samples()] == [NOW_MS - 5_000, NOW_MS - 4_990, NOW_MS, NOW_MS]


@pytest.mark.parametrize("speed", [0.25, 1.0, 8.0])
def test_messages_wait_for_their_time(speed: float) -> None:
    """Hours of flight, so that what the test itself takes does not show."""
    bus, stop = Bus(), Instant()
    times = range(0, 40_000_000, 10_000_000)
    _play(_fixes(times), bus=bus, speed=speed, stop=stop)
    assert stop.waited == pytest.approx([wait_s(t, 0, speed) for t in times if t], abs=60.0)


def test_speed_0_waits_for_nothing() -> None:
    stop = Instant()
    _play(_fixes(range(0, 10_000_000, 100_000)), bus=Bus(), stop=stop)
    assert stop.waited == []
    assert wait_s(5_000, 0, 0.0) == 0.0
    assert wait_s(5_000, 1_000, 2.0) == 2.0


def test_stop_ends_early_and_what_was_sent_is_waited_for() -> None:
    stop = Instant()
    bus = Bus(stop=stop, last=4)  # the status, and three fixes
    published = _play(_fixes(range(0, 10_000, 1_000)), bus=bus, speed=1.0, stop=stop)
    assert (published.messages, published.fixes) == (3, 3)
    assert [d.waits for d in bus.deliveries] == [1] * 4


def test_stop_while_waiting_sends_nothing_more() -> None:
    bus = Bus()
    published = _play(_fixes(range(0, 10_000_000, 1_000_000)), bus=bus, speed=1.0, stop=Instant(last=3))
    assert published.fixes == 3  # the first waits for nothing
    assert all(d.waits == 1 for d in bus.deliveries)


def test_a_broker_that_does_not_acknowledge() -> None:
    with pytest.raises(BrokerUnavailable, match="did not acknowledge 4 messages within 30 s"):
        _play(_fixes([0, 1_000, 2_000]), bus=Bus(taken=False), speed=1.0)


def test_a_broker_that_acknowledges_nothing_is_noticed_long_before_the_end() -> None:
    bus = Bus(taken=False)
    with pytest.raises(BrokerUnavailable, match="a message"):
        _play(_fixes(range(0, 4_000_000, 1_000)), bus=bus, speed=1.0)
    assert len(bus.published) == 2_001


def test_a_long_run_keeps_few_deliveries_and_waits_for_each() -> None:
    bus = Bus()
    published = _play(_fixes(range(0, 3_000_000, 1_000)), bus=bus, speed=1.0)
    assert published.messages == 3_000
    assert all(d.waits == 1 for d in bus.deliveries)


def test_status_is_retained_per_device_with_the_mark_of_a_replay() -> None:
    bus = Bus()
    _play(_fixes([100], replay=True), _fixes([300], "d2"), _events((50, EventKind.ON), device="d2"), bus=bus)
    status = {topic: json.loads(payload) for topic, payload in bus.retained.items()}
    assert status == {
        "canhdong/v1/htx-1/drones/d1/status": {"device": "d1", "ts": 50, "online": True, "replay": True},
        "canhdong/v1/htx-1/drones/d2/status": {"device": "d2", "ts": 50, "online": True, "replay": False},
    }
    assert [topic for topic, _ in bus.published[:2]] == list(bus.retained)


def test_progress_reaches_the_total() -> None:
    told: list[Progress] = []
    streams = [_fixes(range(0, 5_000, 100)), _readings([0, 9_000])]
    play(streams, Bus(), "htx-1", speed=0.0, clock=FakeClock(NOW_MS), progress=told.append, shift_ms=0)
    assert told[-1] == Progress(52, 52, 9_000)
    assert [p.sent for p in told] == sorted(p.sent for p in told)
    assert {p.total for p in told} == {52}


# --- streams that say themselves what is sent when


def _sending(*messages: tuple[int, int, int]) -> Sending:
    due, first, end = (np.array(column, np.int64) for column in zip(*messages, strict=True))
    return Sending(due, first, end)


def test_a_stream_belongs_to_its_own_cooperative() -> None:
    bus = Bus()
    _play(replace(_fixes([1]), cooperative="htx-9"), _events((2, EventKind.ON)), bus=bus)
    assert [topic.split("/")[2] for topic, _ in bus.published] == ["htx-9", "htx-1", "htx-9", "htx-1"]
    assert {topic.split("/")[2] for topic in bus.retained} == {"htx-9", "htx-1"}


@pytest.mark.parametrize("speed", [0.0, 1.0])
def test_a_schedule_is_kept_to_the_letter(speed: float) -> None:
    """Twice, in another order, late, and not at all: row 3."""
    sending = _sending((500, 0, 2), (700, 4, 6), (700, 2, 3), (900, 4, 6), (9_000, 0, 2))
    bus = Bus()
    published = _play(replace(_fixes(range(0, 600, 100)), sending=sending), bus=bus, speed=speed)
    assert [[s.seq for s in m if isinstance(s, Fix)] for m in bus.messages()] == [[0, 1], [4, 5], [2], [4, 5], [0, 1]]
    assert (published.messages, published.fixes) == (5, 9)


def test_messages_of_a_schedule_wait_for_its_times_whatever_their_clocks_say() -> None:
    bus, stop = Bus(), Instant()
    wrong = replace(_fixes([500, 600]), sending=_sending((10_000_000, 0, 1), (30_000_000, 1, 2)))
    right = replace(_fixes([10_000_000, 20_000_000], "d2"), sending=_sending((10_000_000, 0, 1), (20_000_000, 1, 2)))
    _play(wrong, right, bus=bus, speed=1.0, stop=stop)
    assert stop.waited == pytest.approx([10_000.0, 20_000.0], abs=60.0)
    assert [m[0].device for m in bus.messages()] == ["d1", "d2", "d2", "d1"]


def test_a_schedule_shifts_with_its_samples_and_ends_at_the_wall_clock() -> None:
    late = replace(_fixes([1_000, 2_000]), sending=_sending((62_000, 0, 2)))
    assert shift_to_end_now([late], 0.0, NOW_MS) == NOW_MS - 62_000
    bus, told = Bus(), list[Progress]()
    play([late], bus, "htx-1", speed=0.0, clock=FakeClock(NOW_MS), progress=told.append)
    assert [s.ts_ms for s in bus.samples()] == [NOW_MS - 61_000, NOW_MS - 60_000]
    assert told[-1] == Progress(2, 2, NOW_MS)


def test_a_schedule_may_send_long_stretches_and_go_back() -> None:
    bus = Bus()
    stream = replace(_fixes(range(9_000)), sending=_sending((1, 0, 5_000), (2, 8_000, 9_000), (3, 10, 20)))
    _play(stream, bus=bus)
    wanted = [*range(5_000), *range(8_000, 9_000), *range(10, 20)]
    assert [s.seq for s in bus.samples() if isinstance(s, Fix)] == wanted


def test_a_schedule_without_messages_sends_nothing() -> None:
    bus = Bus()
    nothing = replace(_fixes([1, 2]), sending=Sending(*(np.empty(0, np.int64) for _ in range(3))))
    published = _play(nothing, _fixes([5], "d2"), bus=bus, shift_ms=None)
    assert (published.fixes, list(bus.retained)) == (1, ["canhdong/v1/htx-1/drones/d2/status"])


def test_events_and_readings_have_schedules_too() -> None:
    bus = Bus()
    events = replace(_events((1, EventKind.TAKEOFF), (2, EventKind.ON)), sending=_sending((5, 1, 2), (6, 0, 1)))
    readings = [Reading("w1", 1, "rain", 1.0, "mm"), Reading("w1", 1, "wind", 2.0, "m/s")]
    uplink = Stream("w1", DeviceKind.SENSOR, readings, sending=_sending((7, 0, 2), (8, 0, 2)))
    published = _play(events, uplink, bus=bus)
    assert [len(m) for m in bus.messages()] == [1, 1, 2, 2]
    assert [s.kind for s in bus.samples() if isinstance(s, Event)] == [EventKind.ON, EventKind.TAKEOFF]
    assert (published.events, published.readings) == (2, 4)


def test_what_a_bad_network_makes_of_a_flight_is_published() -> None:
    spec = Network(duplicate_pct=20.0, reorder_pct=20.0, lost_pct=10.0, clock_offset_s=30.0)
    ideal = [Event("d1", 0, EventKind.TAKEOFF, "b"), Event("d1", 59_900, EventKind.LANDING, "b")]
    (table, sending), (events, event_sending), tally = send(
        _table(range(0, 60_000, 100)), ideal, spec, np.random.default_rng(1)
    )
    bus = Bus()
    streams = [
        Stream("d1", DeviceKind.DRONE, table, sending=sending),
        Stream("d1", DeviceKind.DRONE, events, sending=event_sending),
    ]
    published = _play(*streams, bus=bus)
    assert published.fixes + published.events == tally.sent - tally.lost + tally.duplicated
    rows = list(table.rows())
    wanted = [repr(rows[a:b]) for a, b in zip(sending.first.tolist(), sending.end.tolist(), strict=True)]
    assert [repr(m) for m in bus.messages() if isinstance(m[0], Fix)] == wanted


# --- messages as they are


def _raw(*messages: RawMessage) -> Stream:
    return Stream("x1", DeviceKind.DRONE, list(messages))


def test_messages_go_out_byte_for_byte_between_the_others() -> None:
    bus = Bus()
    rubbish = RawMessage(150, "some/where/else", b"\x00\xff{", retain=True, qos=0)
    published = _play(_fixes([100]), _raw(RawMessage(50, "a/b", b""), rubbish), _fixes([200], "d2"), bus=bus)
    topics = [topic.rpartition("canhdong/v1/htx-1/drones/")[2] for topic, _ in bus.published]
    assert topics == ["d1/status", "d2/status", "a/b", "d1/telemetry", "some/where/else", "d2/telemetry"]
    assert dict(bus.published)["some/where/else"] == b"\x00\xff{"
    assert bus.retained["some/where/else"] == b"\x00\xff{"
    assert bus.qos == [1, 1, 1, 1, 0, 1]
    assert (published.messages, published.fixes, published.as_they_are) == (4, 2, 2)


def test_a_message_as_it_is_moves_its_due_time_and_the_times_that_ask_for_it() -> None:
    payload = b'[{"ts":@ts@},{"ts":@ts+400000@},{"ts":@ts-7@,"was":1000,"mail":"a@ts.example"}]'
    bus = Bus()
    _play(_raw(RawMessage(1_000, "a/b", payload)), bus=bus, shift_ms=None)
    wanted = f'[{{"ts":{NOW_MS}}},{{"ts":{NOW_MS + 400_000}}},{{"ts":{NOW_MS - 7},"was":1000,"mail":"a@ts.example"}}]'
    assert bus.published == [("a/b", wanted.encode())]
    bus = Bus()
    _play(_raw(RawMessage(1_000, "a/b", b"@ts@")), bus=bus)
    assert bus.published == [("a/b", b"1000")]


# --- a maker's sensors


def test_a_makers_sensor_sends_one_uplink_an_instant_on_its_own_topic() -> None:
    readings = [Reading("w1", ts, q, v, u) for ts in (1_000, 61_000) for q, v, u in WATER]
    bus = Bus()
    stream = Stream("w1", DeviceKind.SENSOR, readings, wire="senml", external="urn:dev:mac:0024befffe804ff1")
    published = _play(stream, bus=bus, shift_ms=1_764_000_000_000)
    assert bus.retained == {}
    assert (published.messages, published.readings) == (2, 4)
    decoded = [senml.decode(topic, payload, 0).samples for topic, payload in bus.published]
    times = [{s.ts_ms for s in message} for message in decoded]
    assert times == [{1_764_000_001_000}, {1_764_000_061_000}]
    assert all(len(message) == 2 for message in decoded)


WATER = (("water_level", 0.125, "m"), ("temperature", 28.5, "Cel"))
