"""``canhdong account list``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import enrolling, output, wiring
from core.accounts import EVERYWHERE
from core.localtime import iso_utc


class Command:
    """List accounts and their keys, without any secret."""

    name: ClassVar[str] = "account list"
    vietnamese: ClassVar[str] = "Liệt kê tài khoản và khóa máy."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--cooperative", metavar="ID", help="only those of one cooperative")
        enrolling.add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Print them."""
        with closing(wiring.people()) as people:
            found = [it for it in people.accounts() if args.cooperative in {None, it.cooperative}]
            keys = {it.account: people.keys(it.account) for it in found}
            subjects = people.subjects()
        rows = [
            {
                "account": it.account,
                "cooperative": it.cooperative if it.cooperative != EVERYWHERE else None,
                "role": str(it.role),
                "name": it.name,
                "second_factor": bool(it.totp_secret),
                "disabled": it.disabled,
                "created": iso_utc(it.created_ms),
                "subjects": [{"issuer": issuer, "subject": sub} for issuer, sub in subjects.get(it.account, [])],
                "keys": [
                    {
                        "key": key.key,
                        "name": key.name,
                        "scopes": sorted(key.scopes),
                        "expires": iso_utc(key.expires_ms) if key.expires_ms else None,
                        "revoked": iso_utc(key.revoked_ms) if key.revoked_ms else None,
                    }
                    for key in keys[it.account]
                ],
            }
            for it in found
        ]
        if args.json:
            output.print_json({"accounts": rows})
            return 0
        cells = [
            [
                it.account,
                it.cooperative or "*",
                str(it.role),
                it.name,
                "TOTP" if it.totp_secret else "",
                "disabled" if it.disabled else "",
                " ".join(subject for _, subject in subjects.get(it.account, [])),
                " ".join(key.key for key in keys[it.account] if not key.revoked_ms),
            ]
            for it in found
        ]
        headings = ["account", "cooperative", "role", "name", "second factor", "", "sign-on", "keys"]
        output.print_table("Tài khoản / Accounts", headings, cells, left=len(headings))
        return 0
