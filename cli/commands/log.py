"""``canhdong log``."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any, ClassVar

from cli import output
from cli.logs import merged, problems_of, read_all
from core.localtime import iso_utc
from core.model.flightlog import FlightLog
from core.terms import both


class Command:
    """Tell what flight or work logs hold: format, device, clock span, fixes, distance, treated area, volume.

    Formats: ISOXML task data, AirData CSV, ArduPilot DataFlash, MAVLink tlog, PX4 ULog, GPX, records of DJI Agras and
    XAG (CSV, KML, GeoJSON); see docs/supported-formats.md.
    """

    name: ClassVar[str] = "log"
    vietnamese: ClassVar[str] = "Cho biết một tệp nhật ký chứa gì."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="log file (or a TASKDATA folder)")
        parser.add_argument("--swath", type=float, metavar="M", help="swath width in m, where the log tells none")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and describe."""
        files, _ = read_all(args.files)
        swath_m = args.swath or math.nan
        described = [
            {
                "file": str(path),
                "format": file.format,
                "logs": [describe(log, swath_m) for log in file.logs],
                "plots": len(file.plots),
                "problems": problems_of(file),
            }
            for path, file in files
        ]
        if args.json:
            output.print_json(described[0] if len(args.files) == 1 else {"files": described})
        else:
            for entry in described:
                _print(entry)
        return 0 if len(files) == len(args.files) else 1


def describe(log: FlightLog, swath_m: float) -> dict[str, Any]:
    """One log in figures; keys carry their units.

    ``distance_m``: over all fixes with a valid fix state. ``distance_clean_m``: after the speed filter, jumps left out.
    ``treated_m2``: strips added up, as a machine counts. ``volume_l``: the machine's own total, else the flow summed.
    """
    from geo.cleaning import clean, distance_m, usable  # noqa: PLC0415
    from geo.totals import treated  # noqa: PLC0415

    valid, cleaned = usable(log.fixes), clean(log.fixes)
    sums = treated(log.fixes, swath_m=swath_m)
    n = len(log.fixes)
    return {
        "name": log.name,
        "device": log.device,
        "start": iso_utc(int(log.fixes.ts_ms.min())) if n else None,
        "end": iso_utc(int(log.fixes.ts_ms.max())) if n else None,
        "fixes": len(valid.fixes),
        "rejected": merged([dict(log.rejected), valid.rejected]),
        "distance_m": distance_m(valid.fixes) if n else 0.0,
        "distance_clean_m": distance_m(cleaned.fixes, cleaned.breaks) if n else 0.0,
        "treated_m2": sums.area_m2,
        "volume_l": sums.volume_l if math.isnan(log.volume_l) else log.volume_l,
        "mass_kg": sums.mass_kg if math.isnan(log.mass_kg) else log.mass_kg,
        "machine": dict(log.machine),
        "events": len(log.events),
        "problems": list(log.problems),
    }


def _print(entry: dict[str, Any]) -> None:
    headings = [
        both("log"),
        both("drone"),
        f"{both('start')} (UTC)",
        f"{both('end')} (UTC)",
        both("fixes"),
        both("rejected"),
        f"{both('distance')} m",
        f"{both('distance_clean')} m",
        f"{both('treated')} ha",
        "L",
        "kg",
    ]
    rows = [
        [
            log["name"],
            log["device"],
            log["start"] or "–",
            log["end"] or "–",
            str(log["fixes"]),
            ", ".join(f"{n} {reason}" for reason, n in log["rejected"].items()) or "0",
            output.number(log["distance_m"], 1),
            output.number(log["distance_clean_m"], 1),
            output.number(log["treated_m2"] / 10_000.0, 4),
            output.number(log["volume_l"], 1),
            output.number(log["mass_kg"], 1),
        ]
        for log in entry["logs"]
    ]
    brings = f", brings {entry['plots']} plots" if entry["plots"] else ""
    output.print_table(f"{entry['file']}: {entry['format']}{brings}", headings, rows, left=4)
