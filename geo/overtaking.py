"""Rows that several workers keep in step with a registry that none of them holds still.

A worker may read, be overtaken by another that saves, reads and writes, and write its old rows last. So everyone reads
again after writing, and starts over where something has changed. Take the last save of all: who wrote rows without it
either read again after it, and wrote them anew, or wrote before it, and then the worker of that save writes later. The
rows end as those of the registry, whoever wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from core.errors import RetriableError

ATTEMPTS: Final = 8
T = TypeVar("T")


def keep_up(
    read: Callable[[], T], keep: Callable[[T], object], changed: str, told_by: Callable[[T], Any] = lambda known: known
) -> T:
    """Read, write, and do both again until nothing has changed meanwhile; what stands then.

    Args:
        read: Reads what the rows come from.
        keep: Writes the rows of that; doing it again is safe.
        changed: What was changed and whose rows wait, for the error: "{changed} 8 times meanwhile".
        told_by: What tells whether two readings are the same.

    Raises:
        RetriableError: Others changed it all the time; doing it again is safe.
    """
    known = read()
    for _ in range(ATTEMPTS):
        keep(known)
        again = read()
        if told_by(again) == told_by(known):
            return again
        known = again
    raise RetriableError(f"{changed} {ATTEMPTS} times meanwhile")
