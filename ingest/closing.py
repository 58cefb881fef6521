"""Tells of flights that have ended, and sends what waits in the outbox: the work of one ingester at a time.

Every ingester notes in the intake store what its batches told of drones' times; whoever holds the lease watches them
for ends of flights. What is to be published is kept in the outbox until the broker has it, so that no closed flight is
forgotten in a crash; one may be told twice, which only computes the same again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Final

from core.errors import RetriableError
from core.ports import Clock, MessageBus
from ingest import topics
from ingest.counters import Counters
from ingest.flightwatch import FlightWatch, Window
from ingest.ports import Ports

log = logging.getLogger("canhdong.ingest")

LEASE: Final = "closing"
_AT_ONCE: Final = 1_000
_PUBACK_S: Final = 10.0


class Closing:
    """The watch of flights and the outbox. One thread calls it."""

    def __init__(  # noqa: PLR0917
        self,
        bus: MessageBus,
        ports: Ports,
        clock: Clock,
        counters: Counters,
        gap_s: float,
        caught_up: Callable[[], bool],
    ) -> None:
        self._bus = bus
        self._ports = ports
        self._intake = ports.intake
        self._clock = clock
        self._counters = counters
        self._watch = FlightWatch(gap_s)
        self._caught_up = caught_up
        self._holds = False

    @property
    def holds(self) -> bool:
        """Whether this process watches: it holds the lease."""
        return self._holds

    @property
    def open(self) -> int:
        """How many drones are in flight, as far as this process watches."""
        return self._watch.open

    def step(self) -> bool:
        """Watch what is new and send what waits; whether there was anything to do.

        Raises:
            RetriableError: A store or the broker is away; nothing is lost.
        """
        if not self._holds:
            if not self._intake.lease(LEASE):
                return False
            self._recover()
            self._holds = True
        return self._look() | self._send()

    def _recover(self) -> None:
        """Take the newest fix of each drone as the begin of an open window: whether it was closed is not known."""
        now_ms = self._clock.now_ms()
        for cooperative in self._ports.registry.cooperatives():
            name = cooperative.cooperative
            self._watch.recover(name, self._ports.telemetry.latest_fixes(name), now_ms)

    def _look(self) -> bool:
        rows = self._intake.activity(_AT_ONCE)
        now_ms = self._clock.now_ms()
        closed = [window for _, activity in rows for window in self._watch.observe(activity, now_ms)]
        if len(rows) < _AT_ONCE and self._caught_up():
            closed += self._watch.silent(now_ms)
        if rows or closed:
            self._intake.watched(rows[-1][0] if rows else 0, [_letter(window) for window in closed])
            self._counters.closed += len(closed)
        return bool(rows)

    def _send(self) -> bool:
        letters = self._intake.outbox(_AT_ONCE)
        under_way = [self._bus.publish(topic, payload) for _, topic, payload in letters]
        for delivery in under_way:
            if not delivery.wait(_PUBACK_S):
                raise RetriableError(f"the broker did not acknowledge a message of ours within {_PUBACK_S:.0f} s")
        if letters:
            self._intake.sent([number for number, _, _ in letters])
        return bool(letters)


def _letter(window: Window) -> tuple[str, bytes]:
    body = {
        "cooperative": window.cooperative,
        "device": window.device,
        "start_ms": window.start_ms,
        "end_ms": window.end_ms,
        "reason": window.reason,
    }
    return topics.closed_topic(window.cooperative), json.dumps(body).encode()
