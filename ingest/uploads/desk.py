"""Where logs are handed in, and taken back. What came of a file is told log by log."""

from __future__ import annotations

import csv
import hashlib
import logging
import struct
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from core.errors import Conflict, FlightLogError, NotFound, RetriableError
from core.merging import composed, gap_ms
from core.model.fixtable import FixTable
from core.model.flightlog import FlightLog, LogFile
from core.model.samples import Event
from core.ports import Clock
from core.registry import Registry
from core.uploads import Asker, Outcome, Receipt, Source, Upload, UploadedFixes, UploadedLog, UploadStore, fixes_digest
from ingest.uploads.guarding import guard
from ingest.uploads.sorting import Sorted, drone_of, held_against, usable

log: Final = logging.getLogger("canhdong.uploads")

_BLOCK: Final = 1 << 20
_NAME: Final = 200
_FILE: Final = 300
_WHY: Final = 4_000
_PROBLEMS: Final = 20
MOST_FIXES: Final = 3_000_000
"""Fixes of one file: over three days at ten a second. More are refused, for all of them are held at once."""

_NONSENSE: Final = (
    *(ValueError, ArithmeticError, LookupError, AttributeError, TypeError),
    *(csv.Error, struct.error, zlib.error, EOFError, RecursionError, MemoryError),
)
"""What a reader may say of bytes that nobody has thought of."""

LogReading = Callable[[Path], LogFile]
"""Reads a log of any known format; raises ``FlightLogError``, which names the file and the byte or line."""


class FilledTelemetry(Protocol):
    """Telemetry with the uploads that count laid over it (:class:`storage.telemetry.overlay.WithUploads`)."""

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """See :class:`core.ports.TelemetryStore`."""
        ...

    def sources(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Source]:
        """How many fixes of a window come from where."""
        ...


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it was handed in: by whom, what it is called, and the drone that it is said to be of ("": none)."""

    cooperative: str
    account: str
    file: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class Uploading:
    """Takes logs in. Safe to use from several threads and processes."""

    uploads: UploadStore
    telemetry: FilledTelemetry
    registry: Registry
    clock: Clock
    read: LogReading
    asker: Asker

    def take_in(self, path: Path, handed: Handed) -> Receipt:
        """Read a file and keep what it brings; what is there already is kept no second time.

        Args:
            path: The file, under its own suffix, which some formats are known by.
            handed: What is said of it.

        Raises:
            FlightLogError: It cannot be read, or nothing of it can be used; the message says where and why.
            StoreUnavailable: A store does not answer; nothing was kept.
        """
        guard(path, handed.file)
        sha256, size_bytes = _hashed(path)
        name, now_ms = plain(handed.file, _FILE), self.clock.now_ms()
        made = Upload(0, handed.cooperative, handed.account, now_ms, name, size_bytes, sha256, "")
        if known := self._known(made):
            return known
        found = _renamed(self.read, path, handed.file)
        if (n := sum(len(it.fixes) for it in found.logs)) > MOST_FIXES:
            raise FlightLogError(f"{handed.file}: {n:,} fixes, more than {MOST_FIXES:,}: hand it in by parts")
        problems = tuple(plain(it, _WHY) for it in found.problems[:_PROBLEMS])
        made = replace(made, format=found.format, problems=problems)
        waiting = deque(found.logs)
        del found
        logs, fixes = self._sorted(waiting, handed)
        made = replace(made, logs=tuple(logs))
        if not fixes:  # or somebody has handed it in at the same time
            return self._known(made) or self._nothing(made)
        try:
            kept = self.uploads.add_upload(made, fixes)
        except Conflict:
            return self._known(made) or self._nothing(made)
        return Receipt(self.ask(kept))

    def _known(self, made: Upload) -> Receipt | None:
        """The upload that brought the same file and counts; None where none did."""
        same = self.uploads.upload_of(made.cooperative, sha256=made.sha256)
        return Receipt(self.uploads.upload(made.cooperative, same), same) if same else None

    def _nothing(self, made: Upload) -> Receipt:
        """What is answered where no log of a file brings anything."""
        refused = [it for it in made.logs if it.outcome is Outcome.REFUSED]
        if not made.logs or len(refused) == len(made.logs):
            reasons = "; ".join(f"{it.name}: {it.why}" for it in refused[:_PROBLEMS]) or "it holds no log"
            raise FlightLogError(f"{made.file}: nothing of it can be used: {reasons}")
        same = [self.uploads.upload_of(made.cooperative, digest=it.digest) for it in made.logs]
        return Receipt(made, max(same))

    def _sorted(self, waiting: deque[FlightLog], handed: Handed) -> tuple[list[UploadedLog], list[UploadedFixes]]:
        """All logs of a file with what came of each, and the fixes of those that count.

        ``waiting`` is emptied, so that no fixes are held that do not count.
        """
        logs: list[UploadedLog] = []
        kept: list[UploadedFixes] = []
        for position in range(len(waiting)):
            it = waiting.popleft()
            try:
                device = drone_of(self.registry, handed.cooperative, it, handed.device)
            except NotFound as error:
                logs.append(_unplaced(position, it, str(error)))
                continue
            fixes = usable(it.fixes, device, self.clock.now_ms())
            if not len(fixes):
                logs.append(_unplaced(position, it, "it holds no fix of a possible time", device))
                continue
            own = [k for k in kept if k.fixes.device == device]
            came = self._held(handed.cooperative, fixes, own)
            logs.append(_told(position, it, device, came))
            if came.outcome.counts:
                events = tuple(Event(device, e.ts_ms, e.kind, e.boot) for e in it.events)
                kept.append(UploadedFixes(0, position, came.outcome, fixes, events))
        return logs, kept

    def _held(self, cooperative: str, fixes: FixTable, own: list[UploadedFixes]) -> Sorted:
        if same := self.uploads.upload_of(cooperative, digest=fixes_digest(fixes)):
            return Sorted(fixes, Outcome.DUPLICATE, why=f"upload {same} brought the same fixes")
        around_ms = gap_ms(fixes.ts_ms)
        first, last = int(fixes.ts_ms[0]) - around_ms, int(fixes.ts_ms[-1]) + around_ms
        near = [it for it in own if it.fixes.ts_ms[0] <= last and it.fixes.ts_ms[-1] >= first]
        there, _ = composed(self.telemetry.fixes(cooperative, fixes.device, first, last), near)
        return held_against(there, fixes)

    def undo(self, cooperative: str, number: int, by: str) -> Upload:
        """Take an upload back: everything is as it was before. Raises ``NotFound``, ``Conflict``."""
        return self.ask(self.uploads.undo_upload(cooperative, number, by, self.clock.now_ms()))

    def ask(self, upload: Upload) -> Upload:
        """Ask for the flights of an upload to be computed; ``told`` says whether anybody could be asked."""
        try:
            for device, start_ms, end_ms in upload.windows:
                self.asker.ask(upload.cooperative, device, start_ms, end_ms)
        except RetriableError as error:
            log.warning(
                "upload %d of %s: nobody computes its flights yet: %s", upload.number, upload.cooperative, error
            )
            return upload
        self.uploads.told_upload(upload.cooperative, upload.number, told=True)
        return replace(upload, told=True)


def _hashed(path: Path) -> tuple[str, int]:
    digest, size_bytes = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size_bytes += len(block)
    return digest.hexdigest(), size_bytes


def plain(text: str, limit: int = _NAME) -> str:
    """A text of a stranger's file as a database takes it: no control characters, nothing that UTF-8 cannot hold."""
    shown = "".join(it if it.isprintable() else " " for it in text[:limit])
    return shown.encode("utf-8", "replace").decode()


def _renamed(read: LogReading, path: Path, name: str) -> LogFile:
    """Read a file; messages name it as whoever handed it in does.

    Raises:
        FlightLogError: It cannot be read.
    """
    try:
        found = read(path)
    except FlightLogError as error:
        raise FlightLogError(str(error).replace(str(path), name)) from error
    except _NONSENSE as error:
        log.exception("%s: its reader stumbled", name)
        raise FlightLogError(f"{name}: it cannot be read: {type(error).__name__}: {error}") from error
    return replace(found, problems=tuple(it.replace(str(path), name) for it in found.problems))


def _unplaced(position: int, it: FlightLog, why: str, device: str = "") -> UploadedLog:
    times = it.fixes.ts_ms
    first, last = (int(times.min()), int(times.max())) if len(times) else (0, 0)
    return UploadedLog(
        position, plain(it.name), device, "", first, last, len(times), 0, Outcome.REFUSED, plain(why, _WHY)
    )


def _told(position: int, it: FlightLog, device: str, came: Sorted) -> UploadedLog:
    times = came.fixes.ts_ms
    return UploadedLog(
        position,
        plain(it.name),
        device,
        fixes_digest(came.fixes),
        int(times[0]),
        int(times[-1]),
        len(times),
        came.added,
        came.outcome,
        plain("; ".join([*([came.why] if came.why else []), *it.problems[:_PROBLEMS]]), _WHY),
    )
