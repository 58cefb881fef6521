"""``canhdong statement make``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cli import arguments, output, wiring
from core.errors import ConfigError, NotFound
from core.localtime import local_day
from core.model.land import Cooperative
from core.statement import Issued, StatementKind, Subject
from core.terms import LANGUAGES, Language

if TYPE_CHECKING:
    from api.statements.issuing import Papers


class Command:
    """Issue the signed statement of a flight, of a job on a day, or of a plot over a season.

    It is computed from the archive. Where it says what the newest one says already, that one is shown; else it becomes
    the next version, and the ones before stay. Without --out, the signed JSON goes to stdout.
    """

    name: ClassVar[str] = "statement make"
    vietnamese: ClassVar[str] = "Lập phiếu xác nhận diện tích phun đã ký cho chuyến bay, công việc hoặc thửa trong vụ."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("named", metavar="FLIGHT|JOB|PLOT", help="identifier; looked for in this order")
        parser.add_argument("--kind", choices=[k.value for k in StatementKind], help="what the identifier is of")
        parser.add_argument("--cooperative", metavar="ID", help="look in this cooperative only")
        parser.add_argument("--day", type=arguments.day, help="of a job; default: the last one it was flown")
        parser.add_argument(
            "--season",
            metavar="NAME|FIRST..LAST",
            help="of a plot: a season's name as the plot tells it, or two days; "
            "default: the plot's season, or the calendar year",
        )
        parser.add_argument(
            "--out",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="write FILE.json (signed) or FILE.pdf; may be repeated",
        )
        parser.add_argument("--lang", choices=LANGUAGES, default="vi", help="language of the PDF (default: vi)")

    def run(self, args: argparse.Namespace) -> int:
        """Issue and write."""
        for path in args.out:
            if path.suffix not in {".json", ".pdf"}:
                raise ConfigError(f"{path}: a statement is written as .json or .pdf")
        with wiring.stores() as stores:
            papers = wiring.papers(stores)
            owners = [c for c in stores.registry.cooperatives() if args.cooperative in {None, c.cooperative}]
            owner, subject = _found(papers, owners, args)
            issued = papers.issue(owner, subject)
            _write(papers, issued, args.out, args.lang)
        output.note(f"{subject.words}: statement {issued.version}, {issued.digest}")
        return 0


def _found(papers: Papers, owners: Sequence[Cooperative], args: argparse.Namespace) -> tuple[Cooperative, Subject]:
    """Whose the identifier is, and of what."""
    wanted = [StatementKind(args.kind)] if args.kind else list(StatementKind)
    wanted = [StatementKind.PLOT] if args.season is not None else wanted
    said: list[str] = []
    for kind in wanted:
        for owner in owners:
            try:
                return owner, _subject(papers, owner.cooperative, kind, args)
            except NotFound as error:
                said.append(str(error))
    why = said[0] if len(said) == 1 else f"nobody knows a flight, a job or a plot {args.named!r}"
    raise NotFound(why if said else f"no cooperative {args.cooperative!r}")


def _subject(papers: Papers, owner: str, kind: StatementKind, args: argparse.Namespace) -> Subject:
    from geo.statements.subjects import flight_subject, job_subject, plot_subject, work_of  # noqa: PLC0415

    registry = papers.ports.registry
    if kind is StatementKind.FLIGHT:
        return flight_subject(registry, owner, args.named)
    if kind is StatementKind.JOB:
        found = job_subject(registry, owner, args.named, args.day or "")
        work_of(registry, found)
        return found
    try:
        return plot_subject(registry, owner, args.named, args.season or "", local_day(papers.clock.now_ms()))
    except ValueError as error:
        raise ConfigError(f"--season: {error}; write 2026-11-01..2027-03-31, or a season's name") from None


def _write(papers: Papers, issued: Issued, files: Sequence[Path], language: Language) -> None:
    if not files:
        sys.stdout.write(issued.document)
        return
    for path in files:
        content = _pdf(papers, issued, language) if path.suffix == ".pdf" else issued.document.encode()
        try:
            path.write_bytes(content)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from None


def _pdf(papers: Papers, issued: Issued, language: Language) -> bytes:
    from api.statements.issuing import document_of  # noqa: PLC0415
    from api.statements.paper import pdf  # noqa: PLC0415
    from api.statements.sheet import sheet  # noqa: PLC0415
    from api.statements.words import words_of  # noqa: PLC0415
    from geo.statements.fixes import records_of  # noqa: PLC0415
    from geo.statements.picture import pictures  # noqa: PLC0415

    document, words = document_of(issued), words_of(language)
    drawn = pictures(document, records_of(document, papers.ports.archive), language)
    return pdf(sheet(document, words), drawn, words["no_weather"])
