"""``canhdong coverage recompute``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, ClassVar

from cli import arguments, executors, output, wiring
from core.errors import ConfigError
from core.terms import both

if TYPE_CHECKING:
    from geo.batch import Day, Report

_SMALL = 300
"""So few flights are computed sooner than processes start: each needs two to four seconds for its imports."""


class Command:
    """Compute sprayed areas again from the archive of closed flights, for all days from one to another.

    What has a result of this version of the algorithm and of the same fixes is left as it is; so a run that was
    interrupted goes on where it was. Workers of Dask read their own settings (CANHDONG_ARCHIVE_URL, _REGISTRY_URL).
    """

    name: ClassVar[str] = "coverage recompute"
    vietnamese: ClassVar[str] = "Tính lại diện tích phun từ kho lưu trữ chuyến bay, theo ngày."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--from", dest="first", type=arguments.day, required=True, metavar="DAY", help="first day")
        parser.add_argument("--to", dest="last", type=arguments.day, required=True, metavar="DAY", help="last day")
        parser.add_argument("--cooperative", metavar="ID", help="of this cooperative only")
        parser.add_argument("--scheduler", default="", metavar="URL", help="Dask scheduler, such as tcp://HOST:8786")
        parser.add_argument("--workers", type=int, metavar="N", help="local processes; default: one for each core")
        parser.add_argument("--force", action="store_true", help="also what is done already")
        parser.add_argument("--dry-run", action="store_true", help="say what is to be done, and do nothing")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Plan, compute, save, print."""
        if args.last < args.first:
            raise ConfigError(f"--to {args.last} is before --from {args.first}")
        if args.workers is not None and args.workers < 1:
            raise ConfigError("--workers: at least 1")
        from geo import batch  # noqa: PLC0415

        begun_s = time.perf_counter()
        with closing(wiring.batch_ports()) as ports:
            known = [args.cooperative] if args.cooperative else [c.cooperative for c in ports.registry.cooperatives()]
            days = batch.plan(ports, known, args.first, args.last, force=args.force)
            report = None
            todo = sum(len(day.todo) for day in days)
            if not args.dry_run:
                workers = args.workers or (1 if todo <= _SMALL else executors.cores())
                with executors.executor(workers, args.scheduler) as executor, _bar(todo) as progress:
                    report = batch.run(days, wiring.batch_ports, ports.registry, executor, progress=progress)
        _print(days, report, time.perf_counter() - begun_s, as_json=args.json)
        return 1 if report is not None and report.failed else 0


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; plain lines at every tenth where that is no terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    console = Console(stderr=True)
    if console.is_terminal:
        with Progress(console=console) as bar:
            task = bar.add_task("đang tính / computing", total=total)
            yield lambda more: bar.advance(task, more)
        return
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        before, done = done, done + more
        if 10 * done // max(total, 1) > 10 * before // max(total, 1):
            output.note(f"computing: {done:,} of {total:,} flights")

    yield tell


def _print(days: Sequence[Day], report: Report | None, wall_s: float, *, as_json: bool) -> None:
    listed = [
        {"cooperative": d.cooperative, "day": d.day, "flights": len(d.entries), "to_compute": len(d.todo)} for d in days
    ]
    if as_json:
        output.print_json({"days": listed, "dry_run": report is None} | _figures(report, wall_s))
    else:
        headings = [both("cooperative"), "Ngày / Day", both("flights"), "Cần tính / To compute"]
        output.print_table(both("flights"), headings, [[str(v) for v in row.values()] for row in listed], left=2)
    if report is None:
        return
    for (cooperative, name), reason in report.failed.items():
        output.note(f"{cooperative}: {name}: {reason}")
    output.note(
        f"{report.flights:,} flights computed, {report.skipped:,} were done already, {len(report.failed):,} faults, "
        f"{report.rows:,} rows of jobs, {wall_s:.1f} s"
    )


def _figures(report: Report | None, wall_s: float) -> dict[str, object]:
    if report is None:
        return {}
    failed = [{"cooperative": c, "name": name, "reason": reason} for (c, name), reason in report.failed.items()]
    figures = {"computed": report.flights, "done_already": report.skipped, "job_rows": report.rows}
    return figures | {"failed": failed, "wall_s": round(wall_s, 3)}
