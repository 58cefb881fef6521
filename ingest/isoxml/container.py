"""Where a task data set lies: a zip, a folder, or the folder of a TASKDATA.XML. Names are compared in capitals.

Nothing is ever extracted to disk. Only XML files and time logs beside the TASKDATA.XML are read, none above a size that
no terminal writes, so an archive cannot blow up.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from core.errors import FlightLogError

TASKDATA: Final = "TASKDATA.XML"
MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_TOTAL_BYTES: Final = 512 * 1024 * 1024
DEPTH: Final = 4
"""How many folders deep a TASKDATA.XML is looked for."""
_WANTED: Final = re.compile(r".*\.XML|TLG\d+\.BIN")
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one task data set by their names in capitals, and what could not be read of it."""

    path: Path
    files: dict[str, bytes]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """One file that could be read: its name as stored, and how to get at most so many bytes of it."""

    name: str
    read: Callable[[int], bytes]

    @property
    def upper(self) -> str:
        """The name without folders, in capitals."""
        return PurePosixPath(self.name).name.upper()

    @property
    def folder(self) -> str:
        """The folder it lies in."""
        return str(PurePosixPath(self.name).parent)


def open_bundle(path: Path) -> Bundle:
    """Read the files of a task data set.

    Raises:
        FlightLogError: There is no such file, it is no zip, it holds no TASKDATA.XML, or that one cannot be read.
    """
    if path.is_dir():
        return _bundle(path, _in_folder(path))
    if not path.is_file():
        raise FlightLogError(f"{path}: no such file")
    if path.suffix.lower() == ".xml":
        sources = [_Source(p.name, _reader(p)) for p in sorted(path.parent.iterdir()) if p.is_file()]
        return _bundle(path, [_Source(TASKDATA, _reader(path)), *(s for s in sources if s.upper != TASKDATA)])
    try:
        with zipfile.ZipFile(path) as archive:
            return _bundle(path, _in_zip(archive))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FlightLogError(f"{path}: not a readable zip: {error}") from error


def holds_taskdata(path: Path) -> bool:
    """Whether a folder or a zip has a TASKDATA.XML in it; False for anything else."""
    if path.is_dir():
        return any(True for _ in _taskdata_files(path))
    try:
        with zipfile.ZipFile(path) as archive:
            return any(PurePosixPath(_slashes(name)).name.upper() == TASKDATA for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _taskdata_files(folder: Path) -> Iterable[Path]:
    for depth in range(DEPTH):
        yield from (p for p in sorted(folder.glob("/".join("*" * (depth + 1)))) if p.name.upper() == TASKDATA)


def _in_folder(folder: Path) -> list[_Source]:
    homes = [p.parent for p in _taskdata_files(folder)]
    files = [p for home in homes for p in sorted(home.iterdir()) if p.is_file()]
    return [_Source(p.relative_to(folder).as_posix(), _reader(p)) for p in files]


def _in_zip(archive: zipfile.ZipFile) -> list[_Source]:
    return [_Source(_slashes(i.filename), _member(archive, i)) for i in archive.infolist() if not i.is_dir()]


def _slashes(name: str) -> str:
    """Some terminals write backslashes between folders."""
    return name.replace("\\", "/")


def _reader(path: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        with path.open("rb") as file:
            return file.read(limit)

    return read


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        if info.flag_bits & _ENCRYPTED:
            raise ValueError("it is encrypted")
        with archive.open(info) as file:
            return file.read(limit)

    return read


def _bundle(path: Path, sources: list[_Source]) -> Bundle:
    """Read what lies beside the first TASKDATA.XML (the one in the outermost folder)."""
    homes = sorted((s.name.count("/"), s.folder) for s in sources if s.upper == TASKDATA)
    if not homes:
        raise FlightLogError(f"{path}: holds no TASKDATA.XML")
    home = homes[0][1]
    problems = [f"only {home}/TASKDATA.XML is read, of {len(homes)}"] if len(homes) > 1 else []
    files: dict[str, bytes] = {}
    total = 0
    for source in sources:
        if source.folder != home or not _WANTED.fullmatch(source.upper):
            continue
        if source.upper in files:
            problems.append(f"{source.name}: a second file of that name, not read")
            continue
        try:
            content = _limited(source, MAX_TOTAL_BYTES - total)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            if source.upper == TASKDATA:
                raise FlightLogError(f"{path}: {source.name}: {error}") from error
            problems.append(f"{source.name}: not readable: {error}")
            continue
        files[source.upper] = content
        total += len(content)
    return Bundle(path, files, tuple(problems))


def _limited(source: _Source, left: int) -> bytes:
    limit = min(MAX_FILE_BYTES, left)
    content = source.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"larger than {limit:,} bytes")
    return content
