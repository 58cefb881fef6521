"""``canhdong deadletter list``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import letters, output, wiring
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
        parser.add_argument("--reason", default="", help="letters of this reason only")
        parser.add_argument("--sender", default="", help="letters of this sender only")
        parser.add_argument("--pending", action="store_true", help="letters that were not replayed yet only")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        with wiring.stores() as stores:
            found = stores.dead_letters.letters(
                args.after, args.limit, reason=args.reason, sender=args.sender, pending=args.pending
            )
            counts = stores.dead_letters.counts()
        if args.json:
            output.print_json({"counts": counts, "letters": [letters.document(letter) for letter in found]})
            return 0
        title = "dead letters: " + (", ".join(f"{n} {reason}" for reason, n in counts.items()) or "none")
        rows = [
            [
                str(letter.number),
                iso_utc(letter.received_ms),
                *map(letters.harmless, (letter.topic, letter.sender)),
                letter.reason,
                *map(letters.harmless, (letter.message, letters.text(letter.payload[:_SHOWN]))),
            ]
            for letter in found
        ]
        headings = ["number", "received (UTC)", "topic", "sender", "reason", "what was wrong", "payload"]
        output.print_table(title, headings, rows, 7)
        return 0
