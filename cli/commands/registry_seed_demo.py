"""``canhdong registry seed-demo``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import output, wiring
from core.errors import Conflict


class Command:
    """Fill in a demonstration cooperative: plots, drones, sensors, members, pilots, sites, products and a job.

    All of it is made up. It is refused where the cooperative is registered and is not the demonstration's.
    """

    name: ClassVar[str] = "registry seed-demo"
    vietnamese: ClassVar[str] = "Nạp một hợp tác xã mẫu với dữ liệu tưởng tượng."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--plots", type=int, default=40, metavar="N", help="how many plots (%(default)s)")
        parser.add_argument("--day", default="", help="day of the job (today)")

    def run(self, args: argparse.Namespace) -> int:
        """Fill in."""
        from simulators.demo_cooperative import COOPERATIVE  # noqa: PLC0415
        from simulators.farm import demo_farm  # noqa: PLC0415

        with closing(wiring.registry()) as registry:
            known = {it.cooperative: it for it in registry.cooperatives()}.get(COOPERATIVE.cooperative)
            if known is not None and known.name != COOPERATIVE.name:
                raise Conflict(f"cooperative {known.cooperative!r} is {known.name!r}: nothing was filled in")
            registry.put(COOPERATIVE)
            counts = []
            for records in demo_farm(args.plots, args.day):
                registry.put_all(records)
                counts.append(f"{len(records)} {type(records[0]).__name__.lower()}s")
        output.note(f"cooperative {COOPERATIVE.cooperative} is filled in: {', '.join(counts)}")
        return 0
