"""``canhdong account disable``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import enrolling, output, wiring


class Command:
    """Let nobody in by an account any more: its sessions end, its keys count no more. A reset enables it again."""

    name: ClassVar[str] = "account disable"
    vietnamese: ClassVar[str] = "Khóa một tài khoản cùng các phiên và khóa máy của nó."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the argument."""
        parser.add_argument("account", help="name to log in with")

    def run(self, args: argparse.Namespace) -> int:
        """Disable it."""
        from api.identity.enrolment import account_name  # noqa: PLC0415

        name = account_name(args.account)
        with closing(wiring.people()) as people:
            people.disable(name, enrolling.entry("account disabled", name, people.account(name).cooperative))
        output.note(f"{name}: disabled")
        return 0
