"""Intake against a bare loop, in one run: ``python -m bench.ingest [--fixes N] [--per-message N] [--rounds N]``.

Ours decodes strictly, checks identity, times, places and limits, writes idempotently to SQLite and watches for the ends
of flights. The bare loop is what one would write in an evening: ``json.loads`` and ``executemany``. Both commit the
same batches with the same durability. The last line is JSON: fixes a second, CPU µs a fix, and ratios (ours over the
bare loop).
"""

from __future__ import annotations

import argparse
import json
import math
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.model.enums import FixQuality, HeightRef, Mode, Operation
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Fix
from core.ports import Message, Registry
from core.settings import IngestSettings
from ingest.clock import SystemClock
from ingest.codecs import native_json
from ingest.flightwatch import FlightWatch
from ingest.pipeline import Pipeline
from ingest.topics import device_topic
from ingest.validate import Identity, Limits
from storage.urls import open_registry, open_telemetry

COOPERATIVE = "bench"
DRONES = 10
BATCH = 2_000


def traffic(fixes: int, per_message: int) -> list[Message]:
    """Messages of ten drones at 5 Hz, in turns."""
    now_ms = SystemClock().now_ms()
    messages: list[Message] = []
    for first in range(0, fixes // DRONES, per_message):
        for drone in range(DRONES):
            name = f"drone-{drone}"
            some = [_fix(name, now_ms, first + i, drone) for i in range(per_message)]
            topic = device_topic(COOPERATIVE, DeviceKind.DRONE, name, "telemetry")
            messages.append(Message(topic, native_json.encode(some), now_ms))
    return messages


def _fix(device: str, now_ms: int, seq: int, drone: int) -> Fix:
    return Fix(
        device=device,
        ts_ms=now_ms - 86_400_000 + seq * 200,
        lat_deg=9.28 + 0.002 * math.sin(seq / 200.0),
        lon_deg=105.72 + drone * 0.005,
        seq=seq,
        boot="b1",
        height_m=3.0,
        height_ref=HeightRef.CROP,
        speed_mps=6.5,
        heading_deg=(seq / 7) % 360.0,
        quality=FixQuality.RTK,
        hdop=0.7,
        op=Operation.SPRAY,
        on=seq % 100 < 90,
        mode=Mode.AUTO,
        flow_lpm=4.2,
        swath_m=7.0,
        tank_l=20.0 - seq % 1000 / 50.0,
        battery_pct=80.0,
    )


def decode_only(messages: Sequence[Message], _folder: Path) -> None:
    """Bytes to fixes."""
    for message in messages:
        native_json.decode(message.topic, message.payload)


def checked(messages: Sequence[Message], folder: Path) -> None:
    """Bytes to checked fixes, without a store."""
    registry = _registry(folder)
    pipeline = Pipeline(Identity(registry, SystemClock()), Limits(IngestSettings()))
    for start in range(0, len(messages), BATCH):
        pipeline.process(messages[start : start + BATCH])
    registry.close()


def ours(messages: Sequence[Message], folder: Path) -> None:
    """All that the process does between the broker and the acknowledgement."""
    registry = _registry(folder)
    store = open_telemetry(f"sqlite:///{folder}/telemetry.sqlite")
    pipeline = Pipeline(Identity(registry, SystemClock()), Limits(IngestSettings()))
    watch = FlightWatch(300.0)
    stored = 0
    for start in range(0, len(messages), BATCH):
        batch = pipeline.process(messages[start : start + BATCH])
        for cooperative, samples in batch.samples.items():
            stored += store.write(cooperative, samples, batch.received_ms).stored
            watch.observe(cooperative, samples, batch.received_ms)
    store.close()
    registry.close()
    if stored != sum(m.payload.count(b'"ts"') for m in messages):
        raise RuntimeError("fixes are missing")


def bare(messages: Sequence[Message], folder: Path) -> None:
    """The loop of an evening: no checks, the text of the row beside its key."""
    base = sqlite3.connect(folder / "bare.sqlite")
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=FULL")
    columns = "device, ts, seq, lat, lon, height_m, speed_mps, heading_deg, hdop, flow_lpm, swath_m, tank_l, is_on"
    base.execute(f"CREATE TABLE fix ({columns}, PRIMARY KEY (device, ts, seq))")
    names = columns.replace("is_on", "on").split(", ")
    marks = ", ".join("?" * len(names))
    for start in range(0, len(messages), BATCH):
        rows: list[tuple[object, ...]] = []
        for message in messages[start : start + BATCH]:
            found = json.loads(message.payload)
            rows += [tuple(row.get(n) for n in names) for row in (found if isinstance(found, list) else [found])]
        with base:
            base.executemany(f"INSERT OR IGNORE INTO fix VALUES ({marks})", rows)  # noqa: S608 - our own constants
    base.close()


def _registry(folder: Path) -> Registry:
    registry = open_registry(f"sqlite:///{folder}/registry.sqlite")
    registry.add_cooperative(Cooperative(COOPERATIVE, "Bench"))
    for drone in range(DRONES):
        registry.add_device(Device(f"drone-{drone}", COOPERATIVE, DeviceKind.DRONE))
    return registry


def timed(work: Callable[[Sequence[Message], Path], None], messages: Sequence[Message]) -> tuple[float, float]:
    """Wall and CPU seconds of one run in a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        work(messages, Path(folder))
        return time.perf_counter() - wall_s, time.process_time() - cpu_s


def main() -> None:
    """Run everything in turns, print medians, and the ratios as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fixes", type=int, default=100_000)
    parser.add_argument("--per-message", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    messages = traffic(options.fixes, options.per_message)
    fixes = sum(m.payload.count(b'"ts"') for m in messages)
    runs: dict[str, list[tuple[float, float]]] = {w.__name__: [] for w in (decode_only, checked, ours, bare)}
    for _ in range(options.rounds):
        for work in (decode_only, checked, ours, bare):
            runs[work.__name__].append(timed(work, messages))
    medians = {name: [statistics.median(column) for column in zip(*run, strict=True)] for name, run in runs.items()}
    report: dict[str, object] = {"bench": "ingest", "fixes": fixes, "per_message": options.per_message}
    for name, (wall_s, cpu_s) in medians.items():
        report[f"{name}_fixes_per_s"] = round(fixes / wall_s)
        report[f"{name}_cpu_us_per_fix"] = round(cpu_s / fixes * 1e6, 2)
        print(f"{name:12} {fixes / wall_s:10,.0f} fixes/s  {cpu_s / fixes * 1e6:6.2f} µs CPU a fix")
    report["speed_ratio"] = round(medians["bare"][0] / medians["ours"][0], 3)
    report["cpu_ratio"] = round(medians["ours"][1] / medians["bare"][1], 3)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
