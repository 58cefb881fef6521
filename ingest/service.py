"""The process that takes telemetry in: every message is acknowledged only after what it holds is durable.

The bus's thread puts messages into a queue; the caller's thread takes them in batches, decodes, checks, writes, keeps
dead letters, tells of closed flights, and then acknowledges. The queue holds as many messages as MQTT 5 lets a broker
have in flight to one client (65,535), so while a store is away it is the broker's window that fills up, and the broker
that keeps the rest; only past that does the handler block the bus's thread, and with it its keep-alive: the broker then
ends the connection and delivers again later. What was not acknowledged comes again: writing it twice changes nothing.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from core.errors import RetriableError
from core.ports import Clock, DeadLetters, Delivery, Message, MessageBus, Registry, TelemetryStore, WriteResult
from core.retry import Stopped, retried
from core.settings import IngestSettings
from ingest import topics
from ingest.counters import Counters
from ingest.flightwatch import FlightWatch, Window
from ingest.pipeline import Pipeline
from ingest.validate import Identity, Limits

log = logging.getLogger("canhdong.ingest")

_QUEUED: Final = 65_535
_POLL_S: Final = 0.2
_REPORT_MS: Final = 10_000
_DRAIN_S: Final = 10.0
_PUBACK_S: Final = 10.0

T = TypeVar("T")


class IngestService:
    """Subscribes, stores, acknowledges. Made once per process; :meth:`run` blocks."""

    def __init__(  # noqa: PLR0917 - the ports, in the order that everyone fills them
        self,
        bus: MessageBus,
        store: TelemetryStore,
        registry: Registry,
        dead_letters: DeadLetters,
        settings: IngestSettings,
        clock: Clock,
    ) -> None:
        self._bus = bus
        self._store = store
        self._registry = registry
        self._dead_letters = dead_letters
        self._clock = clock
        self._batch = settings.ingest_batch
        self._pipeline = Pipeline(Identity(registry, clock), Limits(settings))
        self._watch = FlightWatch(settings.flight_gap_s)
        self._queue: queue.Queue[Message] = queue.Queue(_QUEUED)
        self._stop = threading.Event()
        self._counters = Counters()

    @property
    def counters(self) -> Counters:
        """What came of everything so far."""
        return self._counters

    @property
    def queued(self) -> int:
        """Messages that wait for the worker."""
        return self._queue.qsize()

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Take messages in until ``stop`` is set; then finish what is queued, for ten seconds at most.

        Raises:
            BrokerUnavailable: The subscription was refused.
        """
        self._stop = stop
        try:
            self._retried("the store", self._recover)
        except Stopped:
            return
        self._bus.subscribe(topics.INTAKE, self._enqueue)
        ready()
        try:
            self._work(stop)
            self._drain()
        except Stopped:
            log.warning("stopped while a store was away; the broker keeps what was not acknowledged")
        finally:
            log.info("ingest: %s", self._counters.line())

    # --- the bus's thread

    def _enqueue(self, message: Message) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(message, timeout=_POLL_S)
            except queue.Full:
                continue
            return

    # --- the worker's thread

    def _recover(self) -> None:
        now_ms = self._clock.now_ms()
        for cooperative in self._registry.cooperatives():
            name = cooperative.cooperative
            self._watch.recover(name, self._store.latest_fixes(name), now_ms)

    def _work(self, stop: threading.Event) -> None:
        reported_ms = self._clock.now_ms()
        while not stop.is_set():
            messages = self._take(_POLL_S)
            if messages:
                self._handle(messages)
            now_ms = self._clock.now_ms()
            caught_up = len(messages) < self._batch
            if caught_up and (silent := self._watch.silent(now_ms)):
                self._tell(silent)
            if now_ms - reported_ms >= _REPORT_MS:
                reported_ms = now_ms
                log.info("ingest: %s queued=%d open=%d", self._counters.line(), self.queued, self._watch.open)

    def _drain(self) -> None:
        until_ms = self._clock.now_ms() + int(_DRAIN_S * 1_000)
        while self._clock.now_ms() < until_ms and (messages := self._take(0.0)):
            self._handle(messages)

    def _take(self, timeout_s: float) -> list[Message]:
        """The messages that wait, at most a batch; waits for the first one."""
        messages: list[Message] = []
        try:
            messages.append(self._queue.get(timeout=timeout_s) if timeout_s else self._queue.get_nowait())
            while len(messages) < self._batch:
                messages.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return messages

    def _handle(self, messages: Sequence[Message]) -> None:
        """Make a batch durable, tell of closed flights, count, and only then acknowledge."""
        batch = self._retried("the registry", lambda: self._pipeline.process(messages))
        written = WriteResult()
        closed: list[Window] = []
        for cooperative, samples in batch.samples.items():
            if samples:
                written += self._retried(
                    "the store", partial(self._store.write, cooperative, samples, batch.received_ms)
                )
                closed += self._watch.observe(cooperative, samples, self._clock.now_ms())
        if batch.letters:
            self._retried("the dead letters", partial(self._dead_letters.add, batch.letters))
        self._tell(closed)
        self._counters.took(batch.messages, batch.received, batch.rejected, batch.flagged, written)
        for message in messages:
            self._bus.acknowledge(message)

    def _tell(self, closed: Sequence[Window]) -> None:
        """Publish closed windows and wait until the broker has them."""
        if closed:
            self._retried("the broker", lambda: self._publish(closed))
            self._counters.closed += len(closed)

    def _publish(self, closed: Sequence[Window]) -> None:
        under_way: list[Delivery] = []
        for window in closed:
            body = {
                "cooperative": window.cooperative,
                "device": window.device,
                "start_ms": window.start_ms,
                "end_ms": window.end_ms,
                "reason": window.reason,
            }
            topic = topics.closed_topic(window.cooperative)
            under_way.append(self._bus.publish(topic, json.dumps(body).encode()))
        for delivery in under_way:
            if not delivery.wait(_PUBACK_S):
                raise RetriableError(f"no acknowledgement of a closed flight within {_PUBACK_S:.0f} s")

    def _retried(self, what: str, action: Callable[[], T]) -> T:
        """Do it until it works, while the process is to run."""

        def note(error: RetriableError) -> None:
            self._counters.retries += 1
            log.warning("%s is away (%s); trying again", what, error)

        return retried(action, self._stop, note)
