"""What a device on a bad network, with a bad clock, really sends: ideal samples in true time go in.

The device takes no samples while it reboots, stamps what it takes by its own clock, counts its fixes from 0 in every
boot, and gathers them into messages. :mod:`simulators.sending.uplink` says what becomes of the messages. The same
samples, spec and state of ``rng`` give the same result, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import structs

from core.model.enums import EventKind
from core.model.fixtable import FixTable, Ints, Labels
from core.model.samples import Event, Reading
from core.model.traffic import Sending
from simulators.sending.batching import OPENING, batch_ends, event_cuts
from simulators.sending.boots import Boot, boots_of, stamped
from simulators.sending.tally import Tally, missing, told
from simulators.sending.uplink import Span, closed_spans, delivered
from simulators.specs import Network


class Sent(NamedTuple):
    """What a drone really took and stamped, and what of it reaches the broker when."""

    fixes: tuple[FixTable, Sending]
    events: tuple[list[Event], Sending]
    tally: Tally


class ReadingsSent(NamedTuple):
    """The same of a sensor."""

    readings: tuple[list[Reading], Sending]
    tally: Tally


def send(
    fixes: FixTable, events: Sequence[Event], spec: Network, rng: np.random.Generator, *, day0_ms: int = 0
) -> Sent:
    """Send what a drone takes.

    Fixes go in messages of at most ten and of at most ``batch_s``, which never reach over an event of the drone or into
    another boot; every event is a message of its own. A boot that a reboot ends goes on as another one
    (:func:`simulators.sending.boots.before_reboots` gives the label back).

    Args:
        fixes: Ideal fixes by true time, of one or several boots; their ``seq`` is not looked at.
        events: Ideal events by true time.
        spec: The network, the clock, the reboots.
        rng: The source of chance.
        day0_ms: Local midnight, true time: ``outages_h`` counts from it, and the clock drifts from it on.

    Raises:
        ValueError: Samples do not stand in the order of their times.
    """
    event_times = _times(events)
    _check_order(fixes.ts_ms, event_times)
    spans = _spans(fixes, events)
    parts = [boots_of(label, begin, end, spec, rng) for label, (begin, end) in spans.items()]
    boots = [boot for part in parts for boot in part]
    known = dict(zip(spans, parts, strict=True))
    fix_boot = _boot_of_fixes(fixes, known)
    event_boot = _boot_of_events(events, event_times, known)
    ends = np.array([boot.end_ms for boot in boots], np.int64)
    fix_taken, event_taken = fixes.ts_ms < ends[fix_boot], event_times < ends[event_boot]
    flights = _flights(events) or [(begin, end + 1) for begin, end in spans.values()]
    closed = closed_spans(*_extent(fixes.ts_ms, event_times), flights, spec, rng, day0_ms)

    if not fix_taken.all():
        fixes, fix_boot = fixes.take(fix_taken), fix_boot[fix_taken]
    taken = [event for event, there in zip(events, event_taken.tolist(), strict=True) if there]
    event_times, event_boot = event_times[event_taken], event_boot[event_taken]
    times = fixes.ts_ms
    cuts = np.concatenate([event_cuts(times, taken), np.flatnonzero(np.diff(fix_boot)) + 1])
    fix_ends = batch_ends(times, cuts, spec.batch_s * 1000.0)
    fix_sending, event_sending, tally = _sent_together(times, fix_ends, taken, event_times, closed, spec, rng)

    seq = _counted(fix_boot, len(boots))
    stamps = stamped(times, fix_boot, boots, spec, day0_ms)
    event_stamps = stamped(event_times, event_boot, boots, spec, day0_ms)
    tally += Tally(
        missing=missing(fix_sending, fix_boot, seq, len(boots)),
        unset=_unset(times, fix_boot, boots) + _unset(event_times, event_boot, boots),
        untaken=int((~fix_taken).sum() + (~event_taken).sum()),
        reboots=len(boots) - len(parts),
    )
    labels = tuple(boot.label for boot in boots)
    restamped = fixes.with_columns(ts_ms=stamps, seq=seq, boot=Labels(fix_boot.astype(np.int32), labels))
    told_events = [
        structs.replace(event, ts_ms=ts_ms, boot=labels[boot])
        for event, ts_ms, boot in zip(taken, event_stamps.tolist(), event_boot.tolist(), strict=True)
    ]
    return Sent((restamped, fix_sending), (told_events, event_sending), tally)


def send_readings(
    readings: Sequence[Reading], spec: Network, rng: np.random.Generator, *, day0_ms: int = 0, clock: bool = True
) -> ReadingsSent:
    """Send what a sensor takes. Readings of one instant are one message.

    Args:
        readings: Ideal readings by true time.
        spec: The network, the clock, the reboots.
        rng: The source of chance.
        day0_ms: See :func:`send`.
        clock: Whether the sensor stamps its readings itself: where a gateway does it, its own clock does not matter.

    Raises:
        ValueError: Samples do not stand in the order of their times.
    """
    times = _times(readings)
    _check_order(times)
    if not len(times):
        return ReadingsSent(([], _nothing()), Tally())
    boots = boots_of("", int(times[0]), int(times[-1]), spec, rng)
    boot = np.searchsorted(np.array([b.first_ms for b in boots], np.int64), times, "right") - 1
    there = times < np.array([b.end_ms for b in boots], np.int64)[boot]
    closed = closed_spans(*_extent(times), [], spec, rng, day0_ms)
    taken = [reading for reading, it in zip(readings, there.tolist(), strict=True) if it]
    untaken = len(times) - len(taken)
    times, boot = times[there], boot[there]
    ends = np.append(np.flatnonzero(np.diff(times)) + 1, len(times)) if len(times) else np.empty(0, np.int64)
    first = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    arrived = delivered(times[ends - 1], closed, spec, rng)
    sending = Sending(arrived.due_ms, first[arrived.message], ends[arrived.message])
    tally = told(sending, arrived.again, times)
    tally += Tally(untaken=untaken, reboots=len(boots) - 1, unset=_unset(times, boot, boots) if clock else 0)
    stamps = stamped(times, boot, boots, spec, day0_ms) if clock else times
    restamped = [structs.replace(r, ts_ms=ts) for r, ts in zip(taken, stamps.tolist(), strict=True)]
    return ReadingsSent((restamped, sending), tally)


# --- boots


def _times(samples: Sequence[Event] | Sequence[Reading]) -> Ints:
    return np.array([sample.ts_ms for sample in samples], np.int64)


def _check_order(*columns: Ints) -> None:
    if any((np.diff(times) < 0).any() for times in columns):
        raise ValueError("ideal samples have to stand in the order of their times")


def _extent(*columns: Ints) -> Span:
    filled = [times for times in columns if len(times)]
    return min((int(t[0]) for t in filled), default=0), max((int(t[-1]) for t in filled), default=0)


def _spans(fixes: FixTable, events: Sequence[Event]) -> dict[str, Span]:
    """First and last sample under each boot label, by the first."""
    found: dict[str, Span] = {}
    codes, times = fixes.boot.codes, fixes.ts_ms
    edges = np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1, [len(codes)]]) if len(codes) else np.zeros(1, int)
    runs = [
        (fixes.boot[first], int(times[first]), int(times[end - 1]))
        for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]
    for label, begin, end in [*runs, *((event.boot, event.ts_ms, event.ts_ms) for event in events)]:
        known = found.get(label, (begin, end))
        found[label] = (min(begin, known[0]), max(end, known[1]))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _boot_of_fixes(fixes: FixTable, known: dict[str, list[Boot]]) -> Ints:
    """Index of the boot that each fix falls into (or into whose crash)."""
    codes = fixes.boot.codes
    first_of = dict(zip(known, np.cumsum([0, *map(len, known.values())]).tolist(), strict=False))
    found = np.array([first_of.get(label, -1) for label in fixes.boot.labels], np.int64)[codes]
    for code, label in enumerate(fixes.boot.labels):
        boots = known.get(label, [])
        if len(boots) > 1:
            rows = np.flatnonzero(codes == code)
            starts = np.array([boot.first_ms for boot in boots], np.int64)
            found[rows] += np.searchsorted(starts, fixes.ts_ms[rows], "right") - 1
    return found


def _boot_of_events(events: Sequence[Event], times: Ints, known: dict[str, list[Boot]]) -> Ints:
    table = FixTable.build(times, np.zeros(len(times)), np.zeros(len(times)), boot=[event.boot for event in events])
    return _boot_of_fixes(table, known)


def _flights(events: Sequence[Event]) -> list[Span]:
    """From each take-off to the landing after it."""
    found: list[Span] = []
    takeoff_ms: int | None = None
    for event in events:
        if event.kind is EventKind.TAKEOFF:
            takeoff_ms = event.ts_ms
        elif event.kind is EventKind.LANDING and takeoff_ms is not None:
            found.append((takeoff_ms, event.ts_ms + 1))
            takeoff_ms = None
    return found


def _counted(boot: Ints, boots: int) -> Ints:
    """Numbers from 0 within each boot, shape (n,)."""
    order = np.argsort(boot, kind="stable")
    ordered = boot[order]
    seq = np.empty(len(boot), np.int64)
    seq[order] = np.arange(len(boot)) - np.searchsorted(ordered, np.arange(boots))[ordered]
    return seq


def _unset(times: Ints, boot: Ints, boots: Sequence[Boot]) -> int:
    sync = np.array([b.sync_ms if b.unset_ms >= 0 else 0 for b in boots], np.int64)
    return int((times < sync[boot]).sum())


# --- messages


def _nothing() -> Sending:
    return Sending(*(np.empty(0, np.int64) for _ in range(3)))


def _sent_together(  # noqa: PLR0917
    times: Ints,
    ends: Ints,
    events: Sequence[Event],
    event_times: Ints,
    closed: Sequence[Span],
    spec: Network,
    rng: np.random.Generator,
) -> tuple[Sending, Sending, Tally]:
    """One queue for messages of fixes, which end at the rows ``ends``, and for events."""
    m = len(ends)
    first = np.concatenate([[0], ends])[:m].astype(np.int64)
    rows = np.arange(len(events))
    ready = np.concatenate([times[ends - 1], event_times])
    rank = np.concatenate([np.ones(m, np.int64), [0 if event.kind in OPENING else 2 for event in events]])
    order = np.lexsort((rank, ready))
    arrived = delivered(ready[order], closed, spec, rng)
    message = order[arrived.message]
    begin, end = np.concatenate([first, rows]), np.concatenate([ends, rows + 1])
    sendings: list[Sending] = []
    tally = Tally()
    for chosen, taken in ((message < m, times), (message >= m, event_times)):
        which = message[chosen]
        sending = Sending(arrived.due_ms[chosen], begin[which], end[which])
        sendings.append(sending)
        tally += told(sending, arrived.again[chosen], taken)
    return sendings[0], sendings[1], tally
