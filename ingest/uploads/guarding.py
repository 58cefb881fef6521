"""What a file must not be before a reader opens it: an archive that unpacks to much more than it is.

A reader takes what an archive's directory tells as the size of a member, and Python reads no byte more of it: so the
directory can be trusted as an upper bound.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import FlightLogError

_MAGIC: Final = b"PK\x03\x04"
_NESTED: Final = (".zip", ".gz", ".7z", ".rar", ".bz2", ".xz")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a zip may unpack to: bytes in all, times its own size, members. A little one may have any ratio."""

    total_bytes: int = 256 << 20
    ratio: float = 100.0
    free_bytes: int = 8 << 20
    members: int = 4_000


def guard(path: Path, name: str, bounds: Bounds = Bounds()) -> None:
    """Look at a file before it is read.

    Args:
        path: The file.
        name: What it is called in messages.
        bounds: How much a zip may unpack to.

    Raises:
        FlightLogError: It is empty, or a zip that is broken, encrypted, holds archives, or unpacks to too much.
    """
    size_bytes = path.stat().st_size
    if not size_bytes:
        raise FlightLogError(f"{name}: the file is empty")
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FlightLogError(f"{name}: the zip cannot be read: {error}") from error
    if len(members) > bounds.members:
        raise FlightLogError(f"{name}: the zip holds {len(members):,} files, more than {bounds.members:,}")
    nested = [it.filename for it in members if it.filename.casefold().endswith(_NESTED)]
    if nested:
        raise FlightLogError(f"{name}: the zip holds another archive, {nested[0]!r}: send what is in it")
    total = sum(it.file_size for it in members)
    if total > bounds.total_bytes or (total > bounds.free_bytes and total > bounds.ratio * size_bytes):
        raise FlightLogError(
            f"{name}: the zip of {size_bytes:,} bytes unpacks to {total:,}: at most {bounds.total_bytes:,}, and "
            f"{bounds.ratio:g} times its size, are read"
        )
