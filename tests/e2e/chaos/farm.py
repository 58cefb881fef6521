"""A farm under attack: a real mosquitto, a real InfluxDB, our ingest as processes, and what must be true at the end.

``CANHDONG_SOAK`` multiplies how much is sent and how long things are away: 1 in CI, 10 in ``make soak``.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.errors import BrokerUnavailable
from core.model.land import Cooperative, Device, DeviceKind
from core.model.ledger import Account
from core.model.samples import Fix
from ingest.codecs import native_json
from ingest.topics import device_topic
from messaging.broker import find_mosquitto
from messaging.mqtt import MqttBus, parse_url
from storage.deadletters.sqlite import SqliteDeadLetters
from storage.intake.sqlite import SqliteIntake
from storage.registry.repository import SqlRegistry
from storage.telemetry.influx_admin import InfluxAdmin
from tests.support.influx import ADMIN, PASSWORD, WRITER, Influxd, running_influxd
from tests.support.processes import free_port
from tests.support.servers import require_server

SOAK: Final = float(os.environ.get("CANHDONG_SOAK", "1"))
COOPERATIVE: Final = "htx"
DATABASE: Final = "canhdong_htx"
DRONES: Final = 4
PATIENCE_S: Final = 100.0

Sent = list[tuple[str, bytes]]
"""Topics and payloads."""

GENEROUS: Final = "max_inflight_messages 10000\nmax_queued_messages 0\n"
STOCK: Final = ""
"""mosquitto's own limits: 20 messages in flight, 1,000 queued."""


def scaled(number: int) -> int:
    """So many in CI, more in a soak."""
    return int(number * SOAK)


def wait_for(condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s * max(1.0, SOAK)
    while not condition():
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.05)


class Mosquitto:
    """A broker that keeps its sessions on the disk, and may be stopped and started again on the same port."""

    def __init__(self, folder: Path, limits: str) -> None:
        require_server("mosquitto")
        self.port = free_port()
        self._conf = folder / "mosquitto.conf"
        self._conf.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\nuser root\n"
            f"persistence_location {folder}/\nsys_interval 1\nlog_type error\n{limits}",
            encoding="utf-8",
        )
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen([str(find_mosquitto()), "-c", str(self._conf)], stderr=subprocess.DEVNULL)
        wait_for(self._answers, "mosquitto")

    def _answers(self) -> bool:
        assert self._process.poll() is None, "mosquitto ended"
        try:
            with MqttBus(parse_url(f"mqtt://127.0.0.1:{self.port}"), "probe"):
                return True
        except BrokerUnavailable:
            return False

    def stop(self) -> None:
        """A clean end: it saves what it holds."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30.0)


@dataclass
class Ingest:
    """One ingest process."""

    process: subprocess.Popen[str]
    log: Path

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """Ask it to stop; gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60.0)


@dataclass
class Farm:
    """All of it."""

    folder: Path
    mosquitto: Mosquitto
    influxd: Influxd
    environment: dict[str, str]
    ingests: list[Ingest] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    fixes: set[tuple[str, str, int]] = field(default_factory=set)

    # --- processes

    def start_ingest(self, **settings: object) -> Ingest:
        """Start an ingest and wait until it is ready."""
        log = self.folder / f"ingest-{len(self.ingests)}.log"
        environment = (
            os.environ | self.environment | {f"CANHDONG_{name.upper()}": str(v) for name, v in settings.items()}
        )
        with log.open("w", encoding="utf-8") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "ingest"], env=environment, stdout=out, stderr=out, text=True
            )
        ingest = Ingest(process, log)
        self.ingests.append(ingest)

        def ready() -> bool:
            said = log.read_text(encoding="utf-8")
            assert process.poll() is None, said
            return "canhdong ingest: ready" in said

        wait_for(ready, "ingest to be ready")
        return ingest

    # --- sending

    def messages(
        self, count: int, *, boot: str = "b1", per_message: int = 1, ago_s: float = 0.0
    ) -> list[tuple[str, bytes]]:
        """``count`` fixes of all drones at 5 Hz, of a new boot, ending ``ago_s`` ago; noted as sent."""
        each = count // DRONES
        start_ms = time.time_ns() // 1_000_000 - int(ago_s * 1_000) - each * 200
        made: Sent = []
        for first in range(0, each, per_message):
            for drone in range(DRONES):
                name = f"d{drone}"
                rows = [
                    Fix(name, start_ms + n * 200, 9.28 + n * 1e-6, 105.72, seq=n, boot=boot, on=True, swath_m=7.0)
                    for n in range(first, min(first + per_message, each))
                ]
                made.append((device_topic(COOPERATIVE, DeviceKind.DRONE, name, "telemetry"), native_json.encode(rows)))
                self.fixes |= {(name, boot, row.seq) for row in rows}
                self.sent["fixes"] += len(rows)
        return made

    def publish(self, messages: Sequence[tuple[str, bytes]], *, per_s: float = 0.0, name: str = "publisher") -> None:
        """Publish with QoS 1, evenly where a rate is given; returns when the broker has all of them."""
        bus = MqttBus(parse_url(f"mqtt://127.0.0.1:{self.mosquitto.port}"), name, patience_s=60.0)
        began = time.monotonic()
        with bus:
            deliveries = []
            for number, (topic, payload) in enumerate(messages):
                if per_s and number % 20 == 0:
                    time.sleep(max(0.0, began + number / per_s - time.monotonic()))
                deliveries.append(bus.publish(topic, payload))
            for delivery in deliveries:
                assert delivery.wait(60.0), "the broker did not take a message"

    @contextmanager
    def publishing(
        self, messages: Sequence[tuple[str, bytes]], *, per_s: float = 0.0, name: str = "publisher"
    ) -> Iterator[None]:
        """Publish beside what the block does."""
        failures: list[BaseException] = []

        def work() -> None:
            try:
                self.publish(messages, per_s=per_s, name=name)
            except BaseException as error:  # noqa: BLE001 - handed over to the test's thread
                failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            thread.join()
        assert not failures, failures

    # --- what must be true

    def stored(self) -> int:
        return self.influxd.count(DATABASE)

    def accounts(self) -> list[Account]:
        with closing(SqliteIntake(self.folder / "data" / "intake.sqlite")) as intake:
            return intake.accounts(COOPERATIVE)

    def letters(self) -> Counter[str]:
        with closing(SqliteDeadLetters(self.folder / "data" / "deadletters.sqlite")) as letters:
            return Counter(letters.counts())

    def await_stored(self, count: int | None = None) -> None:
        wanted = len(self.fixes) if count is None else count
        wait_for(lambda: self.stored() >= wanted, f"{wanted} fixes to be stored")

    def all_ended(self) -> None:
        """Every ingest ends well when it is asked to."""
        for ingest in self.ingests:
            if ingest.process.poll() is None:
                assert ingest.end() == 0, ingest.log.read_text(encoding="utf-8")[-3_000:]

    def assert_nothing_lost_nothing_twice(self, *, duplicates: int | None = None, rejected: int = 0) -> None:
        """Every fix is in the database once, and the ledger says so: of so many duplicates, or at least that many."""
        self.await_stored()
        self.all_ended()
        answer = self.influxd.ask("SELECT seq, boot FROM fix GROUP BY device", DATABASE)
        found = [
            (series["tags"]["device"], boot, seq) for series in answer["series"] for _, seq, boot in series["values"]
        ]
        assert len(found) == len(set(found)), "a fix is stored twice"
        assert set(found) == self.fixes
        accounts = self.accounts()
        assert sum(a.missing for a in accounts) == 0
        assert sum(a.stored for a in accounts) == len(self.fixes)
        for account in accounts:
            told = account.stored + account.duplicates + account.conflicts + account.rejected
            assert account.received == told, account
        assert sum(a.conflicts for a in accounts) == 0
        assert sum(a.rejected for a in accounts) == rejected
        if duplicates is not None:
            assert sum(a.duplicates for a in accounts) == duplicates


@contextmanager
def farm(folder: Path, limits: str = GENEROUS, influx_url: Callable[[Influxd], str] | None = None) -> Iterator[Farm]:
    """Run a farm; whatever still runs at the end is ended."""
    (folder / "broker").mkdir(parents=True)
    data = folder / "data"
    data.mkdir()
    with closing(SqlRegistry(data / "registry.sqlite")) as registry:
        registry.add_cooperative(Cooperative(COOPERATIVE, "Hợp tác xã"))
        for drone in range(DRONES):
            registry.add_device(Device(f"d{drone}", COOPERATIVE, DeviceKind.DRONE))
    with ExitStack() as stack:
        influxd = stack.enter_context(running_influxd(folder / "influxd"))
        InfluxAdmin(influxd.server(ADMIN), WRITER, data / "secrets", 0).make([COOPERATIVE, "platform"])
        mosquitto = Mosquitto(folder / "broker", limits)
        stack.callback(mosquitto.stop)
        url = influx_url(influxd) if influx_url is not None else f"influxdb://127.0.0.1:{influxd.port}"
        its = Farm(
            folder,
            mosquitto,
            influxd,
            {
                "CANHDONG_DATA_DIR": str(data),
                "CANHDONG_MQTT_URL": f"mqtt://127.0.0.1:{mosquitto.port}",
                "CANHDONG_TELEMETRY_URL": url,
                "CANHDONG_INFLUX_USER": WRITER,
                "CANHDONG_INFLUX_PASSWORD": PASSWORD,
                "CANHDONG_INFLUX_TIMEOUT_S": "2",
                "CANHDONG_METRICS_PORT": "0",
            },
        )
        try:
            yield its
        finally:
            for ingest in its.ingests:
                if ingest.process.poll() is None:
                    ingest.kill()


def shuffled(messages: Sequence[tuple[str, bytes]], seed: int) -> list[tuple[str, bytes]]:
    """The messages in another order."""
    mixed = list(messages)
    random.Random(seed).shuffle(mixed)  # noqa: S311 - the same order every time
    return mixed
