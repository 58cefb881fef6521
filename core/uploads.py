"""Logs that people hand in: what came of them, which fixes they brought, and the port to where that is kept.

Uploaded fixes stand beside the telemetry and never in it: :mod:`core.merging` lays them over it when it is read. So an
upload can be taken back, and everything is as it was before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np

from core.model.fixtable import FixTable
from core.model.samples import Event


class Outcome(StrEnum):
    """What came of one log of a file."""

    ADDED = "added"
    """Nobody had anything of that time."""
    MERGED = "merged"
    """It fills gaps of what is there."""
    DUPLICATE = "duplicate"
    """What is there has all of it."""
    REFUSED = "refused"
    """It cannot be used; it says why."""

    @property
    def counts(self) -> bool:
        """Whether its fixes are laid over the telemetry."""
        return self in {Outcome.ADDED, Outcome.MERGED}


@dataclass(frozen=True, slots=True)
class UploadedLog:
    """One log of an upload.

    ``device`` is the drone that it was taken for, ``fixes`` how many usable ones it holds, ``added`` how many of them
    were new when it came. ``digest`` is :func:`fixes_digest`.
    """

    position: int
    name: str
    device: str
    digest: str
    start_ms: int
    end_ms: int
    fixes: int
    added: int
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody handed in. ``number`` counts the cooperative's uploads, from 1; 0: it was not kept.

    ``told``: the geo service was asked to compute its flights. ``undone_ms`` 0: it counts.
    """

    number: int
    cooperative: str
    account: str
    at_ms: int
    file: str
    size_bytes: int
    sha256: str
    format: str
    logs: tuple[UploadedLog, ...] = ()
    problems: tuple[str, ...] = ()
    told: bool = False
    undone_ms: int = 0
    undone_by: str = ""

    @property
    def windows(self) -> list[tuple[str, int, int]]:
        """Device, first and last ms of what it brought."""
        return [(log.device, log.start_ms, log.end_ms) for log in self.logs if log.outcome.counts]


@dataclass(frozen=True, slots=True, eq=False)
class UploadedFixes:
    """The fixes and events of one log that counts, by time; ``upload`` and ``position`` say which."""

    upload: int
    position: int
    outcome: Outcome
    fixes: FixTable
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where some fixes of a flight come from: ``upload`` 0 is the telemetry."""

    upload: int
    fixes: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a file: ``upload`` as it is kept, or what would have been.

    ``same_as`` is the number of the upload that brought the same before (0: none did).
    """

    upload: Upload
    same_as: int = 0


class UploadStore(Protocol):
    """Keeps uploads. Every question names the cooperative; all methods raise ``StoreUnavailable``."""

    def add_upload(self, upload: Upload, fixes: Sequence[UploadedFixes]) -> Upload:
        """Keep an upload under the next number; durable when it returns.

        Raises:
            Conflict: A file of the same content counts already.
            NotFound: There is no such cooperative.
        """
        ...

    def upload(self, cooperative: str, number: int) -> Upload:
        """One upload; raises ``NotFound``."""
        ...

    def uploads(self, cooperative: str, before: int = 0, limit: int = 100) -> list[Upload]:
        """Uploads, the newest first; only those before a number, unless 0."""
        ...

    def undo_upload(self, cooperative: str, number: int, by: str, at_ms: int) -> Upload:
        """Let an upload count no more; raises ``NotFound``, and ``Conflict`` where it is undone already."""
        ...

    def told_upload(self, cooperative: str, number: int, *, told: bool) -> None:
        """Whether the geo service was asked to compute what an upload changed."""
        ...

    def upload_of(self, cooperative: str, sha256: str = "", digest: str = "") -> int:
        """The number of the upload that counts and has a file, or a log that counts, of such content; 0: none."""
        ...

    def uploaded(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[UploadedFixes]:
        """All logs of a device that count and touch a window, whole, by number and position."""
        ...


class Asker(Protocol):
    """Asks the geo service to compute the flights of a device's window anew."""

    def ask(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> None:
        """Ask; durable when it returns. Raises ``RetriableError`` where nobody can be asked now."""
        ...


@dataclass(slots=True)
class NobodyAsked:
    """An asker that only remembers what it was asked: for programs that compute by themselves."""

    asked: list[tuple[str, str, int, int]] = field(default_factory=list)

    def ask(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> None:
        """Remember it."""
        self.asked.append((cooperative, device, start_ms, end_ms))


def fixes_digest(fixes: FixTable) -> str:
    """SHA-256 of when, where (to 1e-7°) and whether the implement was on, by time: the same flight in any format."""
    order = np.lexsort((fixes.lon_deg, fixes.lat_deg, fixes.ts_ms))
    digest = hashlib.sha256()
    for column in (fixes.ts_ms, np.rint(fixes.lat_deg * 1e7), np.rint(fixes.lon_deg * 1e7), fixes.on):
        digest.update(np.asarray(column)[order].astype("<i8").tobytes())
    return digest.hexdigest()
