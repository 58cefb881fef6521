"""``canhdong deadletter replay``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import letters, output, wiring
from core.errors import ConfigError
from core.ports import DeadLetters


class Command:
    """Publish dead letters to their topics again, after what was wrong is mended: a device registered, a codec added.

    A letter is marked as replayed when the broker has it; what is still wrong with it makes a new letter. Samples that
    are stored already are duplicates, and change nothing.
    """

    name: ClassVar[str] = "deadletter replay"
    vietnamese: ClassVar[str] = "Gửi lại các bản tin không nhận được, sau khi đã sửa lỗi."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("numbers", nargs="*", type=int, metavar="N", help="letters by their numbers")
        parser.add_argument("--reason", default="", help="all of this reason that were not replayed yet")
        parser.add_argument("--sender", default="", help="all of this sender that were not replayed yet")
        parser.add_argument("--all", action="store_true", help="all that were not replayed yet")
        parser.add_argument("--limit", type=int, default=letters.EVERYTHING, metavar="N", help="at most so many")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Choose, publish, mark."""
        ways = [bool(args.numbers), bool(args.reason or args.sender), args.all]
        if sum(ways) != 1:
            raise ConfigError("say which: numbers, --reason and --sender, or --all")
        with wiring.stores() as stores:
            told = letters.replay(stores.dead_letters, _chosen(stores.dead_letters, args))
        if args.json:
            output.print_json({"replayed": told.done})
        output.note(f"{told.done} of {told.chosen} letters replayed")
        if told.fault:
            output.note(f"canhdong {self.name}: {told.fault}; what is left waits")
        return 1 if told.fault else 0


def _chosen(kept: DeadLetters, args: argparse.Namespace) -> list[int]:
    if args.numbers:
        return [kept.letter(number).number for number in dict.fromkeys(args.numbers)]
    return letters.waiting(kept, args.limit, reason=args.reason, sender=args.sender)
