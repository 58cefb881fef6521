"""The fixes that a statement names: looked for in what somebody hands over, or in the archive, and held against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.archive import DIGITS, Entry, FlightArchive, FlightRecord
from core.errors import ArchiveError, NotFound
from core.model.coverage import Flight
from core.model.enums import Operation
from core.model.fixtable import FixTable
from core.model.fleet import Swath, SwathSource
from core.model.samples import NAN, Event
from core.statement import Document
from geo.evidence import input_hash
from geo.statements.tank import tank_hash

Found = tuple[str, FlightRecord]
"""Where fixes come from, and their record."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixes:
    """Fixes and events that somebody has, of one flight; ``where`` is where they come from."""

    where: str
    fixes: FixTable
    events: tuple[Event, ...] = ()


def found(entry: Document, cooperative: str, archive: FlightArchive | None, given: Sequence[Fixes]) -> Found:
    """The record of a flight as a statement names it: of the fixes given, by their hash, else of the archive's version.

    Raises:
        NotFound: Neither has it.
        ArchiveError: The archive's file is damaged, or the fixes are not what the statement says of them.
        RetriableError: The archive does not answer.
    """
    for it in given:
        fixes = it.fixes.with_columns(device=entry["device"])
        if input_hash([fixes], it.events) == entry["input_hash"]:
            return it.where, _held_against(entry, it.where, _record(entry, cooperative, fixes, it.events))
    name, wanted = entry["flight"], entry["input_hash"]
    if archive is None:
        raise NotFound(f"{name}: no file given has the fixes with the hash {wanted}")
    for version in archive.versions(cooperative, name):
        if version.version == entry["archive_version"] and version.digits == wanted[:DIGITS]:
            return version.path, _of_archive(entry, cooperative, version, archive.read(version, checked=True))
    raise NotFound(f"{name}: the archive has no version {entry['archive_version']} with the hash {wanted}")


def records_of(document: Document, archive: FlightArchive) -> dict[str, FlightRecord]:
    """The archive's records that a statement names, by flight; raises as :func:`found` does."""
    owner = document["cooperative"]["cooperative"]
    return {it["flight"]: found(it, owner, archive, ())[1] for it in document["inputs"]["flights"]}


def _of_archive(entry: Document, cooperative: str, version: Entry, record: FlightRecord) -> FlightRecord:
    if input_hash([record.fixes], record.events) != entry["input_hash"]:
        raise ArchiveError(f"{entry['flight']}: {version.path}: its fixes have another hash")
    made = _held_against(entry, version.path, _record(entry, cooperative, record.fixes, record.events))
    if made.flight != record.flight or not _same_swath(made.swath, record.swath):
        raise ArchiveError(f"{entry['flight']}: {version.path} tells another job, operation or swath")
    return made


def _same_swath(one: Swath, other: Swath) -> bool:
    widths = one.swath_m, other.swath_m
    return one.source is other.source and (widths[0] == widths[1] or all(map(math.isnan, widths)))


def _record(entry: Document, cooperative: str, fixes: FixTable, events: tuple[Event, ...]) -> FlightRecord:
    """Fixes, filed as the statement files them."""
    start_ms, end_ms = _ms(entry["start"]), _ms(entry["end"])
    told = (entry["fixes"], Operation(Operation.parse(entry["operation"])), entry["job"])
    flight = Flight(entry["flight"], cooperative, entry["device"], start_ms, end_ms, *told)
    width_m = NAN if entry["swath_m"] is None else float(entry["swath_m"])
    return FlightRecord(flight, fixes, events, Swath(width_m, SwathSource(entry["swath_source"])), entry["input_hash"])


def _held_against(entry: Document, where: str, record: FlightRecord) -> FlightRecord:
    """What fixes of the right hash say of themselves, against what the statement says of them."""
    fixes = record.fixes
    facts = {
        "fixes": (entry["fixes"], len(fixes)),
        "start": (record.flight.start_ms, int(fixes.ts_ms.min(initial=2**62))),
        "end": (record.flight.end_ms, int(fixes.ts_ms.max(initial=-(2**62)))),
        "tank_hash": (entry["tank_hash"], tank_hash(fixes) or None),
    }
    wrong = [f"{name} is stated as {stated}, is {real}" for name, (stated, real) in facts.items() if stated != real]
    if wrong:
        raise ArchiveError(f"{entry['flight']}: {where}: {'; '.join(wrong)}")
    return record


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000.0)
