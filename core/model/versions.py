"""What the registry never overwrites: a record's content stands in versions, and a change makes the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """A record of a cooperative, told from its others of the same kind by the fields that ``KEY`` names.

    ``version`` counts from 1. ``valid_from_ms`` is since when a version counts, in ms since 1970 UTC; 0 is ever since
    for a first version, and the moment of the change for a later one. A ``retired`` record is kept, and in use no more.
    Neither of the first two is content: a record that differs in nothing else is the same.
    """

    KEY: ClassVar[tuple[str, ...]] = ()

    version: int = 1
    valid_from_ms: int = 0
    retired: bool = False


BOOKKEEPING = frozenset(("version", "valid_from_ms"))
"""The fields that are no content."""


def key_of(record: Versioned) -> tuple[str, ...]:
    """What tells a record from the others of its kind and cooperative."""
    return tuple(getattr(record, name) for name in record.KEY)
