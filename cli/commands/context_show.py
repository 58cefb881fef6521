"""``canhdong context show``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import arguments, output, wiring
from core.contexts import Contexts
from core.errors import NotFound
from core.localtime import day_window_ms
from core.model.context import FlightContext, JobContext

_ALL_TIMES = (-(2**62), 2**62)
_Job = tuple[JobContext, list[FlightContext]]


class Command:
    """Show what surrounded a flight or a job: weather and spray window, sensitive sites, what speaks against a product.

    NAME is a flight's identifier, `last` for the newest flight, or a job. A dash says that nobody knows, never "none".
    """

    name: ClassVar[str] = "context show"
    vietnamese: ClassVar[str] = "Xem thời tiết, điểm nhạy cảm và điều cấm của một chuyến bay hay một việc."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("named", metavar="NAME", help="a flight, `last`, or a job")
        parser.add_argument("--cooperative", metavar="ID", help="look in this cooperative only")
        parser.add_argument("--day", type=arguments.day, help="of a job that took several days: only this one")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Look up and print."""
        with wiring.stores() as stores:
            known = [c.cooperative for c in stores.registry.cooperatives()]
            owners = [args.cooperative] if args.cooperative else known
            flight = _flight(stores.contexts, owners, args.named)
            jobs = [] if flight else _jobs(stores.contexts, owners, args.named, args.day)
        if flight is None and not jobs:
            on = f" on {args.day}" if args.day else ""
            raise NotFound(
                f"nothing is known around a flight or job {args.named!r}{on}; `canhdong coverage show` lists them"
            )
        if flight:
            _print_flight(flight, args.json)
        else:
            _print_jobs(jobs, args.json)
        return 0


def _flight(contexts: Contexts, owners: list[str], named: str) -> FlightContext | None:
    if named == "last":
        flights = [it for owner in owners for it in contexts.flight_contexts(owner, *_ALL_TIMES)]
        return max(flights, key=lambda it: it.end_ms, default=None)
    for owner in owners:
        try:
            return contexts.flight_context(owner, named)
        except NotFound:
            continue
    return None


def _jobs(contexts: Contexts, owners: list[str], named: str, day: str | None) -> list[_Job]:
    """The job day by day, with the contexts of its flights."""
    found: list[_Job] = []
    for owner in owners:
        for job in contexts.job_contexts(owner, named):
            if day in {None, job.day}:
                around = contexts.flight_contexts(owner, *day_window_ms(job.day))
                found.append((job, [it for it in around if it.flight in job.flights]))
    return found


def _print_flight(flight: FlightContext, as_json: bool) -> None:  # noqa: FBT001
    from cli.contexts import flight_facts, print_sites, print_stamps  # noqa: PLC0415

    if as_json:
        output.print_json(flight_facts(flight))
        return
    print_stamps(flight.flight, flight.stamps)
    print_sites([flight])


def _print_jobs(jobs: list[_Job], as_json: bool) -> None:  # noqa: FBT001
    from cli.contexts import job_facts, print_exclusions, print_sites, print_stamps  # noqa: PLC0415

    if as_json:
        output.print_json({"jobs": [job_facts(job, flights) for job, flights in jobs]})
        return
    for job, flights in jobs:
        print_stamps(f"{job.job}  {job.day}", job.stamps)
        print_sites(flights)
        print_exclusions(job.exclusions)
