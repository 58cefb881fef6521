"""``canhdong context refresh``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import arguments, following, output, wiring
from core.errors import ConfigError
from core.localtime import day_window_ms
from core.settings import GeoSettings, load


class Command:
    """Compute anew what surrounded all flights from one day to another.

    For readings of sensors that came after the flights had closed, sites that were registered later, or other limits of
    the spray window. What says the same as before stays as it is.
    """

    name: ClassVar[str] = "context refresh"
    vietnamese: ClassVar[str] = "Tính lại thời tiết, điểm nhạy cảm và điều cấm của các chuyến bay, theo ngày."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--from", dest="first", type=arguments.day, required=True, metavar="DAY", help="first day")
        parser.add_argument("--to", dest="last", type=arguments.day, required=True, metavar="DAY", help="last day")
        parser.add_argument("--cooperative", metavar="ID", help="of this cooperative only")

    def run(self, args: argparse.Namespace) -> int:
        """Compute and keep."""
        if args.last < args.first:
            raise ConfigError(f"--to {args.last} is before --from {args.first}")
        window = day_window_ms(args.first)[0], day_window_ms(args.last)[1]
        with wiring.stores() as stores:
            follower = following.context_follower(stores, load(GeoSettings))
            known = [c.cooperative for c in stores.registry.cooperatives()]
            owners = [args.cooperative] if args.cooperative else known
            flights = sum(follower.refresh(owner, *window) for owner in owners)
        output.note(f"{flights} flights from {args.first} to {args.last}")
        return 0
