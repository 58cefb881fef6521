"""``canhdong account key add``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import arguments, enrolling, output, wiring
from core.accounts import KEY_SCOPES, Scope


class Command:
    """Make a key with which a machine or a program such as QGIS acts for an account; it is shown once.

    It goes into the header "Authorization: Bearer KEY", or is the password where a program asks for a user and one.
    """

    name: ClassVar[str] = "account key add"
    vietnamese: ClassVar[str] = "Tạo khóa cho máy hoặc chương trình như QGIS, chỉ hiện một lần."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("account", help="account that it acts for")
        parser.add_argument("--name", required=True, metavar="TEXT", help="what it is for")
        parser.add_argument(
            "--scope",
            action="append",
            choices=sorted(KEY_SCOPES),
            help="what it may be used for (may be repeated; default: read)",
        )
        parser.add_argument(
            "--days", type=arguments.count_of("day"), default=365, metavar="N", help="how long it counts (%(default)s)"
        )
        enrolling.add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Make it."""
        from api.identity.enrolment import account_name, hand_key  # noqa: PLC0415

        name = account_name(args.account)
        scopes = [Scope(word) for word in args.scope or [Scope.READ]]
        with closing(wiring.people()) as people:
            entry = enrolling.entry("key added", f"{name}: {args.name}", people.account(name).cooperative)
            key = hand_key(people, name, args.name, entry, scopes=scopes, days=args.days)
        if args.json:
            output.print_json({"account": name, "name": args.name, "scopes": sorted(scopes), "key": key})
        else:
            print(key)
            output.note("shown this once")
        return 0
