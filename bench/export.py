"""Exports of many fixes: time, size, and how much memory they take, each format in a process of its own.

The fixes are made while they are read, so that all memory that grows is the export's. What counts is the growth from
a small export to a large one: it has to be none.

    .venv/bin/python -m bench.export [--fixes 1000000] [--formats parquet geojson ...] [--json]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np

from core.errors import NotFound
from core.exports import Subject
from core.model.coverage import Flight
from core.model.enums import FixQuality, Mode, Operation
from core.model.fixtable import FixTable
from core.ports import TelemetryStore
from core.registry import Registry
from core.shapes import ShapeStore
from geo.exporting import FlightFiles, Wanted, exported

START_MS: Final = 1_795_129_200_000
STEP_MS: Final = 100
ALL: Final = ("parquet", "geojson", "csv", "kml", "gpkg", "shapefile", "isoxml")
SMALL: Final = 100_000


class MadeFixes:
    """A store of one long flight at 10 Hz that lies on no disk: lines of 500 m to and fro."""

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """The fixes of a window."""
        first = -(-(start_ms - START_MS) // STEP_MS)
        k = np.arange(first, (end_ms - START_MS) // STEP_MS + 1)
        line, along = k // 1_000, k % 1_000
        return FixTable.build(
            START_MS + k * STEP_MS,
            9.28 + line * 6e-5,
            105.72 + np.where(line % 2 == 0, along, 1_000 - along) * 4.5e-6,
            device=device,
            seq=k,
            boot=cooperative,
            quality=FixQuality.RTK,
            op=Operation.SPRAY,
            mode=Mode.AUTO,
            on=along > 10,
            speed_mps=5.0 + np.sin(k / 50.0) * 0.1,
            flow_lpm=4.0 + np.cos(k / 70.0) * 0.1,
            swath_m=7.0,
        )


class NobodyRegistered:
    """A registry that knows no drone."""

    def record(self, *_: object, **__: object) -> None:
        """There is none."""
        raise NotFound("nobody is registered")


@dataclass(frozen=True)
class Measured:
    """One export."""

    form: str
    fixes: int
    size_bytes: int
    took_s: float
    peak_kb: int


def measure(form: str, fixes: int) -> Measured:
    """Export in this process; ``peak_kb`` is the most memory that it ever had."""
    from cli.wiring import exporters  # noqa: PLC0415

    flight = Flight("bench", "htx", "d1", START_MS, START_MS + (fixes - 1) * STEP_MS, fixes, Operation.SPRAY)
    files = FlightFiles(
        cast("TelemetryStore", MadeFixes()), cast("Registry", NobodyRegistered()), cast("ShapeStore", None)
    )
    begun_s, size_bytes = time.perf_counter(), 0
    _, content = exported(files, exporters(), [flight], Wanted(Subject.FIXES, form, "bench"))
    for piece in content:
        size_bytes += len(piece)
    took_s = time.perf_counter() - begun_s
    return Measured(form, fixes, size_bytes, took_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def apart(form: str, fixes: int) -> Measured:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "bench.export", "--one", form, "--fixes", str(fixes)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(done.stdout))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Exports of many fixes.")
    parser.add_argument("--fixes", type=int, default=1_000_000)
    parser.add_argument("--formats", nargs="+", choices=ALL, default=ALL)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=ALL, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(vars(measure(args.one, args.fixes))))
        return
    rows: list[dict[str, Any]] = []
    for form in args.formats:
        small, large = apart(form, SMALL), apart(form, args.fixes)
        rows.append(vars(large) | {"growth_kb": large.peak_kb - small.peak_kb, "small_peak_kb": small.peak_kb})
        if not args.json:
            it = rows[-1]
            print(
                f"{form:10} {it['fixes']:>9,} fixes  {it['size_bytes'] / 1e6:8.1f} MB  {it['took_s']:6.1f} s  "
                f"peak {it['peak_kb'] / 1024:6.0f} MB, {it['growth_kb'] / 1024:+6.1f} MB against {SMALL:,} fixes"
            )
    if args.json:
        print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
