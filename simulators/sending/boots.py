"""When a device is on, under which boot label, and what its clock shows meanwhile."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Ints
from simulators.specs import Network

UNSET_MS: Final = (432_000_000, 946_684_800_000)
"""What clocks show that nobody has set: 6 January 1970 and 1 January 2000, UTC."""
_SYNC_S: Final = (20.0, 60.0)
_HOUR_MS: Final = 3_600_000.0
_REBOOTED: Final = re.compile(r"-r\d+$")
_ENDLESS: Final = 2**62


@dataclass(frozen=True, slots=True)
class Boot:
    """A time from power-on to power-off, true time in ms, ``end_ms`` exclusive.

    ``unset_ms`` is what the clock shows at ``first_ms``, the first sample, until the receiver tells it the time at
    ``sync_ms``; −1 where it knows the time.
    """

    label: str
    first_ms: int
    end_ms: int
    unset_ms: int = -1
    sync_ms: int = 0


def before_reboots(label: str) -> str:
    """The boot label that a simulated drone had before it rebooted in flight: ``b-7`` of ``b-7-r2``."""
    return _REBOOTED.sub("", label)


def random_times(
    rng: np.random.Generator, start_ms: int, end_ms: int, per_h: float, least_ms: float = 0.0
) -> list[int]:
    """Instants that come at random, so many an hour on average, at least ``least_ms`` apart."""
    found: list[int] = []
    at = float(start_ms)
    while per_h > 0.0:
        at += round(-math.log(1.0 - float(rng.random())) / per_h * _HOUR_MS)
        if at >= end_ms:
            break
        found.append(int(at))
        at += least_ms
    return found


def boots_of(label: str, start_ms: int, end_ms: int, spec: Network, rng: np.random.Generator) -> list[Boot]:
    """The boots that a time under one label falls into: reboots in flight part it.

    Args:
        label: What the device calls it.
        start_ms: The first sample.
        end_ms: The last sample.
        spec: How often it reboots, and how often its clock is unset afterwards.
        rng: The source of chance.
    """
    down_ms = max(round(spec.reboot_s * 1000.0), 1)
    crashes = random_times(rng, start_ms, end_ms, spec.reboots_per_h, down_ms)
    starts = [start_ms, *(at + down_ms for at in crashes)]
    ends = [*crashes, _ENDLESS]
    labels = [label, *(f"{label}-r{number}" for number in range(1, len(starts)))]
    return [_boot(name, at, end, spec, rng) for name, at, end in zip(labels, starts, ends, strict=True)]


def _boot(label: str, start_ms: int, end_ms: int, spec: Network, rng: np.random.Generator) -> Boot:
    if spec.clock_unset_share <= 0.0 or rng.random() >= spec.clock_unset_share:
        return Boot(label, start_ms, end_ms)
    unset_ms = UNSET_MS[int(rng.integers(len(UNSET_MS)))]
    return Boot(label, start_ms, end_ms, unset_ms, start_ms + round(float(rng.uniform(*_SYNC_S)) * 1000.0))


def stamped(times_ms: Ints, boot: Ints, boots: Sequence[Boot], spec: Network, day0_ms: int) -> Ints:
    """What the device's clock shows.

    Args:
        times_ms: True time, shape (n,).
        boot: Index of each sample's boot, shape (n,); −1 for none that we know.
        boots: The boots.
        spec: Offset and drift of a clock that knows the time.
        day0_ms: When its error was the offset alone.
    """
    offset_ms = round(spec.clock_offset_s * 1000.0)
    shown = times_ms + offset_ms
    if spec.clock_drift_ppm:
        drift = (times_ms - day0_ms) * (spec.clock_drift_ppm * 1e-6)
        shown = shown + np.rint(drift).astype(np.int64)
    if any(b.unset_ms >= 0 for b in boots):
        sync = np.array([*(b.sync_ms for b in boots), -_ENDLESS], np.int64)[boot]
        behind = np.array([*(b.first_ms - b.unset_ms for b in boots), 0], np.int64)[boot]
        shown = np.where(times_ms < sync, times_ms - behind, shown)
    return shown
