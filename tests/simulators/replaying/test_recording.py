"""Recordings on real brokers: what was recorded is sent again byte for byte, and recorded again is the same."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from core.errors import CanhdongError
from core.model.enums import EventKind
from core.model.fixtable import FixTable
from core.model.land import Device, DeviceKind
from core.model.samples import Event, Fix, Reading
from core.model.traffic import RawMessage, Run, Sending, Stream
from ingest.codecs import native_json, native_msgpack
from messaging.mqtt import MqttBus, parse_url
from simulators.replaying.decoding import decoded, logs_of
from simulators.replaying.recording import record, save_run
from simulators.replaying.resending import Change, first_fix, recorded, resend, senders
from simulators.replaying.shifting import Place
from storage.runs import log_file, read_run
from tests.support.fakes import FakeBus
from tests.support.servers import running_broker

T0_MS = 1_764_020_000_000
TELEMETRY = "canhdong/v1/htx/drones/d1/telemetry"
HEADER = Run("rec", -1, T0_MS, ())


def _fix(i: int, **more: object) -> Fix:
    return Fix("d1", T0_MS + 200 * i, 9.2 + i * 1e-6, 105.7, i, "b1", **more)  # type: ignore[arg-type]


def _messages() -> list[RawMessage]:
    """What crosses a broker on a day: batches, events, rubbish, binary, retained, of every QoS, one twice."""
    batch = native_json.encode([_fix(1), _fix(2)])
    return [
        RawMessage(T0_MS, "canhdong/v1/htx/drones/d1/status", b'{"online":true}', retain=True),
        RawMessage(T0_MS + 10, "canhdong/v1/htx/drones/d1/events", b'{"device":"d1","ts":1,"kind":"takeoff"}'),
        RawMessage(T0_MS + 20, TELEMETRY, b' {"ts": 1764020000000 , "device":"d1","lat":9.2,"lon":105.70,"new":1}'),
        RawMessage(T0_MS + 30, TELEMETRY, batch),
        RawMessage(T0_MS + 30, TELEMETRY, batch),
        RawMessage(T0_MS + 40, TELEMETRY, b"\x00\xff@ts@ no JSON", qos=2),
        RawMessage(T0_MS + 50, "application/7/device/a84041/event/up", b"", qos=0),
        RawMessage(T0_MS + 60, TELEMETRY, native_msgpack.encode([_fix(3)])),
    ]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running_broker("mosquitto", tmp_path_factory.mktemp("broker")) as chosen:
        yield chosen


def _bus(port: int, name: str, *, kept_s: int = 0) -> MqttBus:
    return MqttBus(parse_url(f"mqtt://127.0.0.1:{port}"), name, kept_s=kept_s)


def _record_while(port: int, path: Path, messages: list[RawMessage]) -> Run:
    """Record what is sent meanwhile, and read it."""
    ready, stop = threading.Event(), threading.Event()

    def listen() -> None:
        with _bus(port, f"rec-{path.stem}", kept_s=60) as bus, path.open("wb") as file:
            record(bus, ["#"], file, HEADER, stop=stop, ready=ready.set, messages=len(messages), seconds=60.0)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        assert ready.wait(20.0)
        with _bus(port, f"send-{path.stem}") as sender:
            resend(messages, sender, speed=0.0, stop=threading.Event())
        thread.join(30.0)
    finally:
        stop.set()
        thread.join(20.0)
    return read_run(path)


def _told(messages: list[RawMessage]) -> list[tuple[str, bytes, bool, int]]:
    return [(m.topic, m.payload, m.retain, m.qos) for m in messages]


def test_a_recording_of_a_replayed_recording_is_the_same(port: int, tmp_path: Path) -> None:
    first = recorded(_record_while(port, tmp_path / "first.jsonl", _messages()))
    assert _told(first) == _told(_messages())
    with _bus(port, "sweeper") as bus:  # what is retained would come before everything else
        assert bus.publish(_messages()[0].topic, b"", retain=True).wait(10.0)
    second = recorded(_record_while(port, tmp_path / "second.jsonl", first))
    assert _told(second) == _told(first)
    with _bus(port, "sweeper") as bus:
        assert bus.publish(_messages()[0].topic, b"", retain=True).wait(10.0)


def test_thousands_of_messages_in_a_rush_are_all_recorded(port: int, tmp_path: Path) -> None:
    sent = [RawMessage(T0_MS, f"rush/{i % 7}", b"%d" % i) for i in range(5_000)]
    got = recorded(_record_while(port, tmp_path / "rush.jsonl", sent))
    assert _told(got) == _told(sent)
    at = [m.ts_ms for m in got]
    assert at == sorted(at)


def test_what_is_published_while_the_connection_is_lost_is_recorded(port: int, tmp_path: Path) -> None:
    path = tmp_path / "lost.jsonl"
    ready, stop = threading.Event(), threading.Event()
    with _bus(port, "lost", kept_s=60) as bus, path.open("wb") as file, _bus(port, "lost-out") as sender:
        thread = threading.Thread(
            target=lambda: record(bus, ["lost/#"], file, HEADER, stop=stop, ready=ready.set, messages=40)
        )
        thread.start()
        try:
            assert ready.wait(20.0)
            for number in range(40):
                if number == 20:
                    assert bus._subscriber is not None
                    held = bus._subscriber.client.socket()
                    assert isinstance(held, socket.socket)
                    held.shutdown(socket.SHUT_RDWR)
                assert sender.publish("lost/1", b"%d" % number, qos=1 + number % 2).wait(10.0)
            thread.join(30.0)
            assert not thread.is_alive()
        finally:
            stop.set()
            thread.join(20.0)
    assert sorted(int(m.payload) for m in recorded(read_run(path))) == list(range(40))


class Full(io.BytesIO):
    """A file on a disk that gets full."""

    def flush(self) -> None:
        if len(self.getvalue()) > 400:
            raise OSError(28, "No space left on device")


def test_a_full_disk_ends_the_recording_and_nothing_that_is_lost_is_acknowledged() -> None:
    bus, failed = FakeBus(), []

    def run() -> None:
        try:
            record(bus, ["a/#"], Full(), HEADER, stop=threading.Event())
        except CanhdongError as error:
            failed.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    assert bus.subscribed.wait(10.0)
    handles = [bus.deliver("a/b", b"x" * 100) for _ in range(10)]
    thread.join(10.0)
    assert "No space left on device" in failed[0]
    assert handles[-1] not in bus.acknowledged


def test_a_message_that_comes_again_is_recorded_once() -> None:
    bus, file, ready = FakeBus(), io.BytesIO(), threading.Event()
    found = []
    thread = threading.Thread(
        target=lambda: found.append(
            record(bus, ["a/#"], file, HEADER, stop=threading.Event(), ready=ready.set, messages=3)
        )
    )
    thread.start()
    assert ready.wait(10.0)
    bus.deliver("a/b", b"x")
    bus.deliver("a/b", b"x", repeat=True)  # by the broker, after a reconnection
    bus.deliver("a/b", b"x")  # sent twice by the device
    bus.deliver("a/b", b"y", repeat=True)  # not heard before
    thread.join(10.0)
    assert [msgspec.json.decode(line)["payload"] for line in file.getvalue().splitlines()[1:]] == ["x", "x", "y"]
    assert (found[0].messages, found[0].repeated) == (3, 1)
    assert len(bus.acknowledged) == 4


class Instant(threading.Event):
    """Time that passes at once: notes for how long it was to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        return self.is_set()


@pytest.mark.parametrize("speed", [1.0, 5.0])
def test_time_steps_are_kept(speed: float) -> None:
    """Hours between messages, so that what the test itself takes does not show."""
    hours = [0, 1, 1, 3]
    messages = [RawMessage(T0_MS + 3_600_000 * h, "steps/a", b"%d" % i) for i, h in enumerate(hours)]
    bus, stop = FakeBus(), Instant()
    published = resend(messages, bus, speed=speed, stop=stop)
    assert [payload for _, payload in bus.published] == [m.payload for m in messages]
    assert stop.waited == pytest.approx([3_600.0 * h / speed for h in hours if h], abs=60.0)
    assert (published.messages, published.as_they_are) == (4, 4)


def test_speed_0_waits_for_nothing() -> None:
    stop = Instant()
    resend([RawMessage(T0_MS, "a", b""), RawMessage(T0_MS + 10**9, "a", b"")], FakeBus(), speed=0.0, stop=stop)
    assert stop.waited == []


def test_a_stop_ends_a_replay_of_hours() -> None:
    bus, stop = FakeBus(), threading.Event()
    stop.set()
    messages = [RawMessage(T0_MS, "a", b"1"), RawMessage(T0_MS + 10_000_000, "a", b"2")]
    assert resend(messages, bus, speed=1.0, stop=stop).messages == 0


# --- changed


def test_our_own_json_is_dated_and_placed_anew_and_all_else_told_of() -> None:
    messages = _messages()
    place = Place.by((105.7, 9.2), 1_000.0, 0.0)
    change = Change(3_600_000, place, round=1)
    changed = change.apply(messages)
    assert [m.ts_ms - o.ts_ms for m, o in zip(changed, messages, strict=True)] == [3_600_000] * 8
    row = msgspec.json.decode(changed[2].payload)
    assert (row["ts"], row["new"], row["device"]) == (1_764_020_000_000 + 3_600_000, 1, "d1")
    assert row["lon"] == pytest.approx(105.7 + 1_000.0 / (111_320.0 * np.cos(np.radians(9.2))), abs=1e-4)
    before, after = (native_json.decode(TELEMETRY, m[3].payload).samples for m in (messages, changed))
    assert [s.ts_ms for s in after] == [s.ts_ms + 3_600_000 for s in before]
    assert {s.boot for s in after if isinstance(s, Fix)} == {"b1 #2"}
    assert [changed[i].payload for i in (5, 6, 7)] == [messages[i].payload for i in (5, 6, 7)]
    assert dict(change.untouched) == {TELEMETRY: 2, "application/7/device/a84041/event/up": 1}


def test_the_first_fix_and_the_senders_of_a_recording() -> None:
    assert first_fix(_messages()) == (T0_MS, 105.7, 9.2)
    assert first_fix(_messages()[:2]) is None
    assert [(d.cooperative, d.device, d.kind) for d in senders(_messages())] == [("htx", "d1", DeviceKind.DRONE)]


# --- runs as messages, and back


def test_a_run_in_lines_holds_what_would_be_published(tmp_path: Path) -> None:
    table = FixTable.of([_fix(i) for i in range(4)])
    late = Sending(np.array([T0_MS + 500, T0_MS + 900]), np.array([0, 0]), np.array([2, 4]))
    streams = (
        Stream("d1", DeviceKind.DRONE, table, cooperative="htx", sending=late),
        Stream("d1", DeviceKind.DRONE, [Event("d1", T0_MS, EventKind.TAKEOFF, "b1")], cooperative="htx"),
        Stream("w1", DeviceKind.SENSOR, [Reading("w1", T0_MS + 600, "rain", 0.2, "mm")]),
        Stream("x", DeviceKind.DRONE, [RawMessage(T0_MS + 700, TELEMETRY, b'{"ts":@ts+5@}')]),
    )
    path = tmp_path / "run.jsonl"
    save_run(path, Run("run", 1, T0_MS, streams), cooperative="demo")
    messages = recorded(read_run(path))
    assert [m.topic.split("/", 2)[2] for m in messages] == [
        "htx/drones/d1/events",
        "htx/drones/d1/telemetry",
        "demo/sensors/w1/telemetry",
        "htx/drones/d1/telemetry",
        "htx/drones/d1/telemetry",
    ]
    assert messages[3].payload == b'{"ts":%d}' % (T0_MS + 705)
    assert messages[4].payload == native_json.encode([_fix(i) for i in range(4)])


def test_messages_become_samples_in_order_of_arrival() -> None:
    problems: list[str] = []
    made = decoded(Run("rec", -1, T0_MS, (Stream("", DeviceKind.DRONE, _messages()),)), problems.append)
    file = log_file(made)
    fixes = [log.fixes for log in file.logs if len(log.fixes)]
    assert sorted(ts for table in fixes for ts in table.ts_ms.tolist()) == [T0_MS + 200 * i for i in (0, 1, 1, 2, 2, 3)]
    assert [e.kind for log in file.logs for e in log.events] == [EventKind.TAKEOFF]
    assert len(problems) == 1
    assert "not JSON" in problems[0]
    assert file.problems == ("2 messages of other formats or kinds are not read",)


def test_a_device_that_the_run_does_not_know_is_left_out_and_told_of() -> None:
    raw = [
        RawMessage(T0_MS, TELEMETRY, native_json.encode([_fix(1)])),
        RawMessage(T0_MS, TELEMETRY.replace("d1", "d2"), b'{"device":"d2","ts":1,"lat":9.2,"lon":105.7}'),
    ]
    problems: list[str] = []
    known = (Device("d1", "htx", DeviceKind.DRONE),)
    made = decoded(Run("rec", -1, T0_MS, (Stream("", DeviceKind.DRONE, raw),), devices=known), problems.append)
    assert [log.device for log in log_file(made).logs] == ["d1"]
    assert problems == ["1 messages of devices that the run does not know are left out"]


def test_times_that_no_clock_can_tell_are_counted() -> None:
    times = [T0_MS, 5, T0_MS + 200, -(10**15), 4 * 10**15]
    table = FixTable.build(times, [9.2] * 5, [105.7] * 5, device="d1", boot="b1")
    events = [Event("d1", 7, EventKind.TAKEOFF, "b1"), Event("d1", T0_MS, EventKind.ON, "b1")]
    streams = (Stream("d1", DeviceKind.DRONE, table), Stream("d1", DeviceKind.DRONE, events))
    problems: list[str] = []
    (log,) = logs_of(Run("x", 1, T0_MS, streams), problems.append).logs
    assert log.fixes.ts_ms.tolist() == [T0_MS, T0_MS + 200]
    assert [e.kind for e in log.events] == [EventKind.ON]
    assert log.rejected == {"bad-time": 4}
    assert problems == []
