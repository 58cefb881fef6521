"""A broker and an InfluxDB for one run, in a folder, on free ports, without passwords: nobody else reaches them."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from messaging.broker import find_mosquitto

_INFLUX_CONF = """reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
[monitor]
  store-enabled = false
"""
_BROKER_CONF = """listener {port} 127.0.0.1
allow_anonymous true
max_inflight_messages 10000
max_queued_messages 0
log_type error
"""
_PATIENCE_S = 120.0
_QUERY_S = 600.0
"""Tens of millions of fixes are not counted in the three seconds that urllib3 waits by itself."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Ports of the broker, of InfluxDB, of what takes ``/api/v2/write`` to it, and of the metrics of our ingest."""

    broker: int
    influx: int
    rewriter: int
    metrics: int

    def statement(self, query: str, database: str = "") -> Any:
        """What InfluxDB answers to a statement."""
        fields = urlencode({"q": query, "db": database})
        url = f"http://127.0.0.1:{self.influx}/query?{fields}"
        return urllib3.request("POST", url, timeout=_QUERY_S).json()["results"][0]

    def count(self, database: str) -> int:
        """How many fixes there are."""
        found = self.statement('SELECT COUNT("lat") FROM "fix"', database)
        return int(found["series"][0]["values"][0][1]) if "series" in found else 0

    def stored(self) -> int:
        """How many samples our ingest says that it has stored: costs the database nothing."""
        text = urllib3.request("GET", f"http://127.0.0.1:{self.metrics}/metrics", timeout=_QUERY_S).data.decode()
        found = re.search(r'^canhdong_ingest_samples_total\{outcome="stored"\} (\S+)$', text, re.MULTILINE)
        return int(float(found[1])) if found else 0

    def wait_for(self, database: str, fixes: int) -> None:
        """Wait until so many fixes can be read.

        Raises:
            TimeoutError: No more of them come.
        """
        until_s, most = time.monotonic() + _PATIENCE_S, 0
        while True:
            asked_s = time.monotonic()
            there = self.count(database)
            now_s = time.monotonic()
            if there >= fixes:
                return
            if there > most:
                until_s, most = now_s + _PATIENCE_S, there
            if now_s > until_s:
                raise TimeoutError(f"{there:,} of {fixes:,} fixes are in the database")
            time.sleep(max(0.05, now_s - asked_s))  # counting costs the server what it needs for writing


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as it:
        try:
            _await(port)
            yield
        finally:
            it.terminate()
            it.wait(30.0)


def _await(port: int) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Run them until the block ends.

    Raises:
        FileNotFoundError: mosquitto or influxd is not installed (make servers).
    """
    mosquitto, influxd = find_mosquitto(), shutil.which("influxd")
    if mosquitto is None or influxd is None:
        raise FileNotFoundError("this bench needs mosquitto and influxd (make servers)")
    its = Servers(free_port(), free_port(), free_port(), free_port())
    (folder / "mosquitto.conf").write_text(_BROKER_CONF.format(port=its.broker), encoding="utf-8")
    conf = _INFLUX_CONF.format(folder=folder / "influx", port=its.influx, rpc=free_port())
    (folder / "influx.conf").write_text(conf, encoding="utf-8")
    rewriter = [sys.executable, "-m", "bench.rewriter", str(its.rewriter), str(its.influx)]
    with ExitStack() as stack:
        stack.enter_context(_running([mosquitto, "-c", str(folder / "mosquitto.conf")], its.broker))
        stack.enter_context(_running([influxd, "-config", str(folder / "influx.conf")], its.influx))
        stack.enter_context(_running(rewriter, its.rewriter))
        yield its
