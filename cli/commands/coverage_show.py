"""``canhdong coverage show``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import output, wiring
from cli.tables import plot_figures, print_coverage
from cli.trust_tables import print_expected, print_trust
from core.errors import NotFound
from core.localtime import iso_utc, local
from core.model.coverage import Flight
from core.registry import Registry
from core.terms import both, term

_ALL_TIMES = (-(2**62), 2**62)


class Command:
    """Show the sprayed area of one flight: per plot net, covered, missed, overlap, gross, litres or kg, dose.

    Below it: the net area expected in truth with its 95 % interval, and the grades of what it was computed from.

    FLIGHT is a flight's identifier, or `last` for the newest; without it the known flights are listed.
    """

    name: ClassVar[str] = "coverage show"
    vietnamese: ClassVar[str] = "Xem diện tích phun của một chuyến bay."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("flight", nargs="?", metavar="FLIGHT", help="identifier, or `last`")
        parser.add_argument("--cooperative", metavar="ID", help="look in this cooperative only")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Look up and print."""
        with wiring.stores() as stores:
            flights = _flights(stores.registry, args.cooperative)
            if args.flight is None:
                return _list(flights, args.json)
            flight = _pick(flights, args.flight)
            coverage = stores.registry.coverage(flight.cooperative, flight.flight)
        if args.json:
            figures = output.plain(coverage)
            figures["plots"] = [
                plot_figures(p) | {"dose_cv": p.dose_cv, "expected": p.expected} for p in coverage.plots
            ]
            output.print_json(_facts(flight) | figures)
            return 0
        operation = term(flight.op.word, "vi")
        print_coverage(f"{flight.flight}  {operation}  {local(flight.start_ms):%d/%m/%Y %H:%M}", coverage)
        if coverage.no_area:
            output.note(f"{both('no_area')}: {both(f'no_area_{coverage.no_area}')}")
        print_expected(coverage)
        print_trust(coverage)
        return 0


def _flights(registry: Registry, cooperative: str | None) -> list[Flight]:
    tenants = [cooperative] if cooperative else [c.cooperative for c in registry.cooperatives()]
    return [flight for tenant in tenants for flight in registry.flights(tenant, *_ALL_TIMES)]


def _pick(flights: list[Flight], wanted: str) -> Flight:
    found = [f for f in flights if f.flight == wanted] if wanted != "last" else flights
    if not found:
        raise NotFound(f"no flight {wanted!r} among {len(flights)}; `canhdong coverage show` lists them")
    return max(found, key=lambda f: f.end_ms)


def _facts(flight: Flight) -> dict[str, object]:
    return {
        "flight": flight.flight,
        "cooperative": flight.cooperative,
        "device": flight.device,
        "start": iso_utc(flight.start_ms),
        "end": iso_utc(flight.end_ms),
        "fixes": flight.fixes,
        "op": flight.op,
        "job": flight.job,
    }


def _list(flights: list[Flight], as_json: bool) -> int:  # noqa: FBT001
    if as_json:
        output.print_json({"flights": [_facts(f) for f in flights]})
        return 0
    rows = [
        [f.flight, f.cooperative, f.device, iso_utc(f.start_ms), iso_utc(f.end_ms), both(f.op.word), str(f.fixes)]
        for f in sorted(flights, key=lambda f: f.start_ms)
    ]
    names = [both(key) for key in ("flight", "cooperative", "drone", "start", "end", "operation", "fixes")]
    headings = [f"{name} (UTC)" if name in {both("start"), both("end")} else name for name in names]
    output.print_table(f"{both('flights')}: {len(flights)}", headings, rows, left=6)
    return 0
