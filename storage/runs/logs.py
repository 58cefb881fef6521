"""A run as a log file: what `area` and `replay` read of any machine, they read of what reached the broker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np

from core.model.fixtable import FixTable
from core.model.flightlog import FlightLog, LogFile
from core.model.samples import Event
from core.model.traffic import RawMessage, Run, Stream
from storage.runs.arrivals import expanded

FORMAT: Final = "canhdong-run"
_Owner = tuple[str, str]


def log_file(run: Run) -> LogFile:
    """A log per drone and boot, its fixes as they arrived (late, twice), with its events, and the plots of the run.

    The log is called by its boot, else by the device; a name that stands for several gets the device before it, and
    the cooperative where that does not tell them apart. Readings and messages that nobody decoded are no part of a
    log: ``problems`` says how many there are.
    """
    tables, events, left = _sorted_out(run)
    logs: list[FlightLog] = []
    names: set[str] = set()
    for owner in dict.fromkeys([*tables, *events]):
        for boot, fixes, own in _by_boot(owner[1], tables[owner], events[owner]):
            name = _name(owner, boot, names)
            names.add(name)
            logs.append(FlightLog(name, owner[1], fixes, own))
    problems = [f"{n:,} {what}" for what, n in left.items() if n]
    return LogFile(FORMAT, tuple(logs), run.plots, tuple(problems))


def _sorted_out(run: Run) -> tuple[dict[_Owner, list[FixTable]], dict[_Owner, list[Event]], dict[str, int]]:
    tables: dict[_Owner, list[FixTable]] = defaultdict(list)
    events: dict[_Owner, list[Event]] = defaultdict(list)
    left = {"readings of sensors are no part of a log": 0, "messages of other formats or kinds are not read": 0}
    readings, messages = left
    for stream in run.streams:
        owner = (stream.cooperative, stream.device)
        if isinstance(stream.samples, FixTable):
            tables[owner].append(_arrived(stream, stream.samples))
            continue
        found = [s for s in stream.samples if isinstance(s, Event)]
        events[owner] += found
        left[messages] += sum(isinstance(s, RawMessage) for s in stream.samples)
        left[readings] += sum(not isinstance(s, Event | RawMessage) for s in stream.samples)
    return tables, events, left


def _arrived(stream: Stream, fixes: FixTable) -> FixTable:
    """The fixes of a stream in order of arrival."""
    if stream.sending is None:
        return fixes
    rows, _ = expanded(stream.sending)
    return fixes if len(rows) == len(fixes) and bool((rows == np.arange(len(rows))).all()) else fixes.take(rows)


def _by_boot(
    device: str, tables: list[FixTable], events: list[Event]
) -> Iterator[tuple[str, FixTable, tuple[Event, ...]]]:
    fixes = tables[0] if len(tables) == 1 else FixTable.concat(tables)
    boots = dict.fromkeys([*fixes.boot.labels, *(e.boot for e in events)])
    own: dict[str, dict[Event, None]] = defaultdict(dict)
    for event in events:
        own[event.boot].setdefault(event)
    for boot in boots:
        rows = np.flatnonzero(np.array([label == boot for label in fixes.boot.labels])[fixes.boot.codes])
        told = tuple(sorted(own[boot], key=lambda e: e.ts_ms))
        if len(rows) or told:
            part = fixes if len(rows) == len(fixes) else fixes.take(rows)
            yield boot, part.with_columns(device=device), told


def _name(owner: _Owner, boot: str, taken: set[str]) -> str:
    cooperative, device = owner
    plain = boot or device
    ways = (plain, f"{device} {plain}", f"{cooperative} {device} {plain}")
    number = 2
    for name in ways:
        if name not in taken:
            return name
    while f"{ways[-1]} {number}" in taken:
        number += 1
    return f"{ways[-1]} {number}"
