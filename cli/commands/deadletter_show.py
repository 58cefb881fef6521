"""``canhdong deadletter show``."""

from __future__ import annotations

import argparse
import base64
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
            letter = stores.dead_letters.letter(args.number)
        found = letters.document(letter)
        if args.json:
            output.print_json(found | {"payload_base64": base64.b64encode(letter.payload).decode()})
            return 0
        for name, value in (found | {"payload": _readable(letter.payload)}).items():
            print(f"{name:9} {'–' if value in {None, ''} else letters.harmless(str(value))}")
        return 0


def _readable(payload: bytes) -> str:
    """A payload as text where it is one, else in hexadecimal digits."""
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return f"hex {payload.hex(' ')}"
