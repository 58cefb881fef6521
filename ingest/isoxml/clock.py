"""From the terminal's wall clock to UTC: time logs carry local time without a zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.isoxml.taskdata import Task
from ingest.isoxml.timelog import DAY_MS, DAYS_1970_TO_1980, TimeLog

HOUR_MS: Final = 3_600_000
QUARTER_MS: Final = 900_000
"""Zones differ from UTC by whole quarters of an hour."""
ADRIFT_MS: Final = 120_000
"""A terminal's clock may be this much off the satellites'."""
WEST_MS, EAST_MS = -12 * HOUR_MS, 14 * HOUR_MS
BEFORE_MS, AFTER_MS = 600_000, 12 * HOUR_MS
"""A log belongs to a stated time of its task if it begins at most this long before and after its start."""
SHOWN: Final = 3
GPS_MISSING: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Zone:
    """Wall clock minus UTC in ms, how it is known, and what was not used for it, in words."""

    offset_ms: int
    source: str
    remark: str = ""
    known: bool = True


def zone_of(log: TimeLog, task: Task | None) -> Zone:
    """The zone of a log: by the satellites' time that it holds, else as its task states it, else unknown."""
    remark = ""
    if len(log) and (difference_ms := _against_gps(log)) is not None:
        offset_ms = round(difference_ms / QUARTER_MS) * QUARTER_MS
        if abs(difference_ms - offset_ms) <= ADRIFT_MS and WEST_MS <= offset_ms <= EAST_MS:
            return Zone(offset_ms, f"UTC{_hours(offset_ms)}, by the logged GPS time")
        remark = f"the logged GPS time is not used: it differs by {difference_ms / HOUR_MS:.1f} h, which is no zone"
    stated = _stated(log, task)
    if stated is not None:
        return Zone(stated, f"UTC{_hours(stated)}, as TASKDATA states", remark)
    return Zone(0, "no zone is told, so the wall clock is read as UTC", remark, known=False)


def _against_gps(log: TimeLog) -> float | None:
    """Median of wall clock minus GPS time, in ms."""
    if not {"H", "I"} <= set(log.header.binary):
        return None
    ms, day = log.attribute("H"), log.attribute("I")
    told = (ms < DAY_MS) & (day > 0) & (day < GPS_MISSING)
    if not told.any():
        return None
    return float(np.median(log.clock_ms[told] - ((day[told] + DAYS_1970_TO_1980) * DAY_MS + ms[told])))


def _stated(log: TimeLog, task: Task | None) -> int | None:
    """The zone of the task's time whose start is nearest to the log's."""
    if task is None or len(log) == 0:
        return None
    begin = int(log.clock_ms[0])
    near = [
        (abs(begin - time.start_ms), time.zone_ms)
        for time in task.times
        if time.zone_ms is not None and -BEFORE_MS <= begin - time.start_ms <= AFTER_MS
    ]
    return min(near)[1] if near else None


def zone_problems(zones: dict[str, Zone]) -> tuple[str, ...]:
    """What was assumed about the times of which logs, one sentence per assumption."""
    told: dict[str, list[str]] = {}
    for name, zone in zones.items():
        told.setdefault(f"local without a zone; {zone.source}", []).append(name)
        if zone.remark:
            told.setdefault(zone.remark, []).append(name)
    return tuple(f"times of {_names(names)}: {text}" for text, names in sorted(told.items(), key=lambda t: t[1]))


def _names(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= SHOWN else f"{names[0]} to {names[-1]} ({len(names)} logs)"


def _hours(offset_ms: int) -> str:
    """An offset as +07:00."""
    minutes = abs(offset_ms) // 60_000
    return f"{'-' if offset_ms < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
