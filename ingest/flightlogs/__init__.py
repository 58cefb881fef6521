"""Readers of flight and work logs, one file per format, found by name.

A reader is a module of this package with ``FORMAT``, ``EXTENSIONS``, ``sniff`` and ``read`` (:class:`LogReader`). It
imports third-party libraries inside its functions only, so that asking what a file is costs nothing, and a missing
optional package matters only to those who have such a file.
"""

from __future__ import annotations

import importlib
import pkgutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final, Protocol, cast

from core.errors import FlightLogError
from core.model.flightlog import LogFile

HEAD_BYTES: Final = 4096
"""How much of a file the readers see when they are asked whether it is theirs."""
MEMBER_MAX_BYTES: Final = 1 << 30
"""Largest log that is taken out of a zip."""
_OPTIONAL: Final = frozenset({"defusedxml", "gpxpy", "pymavlink", "pyulog"})
_HINT: Final = "pip install 'canhdong[logs]'"
_ZIP_MAGIC: Final = b"PK\x03\x04"
_SHOWN: Final = 5


class LogReader(Protocol):
    """What a module of this package offers."""

    @property
    def FORMAT(self) -> str:  # noqa: N802 - a module's constant
        """Short name of the format."""

    @property
    def EXTENSIONS(self) -> tuple[str, ...]:  # noqa: N802 - a module's constant
        """Usual endings of such files, lower case with the dot."""

    @property
    def sniff(self) -> Sniff:
        """Whether a file is of this format."""

    @property
    def read(self) -> Read:
        """Read a file of this format."""


class Sniff(Protocol):
    """Tells by the first :data:`HEAD_BYTES` (none for a folder) and the path; never raises."""

    def __call__(self, head: bytes, path: Path) -> bool:
        """Whether the file is of the reader's format."""


class Read(Protocol):
    """Reads a file; raises ``FlightLogError`` where nothing in it is usable."""

    def __call__(self, path: Path) -> LogFile:
        """All logs of the file."""


def readers() -> tuple[LogReader, ...]:
    """All readers whose packages are installed, by name of their module."""
    return _imported()[0]


@cache
def _imported() -> tuple[tuple[LogReader, ...], dict[str, str]]:
    """The readers, and the missing package of each module that could not be imported."""
    found: list[LogReader] = []
    missing: dict[str, str] = {}
    for name in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        try:
            found.append(cast("LogReader", importlib.import_module(f"{__name__}.{name}")))
        except ModuleNotFoundError as error:
            missing[name] = _package(error)
    return tuple(found), missing


def _package(error: ModuleNotFoundError) -> str:
    """The optional package that an import lacked; any other import is a mistake of ours, and raised again."""
    package = (error.name or "").partition(".")[0]
    if package not in _OPTIONAL:
        raise error
    return package


def read_log(path: Path) -> LogFile:
    """Read a flight or work log of any known format, a folder of task data, or a zip that holds one log.

    Args:
        path: The file or folder.

    Returns:
        Its logs, with times in ms UTC and positions in WGS 84.

    Raises:
        FlightLogError: There is no such file, it may not be read, is empty, of no known format, or holds nothing
            usable; the message names the file.
    """
    head = _head(path)
    reader = _reader_of(head, path)
    if reader is None and head.startswith(_ZIP_MAGIC):
        return _read_zipped(path)
    if reader is None:
        raise FlightLogError(f"{path}: unknown format; known are {_known()}")
    try:
        return reader.read(path)
    except OSError as error:
        raise FlightLogError(f"{path}: {error.strerror or error}") from error
    except ModuleNotFoundError as error:
        raise FlightLogError(f"{path}: {reader.FORMAT} needs {_package(error)}: {_HINT}") from error


def _head(path: Path) -> bytes:
    """The first bytes of a file, none for a folder."""
    try:
        if path.is_dir():
            return b""
        if not path.exists():
            raise FlightLogError(f"{path}: no such file")
        if not path.is_file():
            raise FlightLogError(f"{path}: neither a file nor a folder")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise FlightLogError(f"{path}: {error.strerror or error}") from error
    if not head:
        raise FlightLogError(f"{path}: the file is empty")
    return head


def _reader_of(head: bytes, path: Path) -> LogReader | None:
    """The first reader that knows the file."""
    return next((r for r in readers() if r.sniff(head, path)), None)


def _known() -> str:
    """The known formats in words."""
    known = ", ".join(f"{r.FORMAT} ({' '.join(r.EXTENSIONS)})" for r in readers())
    lacking = "".join(f"; {name} needs {package}: {_HINT}" for name, package in _imported()[1].items())
    return known + lacking


def _read_zipped(path: Path) -> LogFile:
    """Read the only log of a zip."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            member = _only_log(archive, path)
            unpacked = Path(folder) / PurePosixPath(member.filename).name
            with archive.open(member) as source:
                unpacked.write_bytes(source.read(MEMBER_MAX_BYTES))
            return _read_unpacked(unpacked, f"{path}: {member.filename}")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise FlightLogError(f"{path}: the zip cannot be read: {error}") from error
    except RuntimeError as error:  # zipfile's way to say that a member is encrypted
        raise FlightLogError(f"{path}: the zip cannot be read: {error}") from error


def _only_log(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The only member whose name ends like a log's."""
    members = [m for m in archive.infolist() if not m.is_dir()]
    endings = {e for r in readers() for e in r.EXTENSIONS if e != ".zip"}
    logs = [m for m in members if PurePosixPath(m.filename).suffix.lower() in endings]
    if len(logs) != 1:
        found = ", ".join(m.filename for m in members[:_SHOWN]) + ", ..." * (len(members) > _SHOWN)
        raise FlightLogError(f"{path}: the zip holds {len(logs)} logs, not one, and no task data: {found or 'nothing'}")
    if logs[0].file_size > MEMBER_MAX_BYTES:
        raise FlightLogError(f"{path}: {logs[0].filename} is {logs[0].file_size} bytes long: unpack it first")
    return logs[0]


def _read_unpacked(unpacked: Path, label: str) -> LogFile:
    """Read a member; messages name the zip instead of the temporary file."""
    try:
        file = read_log(unpacked)
    except FlightLogError as error:
        raise FlightLogError(str(error).replace(str(unpacked), label)) from error
    return replace(file, problems=tuple(p.replace(str(unpacked), label) for p in file.problems))


__all__: Sequence[str] = ("LogReader", "read_log", "readers")
