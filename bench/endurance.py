"""How soon a fix can be queried, and whether memory stays flat: ``python -m bench.endurance [--seconds N]``.

First, fixes are published one a message at a steady rate, and the database is asked every 20 ms for the newest of every
drone: what it did not know before has become queryable. Then fixes are published in tens as fast as the broker takes
them, and the memory of the ingest process is read every second. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import traffic
from bench.ingest import DATABASE, ours, process
from bench.servers import Servers, servers
from messaging.mqtt import MqttBus, parse_url

_POLL_S = 0.02
_AT_ONCE = 50_000
_AHEAD = 200_000
"""How many fixes may wait: enough that ingest always has work, few enough that it is not about a backlog."""
_PATIENCE_S = 300.0


def latencies(its: Servers, seconds: float, per_s: float) -> list[float]:
    """Seconds from the publication of each fix until a query finds it."""
    sent = traffic.messages(int(seconds * per_s), 1, "latency")
    published: dict[tuple[str, int], float] = {}
    found: list[float] = []
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(its, published, found, len(sent), done))
    watcher.start()
    began = time.perf_counter()
    with MqttBus(parse_url(f"mqtt://127.0.0.1:{its.broker}"), "latency") as bus:
        for number, (topic, payload) in enumerate(sent):
            if number % 10 == 0:
                time.sleep(max(0.0, began + number / per_s - time.perf_counter()))
            published[topic.split("/")[4], number // traffic.DRONES] = time.perf_counter()
            bus.publish(topic, payload)
        done.set()
        watcher.join()
    return found


def _watch(
    its: Servers, published: dict[tuple[str, int], float], found: list[float], wanted: int, done: threading.Event
) -> None:
    newest: dict[str, int] = {}
    patience = 500
    while len(found) < wanted and patience:
        answer: Any = its.statement('SELECT LAST("seq") FROM "fix" GROUP BY "device"', DATABASE)
        now = time.perf_counter()
        patience -= done.is_set()
        for series in answer.get("series", ()):
            device, last = series["tags"]["device"], int(series["values"][0][1])
            found += [now - published[device, seq] for seq in range(newest.get(device, -1) + 1, last + 1)]
            newest[device] = last
        time.sleep(_POLL_S)


def memory(its: Servers, pid: int, seconds: float) -> list[float]:
    """The resident memory of a process in MB, every second at the rate that it can take."""
    until = time.monotonic() + seconds
    sizes: list[float] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(1.0):
            fields = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            sizes.append(int(fields.partition("VmRSS:")[2].split()[0]) / 1_024.0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    number = total = 0
    began_ms = time.time_ns() // 1_000_000 - 365 * 86_400_000
    before = its.stored()
    while time.monotonic() < until:
        while total - (its.stored() - before) > _AHEAD:
            time.sleep(0.05)
        sent = traffic.messages(_AT_ONCE, 10, f"m{number}", began_ms + number * _AT_ONCE // traffic.DRONES * 200)
        traffic.publish(its.broker, sent)
        number += 1
        total += _AT_ONCE
    while its.stored() - before < total and time.monotonic() < until + _PATIENCE_S:
        time.sleep(0.2)
    its.wait_for(DATABASE, before + total)
    stop.set()
    watcher.join()
    return sizes


def main() -> None:
    """Run both, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the part at full rate (%(default)s)")
    parser.add_argument("--steady", type=float, default=60.0, help="seconds of the part at a steady rate (%(default)s)")
    parser.add_argument("--rate", type=float, default=2_000.0, help="fixes a second of the first part (%(default)s)")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        its = stack.enter_context(servers(folder))
        its.statement(f'CREATE DATABASE "{DATABASE}"')
        (folder / "data").mkdir()
        it = stack.enter_context(process(*ours(its, folder / "data")))
        found = sorted(latencies(its, options.steady, options.rate))
        p50, p99 = found[len(found) // 2], found[int(len(found) * 0.99)]
        print(f"{len(found):,} fixes: p50 {p50:.3f} s, p99 {p99:.3f} s, most {found[-1]:.3f} s", flush=True)
        sizes = memory(its, it.pid, options.seconds)
        third = max(1, len(sizes) // 3)
        early, late = statistics.mean(sizes[third : 2 * third]), statistics.mean(sizes[-third:])
        print(f"memory: {early:.0f} MB in the second third, {late:.0f} MB in the last, most {max(sizes):.0f} MB")
    print(
        json.dumps({
            "fixes": len(found), "rate_per_s": options.rate, "p50_s": round(p50, 3), "p99_s": round(p99, 3),
            "memory_mb": round(late, 1), "memory_growth_mb": round(late - early, 1),
        })
    )  # fmt: skip


if __name__ == "__main__":
    main()
