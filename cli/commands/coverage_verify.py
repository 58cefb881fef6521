"""``canhdong coverage verify``."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from cli import output, wiring
from core.errors import ConfigError, NotFound

if TYPE_CHECKING:
    from geo.archivesource import Ports
    from geo.jobs import Job
    from geo.verification import Difference, Verdict

_ALL_TIMES = (-(2**62), 2**62)


class Command:
    """Compute flights and jobs from the archive again, and say whether the registry's figures are the same.

    With the same version of the algorithm every figure has to agree to 0.000001 m²; what another version made is told
    with the differences. A file that was changed is named. Exit code 1: something does not agree or cannot be checked.
    """

    name: ClassVar[str] = "coverage verify"
    vietnamese: ClassVar[str] = "Kiểm chứng diện tích phun: tính lại từ kho lưu trữ và so sánh."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("names", nargs="*", metavar="FLIGHT|JOB", help="identifiers")
        parser.add_argument("--cooperative", metavar="ID", help="look in this cooperative only")
        parser.add_argument("--all", action="store_true", help="every flight and job")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Verify and print."""
        if bool(args.names) == args.all:
            raise ConfigError("say which: flights or jobs by their identifiers, or --all")
        with closing(wiring.batch_ports()) as ports:
            known = [args.cooperative] if args.cooperative else [c.cooperative for c in ports.registry.cooperatives()]
            verdicts = list(_verdicts(ports, known, args.names))
        if args.json:
            output.print_json({"verdicts": [_document(it) for it in verdicts]})
        else:
            _table(verdicts)
        bad = sum(not it.finding.sound for it in verdicts)
        output.note(f"{len(verdicts):,} verified, {bad:,} do not agree")
        return 1 if bad else 0


def _verdicts(ports: Ports, cooperatives: Sequence[str], names: Sequence[str]) -> Iterator[Verdict]:
    """Of the flights and jobs that are named; of all where none is."""
    from geo.verification import verify_flight, verify_job  # noqa: PLC0415

    wanted = dict.fromkeys(names)
    found: set[str] = set()
    for cooperative in cooperatives:
        flights, jobs = _known(ports, cooperative)
        for flight in flights:
            if not wanted or flight in wanted:
                found.add(flight)
                yield verify_flight(ports, cooperative, flight)
        for job in jobs:
            if not wanted or job[0] in wanted:
                found.add(job[0])
                yield verify_job(ports, cooperative, job)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise NotFound(f"neither the registry nor the archive has {', '.join(map(repr, missing))}")


def _known(ports: Ports, cooperative: str) -> tuple[list[str], list[Job]]:
    """Flights of the registry and of the archive, and the jobs of the former."""
    from geo.jobs import job_of  # noqa: PLC0415

    flights = sorted(ports.registry.flights(cooperative, *_ALL_TIMES), key=lambda f: (f.start_ms, f.flight))
    names = [f.flight for f in flights] + [e.flight for e in ports.archive.flights(cooperative, *_ALL_TIMES)]
    return list(dict.fromkeys(names)), sorted({job_of(f) for f in flights}, key=lambda j: (j[1], j[0]))


def _document(verdict: Verdict) -> dict[str, object]:
    return {
        "cooperative": verdict.cooperative,
        "name": verdict.name,
        "finding": verdict.finding,
        "message": verdict.message,
        "differences": [
            {"figure": d.figure, "registry": d.held, "archive": d.found, "by": d.by} for d in verdict.differences
        ],
    }


def _table(verdicts: Sequence[Verdict]) -> None:
    rows = []
    for it in verdicts:
        rows.append([it.cooperative, it.name, it.finding.value, it.message])
        rows += [["", "", "", _words(difference)] for difference in it.differences]
    headings = ["hợp tác xã / cooperative", "chuyến bay, công việc / flight, job", "kết quả / finding", ""]
    output.print_table("Kiểm chứng / Verification", headings, rows, left=4)


def _words(difference: Difference) -> str:
    by = "" if math.isnan(difference.by) else f" ({difference.by:+.6g})"
    return f"{difference.figure}: {difference.held} in the registry, {difference.found} from the archive{by}"
