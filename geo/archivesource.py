"""The archive as a source of fixes, and the ports that pieces of a batch open for themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.archive import Entry, FlightArchive, FlightRecord
from core.errors import NotFound
from core.model.fixtable import FixTable
from core.model.samples import Event
from core.registry import Registry


@dataclass(frozen=True, slots=True)
class Ports:
    """What a piece of work reads from."""

    archive: FlightArchive
    registry: Registry

    def close(self) -> None:
        """Close both."""
        self.archive.close()
        self.registry.close()


Opener = Callable[[], Ports]
"""Opens ports in whatever process it is called in; it can be pickled and hashed."""


class ArchivedFlights:
    """The archive as a source of fixes: the window asked for has to be a flight's."""

    def __init__(self, archive: FlightArchive, entries: Sequence[Entry] = ()) -> None:
        self._archive = archive
        self._entries = entries
        self._last: tuple[tuple[str, str, int, int], FlightRecord] | None = None

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """See :class:`geo.jobs.FlightSource`; raises ``NotFound``, ``ArchiveError``."""
        return self._record(cooperative, device, start_ms, end_ms).fixes

    def events(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Event]:
        """See :class:`geo.jobs.FlightSource`; raises ``NotFound``, ``ArchiveError``."""
        return list(self._record(cooperative, device, start_ms, end_ms).events)

    def _record(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FlightRecord:
        window = (cooperative, device, start_ms, end_ms)
        if self._last is not None and self._last[0] == window:
            return self._last[1]
        for entry in self._candidates(cooperative, start_ms, end_ms):
            record = self._archive.read(entry, area_only=True)
            if record.flight.device == device:
                self._last = window, record
                return record
        raise NotFound(f"the archive of {cooperative} has no flight of {device} from {start_ms} to {end_ms}")

    def _candidates(self, cooperative: str, start_ms: int, end_ms: int) -> Iterator[Entry]:
        wanted = (cooperative, start_ms, end_ms)
        yield from (e for e in self._entries if (e.cooperative, e.start_ms, e.end_ms) == wanted)
        listed = self._archive.flights(cooperative, start_ms, end_ms)
        yield from (e for e in listed if (e.cooperative, e.start_ms, e.end_ms) == wanted)


_OPEN: dict[Opener, Ports] = {}
_OPENING: Final = threading.Lock()


def opened(opener: Opener) -> Ports:
    """The ports of this process: opened once, closed by :func:`release` or with the process."""
    with _OPENING:
        if opener not in _OPEN:
            _OPEN[opener] = opener()
        return _OPEN[opener]


def release() -> None:
    """Close what pieces of work have opened in this process."""
    with _OPENING:
        while _OPEN:
            _OPEN.popitem()[1].close()
