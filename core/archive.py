"""The archive of closed flights: what each flight sent, written once, in versions. The evidence behind every figure.

A flight's key is (cooperative, local day of its start, flight). Late data make the next version; the one before stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from core.localtime import local_day
from core.model.coverage import Flight
from core.model.fixtable import FixTable
from core.model.fleet import Swath
from core.model.samples import Event

SCHEMA: Final = 1
"""Version of the files' layout."""
DIGITS: Final = 12
"""How many hexadecimal digits of the input hash a file's name holds."""


@dataclass(frozen=True, slots=True, eq=False)
class FlightRecord:
    """A closed flight as it is kept: what was told of it, its fixes and its events.

    ``input_hash`` is ``geo.evidence.input_hash`` of the fixes and events, as the result names it. ``swath`` is the
    width that counted where a fix names none, and where it came from. A record without fixes withdraws the flight:
    late data have joined it to another one, or split it anew.
    """

    flight: Flight
    fixes: FixTable
    events: tuple[Event, ...]
    swath: Swath
    input_hash: str

    @property
    def boots(self) -> tuple[str, ...]:
        """The boots that the fixes name, sorted."""
        return tuple(sorted({label for label in self.fixes.boot.values() if label}))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file's name tells. ``digits`` are the first ones of the input hash; ``path`` is within the archive.

    ``withdrawn``: the flight does not exist any more.
    """

    cooperative: str
    flight: str
    version: int
    start_ms: int
    end_ms: int
    digits: str
    path: str
    withdrawn: bool = False

    @property
    def day(self) -> str:
        """The local date of the start, as YYYY-MM-DD."""
        return local_day(self.start_ms)


class FlightArchive(Protocol):
    """Closed flights by cooperative, day and flight. Nothing is ever overwritten or removed."""

    def put(self, record: FlightRecord) -> Entry:
        """Keep a flight; durable when it returns.

        What is the newest version already is not written again. Anything else makes the next version.

        Raises:
            StoreUnavailable: The archive does not take it; nothing was kept.
        """
        ...

    def withdraw(self, entry: Entry) -> Entry:
        """Say that a flight does not exist any more: its next version has no fixes. Raises ``StoreUnavailable``."""
        ...

    def flights(self, cooperative: str, start_ms: int, end_ms: int) -> list[Entry]:
        """The newest versions of flights that touch the window, by start and flight, without those withdrawn.

        The files are not opened.
        """
        ...

    def versions(self, cooperative: str, flight: str) -> list[Entry]:
        """All versions of a flight, from the first; empty where there is none."""
        ...

    def read(self, entry: Entry, *, checked: bool = False, area_only: bool = False) -> FlightRecord:
        """A flight as it was written, to the last bit.

        Args:
            entry: Which.
            checked: Whether all that is read is held against the hash that was written with it.
            area_only: Leave heights, headings, tanks and what else no sprayed area depends on "not told", which is
                sooner done; ``checked`` reads all of it.

        Raises:
            ArchiveError: The file is damaged, was changed, or is not what its name says.
            NotFound: There is no such file.
            StoreUnavailable: The archive does not answer.
        """
        ...

    def read_all(self, entries: Sequence[Entry]) -> Iterator[FlightRecord]:
        """Many flights in the order given, each as :meth:`read` does; some are read ahead."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
