"""``canhdong quality show``."""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from typing import ClassVar

from cli import output, wiring
from core.errors import ConfigError
from core.localtime import day_window_ms, local_day

_SCORES = ("correct", "complete", "clean", "live")


class Command:
    """Show the four scores of a day's data: correct, complete, clean, live, of every device and of all together."""

    name: ClassVar[str] = "quality show"
    vietnamese: ClassVar[str] = "Xem chất lượng dữ liệu của một ngày: đúng, đủ, sạch, sống."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="whose devices")
        parser.add_argument("--day", default="", metavar="YYYY-MM-DD", help="local date; default: today")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout, scores from 0 to 1")

    def run(self, args: argparse.Namespace) -> int:
        """Compute and print."""
        from ingest.ports import Ports  # noqa: PLC0415
        from ingest.reports import quality_rows  # noqa: PLC0415

        day = args.day or local_day(time.time_ns() // 1_000_000)
        try:
            day_window_ms(day)
        except ValueError:
            raise ConfigError(f"--day {day!r}: give a date such as 2026-11-26") from None
        with wiring.stores() as stores, closing(wiring.intake()) as intake:
            ports = Ports(stores.telemetry, stores.registry, stores.dead_letters, intake)
            rows = [(row.tags.get("device"), row.values) for row in quality_rows(ports, args.cooperative, day)]
        if args.json:
            found = [{"device": device, **{name: values.get(name) for name in _SCORES}} for device, values in rows]
            output.print_json({"cooperative": args.cooperative, "day": day, "scores": found})
            return 0
        cells = [
            [device or "tất cả / all", *(_percent(values.get(name)) for name in _SCORES), f"{values['received']:,.0f}"]
            for device, values in rows
        ]
        headings = ["device", "đúng / correct", "đủ / complete", "sạch / clean", "sống / live", "received"]
        output.print_table(f"{args.cooperative}, {day}", headings, cells)
        return 0


def _percent(score: float | str | None) -> str:
    return f"{score:.1%}" if isinstance(score, float) else "–"
