"""What the commands on accounts share: who acts on the command line, and how a secret is shown the one time."""

from __future__ import annotations

import argparse
import getpass
from typing import TYPE_CHECKING

from cli import output
from core.accounts import AccountStore, AuditEntry

if TYPE_CHECKING:
    from api.identity.enrolment import Handed
    from api.identity.vault import Vault


def entry(action: str, subject: str, cooperative: str = "") -> AuditEntry:
    """An entry for the audit log: whoever may run commands on the platform's machine may do everything."""
    from ingest.clock import SystemClock  # noqa: PLC0415

    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "?"
    return AuditEntry(SystemClock().now_ms(), f"command line ({user})", cooperative, action, subject)


def encrypt_factors(people: AccountStore, vault: Vault) -> None:
    """Encrypt second factors that stand in the registry in clear, and tell of those that cannot be opened."""
    from api.identity import enrolment  # noqa: PLC0415

    lost = enrolment.encrypt_factors(people, vault)
    if lost:
        output.note(
            f"the second factors of {', '.join(lost[:5])}{' ...' if lost[5:] else ''} were encrypted with another key: "
            "bring secrets/second-factors.pem back from a backup, or give new ones: canhdong account reset NAME"
        )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare ``--json``."""
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def hand_over(handed: Handed, *, as_json: bool) -> None:
    """Show the secrets of an account."""
    if as_json:
        output.print_json(handed)
        return
    print(f"account:       {handed.account}")
    print(f"password:      {handed.password}")
    if handed.second_factor:
        print(f"second factor: {handed.second_factor}")
        output.note("make a QR code of the second line for an authenticator application, or type its secret there")
    output.note("shown this once; hand it over in person, and let the password be changed")
