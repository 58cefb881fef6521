"""Intake against the plain pipeline, in one run: ``python -m bench.ingest [--messages N] [--rounds N]``.

Ours is the real process: strict decoding, identity, checks, ledger, spool with fsync before every acknowledgement, and
a real InfluxDB. Its peer (:mod:`bench.plain_pipeline`) is what a user would write in an evening, on the same broker and
the same server. Both are measured in turns, by the CPU that their process has used from the first message to the last
point in the database. Where a ``telegraf`` is on the PATH, it is measured too. The last line is JSON; a ratio is our
CPU over the peer's CPU for a message of one fix.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench import traffic
from bench.servers import Servers, servers
from core.model.land import Cooperative, Device, DeviceKind
from storage.urls import open_registry

DATABASE = f"canhdong_{traffic.COOPERATIVE}"
_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run: CPU and wall clock from the first message to the last point."""

    fixes: int
    cpu_s: float
    wall_s: float

    @property
    def cpu_us(self) -> float:
        """CPU microseconds a fix."""
        return self.cpu_s / self.fixes * 1e6

    @property
    def per_s(self) -> float:
        """Fixes a second."""
        return self.fixes / self.wall_s


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


@contextmanager
def process(command: list[str], ready: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that says when it is ready, ended at the end."""
    with subprocess.Popen(
        command, env=os.environ | environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as it:
        stream = it.stdout if ready == "ready" else it.stderr
        assert stream is not None  # noqa: S101
        for line in stream:
            if ready in line:
                break
        for pipe in (it.stdout, it.stderr):  # nobody may wait for us to read what is said
            threading.Thread(target=_swallow, args=(pipe,), daemon=True).start()
        try:
            yield it
        finally:
            it.send_signal(signal.SIGTERM)
            try:
                it.wait(30.0)
            except subprocess.TimeoutExpired:
                it.kill()


def _swallow(pipe: IO[str]) -> None:
    for _ in pipe:
        pass


def ours(its: Servers, folder: Path) -> tuple[list[str], str, dict[str, str]]:
    """The command of our own ingest, with a registry that knows the drones."""
    registry = open_registry(f"sqlite:///{folder}/registry.sqlite")
    registry.add_cooperative(Cooperative(traffic.COOPERATIVE, "Bench"))
    for drone in range(traffic.DRONES):
        registry.add_device(Device(f"drone-{drone}", traffic.COOPERATIVE, DeviceKind.DRONE))
    registry.close()
    environment = {
        "CANHDONG_DATA_DIR": str(folder),
        "CANHDONG_MQTT_URL": f"mqtt://127.0.0.1:{its.broker}",
        "CANHDONG_TELEMETRY_URL": f"influxdb://127.0.0.1:{its.influx}",
        "CANHDONG_METRICS_PORT": str(its.metrics),
    }
    return [sys.executable, "-m", "cli.main", "ingest"], "canhdong ingest: ready", environment


def plain(its: Servers, _folder: Path) -> tuple[list[str], str, dict[str, str]]:
    """The command of the plain pipeline."""
    url = f"http://127.0.0.1:{its.rewriter}"
    return [sys.executable, "-m", "bench.plain_pipeline", str(its.broker), url, DATABASE], "ready", {}


def telegraf(its: Servers, folder: Path) -> tuple[list[str], str, dict[str, str]]:
    """The command of Telegraf's mqtt_consumer with json_v2, where it is installed."""
    conf = folder / "telegraf.conf"
    conf.write_text(_TELEGRAF.format(broker=its.broker, influx=its.influx, database=DATABASE), encoding="utf-8")
    return ["telegraf", "--config", str(conf)], "Connected", {}


_TELEGRAF = """[agent]
  interval = "1s"
  flush_interval = "1s"
  metric_batch_size = 5000
  metric_buffer_limit = 500000
  omit_hostname = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:{broker}"]
  topics = ["canhdong/v1/+/drones/+/telemetry"]
  topic_tag = ""
  qos = 1
  persistent_session = true
  client_id = "telegraf"
  max_undelivered_messages = 10000
  data_format = "json_v2"
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "fix"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "@this"
      timestamp_key = "ts"
      timestamp_format = "unix_ms"
      tags = ["device", "op"]
[[outputs.influxdb]]
  urls = ["http://127.0.0.1:{influx}"]
  database = "{database}"
  skip_database_creation = true
"""
PEERS = {"ours": ours, "plain": plain, "telegraf": telegraf}


def measured(peer: str, fixes: int, per_message: int) -> Run:
    """One run of a peer with servers of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        its = stack.enter_context(servers(folder))
        its.statement(f'CREATE DATABASE "{DATABASE}"')
        (folder / "data").mkdir()
        it = stack.enter_context(process(*PEERS[peer](its, folder / "data")))
        sent = traffic.messages(fixes, per_message, "b1")
        began_cpu_s, began_s = cpu_s(it.pid), time.perf_counter()
        traffic.publish(its.broker, sent)
        its.wait_for(DATABASE, fixes)
        return Run(fixes, cpu_s(it.pid) - began_cpu_s, time.perf_counter() - began_s)


def median(runs: list[Run]) -> tuple[float, float]:
    """Median CPU microseconds a fix, and fixes a second."""
    return statistics.median(r.cpu_us for r in runs), statistics.median(r.per_s for r in runs)


def main() -> None:
    """Run everything in turns, print medians, and the ratios as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=50_000, help="messages of one fix in a run (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    cases = [("ours", 1), ("plain", 1), ("ours", 10)]
    if shutil.which("telegraf"):
        cases += [("telegraf", 1), ("telegraf", 10)]
    runs: dict[tuple[str, int], list[Run]] = {case: [] for case in cases}
    for number in range(options.rounds):
        for peer, per_message in cases:
            fixes = options.messages * (2 if per_message > 1 else 1)
            run = measured(peer, fixes, per_message)
            runs[peer, per_message].append(run)
            words = f"round {number + 1}  {peer:6} {per_message:3} fixes a message"
            print(f"{words}  {run.per_s:9,.0f} fixes/s  {run.cpu_us:6.1f} µs CPU a fix", flush=True)
    single, batch, peer_us = median(runs["ours", 1]), median(runs["ours", 10]), median(runs["plain", 1])[0]
    report = {
        "single_vs_plain": round(single[0] / peer_us, 3),
        "batch10_vs_plain": round(batch[0] / peer_us, 3),
        "fixes_per_s": round(batch[1]),
        "single_cpu_us": round(single[0], 1),
        "batch10_cpu_us": round(batch[0], 1),
        "plain_cpu_us": round(peer_us, 1),
        "messages_per_s": round(single[1]),
    }
    for per_message, (cpu_us, _) in ((1, single), (10, batch)):
        if runs.get(("telegraf", per_message)):
            report[f"{per_message}_vs_telegraf"] = round(cpu_us / median(runs["telegraf", per_message])[0], 3)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
