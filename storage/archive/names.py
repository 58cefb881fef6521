"""How files are named: ``COOPERATIVE/DAY/FLIGHT.START-END.vVERSION.DIGITS.parquet``, times in ms since 1970 UTC.

Identifiers are percent-encoded but for ASCII letters, digits, ``_`` and ``-``: none can climb out of its folder. One
too long for a file system is cut, and ``~`` and a hash follow; then the file itself tells the whole.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

_KEPT: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_LONGEST: Final = 150
_CUT: Final = 100
WITHDRAWN: Final = "withdrawn"
_NAME: Final = re.compile(
    r"(?P<flight>[\w%~-]+)\.(?P<start>-?\d+)-(?P<end>-?\d+)\.v(?P<version>[1-9]\d*)\.(?P<digits>[0-9a-f]+|withdrawn)"
    r"\.parquet",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Name:
    """A file's name taken apart; ``flight`` is as it stands there."""

    flight: str
    start_ms: int
    end_ms: int
    version: int
    digits: str

    def __str__(self) -> str:
        return f"{self.flight}.{self.start_ms}-{self.end_ms}.v{self.version}.{self.digits}.parquet"


def quoted(identifier: str) -> str:
    """An identifier as part of a path; two identifiers never have the same.

    Raises:
        ValueError: It is empty.
    """
    if not identifier:
        raise ValueError("an empty identifier names no file")
    content = identifier.encode("utf-8", "surrogatepass")
    text = "".join(chr(byte) if byte in _KEPT else f"%{byte:02X}" for byte in content)
    return text if len(text) <= _LONGEST else f"{text[:_CUT]}~{hashlib.sha256(content).hexdigest()[:32]}"


def unquoted(text: str) -> str | None:
    """The identifier behind a part of a path; None where it was cut, or is none that :func:`quoted` made."""
    if "~" in text:
        return None
    content = re.sub(rb"%([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), text.encode("ascii"))
    try:
        identifier = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return identifier if identifier and quoted(identifier) == text else None


def parsed(name: str) -> Name | None:
    """The parts of a file's name; None for a file that is not the archive's."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return Name(found["flight"], int(found["start"]), int(found["end"]), int(found["version"]), found["digits"])
