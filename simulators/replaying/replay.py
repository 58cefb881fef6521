"""Turn the logs of a file into streams that look like live telemetry, keeping their time steps."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from msgspec import structs

from core.errors import ConfigError
from core.model.enums import EventKind
from core.model.fixtable import FixTable, Ints, Labels
from core.model.flightlog import FlightLog, LogFile
from core.model.land import Device, DeviceKind, Plot
from core.model.samples import NAN, Event
from core.model.traffic import Stream

PREFIX: Final = "replay-"
"""What a replayed device's identifier begins with, so that nobody takes it for a drone in the air."""
PAUSE_MS: Final = 600_000
"""What a longer pause between logs is shortened to: longer than the silence that ends a flight."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Who will publish, what, and over which plots."""

    devices: tuple[Device, ...]
    streams: tuple[Stream, ...]
    plots: tuple[Plot, ...]


def replay_streams(
    file: LogFile, *, device: str = "", only: Collection[str] = (), compact: bool = True, cooperative: str = ""
) -> Replay:
    """Two streams, fixes and events, per log of a file.

    Every log is a boot of its own, from a take-off at its first fix to a landing at its last, so logs never run into
    one another. Sequence numbers are given where the log has none. Times move only as whole logs: repeated or backward
    stamps inside a log stay as they are. Logs without a fix give no stream.

    Args:
        file: What a reader made.
        device: Publish all logs as this drone; empty: each as its own, marked with the prefix ``replay-``.
        only: Names of the logs to take; empty: all.
        compact: Shorten pauses between logs to ten minutes, and put logs of one device that overlap one after the
            other. Otherwise logs keep their times to each other.
        cooperative: Whose devices and plots they become.

    Raises:
        ConfigError: ``only`` names a log that the file does not hold.
    """
    unknown = set(only) - {log.name for log in file.logs}
    if unknown:
        there = ", ".join(log.name for log in file.logs)
        raise ConfigError(f"no log is called {', '.join(sorted(unknown))}; there are {there}")
    logs = [log for log in file.logs if len(log.fixes) and (not only or log.name in only)]
    names = [device or PREFIX + log.device.removeprefix(PREFIX) for log in logs]
    boots = _boots(logs)
    shifts = _compacted(logs, names) if compact else [0] * len(logs)
    streams: list[Stream] = []
    for log, name, boot, shift in zip(logs, names, boots, shifts, strict=True):
        fixes = _fixes(log.fixes, name, boot, shift)
        streams.append(Stream(name, DeviceKind.DRONE, fixes, replay=True))
        streams.append(Stream(name, DeviceKind.DRONE, _events(log.events, fixes, shift), replay=True))
    plots = tuple(replace(p, cooperative=cooperative or p.cooperative) for p in file.plots)
    return Replay(_devices(file.format, logs, names, cooperative), tuple(streams), plots)


def _boots(logs: Sequence[FlightLog]) -> list[str]:
    """A boot label per log: its name, numbered where a log before it has the same."""
    labels: dict[str, None] = {}
    for log in logs:
        label, number = log.name[-128:], 1
        while label in labels:
            number += 1
            label = f"{log.name}-{number}"[-128:]
        labels[label] = None
    return list(labels)


def _compacted(logs: Sequence[FlightLog], names: Sequence[str]) -> list[int]:
    """Milliseconds to add to each log, in the order given."""
    shifts = [0] * len(logs)
    spans = [(int(log.fixes.ts_ms.min()), int(log.fixes.ts_ms.max())) for log in logs]
    moved = 0
    reached: int | None = None
    free: dict[str, int] = {}
    for i in sorted(range(len(logs)), key=lambda i: spans[i]):
        start, end = spans[i][0] + moved, spans[i][1] + moved
        if reached is not None and start > reached + PAUSE_MS:
            moved -= start - reached - PAUSE_MS
            start, end = spans[i][0] + moved, spans[i][1] + moved
        late = max(free.get(names[i], start) - start, 0)
        shifts[i] = moved + late
        end += late
        reached = end if reached is None else max(reached, end)
        free[names[i]] = end + 1_000
    return shifts


def _fixes(fixes: FixTable, device: str, boot: str, shift_ms: int) -> FixTable:
    labels = Labels(fixes.boot.codes, tuple(label or boot for label in fixes.boot.labels))
    fixes = fixes.with_columns(device=device, boot=labels, ts_ms=fixes.ts_ms + shift_ms)
    return fixes.with_columns(seq=_numbered(labels)) if (fixes.seq < 0).any() else fixes


def _numbered(boots: Labels) -> Ints:
    """Sequence numbers from 0 within each boot."""
    numbers = np.empty(len(boots), np.int64)
    for label in set(boots.values()):
        rows = np.array([value == label for value in boots.values()])
        numbers[rows] = np.arange(int(rows.sum()))
    return numbers


def _events(events: Sequence[Event], fixes: FixTable, shift_ms: int) -> list[Event]:
    """The log's own events, with a take-off at the first fix and a landing at the last where it tells of none."""
    device = fixes.device
    first, last = int(fixes.ts_ms.argmin()), int(fixes.ts_ms.argmax())
    boot = fixes.boot[first]
    found = {structs.replace(e, device=device, boot=e.boot or boot, ts_ms=e.ts_ms + shift_ms) for e in events}
    found.add(Event(device, int(fixes.ts_ms[first]), EventKind.TAKEOFF, boot))
    found.add(Event(device, int(fixes.ts_ms[last]), EventKind.LANDING, fixes.boot[last]))
    return sorted(found, key=lambda e: (e.ts_ms, e.kind is EventKind.LANDING, e.kind is not EventKind.TAKEOFF, e.kind))


def _devices(format_name: str, logs: Sequence[FlightLog], names: Sequence[str], cooperative: str) -> tuple[Device, ...]:
    made: dict[str, Device] = {}
    for log, name in zip(logs, names, strict=True):
        swaths = log.fixes.swath_m[~np.isnan(log.fixes.swath_m)]
        swath_m = float(np.median(swaths)) if len(swaths) else NAN
        if name not in made or np.isnan(made[name].swath_m):
            made[name] = Device(name, cooperative, DeviceKind.DRONE, _title(log.device), format_name, swath_m)
    return tuple(made.values())


def _title(device: str) -> str:
    """A name for people that says that this is a replay."""
    return f"Phát lại: {re.sub(r'[-_]+', ' ', device.removeprefix(PREFIX)).strip()}"
