"""Files of runs: what a scenario or a recording sends, as Parquet or as JSON lines, and the truth beside it.

The name decides what is written (``.jsonl``: JSON lines, anything else: Parquet), the content what is read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.errors import ConfigError, FlightLogError
from core.model.traffic import Run, Truth
from storage.runs import lines, parquet, truths
from storage.runs.arrivals import Encode
from storage.runs.lines import MessageWriter
from storage.runs.logs import log_file

__all__ = ["MessageWriter", "is_run", "log_file", "read_run", "read_truth", "truth_path", "write_run"]

JSON_LINES: Final = ".jsonl"


def write_run(path: Path, run: Run, truth: Truth | None = None, *, encode: Encode | None = None) -> None:
    """Write a run, and what it knows to be true into a file beside it (:func:`truth_path`).

    A file of Parquet holds what is delivered, sample by sample: a sample that never arrives is not in it, one that
    arrives twice stands twice. One of JSON lines holds the messages themselves.

    Args:
        path: ``.jsonl`` for JSON lines; any other name for Parquet. A file that is there is replaced.
        run: What to write.
        truth: What was really treated.
        encode: Makes a message of some samples of a stream; JSON lines need it, unless all is raw.

    Raises:
        ConfigError: JSON lines of samples were asked for without ``encode``.
        OSError: The file cannot be written.
    """
    if path.suffix.lower() == JSON_LINES:
        lines.write(path, run, encode or _no_encoder)
    else:
        parquet.write(path, run)
    if truth is not None:
        truths.write(truth_path(path), truth)


def read_run(path: Path, tell: Callable[[str], None] | None = None) -> Run:
    """Read a run.

    Args:
        path: A file that :func:`write_run` or a recording made.
        tell: Called with each problem in words (the line, and what is wrong with it); the good lines are read then.

    Raises:
        FlightLogError: It is no run, or damaged: at all where ``tell`` is None, or beyond reading.
    """

    def strict(problem: str) -> None:
        raise FlightLogError(f"{path}: {problem}")

    try:
        if parquet.is_parquet(path):
            return parquet.read(path)
        return lines.read(path, tell or strict)
    except OSError as error:
        raise FlightLogError(f"{path}: {error.strerror or error}") from error


def read_truth(path: Path) -> Truth:
    """Read the truth that lies beside a run, by the name of the run or by its own.

    Raises:
        FlightLogError: There is none, or it cannot be read.
    """
    own = path if path.name.endswith(truths.ENDING) else truth_path(path)
    return truths.read(own)


def truth_path(path: Path) -> Path:
    """Where the truth of a run lies: ``X.parquet`` and ``X.jsonl`` have ``X.truth.parquet``."""
    return path.with_name(path.stem + truths.ENDING)


def is_run(path: Path) -> bool:
    """Whether a file is a run, by its content; a damaged file of Parquet counts as one."""
    try:
        return path.is_file() and (lines.is_lines(path) or parquet.is_run(path))
    except OSError:
        return False


def _no_encoder(*_: object) -> tuple[str, bytes]:
    raise ConfigError("JSON lines of samples need an encoder")
