"""From computed flights to the archive: the fixes and events behind each result, as they were when it was computed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from core.archive import Entry, FlightArchive, FlightRecord
from core.model.coverage import Coverage, Flight
from core.registry import Registry
from geo.evidence import input_hash
from geo.flights import split_flights
from geo.jobs import FlightSource
from geo.registered_swath import registered_swath

log: Final = logging.getLogger("canhdong.geo")


def archived(  # noqa: PLR0917 - a window of a device, as everyone names it
    archive: FlightArchive,
    store: FlightSource,
    registry: Registry,
    cooperative: str,
    device: str,
    window_ms: tuple[int, int],
    results: Sequence[tuple[Flight, Coverage]],
    gap_s: float = 300.0,
) -> list[Entry]:
    """Keep the flights that were computed for a window of a device; those that are kept already change nothing.

    Flights of the archive that touch the window and exist no more (late data joined or split them) are withdrawn. A
    flight that has got fixes since it was computed is left out: the late data re-open it, and it comes here again.

    Args:
        archive: Where they are kept.
        store: Where the fixes were read that were computed.
        registry: Where the swath width is looked up.
        cooperative: Whose device it is.
        device: The drone.
        window_ms: First and last ms of the window that was computed.
        results: What came of it, as ``geo.recompute.recompute`` returns it.
        gap_s: Silence that ends a flight, in seconds of device time.

    Raises:
        StoreUnavailable: The archive, the store or the registry does not answer; doing it again later is safe.
    """
    records = _records(store, registry, results, gap_s) if results else {}
    kept: list[Entry] = []
    for flight, _ in results:
        if flight.flight in records:
            kept.append(archive.put(records[flight.flight]))
        else:
            log.info("%s: it has other fixes by now; archived when it closes again", flight.flight)
    alive = {flight.flight for flight, _ in results}
    for entry in _touching(archive, cooperative, device, _spanned(window_ms, results)):
        if entry.flight not in alive and archive.read(entry).flight.device == device:
            archive.withdraw(entry)
    return kept


def _spanned(window_ms: tuple[int, int], results: Sequence[tuple[Flight, Coverage]]) -> tuple[int, int]:
    """The window, as far as its flights reach."""
    first = min([window_ms[0], *(f.start_ms for f, _ in results)])
    return first, max([window_ms[1], *(f.end_ms for f, _ in results)])


def _touching(archive: FlightArchive, cooperative: str, device: str, span_ms: tuple[int, int]) -> list[Entry]:
    """Flights of the archive that may be the device's and touch a span, or others that do."""
    while True:
        found = archive.flights(cooperative, *span_ms)
        found = [e for e in found if e.flight.startswith(f"{device}-")]
        wider = min([span_ms[0], *(e.start_ms for e in found)]), max([span_ms[1], *(e.end_ms for e in found)])
        if wider == span_ms:
            return found
        span_ms = wider


def _records(
    store: FlightSource, registry: Registry, results: Sequence[tuple[Flight, Coverage]], gap_s: float
) -> dict[str, FlightRecord]:
    """The records of those results whose very fixes the store still tells."""
    gap_ms = int(gap_s * 1_000)
    owner = (results[0][0].cooperative, results[0][0].device)
    wide = (min(f.start_ms for f, _ in results) - gap_ms, max(f.end_ms for f, _ in results) + gap_ms)
    fixes, events = store.fixes(*owner, *wide), store.events(*owner, *wide)
    spans = split_flights(fixes, events, gap_s)
    made: dict[str, FlightRecord] = {}
    for flight, coverage in results:
        own = tuple(e for e in events if flight.start_ms <= e.ts_ms <= flight.end_ms)
        for span in spans:
            if (span.start_ms, span.end_ms) != (flight.start_ms, flight.end_ms):
                continue
            table = fixes.take(span.rows).with_columns(device=flight.device)
            if input_hash([table], own) == coverage.input_hash:
                swath = registered_swath(registry, flight)
                made[flight.flight] = FlightRecord(flight, table, own, swath, coverage.input_hash)
    return made
