"""Zips opened safely: unpacked into a folder of our own, zips in zips too, within limits, no path leading outside.

Only what can belong to a field file is unpacked. Sizes are counted while unpacking, since headers may lie.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final

from core.errors import FieldFileError

_CHUNK_B: Final = 1 << 20
_ZIP_ERRORS: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold: bytes and members in all, zips in zips, and bytes unpacked per byte packed.

    The ratio counts only for a member of ``ratio_from_b`` bytes and more: small texts shrink a lot.
    """

    total_b: int = 4 << 30
    members: int = 20_000
    depth: int = 3
    ratio: float = 400.0
    ratio_from_b: int = 32 << 20


@dataclass(slots=True)
class Unpacked:
    """Members by their path in the archive (``inner.zip/a.shp``), where they lie now, and what was left aside."""

    files: dict[str, Path] = field(default_factory=dict)
    aside: list[str] = field(default_factory=list)
    total_b: int = 0
    members: int = 0


@dataclass(frozen=True, slots=True)
class _Level:
    """A zip to unpack: what messages call it, what its members' paths begin with, where they go, how deep it lies."""

    path: Path
    label: str
    prefix: str
    folder: Path
    depth: int


def unpack(path: Path, folder: Path, wanted: frozenset[str], limits: Limits | None = None) -> Unpacked:
    """Unpack the members of a zip that have a wanted suffix (lower case, with the dot).

    Raises:
        FieldFileError: The zip is damaged, encrypted, leads outside, or is larger than the limits.
    """
    made = Unpacked()
    limits = limits or Limits()
    waiting = [_Level(path, path.name, "", folder, 1)]
    while waiting:
        waiting += _unpack_level(made, waiting.pop(), wanted, limits)
    return made


def check(path: Path, limits: Limits | None = None) -> None:
    """Refuse a zip that another library is about to read (KMZ) where it is damaged or larger than the limits."""
    made, limits = Unpacked(), limits or Limits()
    with _opened(path, path.name) as archive:
        for info in archive.infolist():
            _count(made, info, path.name, limits)
            for _ in _chunks(archive, info, made, path.name, limits):
                pass


def _unpack_level(made: Unpacked, level: _Level, wanted: frozenset[str], limits: Limits) -> list[_Level]:
    """Unpack one zip; hands on the zips found in it."""
    if level.depth > limits.depth:
        raise FieldFileError(f"{level.label}: zips lie in zips more than {limits.depth} deep; unpack it by hand")
    deeper: list[_Level] = []
    with _opened(level.path, level.label) as archive:
        for info in archive.infolist():
            inside = info.filename.replace("\\", "/")
            if inside.endswith("/") or inside.startswith("__MACOSX/"):
                continue
            _count(made, info, level.label, limits)
            target = level.folder.joinpath(*_safe_parts(inside, level.label))
            suffix = PurePosixPath(inside).suffix.lower()
            if suffix not in wanted and suffix != ".zip":
                made.aside.append(level.prefix + inside)
                continue
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    for chunk in _chunks(archive, info, made, level.label, limits):
                        file.write(chunk)
            except OSError as error:
                raise FieldFileError(f"{level.label}: {inside} cannot be unpacked: {error.strerror}") from error
            if suffix == ".zip":
                folder = target.with_name(f"{target.name}.unpacked")
                label, prefix = f"{level.label}/{inside}", f"{level.prefix}{inside}/"
                deeper.append(_Level(target, label, prefix, folder, level.depth + 1))
            else:
                made.files[level.prefix + inside] = target
    return deeper


def _opened(path: Path, label: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _ZIP_ERRORS as error:
        raise FieldFileError(f"{label}: is no zip, or a damaged one: {error}") from error


def _count(made: Unpacked, info: zipfile.ZipInfo, label: str, limits: Limits) -> None:
    """Count a member, and refuse it where it cannot be unpacked."""
    made.members += 1
    if made.members > limits.members:
        raise FieldFileError(f"{label}: holds more than {limits.members} members; unpack it by hand")
    encrypted = 0x1
    if info.flag_bits & encrypted:
        raise FieldFileError(f"{label}: {info.filename} is encrypted; unpack it with its password first")


def _safe_parts(inside: str, label: str) -> tuple[str, ...]:
    """The parts of a member's path, refused where it leads outside the archive."""
    parts = PurePosixPath(inside).parts
    if inside.startswith("/") or ".." in parts or ":" in inside or "\0" in inside:
        raise FieldFileError(f"{label}: the member {inside!r} leads outside the zip; refused")
    return parts


def _chunks(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, made: Unpacked, label: str, limits: Limits
) -> Iterator[bytes]:
    """The bytes of a member, while the limits hold."""
    size_b = 0
    try:
        with archive.open(info) as member:
            while chunk := _read(member):
                size_b += len(chunk)
                made.total_b += len(chunk)
                if made.total_b > limits.total_b:
                    raise FieldFileError(f"{label}: unpacks to more than {limits.total_b >> 20} MB; refused")
                if size_b >= limits.ratio_from_b and size_b > limits.ratio * max(info.compress_size, 1):
                    raise FieldFileError(
                        f"{label}: {info.filename} unpacks to more than {limits.ratio:g} times its size; refused"
                    )
                yield chunk
    except (*_ZIP_ERRORS, RuntimeError) as error:
        raise FieldFileError(f"{label}: {info.filename} cannot be unpacked: {error}") from error


def _read(member: IO[bytes]) -> bytes:
    return member.read(_CHUNK_B)
