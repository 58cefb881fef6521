"""``canhdong job list``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import arguments, output, owners, wiring
from cli.registering import cell, heading, told
from core.model.work import Job

_COLUMNS = ("job", "day", "op", "plots", "product", "dose", "dose_unit", "device", "pilot", "note")


class Command:
    """Show the jobs that are ordered, all or those of a day."""

    name: ClassVar[str] = "job list"
    vietnamese: ClassVar[str] = "Xem các việc đã lập."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="whose jobs", type=arguments.identifier)
        parser.add_argument("--day", type=arguments.day, help="of one day only")
        parser.add_argument("--retired", action="store_true", help="those that were called off, too")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        with wiring.stores() as stores:
            owners.required(stores.registry, args.cooperative)
            found = stores.registry.records(Job, args.cooperative, retired=args.retired)
        jobs = sorted((j for j in found if args.day in {None, j.day}), key=lambda j: (j.day, j.job))
        if args.json:
            output.print_json({"jobs": [told(job) for job in jobs]})
        else:
            rows = [[cell(getattr(job, name)) for name in _COLUMNS] for job in jobs]
            output.print_table("Việc / Jobs", [heading(name) for name in _COLUMNS], rows, len(_COLUMNS))
        return 0
