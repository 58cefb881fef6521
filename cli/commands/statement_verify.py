"""``canhdong statement verify``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cli import output, wiring
from core.errors import ConfigError
from core.statement import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.statements.fixes import Fixes
    from geo.statements.verification import Check, Report


class Command:
    """Check a statement's signature, and compute its figures again from the fixes that it names: to the last digit.

    The fixes are those of --fixes (files of the archive, or logs), else the archive's very version that the statement
    names. Keys that are known are those of this platform and of --key. Exit code 1: something is wrong, or cannot be
    checked. What is told beside the figures (weather, ledger, order) is signed, and no fix can prove it.
    """

    name: ClassVar[str] = "statement verify"
    vietnamese: ClassVar[str] = "Kiểm chứng phiếu: chữ ký, và tính lại mọi con số từ dữ liệu gốc."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FILE", help="the signed JSON")
        parser.add_argument("--fixes", type=Path, nargs="+", default=[], metavar="FILE", help="fixes to compute from")
        parser.add_argument(
            "--key",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="public keys to trust, as the platform shows them at /.well-known/canhdong-statement-keys.json",
        )
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Verify and print."""
        from geo.statements.verification import Report, verify  # noqa: PLC0415

        document = _document(args.file)
        signature = _signature(document, [*wiring.statement_keys(), *_keys(args.key)])
        given = [it for path in args.fixes for it in _fixes(path)]
        with ExitStack() as stack:
            archive = None if args.fixes else stack.enter_context(closing(wiring.archive()))
            found = verify(document, archive, given)
        report = Report((signature, *found.checks), found.mismatches)
        _print(report, args.file, as_json=args.json)
        return 0 if report.sound else 1


def _document(path: Path) -> Document:
    try:
        found: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: not a statement: it holds no JSON object")
    return found


def _keys(paths: Sequence[Path]) -> list[Mapping[str, str]]:
    from api.statements.sealing import read_keys  # noqa: PLC0415

    try:
        return [key for path in paths for key in read_keys(path.read_text(), str(path))]
    except OSError as error:
        raise ConfigError(f"{error.filename}: {error.strerror}") from None


def _signature(document: Document, known: Sequence[Mapping[str, str]]) -> Check:
    from api.statements.sealing import signer_of  # noqa: PLC0415
    from geo.statements.verification import Part, failed, passed  # noqa: PLC0415

    try:
        kid, trusted = signer_of(document, known)
    except ValueError as error:
        return failed(Part.SIGNATURE, str(error))
    if trusted:
        return passed(Part.SIGNATURE, f"by key {kid}")
    said = f"whole, but nobody here knows its key {kid}: ask the platform for its keys, and name them with --key"
    return failed(Part.SIGNATURE, said)


def _fixes(path: Path) -> list[Fixes]:
    """The fixes of a file of the archive, or of every log in a file."""
    from cli.logs import read_any  # noqa: PLC0415
    from core.errors import ArchiveError, FlightLogError  # noqa: PLC0415
    from geo.statements.fixes import Fixes  # noqa: PLC0415
    from storage.archive.content import read  # noqa: PLC0415

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    try:
        record, _ = read(content, str(path))
    except ArchiveError as not_archived:
        try:
            return [Fixes(f"{path} {log.name}", log.fixes, log.events) for log in read_any(path).logs]
        except FlightLogError as error:
            raise ConfigError(f"{not_archived}; as a log: {error}") from None
    return [Fixes(str(path), record.fixes, record.events)]


def _print(report: Report, path: Path, *, as_json: bool) -> None:
    if as_json:
        facts = {"file": str(path), "sound": report.sound, "checks": report.checks, "mismatches": report.mismatches}
        output.print_json(facts)
        return
    rows = [[it.part.value, "đúng / right" if it.sound else "SAI / WRONG", it.message] for it in report.checks]
    rows += [["", "", f"{it.path}: stated {it.stated!r}, the fixes give {it.found!r}"] for it in report.mismatches]
    output.print_table(f"Kiểm chứng / Verification: {path}", ["phần / part", "", ""], rows, left=3)
