"""``canhdong account reset``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import enrolling, wiring


class Command:
    """Give an account a new password and a new second factor; it counts again, and its sessions end."""

    name: ClassVar[str] = "account reset"
    vietnamese: ClassVar[str] = "Cấp lại mật khẩu và mã xác thực cho một tài khoản."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("account", help="name to log in with")
        parser.add_argument("--second-factor", action="store_true", help="from now on with a second factor")
        enrolling.add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Reset it."""
        from api.identity.enrolment import account_name, reset  # noqa: PLC0415

        name = account_name(args.account)
        with closing(wiring.people()) as people:
            entry = enrolling.entry("account reset", name, people.account(name).cooperative)
            handed = reset(people, name, entry, wiring.signer().second_factors, second=args.second_factor)
        enrolling.hand_over(handed, as_json=args.json)
        return 0
