"""``canhdong account key revoke``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import enrolling, output, wiring


class Command:
    """Take the key of a machine out of use."""

    name: ClassVar[str] = "account key revoke"
    vietnamese: ClassVar[str] = "Thu hồi một khóa máy."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the argument."""
        parser.add_argument("key", help="the key, or its name as canhdong account list shows it")

    def run(self, args: argparse.Namespace) -> int:
        """Revoke it."""
        from api.identity.secret_tokens import read_key  # noqa: PLC0415

        name = read_key(args.key).name
        with closing(wiring.people()) as people:
            _, account = people.key(name)
            people.revoke_key(name, enrolling.entry("key revoked", name, account.cooperative))
        output.note(f"{name}: revoked")
        return 0
