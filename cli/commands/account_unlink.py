"""``canhdong account unlink``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import enrolling, output, wiring
from cli.commands.account_link import configured_issuer


class Command:
    """Let nobody sign on as an account by the provider any more; its sessions end, its password counts on."""

    name: ClassVar[str] = "account unlink"
    vietnamese: ClassVar[str] = "Bỏ nối một tài khoản với nơi đăng nhập một lần."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("account", help="name to log in with")
        parser.add_argument("--issuer", metavar="URL", help="of this provider (default: CANHDONG_OIDC_ISSUER)")

    def run(self, args: argparse.Namespace) -> int:
        """Undo the link."""
        from api.identity.enrolment import account_name  # noqa: PLC0415

        issuer = args.issuer or configured_issuer()
        name = account_name(args.account)
        with closing(wiring.people()) as people:
            cooperative = people.account(name).cooperative
            people.unlink(name, issuer, enrolling.entry("account unlinked", f"{name}: {issuer}", cooperative))
        output.note(f"{name}: linked to {issuer} no more")
        return 0
