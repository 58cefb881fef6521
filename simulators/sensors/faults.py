"""What befalls a sensor: drift, fouling, a value that is stuck, silence, a failed probe, an empty battery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.errors import ConfigError
from core.model.fixtable import Bools, Floats, Ints
from simulators import specs

_DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000
_EMPTY_PCT: Final = 1.0
_COUNTER: Final = "rain_total"

FOULED: Final[dict[str, tuple[str, ...]]] = {
    "weather": ("light", "rain_rate", _COUNTER),
    "water_level": ("water_level",),
    "salinity": ("salinity",),
    "soil": ("soil_moisture", "soil_conductivity"),
}
"""What dirt befalls where a fault names no quantity."""


def during(fault: specs.Fault, ts_ms: Ints, start_ms: int) -> Bools:
    """At which instants of shape (n,) a fault is there, counted from the scenario's start."""
    begin = start_ms + fault.from_h * _HOUR_MS
    end = begin + fault.hours * _HOUR_MS if fault.hours > 0.0 else np.inf
    return (ts_ms >= begin) & (ts_ms < end)


def befallen(
    kind: str, measured: dict[str, Floats], faults: Sequence[specs.Fault], ts_ms: Ints, start_ms: int
) -> dict[str, Floats]:
    """What the sensor says once its faults have befallen it; NaN where a probe fails.

    Without a quantity, drift befalls the kind's first, dirt what :data:`FOULED` tells, the rest all of them. Where a
    fault ends, so does what it did: somebody cleaned or replaced the probe.

    Raises:
        ConfigError: A fault names a quantity that the sensor does not measure.
    """
    found = dict(measured)
    for fault in faults:
        if fault.kind in {"silent", "battery"}:
            continue
        active = during(fault, ts_ms, start_ms)
        for quantity in _befallen(kind, fault, measured):
            found[quantity] = _changed(fault, quantity, found[quantity], ts_ms, active)
    return found


def _befallen(kind: str, fault: specs.Fault, measured: dict[str, Floats]) -> tuple[str, ...]:
    if fault.quantity:
        if fault.quantity not in measured:
            raise ConfigError(f"a {kind} sensor has no {fault.quantity!r} to fail; it measures {', '.join(measured)}")
        return (fault.quantity,)
    if fault.kind == "drift":
        return tuple(measured)[:1]
    return FOULED[kind] if fault.kind == "fouling" else tuple(measured)


def _changed(fault: specs.Fault, quantity: str, values: Floats, ts_ms: Ints, active: Bools) -> Floats:
    first = int(np.argmax(active)) if active.any() else len(values)
    if first == len(values):
        return values
    days = (ts_ms - ts_ms[first]) / _DAY_MS
    if fault.kind == "drift":
        return np.where(active, values + fault.amount * days, values)
    if fault.kind == "stuck":
        return np.where(active, values[first], values)
    if fault.kind == "error":
        return np.where(active, np.nan, values)
    seen = np.where(active, np.maximum(1.0 - fault.amount / 100.0 * days, 0.0), 1.0)
    if quantity == _COUNTER:
        counted: Floats = values[0] + np.cumsum(np.diff(values, prepend=values[:1]) * seen)
        return counted
    return values * seen


def battery_pct(faults: Sequence[specs.Fault], ts_ms: Ints, start_ms: int, rng: np.random.Generator) -> Floats:
    """The battery's level, falling some percent a month, and as much more as faults take; never below 0."""
    days = (ts_ms - start_ms) / _DAY_MS
    level = float(rng.uniform(82.0, 100.0)) - float(rng.uniform(0.02, 0.08)) * days
    for fault in faults:
        if fault.kind == "battery":
            begin = fault.from_h / 24.0
            longest = fault.hours / 24.0 if fault.hours > 0.0 else np.inf
            level -= fault.amount * np.clip(days - begin, 0.0, longest)
    return np.maximum(level, 0.0)


def voltage_v(battery_pct: Floats) -> Floats:
    """Voltage of a lithium cell at a level: 3.6 V when full, 3.0 V when empty (ours)."""
    return 3.0 + 0.6 * battery_pct / 100.0


def speaks(faults: Sequence[specs.Fault], battery_pct: Floats, ts_ms: Ints, start_ms: int) -> Bools:
    """At which instants the sensor sends at all: neither silent nor with an empty battery."""
    sends = battery_pct >= _EMPTY_PCT
    for fault in faults:
        if fault.kind == "silent":
            sends &= ~during(fault, ts_ms, start_ms)
    return sends
