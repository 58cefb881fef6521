"""``canhdong rollup refresh``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import arguments, following, output, wiring
from core.errors import ConfigError


class Command:
    """Compute the department's roll-ups of all local days from one to another anew, from the registry.

    For communes, members or products that were registered after the flights; the geo service keeps them in step itself.
    """

    name: ClassVar[str] = "rollup refresh"
    vietnamese: ClassVar[str] = "Tính lại bảng tổng hợp theo xã, nhóm thuốc và ngày cho cơ quan quản lý."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--from", dest="first", type=arguments.day, required=True, metavar="DAY", help="first day")
        parser.add_argument("--to", dest="last", type=arguments.day, required=True, metavar="DAY", help="last day")

    def run(self, args: argparse.Namespace) -> int:
        """Compute and keep."""
        from geo.rollup_following import days_between  # noqa: PLC0415

        if args.last < args.first:
            raise ConfigError(f"--to {args.last} is before --from {args.first}")
        with wiring.stores() as stores:
            follower = following.rollup_follower(stores)
            cells = follower.refresh(days_between(args.first, args.last))
        output.note(f"{cells} cells from {args.first} to {args.last}")
        return 0
