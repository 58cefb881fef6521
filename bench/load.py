"""Does the load outrun an ingester? ``python -m bench.load [--seconds N] [--drones N] [--batch N]``.

One mosquitto, one InfluxDB. First the load alone, with nobody subscribed: fixes a second that the broker acknowledges.
Then the same load while ``canhdong ingest`` is subscribed, on the same cores: fixes a second that ingest stores while
the load runs, and after it while it works the backlog off with the machine to itself; the better of the two counts. The
last line is JSON; ``ratio`` is the load's rate over the ingester's, and above 1 the load outruns it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import urllib3

from bench.ingest import process
from bench.servers import Servers, servers
from messaging.address import Address
from simulators.loading.fleet import Plan
from simulators.loading.load import Report, run_load
from storage.urls import open_registry

_PACE = 1_000.0
"""Fixes a second of each drone that are asked for: more than can be."""
_POLL_S = 0.25
_PATIENCE_S = 60.0
_SETTLED_S = 2.0


def main() -> None:
    """Run both, print both, and the ratio as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load (%(default)s)")
    parser.add_argument("--drones", type=int, default=1_000)
    parser.add_argument("--batch", type=int, default=10)
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    plan = Plan(options.drones, _PACE, options.seconds, options.batch, 1, cores, "bench")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        its = stack.enter_context(servers(folder))
        alone = _load(plan, its)
        print(f"alone:       {_words(alone)}", flush=True)
        stack.enter_context(_ingest(its, folder / "data", plan))
        with _watched(its) as seen:
            beside = _load(plan, its)
            print(f"with ingest: {_words(beside)}", flush=True)
            ended_s = time.monotonic()
            _drained(its, beside.acknowledged)
    during, after = _rates(seen, ended_s)
    print(f"ingest:      {during:,.0f} fixes/s stored beside the load, {after:,.0f} fixes/s after it", flush=True)
    ingester = max(during, after)
    report = {
        "ratio": round(alone.acknowledged_per_s / ingester, 2),
        "load_fixes_per_s": round(alone.acknowledged_per_s),
        "load_beside_ingest_fixes_per_s": round(beside.acknowledged_per_s),
        "ingest_fixes_per_s": round(ingester),
        "ingest_beside_load_fixes_per_s": round(during),
        "load_processes": plan.processes,
        "load_cpu_pct": round(sum(alone.cpu_pct)),
        "unacknowledged": alone.unacknowledged + beside.unacknowledged,
    }
    print(json.dumps(report))


def _load(plan: Plan, its: Servers) -> Report:
    return run_load(plan, Address("127.0.0.1", its.broker), stop=threading.Event())


def _words(report: Report) -> str:
    cpu = " ".join(f"{value:.0f}%" for value in report.cpu_pct)
    return f"{report.acknowledged_per_s:,.0f} fixes/s acknowledged, {report.p99_ms:.0f} ms (p99), CPU {cpu}"


@contextmanager
def _ingest(its: Servers, folder: Path, plan: Plan) -> Iterator[None]:
    """Our ingest, with a registry and a database that know the drones."""
    folder.mkdir()
    registry = open_registry(f"sqlite:///{folder}/registry.sqlite")
    for owner in plan.owners():
        registry.add_cooperative(owner)
        its.statement(f'CREATE DATABASE "canhdong_{owner.cooperative}"')
    registry.put_all(plan.devices())
    registry.close()
    environment = {
        "CANHDONG_DATA_DIR": str(folder),
        "CANHDONG_MQTT_URL": f"mqtt://127.0.0.1:{its.broker}",
        "CANHDONG_TELEMETRY_URL": f"influxdb://127.0.0.1:{its.influx}",
        "CANHDONG_METRICS_PORT": str(its.metrics),
    }
    command = [sys.executable, "-m", "cli.main", "ingest"]
    with process(command, "canhdong ingest: ready", environment):
        yield


@contextmanager
def _watched(its: Servers) -> Iterator[list[tuple[float, int]]]:
    """How many samples ingest says that it has stored, all the time."""
    seen: list[tuple[float, int]] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_POLL_S):
            try:
                seen.append((time.monotonic(), its.stored()))
            except urllib3.exceptions.HTTPError:
                continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _drained(its: Servers, fixes: int) -> None:
    """Wait until ingest has stored everything, or enough of it to know its rate."""
    until_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until_s and its.stored() < fixes:
        time.sleep(_POLL_S)


def _rates(seen: Sequence[tuple[float, int]], ended_s: float) -> tuple[float, float]:
    """Stored fixes a second before and after an instant, without the first seconds of each and without idle ones."""
    most = seen[-1][1]
    began = [at for at, stored in seen if stored > 0]
    before = [it for it in seen if began and began[0] <= it[0] <= ended_s]
    after = [it for it in seen if it[0] >= ended_s + _SETTLED_S and it[1] < most]
    return _rate(before), _rate(after)


def _rate(seen: Sequence[tuple[float, int]]) -> float:
    if len(seen) < 2 or seen[-1][0] <= seen[0][0]:
        return 0.0
    return (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0])


if __name__ == "__main__":
    main()
