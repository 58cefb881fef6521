"""``canhdong plots history``."""

from __future__ import annotations

import argparse
import time
from typing import ClassVar

from cli import arguments, output, owners, wiring
from core.errors import ConfigError
from core.localtime import local_day
from core.terms import both


class Command:
    """Show what a season did to a plot: its treatments, the days since the last, and each flight's part of them.

    Ground that an earlier flight of the same job had missed is credited to the later flight that treated it.
    """

    name: ClassVar[str] = "plots history"
    vietnamese: ClassVar[str] = "Xem một thửa ruộng đã được phun, rải, sạ những lần nào trong vụ."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("plot", metavar="PLOT", help="the plot")
        parser.add_argument("--from", dest="first", type=arguments.day, required=True, metavar="DAY", help="first day")
        parser.add_argument("--to", dest="last", type=arguments.day, metavar="DAY", help="last day (today)")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
        owners.add_option(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Read, draw and print."""
        from geo.coverage import Parameters  # noqa: PLC0415
        from geo.history import seasons, treatments  # noqa: PLC0415
        from geo.plot_history import job_credits  # noqa: PLC0415
        from geo.rollup_following import days_between  # noqa: PLC0415

        today = args.last or local_day(time.time_ns() // 1_000_000)
        if today < args.first:
            raise ConfigError(f"--to {today} is before --from {args.first}")
        with wiring.stores() as stores:
            registry = stores.registry
            owner = owners.owner(registry, args.cooperative).cooperative
            registry.plot(owner, args.plot)
            rows = [row for day in days_between(args.first, today) for row in registry.job_plots(owner, day)]
            rows = [row for row in rows if row.coverage.plot == args.plot]
            found = seasons(treatments(rows, args.plot), args.first, today, today)
            credit = [
                (row.day, row.job, it)
                for row in rows
                if row.flights
                for it in job_credits(stores.telemetry, registry, owner, row, Parameters())
            ]
        if args.json:
            told = [{"day": day, "job": job, "credit": it} for day, job, it in credit]
            output.print_json({"plot": args.plot, "from": args.first, "to": today, "seasons": found, "credits": told})
            return 0
        headings = [both(word) for word in ("rollup_operation", "net_season", "turns", "worst_pct", "days_since")]
        cells = [
            [
                s.op.word,
                output.number(s.net_m2, 0),
                output.number(s.turns),
                output.number(s.worst_pct, 1),
                str(s.days_since),
            ]
            for s in found
        ]
        output.print_table(f"{both('plot_season')}: {args.plot}, {args.first} – {today}", headings, cells)
        headings = ["", both("flight"), both("net"), both("fresh"), both("again"), both("respray")]
        lines = [
            [day, it.flight] + [output.number(v, 0) for v in (it.net_m2, it.fresh_m2, it.again_m2, it.respray_m2)]
            for day, _, it in credit
        ]
        output.print_table(both("credits"), headings, lines, 2)
        return 0
