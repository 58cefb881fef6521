"""Turn streams into messages: when each is due, on which topic, with which bytes."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, Final

import numpy as np
from msgspec import structs

from core.model.fixtable import FixTable, Ints
from core.model.samples import Event, Fix, Reading
from core.model.traffic import RawMessage, SampleRows, Sending, Stream
from core.ports import Sample
from ingest.codecs import native_json
from ingest.topics import device_topic
from simulators.sending.batching import OPENING, batch_ends, event_cuts

BATCH_SPAN_S: Final = 0.5
"""Seconds of wall time that a message may gather fixes for, where the stream does not say what it sends when."""
_DATE: Final = re.compile(rb"@ts([+-]\d{1,15})?@")


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A message and the device time at which all of it has happened; ``rank`` and ``stream`` decide between equals."""

    due_ms: int
    rank: int
    stream: int
    content: list[Sample] | RawMessage

    @property
    def count(self) -> int:
        """How many samples it carries; a message that is sent as it is counts as one."""
        return 1 if isinstance(self.content, RawMessage) else len(self.content)


def topic_of(stream: Stream, cooperative: str) -> str:
    """The topic of a stream that speaks our own format; ``cooperative`` counts where the stream names none."""
    events = isinstance(stream.samples, list) and isinstance(stream.samples[0], Event)
    leaf = "events" if events else "telemetry"
    return device_topic(stream.cooperative or cooperative, stream.kind, stream.device, leaf)


def status_topic(stream: Stream, cooperative: str) -> str:
    """Where the device of a stream says that it is there; "" where it does not speak our format."""
    if stream.wire or (isinstance(stream.samples, list) and isinstance(stream.samples[0], RawMessage)):
        return ""
    return device_topic(stream.cooperative or cooperative, stream.kind, stream.device, "status")


def encoded(stream: Stream, topic: str, content: list[Sample] | RawMessage) -> tuple[str, bytes]:
    """Topic and payload of a message; ``topic`` is the stream's own (see :func:`topic_of`)."""
    if isinstance(content, RawMessage):
        return content.topic, content.payload
    if stream.wire:
        from simulators.sensors import wire  # noqa: PLC0415 - most runs have no maker's sensors

        return wire.encode(stream.wire, stream.external, [s for s in content if isinstance(s, Reading)])
    return topic, native_json.encode(content)


def total(stream: Stream) -> int:
    """How many samples a stream sends, what is sent twice counted twice."""
    sending = stream.sending
    return len(stream.samples) if sending is None else int((sending.end - sending.first).sum())


def is_empty(stream: Stream) -> bool:
    """Whether nothing of a stream is ever sent."""
    return len(stream.samples) == 0 or (stream.sending is not None and len(stream.sending) == 0)


# --- times


def due_times(stream: Stream) -> Ints:
    """When what a stream sends is due: what its schedule says; else the time of each sample.

    Where a log's times run backwards, a sample is due with the one before it.
    """
    if stream.sending is not None:
        return stream.sending.due_ms
    samples = stream.samples
    ts = samples.ts_ms if isinstance(samples, FixTable) else np.array([s.ts_ms for s in samples], np.int64)
    return np.maximum.accumulate(ts)


def span_ms(streams: Sequence[Stream]) -> tuple[int, int]:
    """When the first and the last message are due; (0, 0) where there is none."""
    times = [due_times(s) for s in streams if not is_empty(s)]
    return min((int(t[0]) for t in times), default=0), max((int(t[-1]) for t in times), default=0)


def shifted(stream: Stream, shift_ms: int) -> Stream:
    """The stream at other times.

    What a schedule says shifts with the samples. A message that is sent as it is keeps its bytes, but for
    ``@ts@`` and ``@ts+400@`` in it: they become the ms at which it is due, and 400 ms later.
    """
    sending = stream.sending
    if sending is not None:
        sending = Sending(sending.due_ms + shift_ms, sending.first, sending.end)
    samples = stream.samples
    if isinstance(samples, FixTable):
        table = samples.with_columns(ts_ms=samples.ts_ms + shift_ms)
        return replace(stream, samples=table, sending=sending)
    # one kind goes in, the same comes out; the type checker joins the lists
    later: Any = [_moved(s, shift_ms) for s in samples]
    return replace(stream, samples=later, sending=sending)


def _moved(sample: Event | Reading | RawMessage, shift_ms: int) -> Event | Reading | RawMessage:
    ts_ms = sample.ts_ms + shift_ms
    if isinstance(sample, RawMessage) and b"@ts" in sample.payload:
        return structs.replace(sample, ts_ms=ts_ms, payload=dated(sample.payload, ts_ms))
    return structs.replace(sample, ts_ms=ts_ms)


def dated(payload: bytes, ts_ms: int) -> bytes:
    """The payload with every ``@ts@`` replaced by a time in ms, ``@ts-5@`` by 5 ms less."""
    return _DATE.sub(lambda found: b"%d" % (ts_ms + int(found[1] or b"0")), payload)


# --- messages


def messages(stream: Stream, number: int, batching: Batching) -> Iterator[Due]:
    """The messages of a stream by time."""
    if stream.sending is not None:
        return _scheduled(stream, number, stream.sending)
    if isinstance(stream.samples, FixTable):
        return _of_fixes(stream, stream.samples, number, batching)
    if stream.wire:
        return _uplinks(stream, number)
    return _single(stream, number)


def _scheduled(stream: Stream, number: int, sending: Sending) -> Iterator[Due]:
    rows = SampleRows(stream.samples)
    for due_ms, first, end in zip(*(c.tolist() for c in (sending.due_ms, sending.first, sending.end)), strict=True):
        content = rows.between(first, end)
        if content and isinstance(content[0], RawMessage):
            for message in content:
                yield Due(due_ms, 2, number, message)
        elif content:
            yield Due(due_ms, _rank(content[0]), number, content)


def _of_fixes(stream: Stream, table: FixTable, number: int, batching: Batching) -> Iterator[Due]:
    times = due_times(stream)
    rows = SampleRows(table)
    for first, end in pairwise([0, *batching.ends(stream.device, times).tolist()]):
        yield Due(int(times[end - 1]), 1, number, rows.between(first, end))


def _single(stream: Stream, number: int) -> Iterator[Due]:
    samples: Any = stream.samples
    for due_ms, sample in zip(due_times(stream).tolist(), samples, strict=True):
        yield Due(due_ms, _rank(sample), number, sample if isinstance(sample, RawMessage) else [sample])


def _uplinks(stream: Stream, number: int) -> Iterator[Due]:
    """Readings of one instant are one message of a maker's sensor."""
    samples: Any = stream.samples
    reached_ms = 0
    for ts_ms, some in groupby(samples, attrgetter("ts_ms")):
        reached_ms = max(reached_ms, ts_ms)
        yield Due(reached_ms, 2, number, list(some))


def _rank(sample: Any) -> int:
    """What comes first at one instant: events that open, fixes, everything else."""
    if isinstance(sample, Fix):
        return 1
    return 0 if isinstance(sample, Event) and sample.kind in OPENING else 2


class Batching:
    """Where the fixes of a device part into messages, if its stream does not say so itself."""

    def __init__(self, streams: Sequence[Stream], speed: float) -> None:
        self._span_ms = BATCH_SPAN_S * 1000.0 * speed if speed > 0.0 else math.inf
        self._events: dict[str, list[Event]] = defaultdict(list)
        for stream in streams:
            if isinstance(stream.samples, list):
                self._events[stream.device] += [s for s in stream.samples if isinstance(s, Event)]

    def ends(self, device: str, times: Ints) -> Ints:
        """Row after the last of each message."""
        return batch_ends(times, event_cuts(times, self._events[device]), self._span_ms)
