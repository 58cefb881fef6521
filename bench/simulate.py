"""How fast scenarios are simulated: Bạc Liêu's 86 drones over a working day, on one core, written to Parquet.

    make bench-simulate

The peer is the simulator that one would write in an evening: a loop over fixes that moves a drone to and fro with
noise, and writes CSV. It knows no network, no truth and no physics but speed; the ratio tells what columns are worth.
"""

from __future__ import annotations

import csv
import json
import math
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulators import scenario as scenarios
from simulators import world
from simulators.flying.truth import truth_of
from simulators.replaying.recording import save_run

SCENARIO = "bac-lieu"
PLAIN_FIXES = 200_000
_M_PER_DEG = 111_320.0


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What some work gives, and the seconds of processor time that it took."""
    began = time.process_time()
    return work(), time.process_time() - began


def plain(path: Path, fixes: int) -> None:
    """Fixes of one drone, one by one."""
    chance = random.Random(1)  # noqa: S311 - noise, not secrets
    x = y = tank = 0.0
    ahead = 1.0
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        for number in range(fixes):
            y += ahead * 6.0 * 0.2
            if not 0.0 < y < 300.0:
                ahead, x = -ahead, x + 7.0
            tank -= 7.56 / 300.0
            lat = 9.285 + (y + chance.gauss(0.0, 0.02)) / _M_PER_DEG
            lon = 105.725 + (x + chance.gauss(0.0, 0.02)) / _M_PER_DEG / math.cos(math.radians(9.285))
            rows.writerow((number * 200, round(lat, 7), round(lon, 7), 6.0, 7.56, round(tank, 3), "rtk", "spray", True))


def main() -> None:
    """Simulate, write, compare."""
    scenario = scenarios.load(SCENARIO)
    with tempfile.TemporaryDirectory() as folder:
        ready, planning_s = timed(lambda: world.prepare(scenario))
        parts, flying_s = timed(lambda: list(ready.made()))
        run = ready.run([stream for part in parts for stream in part.streams])
        truth = truth_of([strips for part in parts for strips in part.strips])
        path = Path(folder) / "run.parquet"
        _, writing_s = timed(lambda: save_run(path, run, truth))
        size_mb = path.stat().st_size / 1e6
        _, plain_s = timed(lambda: plain(Path(folder) / "plain.csv", PLAIN_FIXES))
    samples = sum(len(stream.samples) for stream in run.streams)
    total_s = planning_s + flying_s + writing_s
    simulated_s = scenario.hours * 3600.0
    rate = samples / total_s
    figures = {
        "drones": sum(fleet.count for c in scenario.cooperatives for fleet in c.fleets),
        "plots": len(ready.plots),
        "samples": samples,
        "planning_s": round(planning_s, 2),
        "flying_s": round(flying_s, 2),
        "writing_s": round(writing_s, 2),
        "size_mb": round(size_mb, 1),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "times_real_time": round(simulated_s / total_s),
        "samples_per_s": round(rate),
        "plain_per_s": round(PLAIN_FIXES / plain_s),
        "vs_plain": round(rate * plain_s / PLAIN_FIXES, 1),
    }
    print(f"{simulated_s:.0f} s of {figures['drones']} drones in {total_s:.1f} s of one core", file=sys.stderr)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
