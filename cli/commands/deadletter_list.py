"""``canhdong deadletter list``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import output, wiring
from core.localtime import iso_utc

_SHOWN = 120


class Command:
    """Show the messages that could not be taken in, each with its reason."""

    name: ClassVar[str] = "deadletter list"
    vietnamese: ClassVar[str] = "Xem các bản tin không nhận được, kèm lý do."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--after", type=int, default=0, metavar="N", help="letters after this number only")
        parser.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (%(default)s)")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        with wiring.stores() as stores:
            letters = stores.dead_letters.letters(args.after, args.limit)
            counts = stores.dead_letters.counts()
        if args.json:
            shown = [
                {
                    "number": letter.number,
                    "received": iso_utc(letter.received_ms),
                    "topic": letter.topic,
                    "reason": letter.reason,
                    "message": letter.message,
                    "payload": letter.payload.decode("utf-8", "backslashreplace"),
                }
                for letter in letters
            ]
            output.print_json({"counts": counts, "letters": shown})
            return 0
        title = "dead letters: " + (", ".join(f"{n} {reason}" for reason, n in counts.items()) or "none")
        rows = [
            [
                str(letter.number),
                iso_utc(letter.received_ms),
                letter.topic,
                letter.reason,
                letter.message,
                letter.payload[:_SHOWN].decode("utf-8", "backslashreplace"),
            ]
            for letter in letters
        ]
        output.print_table(title, ["number", "received (UTC)", "topic", "reason", "what was wrong", "payload"], rows, 6)
        return 0
