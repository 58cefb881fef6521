"""Reads a stranger's log in a process of its own, with so much memory and time: what needs more hurts nobody else.

The process knows no secret: it gets no environment but what Python needs. What it hands back is taken apart by an
unpickler that makes values of the model and columns, and nothing else.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from core.errors import FlightLogError
from core.model.flightlog import LogFile
from ingest.uploads.desk import MOST_FIXES

_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ")
_CALM: Final = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_MODEL: Final = "core.model."
_COLUMNS: Final = frozenset(
    {
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy._core.numeric", "_frombuffer"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy.core.numeric", "_frombuffer"),
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take: bytes of memory, seconds of computing, bytes of what is handed back, fixes."""

    memory_bytes: int = 3 << 30
    computing_s: int = 300
    answer_bytes: int = 1 << 30
    fixes: int = MOST_FIXES


def read_apart(path: Path, limits: Limits = Limits()) -> LogFile:
    """Read a log of any known format; without the plots that it may bring along.

    Raises:
        FlightLogError: As ``cli.logs.read_uploaded``; or it needs more than the limits.
    """
    given = (limits.memory_bytes, limits.computing_s, limits.answer_bytes, limits.fixes)
    with tempfile.TemporaryDirectory(prefix="canhdong-reading-") as folder:
        environment = surroundings(Path(folder))
        answer = Path(folder) / "answer"
        command = [sys.executable, "-m", "cli.apart", str(path), str(answer), *map(str, given)]
        try:
            done = subprocess.run(  # noqa: S603 - our own program, and no shell
                command, capture_output=True, env=environment, timeout=2 * limits.computing_s, check=False
            )
        except subprocess.TimeoutExpired:
            raise FlightLogError(f"{path}: {_too_slow(limits)}") from None
        if done.returncode == -signal.SIGXCPU:
            raise FlightLogError(f"{path}: {_too_slow(limits)}")
        if done.returncode:
            raise FlightLogError(f"{path}: it cannot be read: its reader has ended (status {done.returncode})")
        with answer.open("rb") as file:
            found = Answer(file).load()
    if isinstance(found, LogFile):
        return found
    raise FlightLogError(str(found))


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of the process: what it unpacks goes into the folder, and with it."""
    known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return known | _CALM | {"TMPDIR": str(folder)}


def _too_slow(limits: Limits) -> str:
    return f"to read it takes more than {limits.computing_s:,} s: hand it in by parts"


class Answer(pickle.Unpickler):
    """Makes values of the model and columns of NumPy."""

    def find_class(self, module: str, name: str) -> Any:
        """What a name stands for; raises ``pickle.UnpicklingError`` where it is none of these."""
        if module.startswith(_MODEL) or (module, name) in _COLUMNS:
            if "." in name:
                raise pickle.UnpicklingError(f"{module}.{name} is no value")
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no value")


def _read(path: Path, limits: Limits) -> LogFile | str:
    """The log, or what speaks against it."""
    from cli.logs import read_uploaded  # noqa: PLC0415

    too_much = f"{path}: to read it takes more than {limits.memory_bytes >> 20:,} MB: hand it in by parts"
    try:
        found = read_uploaded(path)
    except FlightLogError as error:
        return too_much if isinstance(error.__cause__, MemoryError) else str(error)  # Arrow's may look like damage
    except MemoryError:
        return too_much
    if (n := sum(len(it.fixes) for it in found.logs)) > limits.fixes:
        return f"{path}: {n:,} fixes, more than {limits.fixes:,}: hand it in by parts"
    return replace(found, plots=())


def main(arguments: list[str]) -> None:
    """What the process does: read a file and write the answer."""
    path, answer, *numbers = arguments
    limits = Limits(*map(int, numbers))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.computing_s, limits.computing_s + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.answer_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with Path(answer).open("wb") as file:
        pickle.dump(_read(Path(path), limits), file, protocol=5)


if __name__ == "__main__":
    main(sys.argv[1:])
