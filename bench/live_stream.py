"""A thousand listeners on one process of the API: what a second costs, how late events come, what a listener weighs.

Run it with ``make bench-live-stream``. The server is a process of its own with everything that ``canhdong api`` has
(locks, ring, feeder); its feed makes a fix of each drone and a line of coverage each second, stamped with the wall
clock. The listeners are plain sockets in this process: their CPU is told apart. Some of them never read.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Final

import numpy as np

from api.app import Locks, create_app
from api.identity.enrolment import enrol, hand_key
from api.identity.signing import load_signer
from api.live.desk import LiveDesk
from api.live.feeder import Connection, Feeder
from api.live.hub import Hub, Room
from api.server import Front, serve
from api.surroundings import Sides
from core.accounts import Account, AuditEntry, Role, Scope
from core.live import LiveSample, Wanted
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Fix
from core.ports import Message
from ingest.clock import SystemClock
from storage.live.ring import SqliteRing
from storage.urls import open_accounts, open_registry, open_telemetry

LISTENERS: Final = 1_000
SILENT: Final = 10
DRONES: Final = 8
SECONDS: Final = 20
COOPERATIVE: Final = "htx-a"
PORT: Final = 18_431


class ScriptedFeed:
    """A fix of each drone, and its coverage, once a second."""

    def __init__(self) -> None:
        self._last_s = 0
        self.handler: object = None

    def take(self, timeout_s: float, wanted: Wanted) -> Mapping[str, Sequence[LiveSample]]:
        """See :class:`core.live.LiveFeed`."""
        time.sleep(min(timeout_s, 0.1))
        now_ms = time.time_ns() // 1_000_000
        if now_ms // 1_000 == self._last_s or not wanted(COOPERATIVE, ""):
            return {}
        self._last_s = now_ms // 1_000
        names = [f"d{n}" for n in range(DRONES)]
        if callable(self.handler):
            for name in names:
                body = {"flight": "f", "ts": now_ms, "net_m2": 1234.5, "live": True}
                topic = f"canhdong/v1/{COOPERATIVE}/drones/{name}/coverage"
                self.handler(Message(topic, json.dumps(body).encode(), now_ms))
        return {COOPERATIVE: [Fix(name, now_ms, 9.285, 105.725, on=True, speed_mps=5.0, swath_m=7.0) for name in names]}

    def close(self) -> None:
        """See :class:`core.live.LiveFeed`."""


class ScriptedBus:
    """Hands the feed's coverage over, as a broker would."""

    window = 1_000

    def __init__(self, feed: ScriptedFeed) -> None:
        self._feed = feed

    def subscribe(self, _filters: object, handler: object, **_more: object) -> None:
        """See :class:`core.ports.MessageBus`."""
        self._feed.handler = handler

    def acknowledge(self, *_messages: object) -> None:
        """See :class:`core.ports.MessageBus`."""

    def close(self) -> None:
        """See :class:`core.ports.MessageBus`."""


def _serve(folder: Path, pipe: Pipe) -> None:
    clock, stop = SystemClock(), threading.Event()
    url = f"sqlite:///{folder / 'registry.sqlite'}"
    store, registry = open_telemetry(f"sqlite:///{folder / 'telemetry.sqlite'}"), open_registry(url)
    accounts, ring = open_accounts(url), SqliteRing(folder / "live.sqlite")
    registry.add_cooperative(Cooperative(COOPERATIVE, "A"))
    for n in range(DRONES):
        registry.add_device(Device(f"d{n}", COOPERATIVE, DeviceKind.DRONE))
    entry = AuditEntry(clock.now_ms(), "bench", "", "bench", "")
    signer = load_signer(folder / "secrets" / "key.pem")
    lan = Account("lan", COOPERATIVE, Role.MANAGER, "Lan", "", "", clock.now_ms())
    enrol(accounts, lan, entry, signer.second_factors)
    key = hand_key(accounts, "lan", "bench", entry, scopes=(Scope.READ,), days=1)
    desk = LiveDesk(ring, clock, Hub(Room(everybody=5_000, cooperative=5_000, account=5_000)))
    feed = ScriptedFeed()
    feeder = Feeder(desk, lambda: Connection(ScriptedBus(feed), feed), store.latest_fixes)  # type: ignore[arg-type]
    app = create_app(
        store,
        registry,
        accounts,
        shapes=registry,
        answers=registry,
        sides=Sides(registry),
        signer=signer,
        clock=clock,
        locks=Locks(rate_per_s=10_000.0),
        desk=desk,
    )
    threading.Thread(target=feeder.run, args=(stop,), daemon=True).start()
    threading.Thread(target=_stop_when_told, args=(pipe, stop), daemon=True).start()
    serve(app, Front("127.0.0.1", PORT), stop, lambda: pipe.send(key))
    for it in (store, registry, accounts, ring):
        it.close()


def _stop_when_told(pipe: Pipe, stop: threading.Event) -> None:
    pipe.recv()
    stop.set()


class Counted:
    """What all listeners heard."""

    def __init__(self) -> None:
        self.late_ms: list[int] = []
        self.bytes = 0
        self.events = 0
        self.ready = 0
        self.all_ready = asyncio.Event()


async def _listen(key: str, counted: Counted, *, reads: bool = True) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 20)
    head = f"GET /v1/cooperatives/{COOPERATIVE}/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
    writer.write(head.encode())
    if not reads:
        await asyncio.Event().wait()
    try:
        while line := await reader.readline():
            if line.startswith(b"data: ") and b'"ts":' in line:
                counted.events += 1
                at = line.index(b'"ts":') + 5
                counted.late_ms.append(time.time_ns() // 1_000_000 - int(line[at : at + 13]))
            elif line.startswith(b"event: ready"):
                counted.ready += 1
                if counted.ready == LISTENERS:
                    counted.all_ready.set()
            counted.bytes += len(line)
    finally:
        writer.close()


async def _measure(key: str, pid: int) -> dict[str, float]:
    counted = Counted()
    rss_kb = _rss_kb(pid)
    begun_s, begun_cpu_s = time.monotonic(), _cpu_s(pid)
    tasks = [asyncio.create_task(_listen(key, counted)) for _ in range(LISTENERS)]
    tasks += [asyncio.create_task(_listen(key, counted, reads=False)) for _ in range(SILENT)]
    await counted.all_ready.wait()
    joined_s, joined_cpu_s = time.monotonic() - begun_s, _cpu_s(pid) - begun_cpu_s
    counted.late_ms.clear()
    counted.bytes = counted.events = 0
    cpu_s, own_s, wall_s = _cpu_s(pid), time.process_time(), time.monotonic()
    await asyncio.sleep(SECONDS)
    took_s = time.monotonic() - wall_s
    late = np.percentile(np.array(counted.late_ms), [50, 95, 99])
    answer = {
        "listeners": LISTENERS,
        "listeners_that_never_read": SILENT,
        "joined_s": joined_s,
        "server_cpu_ms_a_join": joined_cpu_s * 1e3 / LISTENERS,
        "server_cpu_share": (_cpu_s(pid) - cpu_s) / took_s,
        "generator_cpu_share": (time.process_time() - own_s) / took_s,
        "events_a_second": counted.events / took_s,
        "server_cpu_us_an_event": (_cpu_s(pid) - cpu_s) * 1e6 / max(counted.events, 1),
        "kb_a_listener_and_minute": counted.bytes / LISTENERS / took_s * 60 / 1_000,
        "rss_kb_a_listener": (_rss_kb(pid) - rss_kb) / LISTENERS,
        "late_ms_p50": float(late[0]),
        "late_ms_p95": float(late[1]),
        "late_ms_p99": float(late[2]),
    }
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {name: round(value, 3) for name, value in answer.items()}


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def main() -> None:
    """Serve, listen, and print what it cost."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with tempfile.TemporaryDirectory() as folder, closing(here):
        server = context.Process(target=_serve, args=(Path(folder), there))
        server.start()
        try:
            if not here.poll(60.0) or server.pid is None:
                sys.exit("the server did not come up")
            answer = asyncio.run(_measure(here.recv(), server.pid))
            here.send("stop")
            server.join(20.0)
        finally:
            server.kill()
    print(
        f"{LISTENERS} listeners, {DRONES} drones: {answer['server_cpu_share']:.0%} of a core, "
        f"events {answer['late_ms_p95']:.0f} ms late at p95"
    )
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
