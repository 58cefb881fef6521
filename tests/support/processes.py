"""The whole platform as real processes under a temporary folder, on free ports, for end-to-end tests."""

from __future__ import annotations

import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2 as httpx

from core.ports import TelemetryStore
from core.registry import Registry
from storage.urls import open_dead_letters, open_registry, open_telemetry

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


def _ports() -> Iterator[int]:
    """Ports below those that the system gives to clients, of a range of this worker's own, from a random one on."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 20
    first, count = 12_000 + 1_000 * worker, 1_000
    start = random.randrange(count)  # noqa: S311 - no secret hangs on it
    yield from itertools.cycle(first + (start + i) % count for i in range(count))


_NEXT_PORT = _ports()


def free_port() -> int:
    """A port that nothing holds at the moment, and that no other test of this run gets."""
    for port in _NEXT_PORT:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")


def wait_for(condition: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Poll until the condition holds, and return what it said; fails with words when the patience is over."""
    deadline = time.monotonic() + patience_s
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s for {what}"
        time.sleep(0.05)


@dataclass
class Platform:
    """Processes by name, and what they share."""

    folder: Path
    mqtt_port: int
    api_port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    key: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What every command of this platform sees."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("CANHDONG_")}
        return inherited | {
            "CANHDONG_DATA_DIR": str(self.folder),
            "CANHDONG_MQTT_URL": f"mqtt://127.0.0.1:{self.mqtt_port}",
            "CANHDONG_API_PORT": str(self.api_port),
        }

    def start(self, name: str, *arguments: str) -> None:
        """Start a process and wait until it says that it is ready."""
        log = self.folder / f"{name}.log"
        before = log.read_text().count("ready\n") if log.exists() else 0
        with log.open("ab") as out:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "cli.main", name, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=out,
            )

        def ready() -> bool:
            code = self.processes[name].poll()
            assert code is None, f"{name} ended with code {code}: {log.read_text()}"
            return log.read_text().count(f"canhdong {name}: ready\n") > before

        wait_for(ready, f"{name} to be ready")

    def kill(self, name: str) -> None:
        """SIGKILL: no chance to clean up."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes.pop(name).wait()

    def stop(self) -> None:
        """SIGTERM to all, the last started first; each must end by itself and well."""
        codes = {}
        for name, process in reversed(self.processes.items()):
            process.terminate()
            try:
                codes[name] = process.wait(20.0)
            except subprocess.TimeoutExpired:
                process.kill()
                codes[name] = process.wait()
        self.processes.clear()
        logs = {name: (self.folder / f"{name}.log").read_text()[-2_000:] for name, code in codes.items() if code}
        assert not logs, f"exit codes {codes}: {logs}"

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command of the platform; the caller waits for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> str:
        """Run a command to its end; returns what it printed. Fails where its exit code is not 0."""
        with self.command(*arguments) as process:
            out, err = process.communicate(timeout=90.0)
        assert process.returncode == 0, f"{arguments}: code {process.returncode}: {err}"
        return out

    def get(self, path: str) -> Any:
        """What the API answers to a GET, decoded; text where it is not JSON, None where it is not found."""
        if not self.key:
            self.run("account", "add", "watcher", "--role", "officer")
            self.key = self.run("account", "key", "add", "watcher", "--name", "tests").strip()
        shown = {"Authorization": f"Bearer {self.key}"}
        answer = httpx.get(f"http://127.0.0.1:{self.api_port}{path}", headers=shown, timeout=20.0)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        answer.raise_for_status()
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    @contextmanager
    def stores(self) -> Iterator[tuple[TelemetryStore, Registry]]:
        """The stores, opened beside the running processes."""
        telemetry = open_telemetry(f"sqlite:///{self.folder / 'telemetry.sqlite'}")
        registry = open_registry(f"sqlite:///{self.folder / 'registry.sqlite'}")
        try:
            yield telemetry, registry
        finally:
            telemetry.close()
            registry.close()

    def dead_letters(self) -> dict[str, int]:
        """How many messages were rejected, by reason."""
        letters = open_dead_letters(f"sqlite:///{self.folder / 'deadletters.sqlite'}")
        try:
            return letters.counts()
        finally:
            letters.close()


@contextmanager
def platform(folder: Path, broker: str, processes: Sequence[str] = ("ingest", "geo", "api")) -> Iterator[Platform]:
    """Start a broker (``mosquitto`` or ``iotcore``) and the named processes; stop them at the end, by pid."""
    it = Platform(folder, free_port(), free_port())
    try:
        it.start("broker", "--listen", f"127.0.0.1:{it.mqtt_port}", "--prefer", broker)
        for name in processes:
            it.start(name)
        yield it
        it.stop()
    finally:
        for process in it.processes.values():
            process.kill()
            process.wait()
