"""``canhdong cooperative add``."""

from __future__ import annotations

import argparse
import re
from typing import ClassVar

from cli import output, wiring
from core.errors import ConfigError, RetriableError
from core.model.land import Cooperative

_IDENTIFIER = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")


class Command:
    """Register a cooperative. Telemetry of one that is not registered goes to the dead letters.

    Where telemetry goes to InfluxDB, its database is made too, if CANHDONG_INFLUX_ADMIN_* is set.
    """

    name: ClassVar[str] = "cooperative add"
    vietnamese: ClassVar[str] = "Đăng ký một hợp tác xã."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="identifier in topics: lower-case letters, digits, hyphens")
        parser.add_argument("--name", default="", help="name that people read")
        parser.add_argument("--m2-per-cong", type=float, default=1_000.0, metavar="M2", help="size of its công")

    def run(self, args: argparse.Namespace) -> int:
        """Add it."""
        identifier = checked_cooperative(args.cooperative)
        with wiring.stores() as stores:
            stores.registry.add_cooperative(Cooperative(identifier, args.name or identifier, args.m2_per_cong))
        output.note(f"cooperative {identifier} is registered")
        try:
            made = wiring.make_databases([identifier])
        except (ConfigError, RetriableError) as error:
            output.note(f"its database in InfluxDB is still to be made by canhdong storage init ({error})")
        else:
            for it in made or ():
                output.note(f"database {it.database}: read by {it.reader}, whose secret is in {it.secret_file}")
        return 0


def checked_cooperative(text: str) -> str:
    """An identifier that a cooperative may have.

    Raises:
        ConfigError: It may not stand in a topic, or the platform's own data goes by that name.
    """
    if text in wiring.PLATFORM:
        raise ConfigError(f"{text!r} is the name of the platform's own data: a cooperative needs another")
    return checked_identifier(text)


def checked_identifier(text: str) -> str:
    """An identifier that may stand in a topic.

    Raises:
        ConfigError: It may not.
    """
    if not _IDENTIFIER.fullmatch(text):
        raise ConfigError(f"{text!r} is no identifier: use lower-case letters, digits and hyphens, 64 at most")
    return text
