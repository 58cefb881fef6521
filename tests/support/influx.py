"""A real InfluxDB server for tests: Debian's 1.6.7, with authentication on, in a folder of its own."""

from __future__ import annotations

import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from storage.telemetry.influx_http import InfluxHttp, Server
from tests.support.processes import free_port
from tests.support.servers import require_server

ADMIN, WRITER = "quản-trị", "canhdong"
PASSWORD = "chỉ-để-thử"

_CONF = """reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  auth-enabled = true
  log-enabled = false
  max-body-size = {max_body}
[monitor]
  store-enabled = false
"""


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()} if user else {}


@dataclass(slots=True)
class Influxd:
    """A running server."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def server(self, user: str = WRITER, password: str = PASSWORD, **known: float) -> Server:
        return Server(self.url, user, password, **known)  # type: ignore[arg-type]

    def http(self, user: str = WRITER, password: str = PASSWORD) -> InfluxHttp:
        return InfluxHttp(self.server(user, password))

    def ask(self, statement: str, database: str = "", user: str = ADMIN, password: str = PASSWORD) -> Any:
        """A statement as some user, by other code than ours."""
        fields = {"q": statement, "db": database, "epoch": "ns"}
        url = f"{self.url}/query?{urlencode(fields)}"
        answer = urllib3.request("POST", url, headers=_basic(user, password), timeout=300.0)
        assert answer.status == 200, answer.data
        return answer.json()["results"][0]

    def count(self, database: str, measurement: str = "fix", field: str = "received_ms") -> int:
        """How many points there are."""
        found = self.ask(f'SELECT COUNT("{field}") FROM "{measurement}"', database)  # noqa: S608 - of the test's own
        return int(found["series"][0]["values"][0][1]) if "series" in found else 0

    def write(self, database: str, lines: str) -> int:
        """Raw lines; gives the status."""
        url = f"{self.url}/write?{urlencode({'db': database})}"
        return urllib3.request("POST", url, body=lines.encode(), headers=_basic(ADMIN, PASSWORD)).status

    def make_database(self, name: str) -> None:
        """A database that the writer may use."""
        self.ask(f'CREATE DATABASE "{name}"')
        self.ask(f'GRANT ALL ON "{name}" TO "{WRITER}"')

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(20.0)

    def start(self) -> None:
        """Start it again, with all that it held."""
        self.process = _start(self.folder, self.port)


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    program = require_server("influxd")
    with (folder / "influxd.log").open("ab") as log:
        process = subprocess.Popen([program, "-config", str(folder / "influx.conf")], stdout=log, stderr=log)
    deadline = time.monotonic() + 30.0
    while True:
        try:
            urllib3.request("GET", f"http://127.0.0.1:{port}/ping", timeout=1.0, retries=False)
        except urllib3.exceptions.HTTPError:
            assert process.poll() is None, (folder / "influxd.log").read_text()[-2_000:]
            assert time.monotonic() < deadline, "influxd did not answer in time"
            time.sleep(0.02)
        else:
            return process


@contextmanager
def running_influxd(folder: Path, *, max_body: int = 25_000_000, more: str = "") -> Iterator[Influxd]:
    """A server of our own with an administrator and a writer, ended at the end; ``more`` configuration follows."""
    require_server("influxd")
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    conf = _CONF.format(folder=folder, port=port, rpc=free_port(), max_body=max_body) + more
    (folder / "influx.conf").write_text(conf)
    server = Influxd(folder, port, _start(folder, port))
    try:
        server.ask(f"CREATE USER \"{ADMIN}\" WITH PASSWORD '{PASSWORD}' WITH ALL PRIVILEGES", user="")
        server.ask(f"CREATE USER \"{WRITER}\" WITH PASSWORD '{PASSWORD}'")
        yield server
    finally:
        server.stop()
