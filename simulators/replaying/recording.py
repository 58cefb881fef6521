"""What crosses a broker, into a file: recordings, and runs as the messages that would be published.

rumqttd (iotcore) delivers everything with the QoS of the subscription: a recording of it has QoS 2 throughout.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from msgspec import structs

from core.errors import CanhdongError
from core.model.fixtable import FixTable
from core.model.traffic import RawMessage, Run, Stream, Truth
from core.ports import Message, MessageBus
from simulators.sending.outgoing import dated, encoded, topic_of
from storage.runs import MessageWriter, write_run

_REMEMBERED: Final = 20_000
_TURN_S: Final = 0.2
_QOS: Final = 2


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recording holds so far; ``repeated`` counts what the broker delivered again, and is in it once."""

    messages: int
    payload_bytes: int
    repeated: int
    wall_s: float


def record(
    bus: MessageBus,
    filters: Sequence[str],
    file: BinaryIO,
    run: Run,
    *,
    stop: threading.Event,
    ready: Callable[[], None] | None = None,
    messages: int = 0,
    seconds: float = 0.0,
    progress: Callable[[Recorded], None] | None = None,
) -> Recorded:
    """Write every message that comes on some topics, byte for byte, until it is told to stop.

    A message is acknowledged when the file has it: what could not be written, the broker still holds.

    Args:
        bus: A connected bus.
        filters: What to subscribe to.
        file: Open for bytes; the header is written first.
        run: Describes the recording; its streams are not looked at.
        stop: Ends it.
        ready: Called when it listens.
        messages: Ends after so many; 0: never.
        seconds: Ends after so long; 0: never.
        progress: Called a few times a second.

    Raises:
        BrokerUnavailable: The broker refused a filter.
        CanhdongError: The file cannot be written; the message says how many messages it holds.
    """
    began = time.monotonic()
    recorder = _Recorder(MessageWriter(file, run), file, bus, messages)
    bus.subscribe(filters, recorder.take, qos=_QOS, as_published=True)
    if ready is not None:
        ready()
    while not (stop.is_set() or recorder.full or (seconds and time.monotonic() - began >= seconds)):
        recorder.arrived.wait(_TURN_S)
        recorder.settle()
        if progress is not None:
            progress(recorder.so_far(began))
    recorder.close()
    return recorder.so_far(began)


class _Recorder:
    """Takes messages on the bus's thread, and settles them on its owner's."""

    def __init__(self, writer: MessageWriter, file: BinaryIO, bus: MessageBus, limit: int) -> None:
        self.arrived = threading.Event()
        self.full = False
        self._writer, self._file, self._bus, self._limit = writer, file, bus, limit
        self._lock = threading.Lock()
        self._owed: list[Message] = []
        self._last: deque[tuple[str, bytes]] = deque(maxlen=_REMEMBERED)
        self._failure: OSError | None = None
        self._closed = False
        self._count = self._bytes = self._repeated = 0

    def take(self, message: Message) -> None:
        """Write a message, unless it comes again after the connection was lost."""
        with self._lock:
            if self._closed or self.full or self._failure is not None:
                return
            self._owed.append(message)
            if message.repeat and (message.topic, message.payload) in self._last:
                self._repeated += 1
            else:
                self._write(message)
        self.arrived.set()

    def settle(self) -> None:
        """Make sure of what was written, and acknowledge it.

        Raises:
            CanhdongError: The file cannot be written.
        """
        self.arrived.clear()
        with self._lock:
            try:
                self._file.flush()
            except OSError as error:
                self._failure = self._failure or error
            if self._failure is not None:
                words = self._failure.strerror or str(self._failure)
                raise CanhdongError(f"the recording ends after about {self._count:,} messages: {words}")
            owed, self._owed = self._owed, []
        self._bus.acknowledge(*owed)

    def close(self) -> None:
        """Take nothing more."""
        with self._lock:
            self._closed = True
        self.settle()

    def so_far(self, began: float) -> Recorded:
        """What the file holds."""
        return Recorded(self._count, self._bytes, self._repeated, time.monotonic() - began)

    def _write(self, message: Message) -> None:
        raw = RawMessage(message.received_ms, message.topic, message.payload, message.retained, message.qos)
        try:
            self._writer.write(raw)
        except OSError as error:
            self._failure = error
            return
        self._last.append((message.topic, message.payload))
        self._count += 1
        self._bytes += len(message.payload)
        self.full = self._limit > 0 and self._count >= self._limit


# --- runs as messages


def save_run(path: Path, run: Run, truth: Truth | None = None, *, cooperative: str = "") -> None:
    """Write a run (see :func:`storage.runs.write_run`), each message as it would be published.

    ``cooperative`` is whose devices those are of which the run does not say it.
    """

    def encode(stream: Stream, samples: Sequence[Any]) -> tuple[str, bytes]:
        topic = "" if stream.wire else topic_of(stream, cooperative)
        return encoded(stream, topic, list(samples))

    streams = tuple(_dated(stream) for stream in run.streams)
    write_run(path, replace(run, streams=streams), truth, encode=encode)


def _dated(stream: Stream) -> Stream:
    """The stream with times in the place of what stands for them in raw messages."""
    if isinstance(stream.samples, FixTable) or not any(isinstance(s, RawMessage) for s in stream.samples):
        return stream
    raw: Any = [
        structs.replace(s, payload=dated(s.payload, s.ts_ms))
        if isinstance(s, RawMessage) and b"@ts" in s.payload
        else s
        for s in stream.samples
    ]
    return replace(stream, samples=raw)
