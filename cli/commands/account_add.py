"""``canhdong account add``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import arguments, enrolling, wiring
from core.accounts import EVERYWHERE, Account, Role


class Command:
    """Make an account with a generated password, which is shown once.

    Pilots and managers belong to a cooperative, officers to none: they see all cooperatives, and whatever they look at
    is written into the audit log. Administrators belong to one, or look after all. Officers and administrators get a
    second factor, too.
    """

    name: ClassVar[str] = "account add"
    vietnamese: ClassVar[str] = "Tạo tài khoản với mật khẩu sinh ngẫu nhiên, chỉ hiện một lần."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("account", type=arguments.identifier, help="name to log in with")
        parser.add_argument("--role", required=True, choices=[str(role) for role in Role], help="what the person does")
        parser.add_argument("--cooperative", default=EVERYWHERE, metavar="ID", help="to which cooperative it belongs")
        parser.add_argument("--name", default="", metavar="TEXT", help="name that people read")
        parser.add_argument("--second-factor", action="store_true", help="ask for a second factor in other roles, too")
        enrolling.add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Make it."""
        from api.identity.enrolment import account_name, enrol  # noqa: PLC0415

        name, role = account_name(args.account), Role(args.role)
        entry = enrolling.entry("account added", f"{name} ({role})", args.cooperative)
        account = Account(name, args.cooperative, role, args.name or name, "", "", entry.at_ms)
        with closing(wiring.registry()), closing(wiring.people()) as people:
            handed = enrol(people, account, entry, wiring.signer().second_factors, second=args.second_factor)
        enrolling.hand_over(handed, as_json=args.json)
        return 0
