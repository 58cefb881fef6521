"""Publish streams of samples in the order of their times, as fast as time runs or many times faster."""

from __future__ import annotations

import heapq
import json
import math
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Any, Final

import numpy as np
from msgspec import structs

from core.errors import BrokerUnavailable
from core.model.enums import EventKind
from core.model.fixtable import FixTable, Ints
from core.model.land import DeviceKind
from core.model.samples import Event, Fix, Reading
from core.ports import Clock, Delivery, MessageBus, Sample
from ingest.codecs import native_json
from ingest.topics import device_topic

BATCH: Final = 10
"""Fixes in a message at most."""
BATCH_SPAN_S: Final = 0.5
"""Seconds of wall time that a message may gather fixes for."""
ACK_TIMEOUT_S: Final = 30.0
_UNDER_WAY: Final = 2_000
_PROGRESS_S: Final = 0.2
_OPENING: Final = frozenset({EventKind.TAKEOFF, EventKind.ARM, EventKind.ON})


@dataclass(frozen=True, slots=True)
class Stream:
    """Samples of one device in the order of sending. ``replay`` marks a device that only repeats a log."""

    device: str
    kind: DeviceKind
    samples: FixTable | list[Event] | list[Reading]
    replay: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """What the broker has acknowledged; ``messages`` counts those that carry samples, not the retained status."""

    messages: int
    fixes: int
    events: int
    readings: int
    wall_s: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: samples sent and in total, and the device time reached."""

    sent: int
    total: int
    sim_ms: int


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    """A message and the device time at which all of it has happened; ``rank`` and ``stream`` decide between equals."""

    due_ms: int
    rank: int
    stream: int
    samples: list[Sample]


def play(
    streams: Sequence[Stream],
    bus: MessageBus,
    cooperative: str,
    *,
    speed: float,
    clock: Clock,
    stop: threading.Event | None = None,
    progress: Callable[[Progress], None] | None = None,
    shift_ms: int | None = None,
) -> Published:
    """Publish all samples with QoS 1, and return when the broker has acknowledged every message.

    Fixes go out in batches of up to ten of one device, and of half a second of the wall clock; a batch never reaches
    over an event of its device. A message is sent when the last of its samples has happened, so
    nothing arrives from the future. A retained status says of each device that it is there, and whether it is a replay.

    Args:
        streams: What to send; several may belong to one device.
        bus: A connected bus.
        cooperative: Whose topics.
        speed: Times real time; 0 sends without waiting.
        clock: The wall clock.
        stop: Ends the run early; what was sent until then is still waited for.
        progress: Called a few times a second and at the end.
        shift_ms: Added to every time; None takes :func:`shift_to_end_now`.

    Raises:
        BrokerUnavailable: The broker does not take messages, or did not acknowledge them all.
    """
    stop = stop or threading.Event()
    if shift_ms is None:
        shift_ms = shift_to_end_now(streams, speed, clock.now_ms())
    began = time.monotonic()
    streams = [_shifted(stream, shift_ms) for stream in streams if len(stream.samples)]
    run = _Run(bus, streams, cooperative, progress)
    batching = _Batching(streams, speed)
    first_ms = _span_ms(streams)[0]
    run.announce(first_ms)
    for due in heapq.merge(*(_messages(s, number, batching) for number, s in enumerate(streams))):
        if stop.is_set() or _wait(stop, began + wait_s(due.due_ms, first_ms, speed)):
            break
        run.send(due)
    run.finish()
    count = run.counts
    return Published(run.messages, count[Fix], count[Event], count[Reading], time.monotonic() - began)


def shift_to_end_now(streams: Sequence[Stream], speed: float, now_ms: int) -> int:
    """Milliseconds to add to every time, so that a run that starts now ends at the wall clock.

    A run slower than real time would have to start in the past and overtake the clock: it is dated to start now.
    """
    first_ms, last_ms = _span_ms([s for s in streams if len(s.samples)])
    if speed == 0.0:
        return now_ms - last_ms
    if speed < 1.0:
        return now_ms - first_ms
    return now_ms + int((last_ms - first_ms) / speed) - last_ms


def wait_s(due_ms: int, first_ms: int, speed: float) -> float:
    """Seconds of wall time from the start of a run to a device time."""
    return (due_ms - first_ms) / 1000.0 / speed if speed > 0.0 else 0.0


class _Run:
    """The sending side of one run: topics, counters, deliveries under way."""

    def __init__(
        self, bus: MessageBus, streams: Sequence[Stream], cooperative: str, progress: Callable[[Progress], None] | None
    ) -> None:
        self.messages = 0
        self.counts: Counter[type[Sample]] = Counter()
        self._bus = bus
        self._streams = streams
        self._topics = [_topic(cooperative, s) for s in streams]
        self._status = {device_topic(cooperative, s.kind, s.device, "status"): s for s in streams}
        self._progress = progress
        self._total = sum(len(s.samples) for s in streams)
        self._reached_ms = 0
        self._told = 0.0
        self._under_way: deque[Delivery] = deque()

    def announce(self, ts_ms: int) -> None:
        """Retain each device's status."""
        for topic, stream in self._status.items():
            status = {"device": stream.device, "ts": ts_ms, "online": True, "replay": stream.replay}
            self._publish(topic, json.dumps(status).encode(), retain=True)

    def send(self, due: _Due) -> None:
        """Publish one message of samples."""
        self._publish(self._topics[due.stream], native_json.encode(due.samples))
        self.messages += 1
        self.counts[type(due.samples[0])] += len(due.samples)
        self._reached_ms = due.due_ms
        if time.monotonic() - self._told >= _PROGRESS_S:
            self._tell()

    def finish(self) -> None:
        """Wait for the broker's word on every message.

        Raises:
            BrokerUnavailable: Some were not acknowledged in time.
        """
        deadline = time.monotonic() + ACK_TIMEOUT_S
        missing = sum(not d.wait(max(deadline - time.monotonic(), 0.0)) for d in self._under_way)
        self._under_way.clear()
        if missing:
            raise BrokerUnavailable(f"the broker did not acknowledge {missing} messages within {ACK_TIMEOUT_S:g} s")
        self._tell()

    def _publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._under_way.append(self._bus.publish(topic, payload, retain=retain))
        if len(self._under_way) > _UNDER_WAY and not self._under_way.popleft().wait(ACK_TIMEOUT_S):
            raise BrokerUnavailable(f"the broker did not acknowledge a message within {ACK_TIMEOUT_S:g} s")

    def _tell(self) -> None:
        self._told = time.monotonic()
        if self._progress is not None:
            self._progress(Progress(self.counts.total(), self._total, self._reached_ms))


def _topic(cooperative: str, stream: Stream) -> str:
    events = isinstance(stream.samples, list) and isinstance(stream.samples[0], Event)
    return device_topic(cooperative, stream.kind, stream.device, "events" if events else "telemetry")


def _wait(stop: threading.Event, until_s: float) -> bool:
    """Wait for an instant of the monotonic clock; True when told to stop."""
    left_s = until_s - time.monotonic()
    return left_s > 0.0 and stop.wait(left_s)


def _times(stream: Stream) -> Ints:
    """When each sample is due: its time, or that of a sample before it where a log's times run backwards."""
    samples = stream.samples
    ts = samples.ts_ms if isinstance(samples, FixTable) else np.array([s.ts_ms for s in samples], np.int64)
    return np.maximum.accumulate(ts)


def _span_ms(streams: Sequence[Stream]) -> tuple[int, int]:
    times = [_times(s) for s in streams]
    return min((int(t[0]) for t in times), default=0), max((int(t[-1]) for t in times), default=0)


def _shifted(stream: Stream, shift_ms: int) -> Stream:
    samples = stream.samples
    if isinstance(samples, FixTable):
        return replace(stream, samples=samples.with_columns(ts_ms=samples.ts_ms + shift_ms))
    # one kind goes in, the same comes out; the type checker joins the two lists
    later: Any = [structs.replace(s, ts_ms=s.ts_ms + shift_ms) for s in samples]
    return replace(stream, samples=later)


def _messages(stream: Stream, number: int, batching: _Batching) -> Iterator[_Due]:
    """The messages of a stream by time."""
    times = _times(stream)
    if isinstance(stream.samples, FixTable):
        rows = stream.samples.rows()
        ends = batching.ends(stream.device, times)
        for first, end in pairwise([0, *ends]):
            yield _Due(int(times[end - 1]), 1, number, list(islice(rows, end - first)))
        return
    for due_ms, sample in zip(times.tolist(), stream.samples, strict=True):
        opening = isinstance(sample, Event) and sample.kind in _OPENING
        alone: list[Sample] = [sample]  # type: ignore[list-item]
        yield _Due(due_ms, 0 if opening else 2, number, alone)


class _Batching:
    """Where the fixes of a device part into messages: by number, by the time that they span, at the device's events."""

    def __init__(self, streams: Sequence[Stream], speed: float) -> None:
        self._most = BATCH
        self._span_ms = BATCH_SPAN_S * 1000.0 * speed if speed > 0.0 else math.inf
        self._events: dict[str, list[Event]] = defaultdict(list)
        for stream in streams:
            if isinstance(stream.samples, list):
                self._events[stream.device] += [s for s in stream.samples if isinstance(s, Event)]

    def ends(self, device: str, times: Ints) -> list[int]:
        """Row after the last of each message; what opens (on, take-off) stands before a fix of its instant."""
        events = self._events[device]
        opening = np.array([e.ts_ms for e in events if e.kind in _OPENING], np.int64)
        closing = np.array([e.ts_ms for e in events if e.kind not in _OPENING], np.int64)
        cuts = {*np.searchsorted(times, opening, "left").tolist(), *np.searchsorted(times, closing, "right").tolist()}
        found: list[int] = []
        first = 0
        for cut in sorted({*cuts, len(times)} - {0}):
            while first < cut:
                latest = int(np.searchsorted(times, times[first] + min(self._span_ms, 1e15), "right"))
                first = max(first + 1, min(first + self._most, cut, latest))
                found.append(first)
        return found
