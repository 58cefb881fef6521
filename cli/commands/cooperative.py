"""``canhdong cooperative add | list | retire``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cli import arguments, output, wiring
from cli.identifiers import checked_cooperative
from cli.registering import Add, Kind, List, Option, Retire
from core.errors import ConfigError, RetriableError
from core.model.land import Cooperative
from core.registry import Registry
from core.units import CONG_SIZES, M2_PER_CONG


def _cong(text: str) -> float:
    """The size of a công in m², by region or as a number."""
    return CONG_SIZES[text] if text in CONG_SIZES else arguments.positive(text)


def _complete(record: Cooperative, _given: Mapping[str, Any], _registry: Registry) -> Cooperative:
    return replace(record, name=record.name or record.cooperative, m2_per_cong=record.m2_per_cong or M2_PER_CONG)


KIND = Kind(
    "cooperative",
    Cooperative,
    "cooperative",
    "hợp tác xã",
    (
        Option("name", "name that people read"),
        Option(
            "m2_per_cong",
            f"size of its công in m², or {', '.join(f'{k} ({v:,.0f})' for k, v in CONG_SIZES.items())}",
            _cong,
            "M2",
        ),
        Option("organisation", "its registration number", arguments.organisation),
        Option("scheme", "what that number is counted by"),
    ),
    (),
    ("cooperative", "name", "m2_per_cong", "organisation"),
    complete=_complete,
)


class _Add(Add):
    """``cooperative add`` also makes the database, where telemetry goes to InfluxDB."""

    def __init__(self) -> None:
        super().__init__(KIND)
        self.__doc__ = (
            f"{self.__doc__}\n\nTelemetry of one that is not registered goes to the dead letters. Where telemetry goes "
            "to InfluxDB, its database is made too, if CANHDONG_INFLUX_ADMIN_* is set."
        )

    def run(self, args: argparse.Namespace) -> int:
        """Add it."""
        checked_cooperative(args.cooperative)
        super().run(args)
        try:
            made = wiring.make_databases([args.cooperative])
        except (ConfigError, RetriableError) as error:
            output.note(f"its database in InfluxDB is still to be made by canhdong storage init ({error})")
        else:
            for it in made or ():
                output.note(f"database {it.database}: read by {it.reader}, whose secret is in {it.secret_file}")
        return 0


COMMANDS = (_Add(), List(KIND), Retire(KIND))
