"""Publish streams of samples in the order of their times, as fast as time runs or many times faster."""

from __future__ import annotations

import heapq
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import BrokerUnavailable
from core.model.samples import Event, Fix, Reading
from core.model.traffic import RawMessage, Stream
from core.ports import Clock, Delivery, MessageBus
from simulators.sending.batching import BATCH
from simulators.sending.outgoing import (
    BATCH_SPAN_S,
    Batching,
    Due,
    encoded,
    is_empty,
    messages,
    shifted,
    span_ms,
    status_topic,
    topic_of,
    total,
)

__all__ = ["BATCH", "BATCH_SPAN_S", "Progress", "Published", "Stream", "play", "shift_to_end_now", "wait_s"]

ACK_TIMEOUT_S: Final = 30.0
_UNDER_WAY: Final = 2_000
_PROGRESS_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Published:
    """What the broker has acknowledged; ``messages`` counts those that carry samples, not the retained status.

    ``as_they_are`` counts the messages among them that were sent byte for byte, without a look into them.
    """

    messages: int
    fixes: int
    events: int
    readings: int
    wall_s: float
    as_they_are: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: samples sent and in total, and the device time reached."""

    sent: int
    total: int
    sim_ms: int


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
    over an event of its device. A message is sent when the last of its samples has happened, so nothing arrives from
    the future. A stream with a schedule of its own sends exactly the messages of that, and messages that are given byte
    for byte go out as they are. A retained status says of each device that speaks our format that it is there, and
    whether it is a replay.

    Args:
        streams: What to send; several may belong to one device.
        bus: A connected bus.
        cooperative: Whose topics, where a stream does not say whose device it is.
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
    streams = [shifted(stream, shift_ms) for stream in streams if not is_empty(stream)]
    run = _Run(bus, streams, cooperative, progress)
    batching = Batching(streams, speed)
    first_ms = span_ms(streams)[0]
    run.announce(first_ms)
    for due in heapq.merge(*(messages(s, number, batching) for number, s in enumerate(streams))):
        if stop.is_set() or _wait(stop, began + wait_s(due.due_ms, first_ms, speed)):
            break
        run.send(due)
    run.finish()
    count = run.counts
    wall_s = time.monotonic() - began
    return Published(run.messages, count[Fix], count[Event], count[Reading], wall_s, count[RawMessage])


def shift_to_end_now(streams: Sequence[Stream], speed: float, now_ms: int) -> int:
    """Milliseconds to add to every time, so that a run that starts now ends at the wall clock.

    A run slower than real time would have to start in the past and overtake the clock: it is dated to start now.
    """
    first_ms, last_ms = span_ms(streams)
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
        self.counts: Counter[type] = Counter()
        self._bus = bus
        self._streams = streams
        self._topics = ["" if s.wire or _is_raw(s) else topic_of(s, cooperative) for s in streams]
        self._status = {status_topic(s, cooperative): s for s in streams}
        self._progress = progress
        self._total = sum(map(total, streams))
        self._reached_ms = 0
        self._told = 0.0
        self._under_way: deque[Delivery] = deque()

    def announce(self, ts_ms: int) -> None:
        """Retain each device's status."""
        for topic, stream in self._status.items():
            if not topic:
                continue
            status = {"device": stream.device, "ts": ts_ms, "online": True, "replay": stream.replay}
            self._publish(topic, json.dumps(status).encode(), retain=True)

    def send(self, due: Due) -> None:
        """Publish one message."""
        content = due.content
        topic, payload = encoded(self._streams[due.stream], self._topics[due.stream], content)
        if isinstance(content, RawMessage):
            self._publish(topic, payload, retain=content.retain, qos=content.qos)
        else:
            self._publish(topic, payload)
        self.messages += 1
        self.counts[RawMessage if isinstance(content, RawMessage) else type(content[0])] += due.count
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

    def _publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        self._under_way.append(self._bus.publish(topic, payload, retain=retain, qos=qos))
        if len(self._under_way) > _UNDER_WAY and not self._under_way.popleft().wait(ACK_TIMEOUT_S):
            raise BrokerUnavailable(f"the broker did not acknowledge a message within {ACK_TIMEOUT_S:g} s")

    def _tell(self) -> None:
        self._told = time.monotonic()
        if self._progress is not None:
            self._progress(Progress(self.counts.total(), self._total, self._reached_ms))


def _is_raw(stream: Stream) -> bool:
    return isinstance(stream.samples, list) and isinstance(stream.samples[0], RawMessage)


def _wait(stop: threading.Event, until_s: float) -> bool:
    """Wait for an instant of the monotonic clock; True when told to stop."""
    left_s = until_s - time.monotonic()
    return left_s > 0.0 and stop.wait(left_s)
