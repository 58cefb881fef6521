"""UTC times of a vehicle's messages in a telemetry log, from its time since boot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints, Labels
from ingest.clock import EARLIEST_MS
from ingest.logparts.message import Message

REBOOT_MS: Final = 10_000.0
"""A vehicle whose time since boot falls by more than this was switched off; less is a message that came late."""
APART_MS: Final = 2_000.0
"""Difference of the two clocks that is worth telling."""


@dataclass(frozen=True, slots=True, eq=False)
class BootClock:
    """Times in ms UTC, shape (n,), the boot of each row, and what was wrong with the clocks."""

    utc_ms: Ints
    boot: Labels
    problems: tuple[str, ...]


def boot_clock(told: Message, system_time: Message) -> BootClock:
    """Times of a vehicle's positions.

    Args:
        told: Positions, by record stamp in µs; ``time_boot_ms`` may be missing (then the stamps are the times).
        system_time: Its SYSTEM_TIME messages.
    """
    boot_ms = told.get("time_boot_ms")
    stamps_ms = told.at / 1000.0
    if np.isnan(boot_ms).any():
        utc_ms = np.rint(stamps_ms).astype(np.int64)
        return BootClock(utc_ms, Labels.constant("", len(told)), ("times are those of the ground station's clock",))
    boots, ties = _boots(told, system_time)
    utc = np.zeros(len(told))
    names: list[str] = [""] * len(told)
    problems: list[str] = []
    for boot in np.unique(boots).tolist():
        rows = boots == boot
        offsets_ms = ties[boot]
        if not len(offsets_ms):
            offsets_ms = (stamps_ms - boot_ms)[rows]
            problems.append(f"boot {boot + 1}: the vehicle tells no UTC time; taken from the ground station's clock")
        offset_ms = float(np.median(offsets_ms))
        utc[rows] = boot_ms[rows] + offset_ms
        problems += _apart(boot, float(np.median(stamps_ms[rows] - utc[rows])))
        for i in np.flatnonzero(rows).tolist():
            names[i] = f"boot-{round(offset_ms / 1000.0)}"
    return BootClock(np.rint(utc).astype(np.int64), Labels.of(names), tuple(problems))


def _boots(told: Message, system_time: Message) -> tuple[Ints, dict[int, Floats]]:
    """The boot of each position from 0, shape (n,), and per boot UTC − time since boot in ms of each SYSTEM_TIME."""
    at = np.concatenate([told.at, system_time.at])
    boot_ms = np.concatenate([told.get("time_boot_ms"), system_time.get("time_boot_ms")])
    order = np.argsort(at, kind="stable")
    boots = np.empty(len(at), np.int64)
    boots[order] = np.cumsum(np.diff(boot_ms[order], prepend=boot_ms[order[:1]]) < -REBOOT_MS)
    of_times = boots[len(told) :]
    unix_ms = system_time.get("time_unix_usec") / 1000.0
    offsets = unix_ms - system_time.get("time_boot_ms")
    ties = {int(b): offsets[(of_times == b) & (unix_ms >= EARLIEST_MS)] for b in np.unique(boots)}
    return boots[: len(told)], ties


def _apart(boot: int, ahead_ms: float) -> list[str]:
    """What to say of the ground station's clock."""
    if abs(ahead_ms) <= APART_MS:
        return []
    word = "ahead of" if ahead_ms > 0.0 else "behind"
    return [f"boot {boot + 1}: the ground station's clock is {abs(ahead_ms) / 1000.0:.1f} s {word} the vehicle's"]
