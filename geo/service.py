"""The process that computes sprayed areas: every closed flight once, and again when late data re-opens it.

Closed flights come through a shared subscription with a persistent session, so that several workers share the load and
a restart loses none. One thread does the work; windows of a device that overlap and wait together are done together.
"""

from __future__ import annotations

import json
import logging
import math
import queue
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from shapely.errors import ShapelyError

from core.archive import FlightArchive
from core.errors import CanhdongError, ConfigError, PayloadError, RetriableError
from core.intake import AccountSource
from core.localtime import local_day
from core.model.coverage import Coverage, Flight
from core.model.enums import Operation
from core.ports import Message, MessageBus, TelemetryStore
from core.registry import Registry
from core.retry import Stopped, retried
from core.units import ha
from geo.archiving import archived
from geo.coverage import Parameters
from geo.recompute import Recomputed, recompute

__all__ = ["CLOSED", "Follower", "GeoService", "recompute"]

log = logging.getLogger("canhdong.geo")

CLOSED: Final = "$share/geo/canhdong/v1/+/flights/closed"

_TOPIC: Final = re.compile(r"canhdong/v1/([^/]+)/flights/closed")
_POLL_S: Final = 0.2
_PUBACK_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a device's time to compute, and the messages that asked for it."""

    cooperative: str
    device: str
    start_ms: int
    end_ms: int
    messages: tuple[Message, ...] = ()


class Follower(Protocol):
    """What is to be done after flights were computed and saved. It may be told of the same ones again."""

    def follow(self, done: Recomputed) -> None:
        """Bring up to date what hangs on these flights; durable when it returns.

        Raises:
            RetriableError: A store is away; it will be told again.
        """
        ...


@dataclass(slots=True)
class Counters:
    """What came of the closed flights so far."""

    messages: int = 0
    malformed: int = 0
    windows: int = 0
    failed: int = 0
    flights: int = 0
    retries: int = 0


@dataclass(slots=True)
class GeoService:
    """Subscribes, computes, saves, acknowledges. Made once per process; :meth:`run` blocks.

    ``beside`` are run in threads of their own until the same stop: what follows flying drones, for one.
    """

    bus: MessageBus
    store: TelemetryStore
    registry: Registry
    parameters: Parameters
    gap_s: float = 300.0
    archive: FlightArchive | None = None
    followers: Sequence[Follower] = ()
    accounts: AccountSource | None = None
    beside: Sequence[Callable[[threading.Event], None]] = ()
    counters: Counters = field(default_factory=Counters)
    _queue: queue.SimpleQueue[Message] = field(default_factory=queue.SimpleQueue)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Compute closed flights until ``stop`` is set; a window under way is finished.

        Raises:
            BrokerUnavailable: The subscription was refused.
        """
        self._stop = stop
        self.bus.subscribe((CLOSED,), self._queue.put)
        threads = [threading.Thread(target=work, args=(stop,), name=f"geo-{k}") for k, work in enumerate(self.beside)]
        for thread in threads:
            thread.start()
        ready()
        try:
            while not stop.is_set():
                for window in self._windows(self._waiting()):
                    self._handle(window)
                    if stop.is_set():
                        break
        except Stopped:
            log.warning("stopped while a store was away; the broker keeps what was not acknowledged")
        finally:
            if threads:
                stop.set()
            for thread in threads:
                thread.join()
            log.info("geo: %s", self.counters)

    def _waiting(self) -> list[Message]:
        """The messages that wait; waits a moment for the first one."""
        messages: list[Message] = []
        try:
            messages.append(self._queue.get(timeout=_POLL_S))
            while True:
                messages.append(self._queue.get_nowait())
        except queue.Empty:
            return messages

    def _windows(self, messages: Iterable[Message]) -> list[Window]:
        windows: list[Window] = []
        for message in messages:
            self.counters.messages += 1
            try:
                windows.append(parse_closed(message))
            except PayloadError as error:
                self.counters.malformed += 1
                log.warning("%s: %s; left out", message.topic, error)
                self.bus.acknowledge(message)
        return coalesce(windows)

    def _handle(self, window: Window) -> None:
        """Compute one window, and acknowledge what asked for it once the results are durable."""
        try:
            retried(lambda: self._compute(window), self._stop, self._note_outage)
        except ConfigError as error:
            self.counters.failed += 1
            log.warning("%s of %s: no area computed: %s", window.device, window.cooperative, error)
        except (CanhdongError, ShapelyError, ValueError, ArithmeticError):
            self.counters.failed += 1
            log.exception("%s of %s: no area computed", window.device, window.cooperative)
        for message in window.messages:
            self.bus.acknowledge(message)

    def _note_outage(self, error: RetriableError) -> None:
        self.counters.retries += 1
        log.warning("a store or the broker is away (%s); trying again", error)

    def _compute(self, window: Window) -> None:
        begun_s = time.perf_counter()
        done = recompute(
            self.store,
            self.registry,
            window.cooperative,
            window.device,
            window.start_ms,
            window.end_ms,
            self.gap_s,
            self.parameters,
            self.accounts,
        )
        took_ms = (time.perf_counter() - begun_s) * 1e3
        if self.archive is not None:
            span_ms = window.start_ms, window.end_ms
            owner, device = window.cooperative, window.device
            archived(self.archive, self.store, self.registry, owner, device, span_ms, done.results, self.gap_s)
        for follower in self.followers:
            follower.follow(done)
        self._tell(window, done.results)
        self.counters.windows += 1
        self.counters.flights += len(done.results)
        for flight, coverage in done.results:
            if coverage.no_area:
                log.warning("%s: %s", flight.flight, advice(flight))
            else:
                log.info(
                    "%s: %d fixes, net %.3f ha (%.0f ms)", flight.flight, flight.fixes, ha(coverage.net_m2), took_ms
                )

    def _tell(self, window: Window, results: Sequence[tuple[Flight, Coverage]]) -> None:
        topic = f"canhdong/v1/{window.cooperative}/drones/{window.device}/coverage"
        bodies = [{**summary(f, c), "live": False, "ts": f.end_ms} for f, c in results]
        under_way = [self.bus.publish(topic, json.dumps(body).encode()) for body in bodies]
        for delivery in under_way:
            if not delivery.wait(_PUBACK_S):
                raise RetriableError(f"no acknowledgement of a coverage within {_PUBACK_S:.0f} s")


def parse_closed(message: Message) -> Window:
    """Read a closed flight's message.

    Raises:
        PayloadError: (``schema``) It is not a JSON object with cooperative, device, start_ms and end_ms;
            (``identity``) it names another cooperative than its topic.
    """
    try:
        body: Any = json.loads(message.payload)
    except (ValueError, RecursionError) as error:
        raise PayloadError("schema", f"not JSON: {error}") from None
    if not isinstance(body, dict):
        raise PayloadError("schema", "not a JSON object")
    cooperative, device = body.get("cooperative"), body.get("device")
    start_ms, end_ms = body.get("start_ms"), body.get("end_ms")
    if not isinstance(cooperative, str) or not isinstance(device, str) or not device:
        raise PayloadError("schema", "cooperative and device must be texts")
    if type(start_ms) is not int or type(end_ms) is not int or end_ms < start_ms:
        raise PayloadError("schema", "start_ms and end_ms must be whole numbers, in order")
    owner = _TOPIC.fullmatch(message.topic)
    if owner is None or owner[1] != cooperative:
        raise PayloadError("identity", f"names cooperative {cooperative[:100]!r}")
    return Window(cooperative, device, start_ms, end_ms, (message,))


def coalesce(windows: Sequence[Window]) -> list[Window]:
    """Join windows of one device that overlap."""
    by_device: defaultdict[tuple[str, str], list[Window]] = defaultdict(list)
    for window in windows:
        by_device[window.cooperative, window.device].append(window)
    joined: list[Window] = []
    for some in by_device.values():
        some.sort(key=lambda w: w.start_ms)
        current = some[0]
        for window in some[1:]:
            if window.start_ms <= current.end_ms:
                end_ms = max(current.end_ms, window.end_ms)
                current = replace(current, end_ms=end_ms, messages=current.messages + window.messages)
            else:
                joined.append(current)
                current = window
        joined.append(current)
    return joined


def advice(flight: Flight) -> str:
    """What to do about a flight whose swath nobody knows, in one line."""
    day = local_day(flight.start_ms)
    word = flight.op.word if flight.op is not Operation.UNKNOWN else "OPERATION"
    return (
        f"no area, since nobody knows the swath width of {flight.device}: tell it with `canhdong calibration add "
        f"{flight.cooperative} NAME --drone {flight.device} --op {word} --day {day} --swath M`, "
        f"then run `canhdong coverage recompute --from {day} --to {day}`"
    )


def summary(flight: Flight, coverage: Coverage) -> dict[str, object]:
    """What is published of a flight's area: the figures that a live page shows, areas in m²."""
    return {
        "flight": flight.flight,
        "start_ms": flight.start_ms,
        "end_ms": flight.end_ms,
        "op": flight.op.word,
        "gross_m2": _rounded(coverage.gross_m2),
        "net_m2": _rounded(coverage.net_m2),
        "off_target_m2": _rounded(coverage.off_target_m2),
        "no_area": coverage.no_area or None,
        "plots": [
            {
                "plot": p.plot,
                "net_m2": _rounded(p.net_m2),
                "covered_pct": _rounded(p.covered_pct),
            }
            for p in coverage.plots
        ],
    }


def _rounded(figure: float) -> float | None:
    return None if math.isnan(figure) else round(figure, 2)
