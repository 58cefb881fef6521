"""Flight and work logs as commands take them: read one after the other, a bad file does not hide the good ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from cli.output import note
from core.errors import CanhdongError, FlightLogError
from core.model.flightlog import LogFile

_PARQUET: Final = b"PAR1"


def read_all(paths: Sequence[Path], only: Collection[str] = ()) -> tuple[list[tuple[Path, LogFile]], list[str]]:
    """Read log files; returns those that could be read and, in words, every problem (also printed to stderr).

    A file that cannot be read at all is a problem, and missing in the first list. ``only`` names the logs whose
    problems are of interest; empty: all.

    Raises:
        CanhdongError: No file could be read at all.
    """
    files: list[tuple[Path, LogFile]] = []
    problems: list[str] = []
    for i, path in enumerate(paths, 1):
        if len(paths) > 1:
            note(f"[{i}/{len(paths)}] {path}")
        try:
            file = read_any(path)
        except FlightLogError as error:
            problems.append(str(error))
            continue
        files.append((path, file))
        problems += problems_of(file, only)
    if not files:
        raise CanhdongError("; ".join(problems))
    for problem in problems:
        note(f"warning: {problem}")
    return files, problems


def read_any(path: Path) -> LogFile:
    """Read a log of any machine, a table of fixes, or a run of a scenario or a recording, whichever the file is.

    Raises:
        FlightLogError: It is neither, or holds nothing usable.
    """
    if is_run(path):
        from simulators.replaying.decoding import logs_of  # noqa: PLC0415
        from storage.runs import read_run  # noqa: PLC0415

        problems: list[str] = []
        file = logs_of(read_run(path, problems.append), problems.append)
        return replace(file, problems=(*problems, *file.problems))
    if is_table(path):
        from storage.runs.fixtables import read_fix_table  # noqa: PLC0415

        return read_fix_table(path)
    from ingest.flightlogs import read_log  # noqa: PLC0415

    return read_log(path)


def read_uploaded(path: Path) -> LogFile:
    """Read what a stranger has handed in: as :func:`read_any`, and nothing that is larger than it looks.

    Raises:
        FlightLogError: As there, or a file of Parquet holds more than is read.
    """
    with suppress(ModuleNotFoundError):  # then no reader of Parquet is there either, and says so
        from storage.runs.bounds import bounded  # noqa: PLC0415

        bounded(path)
    return read_any(path)


def is_table(path: Path) -> bool:
    """Whether a file is Parquet with a table of fixes.

    Raises:
        FlightLogError: It is, and the package that could read it is not installed.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_PARQUET)) != _PARQUET:
                return False
        from storage.runs.fixtables import is_fix_table  # noqa: PLC0415
    except OSError:
        return False
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pyarrow":
            raise
        raise FlightLogError(f"{path}: Parquet needs pyarrow: pip install 'canhdong[storage]'") from None
    return is_fix_table(path)


def is_run(path: Path) -> bool:
    """Whether a file is a run; never where the packages that could read it are not installed."""
    try:
        from storage import runs  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pyarrow":
            raise
        return False
    return runs.is_run(path)


def problems_of(file: LogFile, only: Collection[str] = ()) -> list[str]:
    """Everything that was wrong in a file and its logs (all, or those of some names), each with the log's name."""
    chosen = [log for log in file.logs if not only or log.name in only]
    return [*file.problems, *(f"{log.name}: {p}" for log in chosen for p in log.problems)]


def merged(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Counts by reason, added up."""
    total: dict[str, int] = {}
    for part in counts:
        for reason, n in part.items():
            total[reason] = total.get(reason, 0) + n
    return total
