"""Files of one cooperative: exports of what it flew, and logs that are handed in. Only :mod:`api.tenancy` opens it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from api.room import Room
from core.accounts import Principal, Scope
from core.errors import Forbidden, NotFound
from core.exports import Exporter, Exporters
from core.model.coverage import Coverage, Flight
from core.registry import Registry
from core.uploads import Receipt, Source, Upload
from geo.exporting import FlightFiles, Wanted, exported
from ingest.uploads.desk import Handed, Uploading

UPLOADED: Final = "uploaded"
UNDONE: Final = "took an upload back"


@dataclass(frozen=True, slots=True)
class FileParts:
    """What files are made of and go into."""

    exporters: Exporters
    flights: FlightFiles
    uploading: Uploading
    room: Room = field(default_factory=Room)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which flights: those that touch a window, or one; only of a drone, only of a job, where these are not ""."""

    start_ms: int
    end_ms: int
    flight: str = ""
    device: str = ""
    job: str = ""


def chosen(registry: Registry, cooperative: str, choice: Choice) -> Sequence[Flight]:
    """The flights of a choice, by start; raises ``NotFound`` for a flight that there is not."""
    if choice.flight:
        found = [registry.flight(cooperative, choice.flight)]
    else:
        found = registry.flights(cooperative, choice.start_ms, choice.end_ms)
    fitting = [it for it in found if choice.device in {"", it.device} and choice.job in {"", it.job}]
    return sorted(fitting, key=lambda it: (it.start_ms, it.flight))


@dataclass(frozen=True, slots=True)
class FileDesk:
    """The files of one cooperative, for one principal. ``write_down`` adds to the audit log."""

    given: FileParts | None
    registry: Registry
    cooperative: str
    principal: Principal
    write_down: Callable[[str, str], None]

    @property
    def parts(self) -> FileParts:
        """What files are made of; raises ``NotFound`` in a program that has none."""
        if self.given is None:
            raise NotFound("this program makes no files")
        return self.given

    @property
    def room(self) -> Room:
        """How many files are taken in at once."""
        return self.parts.room

    def exported(self, choice: Choice, wanted: Wanted) -> tuple[Exporter, Iterator[bytes]]:
        """A file of some flights, by start. Raises ``NotFound``, ``ConfigError``, ``StoreUnavailable``."""
        flights = chosen(self.registry, self.cooperative, choice)
        return exported(self.parts.flights, self.parts.exporters, flights, wanted)

    def take_in(self, path: Path, file: str, device: str) -> Receipt:
        """Take in a log. Raises ``Forbidden``, ``FlightLogError``, ``StoreUnavailable``."""
        self.require_upload()
        handed = Handed(self.cooperative, self.principal.account, file, device)
        with self.room.reading:
            receipt = self.parts.uploading.take_in(path, handed)
        self.write_down(UPLOADED, told(receipt))
        return receipt

    def undo(self, number: int) -> Upload:
        """Take an upload back. Raises ``Forbidden``, ``NotFound``, ``Conflict``."""
        self._mine(number)
        upload = self.parts.uploading.undo(self.cooperative, number, self.principal.account)
        self.write_down(UNDONE, f"upload {number}, {upload.file}")
        return upload

    def ask_again(self, number: int) -> Upload:
        """Ask once more for the flights of an upload to be computed. Raises ``Forbidden``, ``NotFound``."""
        return self.parts.uploading.ask(self._mine(number))

    def require_upload(self) -> None:
        """Raise ``Forbidden`` where the credential is not for handing logs in."""
        if self.principal.scopes.isdisjoint((Scope.UPLOAD, Scope.WRITE)):
            raise Forbidden(f"this credential may not {Scope.UPLOAD}")

    def _mine(self, number: int) -> Upload:
        """An upload that the principal may change: its own one, or any for who may write.

        Raises:
            Forbidden: It may not.
            NotFound: There is no such upload.
        """
        self.require_upload()
        upload = self.upload(number)
        if Scope.WRITE not in self.principal.scopes and upload.account != self.principal.account:
            raise Forbidden("this upload is somebody else's: a manager takes it back")
        return upload

    def upload(self, number: int) -> Upload:
        """One upload; raises ``NotFound``."""
        return self.parts.uploading.uploads.upload(self.cooperative, number)

    def uploads(self, before: int, limit: int) -> list[Upload]:
        """Uploads, the newest first."""
        return self.parts.uploading.uploads.uploads(self.cooperative, before, limit)

    def flights_of(self, upload: Upload) -> list[tuple[Flight, Coverage | None]]:
        """The flights that stand where an upload brought something, as they are computed now."""
        found: dict[str, Flight] = {}
        for device, start_ms, end_ms in upload.windows:
            flights = self.registry.flights(self.cooperative, start_ms, end_ms)
            found |= {it.flight: it for it in flights if it.device == device}
        return [(it, self._coverage(it)) for it in sorted(found.values(), key=lambda it: it.start_ms)]

    def _coverage(self, flight: Flight) -> Coverage | None:
        try:
            return self.registry.coverage(self.cooperative, flight.flight)
        except NotFound:
            return None

    def sources_of(self, flight: str) -> list[Source]:
        """Where the fixes of a flight come from; raises ``NotFound``."""
        known = self.registry.flight(self.cooperative, flight)
        telemetry = self.parts.uploading.telemetry
        return telemetry.sources(self.cooperative, known.device, known.start_ms, known.end_ms)


def told(receipt: Receipt) -> str:
    """What came of a file, in a line of the audit log."""
    upload = receipt.upload
    what = f"{upload.file}, sha256 {upload.sha256[:16]}"
    if receipt.same_as:
        return f"{what}: the same as upload {receipt.same_as}"
    if not upload.number:
        return f"{what}: nothing new"
    return f"upload {upload.number}, {what}: " + ", ".join(f"{it.name} {it.outcome.value}" for it in upload.logs)
