"""The messages of a run in the order in which they reach the broker."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from core.model.fixtable import FixTable, Ints
from core.model.samples import Reading
from core.model.traffic import RawMessage, Run, SampleRows, Sending, Stream

Encode = Callable[[Stream, Sequence[Any]], tuple[str, bytes]]
"""Makes topic and payload of a message that carries some samples of a stream."""
BATCH: Final = 10
"""Fixes of a message at most, where a stream does not say what its messages hold."""


def arrivals(run: Run, encode: Encode) -> Iterator[RawMessage]:
    """All messages of a run by the instant at which they reach the broker; of one instant, in the order of streams."""
    numbered = (_numbered(number, stream, encode) for number, stream in enumerate(run.streams))
    for _, _, message in heapq.merge(*numbered, key=lambda it: (it[0], it[1])):
        yield message


def sending_of(stream: Stream) -> Sending:
    """A stream's sending; where it has none, batches that arrive when the last of their samples has happened."""
    if stream.sending is not None:
        return stream.sending
    samples = stream.samples
    times = samples.ts_ms if isinstance(samples, FixTable) else np.array([s.ts_ms for s in samples], np.int64)
    due = np.maximum.accumulate(times)
    n = len(due)
    if isinstance(samples, FixTable):
        edges = np.array([*range(0, n, BATCH), n], np.int64)
    elif samples and isinstance(samples[0], Reading):
        edges = np.concatenate([[0], np.flatnonzero(np.diff(times)) + 1, [n]]).astype(np.int64)
    else:
        edges = np.arange(n + 1, dtype=np.int64)
    return Sending(due[edges[1:] - 1], edges[:-1], edges[1:]) if n else Sending(due, due, due)


def told_sending(stream: Stream) -> Sending | None:
    """When what arrives, as far as the stream tells: a raw message tells it itself."""
    raw = isinstance(stream.samples, list) and bool(stream.samples) and isinstance(stream.samples[0], RawMessage)
    return sending_of(stream) if stream.sending is not None or raw else None


def expanded(sending: Sending) -> tuple[Ints, Ints]:
    """Every delivered sample: its row in the stream, and the place of its message in the sending."""
    counts = sending.end - sending.first
    begin = np.cumsum(counts) - counts
    rows = np.repeat(sending.first - begin, counts) + np.arange(int(counts.sum()), dtype=np.int64)
    return rows, np.repeat(np.arange(len(counts), dtype=np.int64), counts)


def message_numbers(run: Run) -> list[Ints]:
    """The number of each message within the run, by stream: 0 is the first that reaches the broker.

    Streams of samples without a sending have none: whoever sends them makes their messages.
    """
    due = [s.due_ms if (s := told_sending(stream)) is not None else np.empty(0, np.int64) for stream in run.streams]
    joined = np.concatenate([*due, np.empty(0, np.int64)])
    numbers = np.empty(len(joined), np.int64)
    numbers[np.argsort(joined, kind="stable")] = np.arange(len(joined), dtype=np.int64)
    edges = np.cumsum([0, *map(len, due)])
    return [numbers[first:end] for first, end in pairwise(edges.tolist())]


def _numbered(number: int, stream: Stream, encode: Encode) -> Iterator[tuple[int, int, RawMessage]]:
    sending = sending_of(stream)
    if isinstance(stream.samples, list) and stream.samples and isinstance(stream.samples[0], RawMessage):
        for due, first, end in _spans(sending):
            yield from ((due, number, _raw(stream.samples[k], due)) for k in range(first, end))
        return
    samples = SampleRows(stream.samples)
    for due, first, end in _spans(sending):
        if end > first:
            topic, payload = encode(stream, samples.between(first, end))
            yield due, number, RawMessage(due, topic, payload)


def _spans(sending: Sending) -> Iterator[tuple[int, int, int]]:
    return zip(sending.due_ms.tolist(), sending.first.tolist(), sending.end.tolist(), strict=True)


def _raw(message: Any, due_ms: int) -> RawMessage:
    if message.ts_ms == due_ms:
        return message  # type: ignore[no-any-return]
    return RawMessage(due_ms, message.topic, message.payload, message.retain, message.qos)
