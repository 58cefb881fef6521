"""``canhdong deadletter show``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import letters, output, wiring


class Command:
    """Show one message that could not be taken in, whole."""

    name: ClassVar[str] = "deadletter show"
    vietnamese: ClassVar[str] = "Xem toàn bộ một bản tin không nhận được."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("number", type=int, help="the letter's number, as deadletter list shows it")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        with wiring.stores() as stores:
            found = letters.document(stores.dead_letters.letter(args.number))
        if args.json:
            output.print_json(found)
            return 0
        for name, value in found.items():
            if name != "payload_base64":
                print(f"{name:9} {'–' if value in {None, ''} else value}")
        return 0
