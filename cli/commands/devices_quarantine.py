"""``canhdong devices quarantine``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import letters, output, wiring
from core.localtime import iso_utc, local


class Command:
    """Show the senders that the registry does not know. What they send is kept, and creates nothing."""

    name: ClassVar[str] = "devices quarantine"
    vietnamese: ClassVar[str] = "Xem các thiết bị lạ đang bị cách ly."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        with wiring.stores() as stores:
            found = stores.dead_letters.strangers()
        if args.json:
            rows = [
                {
                    "format": it.format,
                    "sender": it.sender,
                    "messages": it.letters,
                    "first": iso_utc(it.first_ms),
                    "last": iso_utc(it.last_ms),
                    "topic": it.topic,
                }
                for it in found
            ]
            output.print_json({"senders": rows})
            return 0
        cells = [
            [
                it.format,
                *map(letters.harmless, (it.sender, it.topic)),
                _local(it.first_ms),
                _local(it.last_ms),
                f"{it.letters:,}",
            ]
            for it in found
        ]
        headings = ["format", "sender", "last topic", "first (giờ VN)", "last (giờ VN)", "messages"]
        output.print_table("unknown senders / thiết bị lạ", headings, cells, 5)
        return 0


def _local(ts_ms: int) -> str:
    return local(ts_ms).strftime("%Y-%m-%d %H:%M:%S")
