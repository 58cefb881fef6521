"""A load: every packet is one that ingest takes, and the figures are those of what happened."""

from __future__ import annotations

import math
import socket
import threading
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BrokerUnavailable, ConfigError
from core.model.enums import FixQuality, Mode, Operation
from core.model.fixtable import Ints
from core.model.land import DeviceKind
from core.model.samples import Fix
from ingest import topics
from ingest.codecs import native_json
from messaging.address import Address
from messaging.broker import run_broker
from simulators.loading.fleet import LoadFleet, Plan
from simulators.loading.link import LoadLink
from simulators.loading.load import Moment, Report, run_load
from simulators.loading.worker import Done, Second, Sender
from tests.messaging.test_broker import _secured as secured
from tests.support.processes import free_port
from tests.support.servers import require_server, running_broker

T0 = 1_764_000_000_000
BOX = (102.0, 8.0, 110.0, 23.5)


def a_plan(  # noqa: PLR0917
    drones: int = 7, rate: float = 5.0, seconds: float = 1.0, batch: int = 10, cooperatives: int = 2, processes: int = 1
) -> Plan:
    return Plan(drones, rate, seconds, batch, cooperatives, processes, "load-1")


def packets(raw: bytes) -> list[tuple[str, int, bytes]]:
    """Topic, identifier and payload of PUBLISH packets with QoS 1, read as MQTT 3.1.1 says."""
    found: list[tuple[str, int, bytes]] = []
    at = 0
    while at < len(raw):
        assert raw[at] == 0x32
        length, shift, at = 0, 0, at + 1
        while True:
            length |= (raw[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if raw[at - 1] < 128:
                break
        body, at = raw[at : at + length], at + length
        assert len(body) == length
        name = int.from_bytes(body[:2], "big")
        found.append((body[2 : 2 + name].decode(), int.from_bytes(body[2 + name : 4 + name], "big"), body[4 + name :]))
    return found


def flown(plan: Plan, turns: int, groups: int = 3) -> dict[str, list[Fix]]:
    """All fixes by device, in the order in which they are sent, read as ingest reads them."""
    found: dict[str, list[Fix]] = defaultdict(list)
    fleet = LoadFleet(plan, range(plan.drones), T0, groups)
    for turn in range(turns):
        for group in range(groups):
            for topic, _, payload in packets(fleet.packets(group, turn, 1)):
                decoded = native_json.decode(topic, payload)
                assert (decoded.faults, decoded.unknown) == ([], 0)
                assert len(decoded.samples) == plan.batch
                found[topics.parse(topic).device] += [s for s in decoded.samples if isinstance(s, Fix)]
    return found


@pytest.mark.parametrize(("batch", "rate"), [(1, 5.0), (10, 5.0), (10, 1.0), (3, 10.0), (250, 12.5), (10, 0.3)])
def test_ingest_reads_what_was_meant(batch: int, rate: float) -> None:
    plan = a_plan(batch=batch, rate=rate)
    found = flown(plan, 20)
    assert sorted(found) == [f"load-{n:05d}" for n in range(1, 8)]
    for fixes in found.values():
        assert [f.seq for f in fixes] == list(range(20 * batch))
        assert np.diff([f.ts_ms for f in fixes]) == pytest.approx(1_000.0 / rate, abs=1.0)
        assert {(f.boot, f.job, f.op, f.mode, f.quality) for f in fixes} == {
            ("load-1", "load", Operation.SPRAY, Mode.AUTO, FixQuality.RTK)
        }
        assert all(BOX[0] < f.lon_deg < BOX[2] and BOX[1] < f.lat_deg < BOX[3] for f in fixes)


@pytest.mark.parametrize("turn", [0, 9, 99, 999, 123_456])
def test_numbers_grow_to_eight_digits(turn: int) -> None:
    plan = a_plan(drones=2)
    for topic, _, payload in packets(LoadFleet(plan, range(2), T0, 1).packets(0, turn, 1)):
        decoded = native_json.decode(topic, payload)
        assert decoded.faults == []
        assert [s.seq for s in decoded.samples if isinstance(s, Fix)] == list(range(turn * 10, turn * 10 + 10))


def test_drones_fly_lines_and_spray_on_them() -> None:
    plan = a_plan(drones=3)
    for fixes in flown(plan, 300).values():
        north = np.array([f.lat_deg for f in fixes]) * 111_195.0
        east = np.array([f.lon_deg for f in fixes]) * 111_195.0 * math.cos(math.radians(9.5))
        step = np.sqrt(np.diff(north) ** 2 + np.diff(east) ** 2)
        on = np.array([f.on for f in fixes])
        spraying = on[1:] & on[:-1]
        assert step[spraying] == pytest.approx(1.0, abs=0.05)  # 5 m/s at 5 Hz
        assert step.max() < 1.6
        assert 0.9 < on.mean() < 1.0
        lines = np.unique(np.round((east[on] - east.min()) / 7.0, 1))
        assert lines == pytest.approx(np.arange(len(lines)), abs=0.15)
        assert len(lines) > 5
        assert np.ptp(north) == pytest.approx(250.0, abs=2.0)


def test_drones_are_apart_and_each_begins_elsewhere_on_its_way() -> None:
    first = [fixes[0] for fixes in flown(a_plan(drones=150), 1).values()]
    places = {(round(f.lat_deg, 3), round(f.lon_deg, 3)) for f in first}
    assert len(places) == 150


@given(st.integers(1, 300), st.integers(1, 9), st.integers(1, 12), st.floats(0.2, 50.0))
@settings(max_examples=40, deadline=None)
def test_groups_send_every_drone_once_when_its_last_fix_has_happened(
    drones: int, groups: int, batch: int, rate: float
) -> None:
    plan = a_plan(drones=drones, batch=batch, rate=rate, cooperatives=1)
    groups = min(groups, drones)
    fleet = LoadFleet(plan, range(drones), T0, groups)
    sent: list[str] = []
    for group in range(groups):
        found = packets(fleet.packets(group, 2, 65_500))
        assert len(found) == fleet.size(group)
        due_ms = T0 + (2 + group / groups) * fleet.period_s * 1_000.0
        for topic, _, payload in found:
            sent.append(topic)
            last = native_json.decode(topic, payload).samples[-1]
            assert due_ms - 1.0 - 1e-3 <= last.ts_ms <= due_ms + 1e-3
        expected = [(65_500 - 1 + i) % 65_535 + 1 for i in range(len(found))]
        assert [number for _, number, _ in found] == expected
    assert len(set(sent)) == drones == len(sent)


def test_shares_and_owners_hold_every_drone_once() -> None:
    plan = a_plan(drones=101, cooperatives=3, processes=4)
    shares = [n for process in range(4) for n in plan.share(process)]
    assert shares == list(range(101))
    devices = plan.devices()
    assert len({d.device for d in devices}) == 101
    assert (
        {d.cooperative for d in devices} == {c.cooperative for c in plan.owners()} == {"load-01", "load-02", "load-03"}
    )
    assert all(d.kind is DeviceKind.DRONE and d.swath_m == 7.0 for d in devices)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"drones": 0}, "--drones 0"),
        ({"rate": math.nan}, "--rate nan"),
        ({"rate": -1.0}, "--rate -1"),
        ({"seconds": 0.0}, "--seconds 0"),
        ({"batch": 1_001}, "--batch 1001: give a number above 0, and 1,000 at most"),
        ({"processes": 8}, "--processes 8: give a number above 0, and 7 at most"),
        ({"cooperatives": 8}, "--cooperatives 8"),
    ],
)
def test_what_cannot_be_done_is_refused(wrong: dict[str, float], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        a_plan(**wrong)  # type: ignore[arg-type]


# --- sending


class FakeLink(LoadLink):
    """A broker that acknowledges all but every ``skip``-th message, and takes its time."""

    def __init__(self, skip: int = 0, delay_s: float = 0.0) -> None:
        self.taken: list[tuple[str, int, bytes]] = []
        self._skip, self._delay_s = skip, delay_s
        self._waiting: list[int] = []

    @property
    def idle(self) -> bool:
        return True

    def hand_over(self, raw: bytes) -> None:
        for packet in packets(raw):
            self.taken.append(packet)
            if not self._skip or len(self.taken) % self._skip:
                self._waiting.append(packet[1])

    def wait(self, timeout_s: float) -> Ints:
        time.sleep(min(timeout_s, 0.01) + self._delay_s)
        found, self._waiting = self._waiting, []
        return np.array(found, np.int64)


def sent(plan: Plan, link: FakeLink, patience_s: float = 5.0) -> tuple[Done, list[Second]]:
    sender, told = Sender(plan, 0, patience_s), list[Second]()
    fault = sender.run(link, round(time.time() * 1_000), lambda: False, told.append)
    return sender.done(fault), told


def test_a_sender_sends_everything_in_time_and_hears_of_it() -> None:
    link = FakeLink()
    done, told = sent(a_plan(drones=20, seconds=1.0, batch=2), link)
    assert (done.sent, done.acknowledged, done.fault) == (50, 50, "")
    assert sum(done.latencies[1]) == 50
    assert told[-1].acknowledged == 50
    times = [s.ts_ms for topic, _, payload in link.taken for s in native_json.decode(topic, payload).samples]
    assert max(times) <= time.time() * 1_000
    assert 0.9 < done.wall_s < 3.0


def test_a_sender_that_cannot_keep_up_says_how_far_it_is_behind() -> None:
    done, _ = sent(a_plan(drones=50, seconds=0.5, rate=1_000.0, batch=1), FakeLink(delay_s=0.03))
    assert done.sent < 50 * 500
    assert done.acknowledged == done.sent
    assert done.latest_s > 0.2


def test_messages_that_are_not_acknowledged_are_counted() -> None:
    done, _ = sent(a_plan(drones=20, seconds=0.2, batch=1), FakeLink(skip=4), patience_s=0.1)
    assert (done.sent, done.acknowledged) == (20, 15)
    assert done.fault == "5 messages were not acknowledged within 0.1 s"


def test_a_whole_load_over_a_broker(tmp_path: Path) -> None:
    moments: list[Moment] = []
    with running_broker("mosquitto", tmp_path) as port:
        plan = a_plan(drones=30, seconds=2.0, processes=2)
        report = run_load(plan, Address("127.0.0.1", port), stop=threading.Event(), progress=moments.append)
    assert report.faults == ()
    assert (report.offered, report.acknowledged, report.messages, report.unacknowledged) == (300, 300, 30, 0)
    assert len(report.cpu_pct) == 2
    assert 0.0 < report.p50_ms <= report.p99_ms
    assert [m.second for m in moments][:2] == [1, 2]


def test_stop_ends_it_early(tmp_path: Path) -> None:
    stop = threading.Event()
    with running_broker("mosquitto", tmp_path) as port:
        plan = a_plan(drones=5, seconds=600.0)
        report = run_load(plan, Address("127.0.0.1", port), stop=stop, progress=lambda _: stop.set())
    assert report.faults == ()
    assert 0 < report.messages < 20
    assert report.unacknowledged == 0


def test_no_broker_and_a_stranger_on_its_port() -> None:
    port = free_port()
    with pytest.raises(BrokerUnavailable, match="no broker answers"):
        LoadLink(Address("127.0.0.1", port), "x")
    with socket.create_server(("127.0.0.1", port)) as server:

        def refuse() -> None:
            link, _ = server.accept()
            with link:
                link.recv(100)
                link.sendall(b"\x20\x02\x00\x05")

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(BrokerUnavailable, match=r"refused the session \(code 5\)"):
            LoadLink(Address("127.0.0.1", port), "x")
        thread.join()


def test_tls_and_users(tmp_path: Path) -> None:
    require_server("mosquitto")
    cert, key, users = secured(tmp_path)
    port, stop, ready = free_port(), threading.Event(), threading.Event()
    options = {"prefer": "mosquitto", "tls_cert": cert, "tls_key": key, "password_file": users}

    def run() -> None:
        run_broker(f"127.0.0.1:{port}", tmp_path / "data", stop=stop, ready=ready.set, **options)  # type: ignore[arg-type]

    broker = threading.Thread(target=run)
    broker.start()
    try:
        assert ready.wait(20.0)
        good = Address("127.0.0.1", port, tls=True, user="ingest", password="hunter2", ca_file=cert)
        report = run_load(a_plan(drones=40, rate=500.0), good, stop=threading.Event())
        assert report.acknowledged == report.offered > 0
        assert report.faults == ()
        for bad in (replace(good, password="wrong"), replace(good, ca_file=None), replace(good, tls=False)):
            with pytest.raises(BrokerUnavailable):
                LoadLink(bad, "bad")
    finally:
        stop.set()
        broker.join(20.0)
    with pytest.raises(ConfigError, match="CANHDONG_MQTT_CA_FILE"):
        LoadLink(replace(good, ca_file=tmp_path / "nobody.pem"), "x")


def test_a_report_says_whether_it_kept_up() -> None:
    def a_report(offered: float, acknowledged: float) -> Report:
        return Report(1_000.0, offered, acknowledged, 1, 1, 1, 0, 1.0, 1.0, 0.0, 1.0, (), ())

    assert a_report(1_000.0, 990.0).kept_up
    assert not a_report(1_000.0, 900.0).kept_up
    assert not a_report(900.0, 1_000.0).kept_up
