"""Servers that some tests need: a missing one skips loudly, and fails where CANHDONG_REQUIRE_SERVERS says so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from messaging.broker import find_mosquitto, run_broker
from tests.support.processes import free_port

BROKERS = ("iotcore", "mosquitto")
REQUIRED = "CANHDONG_REQUIRE_SERVERS"
_SYSTEM = "/usr/sbin:/usr/local/sbin"


def require_server(program: str) -> str:
    """Path of a server's program; without it the test skips, or fails where servers are required."""
    found = find_mosquitto() if program == "mosquitto" else shutil.which(program) or shutil.which(program, path=_SYSTEM)
    if found is None:
        words = f"{program} is not installed (make servers)"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{words}, and {REQUIRED}=1 says that it must be")
        pytest.skip(words)
    return found


def require_broker(broker: str) -> None:
    """Skip (or fail) where a broker is missing; iotcore comes with the package."""
    if broker == "mosquitto":
        require_server("mosquitto")
    else:
        pytest.importorskip("iotcore", reason="no wheel of iotcore for this machine")


@contextmanager
def running_broker(broker: str, folder: Path, port: int | None = None) -> Iterator[int]:
    """A broker of our own in a folder, ended at the end; gives its port."""
    require_broker(broker)
    chosen = port or free_port()
    stop, ready = Event(), Event()
    failure: list[Exception] = []

    def run() -> None:
        try:
            run_broker(f"127.0.0.1:{chosen}", folder, stop=stop, ready=ready.set, prefer=broker)
        except Exception as error:  # noqa: BLE001 - handed over to the test's thread
            failure.append(error)
            ready.set()

    thread = Thread(target=run, name=f"broker-{broker}")
    thread.start()
    try:
        assert ready.wait(20.0), "the broker was not ready in time"
        assert not failure, failure
        yield chosen
    finally:
        stop.set()
        thread.join(20.0)
    assert not failure, failure
