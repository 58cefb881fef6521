"""All rows for dashboards anew, day by day and cooperative by cooperative, from what is kept of old flights."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.archive import FlightArchive
from core.errors import ArchiveError
from core.localtime import day_window_ms
from core.model.coverage import Flight
from geo.figures.compliance_following import ComplianceFollower
from geo.figures.drone_minute import Flown
from geo.figures.following import FiguresFollower, FlightReader

log: Final = logging.getLogger("canhdong.geo")

PROVINCE: Final = ""
"""The part of a day that is the department's, after those of all cooperatives."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the work: a cooperative's local day, or the department's."""

    day: str
    cooperative: str


@dataclass(frozen=True, slots=True)
class ArchiveFirst:
    """Reads flights from the archive; from elsewhere those that it has not, has in another version, or has damaged."""

    archive: FlightArchive
    otherwise: FlightReader

    def __call__(self, flight: Flight) -> Flown:
        """The flight with its fixes and events. Raises ``StoreUnavailable``."""
        for entry in self.archive.flights(flight.cooperative, flight.start_ms, flight.end_ms):
            if (entry.flight, entry.start_ms, entry.end_ms) == (flight.flight, flight.start_ms, flight.end_ms):
                try:
                    record = self.archive.read(entry)
                except ArchiveError as error:
                    log.warning("%s; its minutes are told by the telemetry", error)
                    break
                if len(record.fixes) == flight.fixes:
                    return Flown(flight, record.fixes, record.events)
        return self.otherwise(flight)


def parts_of(days: Sequence[str], cooperatives: Sequence[str]) -> list[Part]:
    """The work of some days, in the order in which it is done."""
    return [Part(day, owner) for day in days for owner in (*cooperatives, PROVINCE)]


def written(
    parts: Sequence[Part], done: Collection[Part], figures: FiguresFollower, compliance: ComplianceFollower
) -> Iterator[tuple[Part, int]]:
    """Write parts that are not done yet, and tell of each with its number of flights (communes, of the province).

    Whatever is done again is the same. Raises ``StoreUnavailable``, ``RetriableError``: go on with the part after the
    last that was told.
    """
    for part in parts:
        if part in done:
            continue
        if part.cooperative == PROVINCE:
            yield part, compliance.refresh([part.day])
        else:
            yield part, figures.refresh(part.cooperative, *day_window_ms(part.day))
