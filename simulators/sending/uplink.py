"""The way from a device to the broker: what waits, what floods in, what comes twice, late, or never."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.model.fixtable import Bools, Floats, Ints
from simulators.sending.boots import random_times
from simulators.specs import Network

Span = tuple[int, int]
"""From and until (exclusive), true time in ms."""
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_AGAIN_S = (0.1, 5.0)
_BACK_S = (5.0, 30.0)


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """What reaches the broker, in order of arrival: message ``message[k]`` at ``due_ms[k]``.

    ``again`` marks what does not come for the first time.
    """

    due_ms: Ints
    message: Ints
    again: Bools


def closed_spans(  # noqa: PLR0917
    start_ms: int, end_ms: int, flights: Sequence[Span], spec: Network, rng: np.random.Generator, day0_ms: int
) -> list[Span]:
    """When there is no connection, in order and apart.

    Args:
        start_ms: First sample.
        end_ms: Last sample.
        flights: From take-off to landing.
        spec: Holes, outages by hour and by flight.
        rng: The source of chance.
        day0_ms: Midnight of a day: hours are counted from it, on every day.
    """
    holes = random_times(rng, start_ms, end_ms, spec.holes_per_h)
    spans = [(at, at + round(float(rng.uniform(0.5, 1.5)) * spec.hole_s * 1000.0)) for at in holes]
    for day in range((start_ms - day0_ms) // _DAY_MS, (end_ms - day0_ms) // _DAY_MS + 1):
        midnight = day0_ms + day * _DAY_MS
        spans += [(midnight + round(a * _HOUR_MS), midnight + round(b * _HOUR_MS)) for a, b in spec.outages_h]
    if spec.outage_flights > 0.0:
        for takeoff_ms, landing_ms in flights:
            chance, back_s = rng.random(), float(rng.uniform(*_BACK_S))
            if chance < spec.outage_flights:
                spans.append((takeoff_ms, landing_ms + round(back_s * 1000.0)))
    return _joined(spans)


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif end > begin:
            found.append((begin, end))
    return found


def delivered(ready_ms: Ints, closed: Sequence[Span], spec: Network, rng: np.random.Generator) -> Delivered:
    """What becomes of messages.

    A message takes latency and jitter, and never overtakes one before it, unless the spec says so. In a closed span
    messages wait; afterwards they flood in, in order, and what is ready meanwhile queues behind them.

    Args:
        ready_ms: When each message is complete, shape (m,); never falls.
        closed: When there is no connection, in order and apart.
        spec: Everything else.
        rng: The source of chance.
    """
    m = len(ready_ms)
    delay = np.full(m, spec.latency_ms)
    if spec.jitter_ms > 0.0:
        delay = delay + spec.jitter_ms * rng.standard_normal(m)
    delay_ms = np.rint(np.maximum(delay, 0.0)).astype(np.int64)
    due = np.maximum.accumulate(ready_ms + delay_ms).astype(np.float64)
    there = _waited(due, closed, 1000.0 / spec.flood_per_s, spec.buffer_messages)
    if spec.lost_pct > 0.0:
        there &= rng.random(m) >= spec.lost_pct / 100.0
    if spec.reorder_pct > 0.0:
        late = rng.random(m) < spec.reorder_pct / 100.0
        due += np.where(late, rng.random(m) * (spec.reorder_s * 1000.0), 0.0)
    message = np.flatnonzero(there)
    due_ms = np.floor(due).astype(np.int64)[message]
    again = np.zeros(len(message), np.bool_)
    if spec.duplicate_pct > 0.0:
        twice = np.flatnonzero(rng.random(len(message)) < spec.duplicate_pct / 100.0)
        after_ms = np.rint(rng.uniform(*_AGAIN_S, len(twice)) * 1000.0).astype(np.int64)
        due_ms = np.concatenate([due_ms, due_ms[twice] + after_ms])
        message = np.concatenate([message, message[twice]])
        again = np.concatenate([again, np.ones(len(twice), np.bool_)])
    order = np.argsort(due_ms, kind="stable")
    return Delivered(due_ms[order], message[order], again[order])


def _waited(due: Floats, closed: Sequence[Span], step_ms: float, buffer: int) -> Bools:
    """Move what falls into closed spans behind them, in place; which messages are not dropped for want of room."""
    there = np.ones(len(due), np.bool_)
    for begin, end in closed:
        first, last = (int(i) for i in np.searchsorted(due, [begin, end], "left"))
        waiting = first + np.flatnonzero(there[first:last])
        dropped = max(len(waiting) - max(buffer, 0), 0)
        there[waiting[:dropped]] = False
        due[first:last] = end
        due[waiting[dropped:]] = end + step_ms * np.arange(len(waiting) - dropped)
        due[first:last] = np.maximum.accumulate(due[first:last])
        if last > first:
            _queue_behind(due, last, step_ms)
    return there


def _queue_behind(due: Floats, row: int, step_ms: float) -> None:
    """Messages that are ready while others flood in come after them, at the same pace."""
    while row < len(due) and due[row] < due[row - 1] + step_ms:
        due[row] = due[row - 1] + step_ms
        row += 1
