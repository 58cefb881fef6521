"""``canhdong account link``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import enrolling, output, wiring
from core.errors import ConfigError
from core.settings import SignOnSettings, load

_LONGEST = 255


class Command:
    """Let whom the provider of sign-on calls by a subject come in as an account; its role stays what it is.

    The subject is the provider's own, unchanging word for a person (the claim "sub"): never a name or an address of
    mail. Somebody who tries to sign on unlinked leaves it in the audit log.
    """

    name: ClassVar[str] = "account link"
    vietnamese: ClassVar[str] = "Nối một tài khoản với người mà nơi đăng nhập một lần xác nhận."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("account", help="name to log in with")
        parser.add_argument(
            "--subject", required=True, type=_subject, metavar="SUB", help="the claim sub, to the letter"
        )

    def run(self, args: argparse.Namespace) -> int:
        """Link it."""
        from api.identity.enrolment import account_name  # noqa: PLC0415

        issuer = configured_issuer()
        name = account_name(args.account)
        with closing(wiring.people()) as people:
            cooperative = people.account(name).cooperative
            entry = enrolling.entry("account linked", f"{name}: {args.subject} at {issuer}", cooperative)
            people.link(name, issuer, args.subject, entry)
        output.note(f"{name}: linked to {args.subject} at {issuer}")
        return 0


def configured_issuer() -> str:
    """The provider that the settings name; raises ``ConfigError`` where they name none."""
    issuer = load(SignOnSettings).oidc_issuer
    if not issuer:
        raise ConfigError("CANHDONG_OIDC_ISSUER: not set; an account is linked to a subject of that provider")
    return issuer


def _subject(text: str) -> str:
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise argparse.ArgumentTypeError(f"1 to {_LONGEST} characters")
    return text
