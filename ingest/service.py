"""The process that takes telemetry in: every message is acknowledged only after it is durable.

A slot is a persistent session at the broker with a spool of its own: what comes is appended, fsynced and acknowledged
(:mod:`ingest.receiver`), and worked off from there (:mod:`ingest.processor`). One slot is the rule; several share the
load by shared subscriptions, and a process takes over a slot whose process is gone. Flights are closed by whichever
process holds the lease (:mod:`ingest.closing`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from core.errors import BrokerUnavailable, RetriableError
from core.ports import Clock, Message
from core.retry import Stopped
from core.settings import IngestSettings
from ingest import codecs, metrics
from ingest.closing import Closing
from ingest.codec import Memory
from ingest.counters import Counters
from ingest.dispatch import Dispatch, filters
from ingest.lanes import Lanes
from ingest.pipeline import Pipeline
from ingest.ports import Ports, Slot
from ingest.processor import Processor
from ingest.receiver import Receiver
from ingest.reports import Reports
from ingest.validate import Identity, Limits

log = logging.getLogger("canhdong.ingest")

TAKE_OVER_S: Final = 15.0
"""How long a slot must have been free before another process takes it over: its own may be on its way back."""
_REPORT_S: Final = 10.0
_DRAIN_S: Final = 10.0
_PACE_S: Final = 0.03
_SMALL: Final = 200
_IDLE_S: Final = 0.2
_LOOK_S: Final = 5.0
_SHARE: Final = "$share/ingest/"
_DROPPED: Final = "$SYS/broker/publish/messages/dropped"


class _Worker:
    """A slot at work: one thread receives, one processes."""

    def __init__(self, slot: Slot, service: IngestService, stop: threading.Event) -> None:
        self._slot = slot
        self._stop = stop
        self._batch = service.settings.ingest_batch
        self._appended = threading.Event()
        self.failure: Exception | None = None
        self.counters = Counters()
        self.dropped = 0
        self._told_of_drops = False
        ports = service.ports
        self.lanes = Lanes(slot.name, slot.spool, ports.intake.todo(slot.name))
        memory: dict[str, Memory] = {}

        def memory_of(codec: str) -> Memory:
            return memory.setdefault(codec, dict(ports.intake.memory(codec)))

        dispatch = Dispatch(service.names, memory_of)
        limits = Limits(service.settings)
        self.processor = Processor(
            slot.name,
            self.lanes,
            ports,
            slot.aside,
            Pipeline(dispatch, Identity(ports.registry, service.clock), limits),
            memory,
            self.counters,
            service.clock,
            stop,
            int(min(60.0, service.settings.flight_gap_s) * 1_000),
        )
        self.receiver = Receiver(slot.bus, self.lanes, stop, self._appended)
        self._threads = [
            threading.Thread(target=self._guarded, args=(self.receiver.run,), name=f"receive-{slot.name}"),
            threading.Thread(target=self._guarded, args=(self._process,), name=f"process-{slot.name}"),
        ]

    def start(self, filters: Sequence[str]) -> None:
        """Subscribe, and work."""
        for thread in self._threads:
            thread.start()
        self._slot.bus.subscribe(filters, self.receiver.take)
        try:
            self._slot.bus.subscribe([_DROPPED], self._broker_says)
        except BrokerUnavailable as error:
            log.info("the broker does not tell how many messages it has dropped (%s)", error)

    @property
    def window(self) -> int:
        """How many messages the broker lets be in flight, as far as that is known."""
        return self._slot.bus.window

    def _broker_says(self, message: Message) -> None:
        """Mosquitto counts what it has dropped since its start, of all clients."""
        self._slot.bus.acknowledge(message)
        try:
            said = int(message.payload)
        except ValueError:
            return
        if said > self.dropped and self._told_of_drops:
            log.error("the broker has dropped %d messages more: set max_queued_messages 0", said - self.dropped)
        self.dropped, self._told_of_drops = said, True

    def join_work(self) -> None:
        """Wait for the end of the work, after ``stop``."""
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def join(self) -> None:
        """Wait for the end of the work, and let go of everything."""
        self.join_work()
        self.processor.close()
        self._slot.bus.close()
        self._slot.spool.close()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Stopped:
            log.warning("stopped while a store was away; %d bytes wait in the spool", self.lanes.pending_bytes)
        except Exception as error:  # noqa: BLE001 - handed to the process's own thread, which ends with it
            self.failure = error

    def _process(self) -> None:
        self.processor.resume(self._slot.left_aside)
        while not self._stop.is_set():
            self._appended.clear()
            done = self.processor.step(self._batch)
            if done == 0:
                self._appended.wait(_IDLE_S)
            elif done < _SMALL:
                self._stop.wait(_PACE_S)
        self._threads[0].join()
        until_s = time.monotonic() + _DRAIN_S
        while time.monotonic() < until_s and self.processor.step(self._batch):
            pass


class IngestService:
    """Takes telemetry in. Made once per process; :meth:`run` blocks.

    Args:
        open_slot: Opens a slot by its number, for the process that holds its lease.
        ports: Stores.
        settings: Limits, batch, slots.
        clock: The wall clock.
    """

    def __init__(self, open_slot: Callable[[int], Slot], ports: Ports, settings: IngestSettings, clock: Clock) -> None:
        self._open_slot = open_slot
        self.ports = ports
        self.settings = settings
        self.clock = clock
        self._own = Counters()
        self.workers: dict[int, _Worker] = {}
        self.names = [*codecs.codecs(), *settings.ingest_codecs]
        filters(self.names)
        self._free_since: dict[int, float] = {}
        self._leased: set[int] = set()
        self._standing_by = False
        self._closing: Closing | None = None
        self._reports = Reports(ports, lambda: self.counters, clock)

    @property
    def counters(self) -> Counters:
        """What came of everything so far, in all slots of this process."""
        return sum((worker.counters for worker in self.workers.values()), self._own)

    @property
    def flights_open(self) -> int:
        """How many drones are in flight, as far as this process watches."""
        return self._closing.open if self._closing is not None else 0

    @property
    def caught_up(self) -> bool:
        """Whether everything that has come is processed."""
        return all(not w.lanes.pending_bytes and not w.receiver.waiting for w in self.workers.values())

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Take messages in until ``stop`` is set; then finish what has come, for ten seconds at most.

        What is not finished by then stays in the spool.

        Raises:
            BrokerUnavailable: The subscription was refused.
            ConfigError: A codec of the settings does not exist.
        """
        log.info("ingest reads %s", ", ".join(self.names))
        end_metrics = self._serve_metrics()
        try:
            self._take_slots(stop)
            ready()
            self._supervise(stop)
        finally:
            stop.set()
            for worker in self.workers.values():
                worker.join()
            end_metrics()
            log.info("ingest: %s", self.counters.line())

    def filters(self, slot: int) -> list[str]:
        """The filters of a slot: shared where there are several slots, but for codecs that need every message."""
        if self.settings.ingest_slots == 1:
            return filters(self.names)
        alone = [name for name in self.names if hasattr(codecs.codec(name), "session")]
        shared = [_SHARE + wanted for wanted in filters([name for name in self.names if name not in alone])]
        return shared + (filters(alone) if slot == 0 else [])

    # --- slots

    def _take_slots(self, stop: threading.Event) -> None:
        """Take a free slot where this process has none, and every slot that has been free for long."""
        now_s = time.monotonic()
        for number in range(self.settings.ingest_slots):
            name = f"slot-{number}"
            if number in self.workers:
                continue
            if number not in self._leased:
                if not self.ports.intake.free(name):
                    self._free_since.pop(number, None)
                    continue
                since_s = self._free_since.setdefault(number, now_s)
                if (self.workers and now_s - since_s < TAKE_OVER_S) or not self.ports.intake.lease(name):
                    continue
                self._leased.add(number)
            self._start(number, stop)
        if not self.workers and not self._standing_by:
            self._standing_by = True
            log.warning("every slot is held by another ingest; standing by to take one over")

    def _start(self, number: int, stop: threading.Event) -> None:
        log.info("slot %d: taken", number)
        slot = self._open_slot(number)
        worker = _Worker(slot, self, stop)
        self.workers[number] = worker
        worker.start(self.filters(number))
        if self._closing is None:
            self._closing = Closing(
                slot.bus,
                self.ports,
                self.clock,
                self._own,
                self.settings.flight_gap_s,
                lambda: self.caught_up,
            )

    # --- the process's own thread

    def _supervise(self, stop: threading.Event) -> None:
        reported_s = looked_s = time.monotonic()
        while not stop.is_set():
            busy = self._close_flights()
            for worker in self.workers.values():
                if worker.failure is not None:
                    raise worker.failure
            now_s = time.monotonic()
            if now_s - looked_s >= _LOOK_S:
                looked_s = now_s
                self._look_for_slots(stop)
            self._tell()
            if now_s - reported_s >= _REPORT_S:
                reported_s = now_s
                self._report()
            if not busy:
                stop.wait(_IDLE_S)
        for worker in self.workers.values():
            worker.join_work()
        while self._close_flights():
            pass
        self._tell(all_now=True)

    def _look_for_slots(self, stop: threading.Event) -> None:
        try:
            self._take_slots(stop)
        except BrokerUnavailable as error:
            log.warning("a free slot cannot be taken now (%s)", error)

    def _tell(self, *, all_now: bool = False) -> None:
        watches = self._closing is not None and self._closing.holds
        self._reports.step(self._slots, self._pending, self._waiting, devices=watches, all_now=all_now)

    def _close_flights(self) -> bool:
        if self._closing is None:
            return False
        try:
            return self._closing.step()
        except RetriableError as error:
            self._own.retries += 1
            log.warning("closed flights wait (%s); trying again", error)
            return False

    @property
    def _slots(self) -> str:
        return "+".join(str(number) for number in sorted(self.workers)) or "standby"

    @property
    def _pending(self) -> int:
        return sum(worker.lanes.pending_bytes for worker in self.workers.values())

    @property
    def _waiting(self) -> int:
        return sum(worker.receiver.waiting for worker in self.workers.values())

    def _report(self) -> None:
        state = f"waiting={self._waiting} spool_bytes={self._pending} open={self.flights_open}"
        log.info("ingest: %s %s", self.counters.line(), state)
        limit_s = self.settings.spool_age_h * 3_600.0
        for number, worker in self.workers.items():
            if worker.lanes.age_s(self.clock.now_ms()) > limit_s:
                log.error("slot %d: the oldest message has waited for more than %.0f h", number, limit_s / 3_600.0)

    def _gauges(self) -> dict[tuple[str, str], float]:
        found: dict[tuple[str, str], float] = {("flights_open", "process"): self.flights_open}
        now_ms = self.clock.now_ms()
        for number, worker in self.workers.items():
            slot = str(number)
            found["waiting_messages", slot] = worker.receiver.waiting
            found["spool_pending_bytes", slot] = worker.lanes.pending_bytes
            found["spool_disk_bytes", slot] = worker.lanes.spool.depth_bytes
            found["spool_oldest_seconds", slot] = worker.lanes.age_s(now_ms)
            found["spool_stuck", slot] = float(bool(worker.receiver.stuck))
            found["broker_dropped_messages", slot] = worker.dropped
            found["broker_window_messages", slot] = worker.window
            for cooperative, waiting in worker.processor.aside_bytes.items():
                found["aside_bytes", cooperative] = found.get(("aside_bytes", cooperative), 0.0) + waiting
        return found

    def _serve_metrics(self) -> Callable[[], None]:
        port, host = self.settings.metrics_port, self.settings.metrics_host
        return metrics.serve(port, host, metrics.State(lambda: self.counters, self._gauges)) if port else lambda: None
