"""Feeds the ring with what the broker delivers, and the listeners of this process from the ring.

Positions come from the feed while somebody listens; where it is silent, because there is no broker or nothing flies,
they come from the store. Every process of the API does the same, and the ring keeps each event once.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from api.live.desk import LiveDesk
from api.live.drafting import FILTERS, draft_of, positions
from core.errors import BrokerUnavailable, RetriableError
from core.live import LiveDraft, LiveFeed
from core.model.samples import Fix
from core.ports import Message, MessageBus

_LOG: Final = logging.getLogger("api.live")
TICK_S: Final = 0.5
QUIET_MS: Final = 3_000
"""A cooperative of which the feed tells nothing for so long is looked up in the store, as often."""
RETRY_MS: Final = 30_000
WAITING: Final = 20_000
_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Connection:
    """What a broker gives: what geo publishes, and the fixes of flying drones."""

    bus: MessageBus
    feed: LiveFeed

    def close(self) -> None:
        """Let go of the broker."""
        self.feed.close()
        self.bus.close()


class Feeder:
    """Runs in a thread of its own; see :meth:`run`."""

    def __init__(
        self, desk: LiveDesk, connect: Callable[[], Connection], latest: Callable[[str], Sequence[Fix]]
    ) -> None:
        """Feed a desk.

        Args:
            desk: The ring and the listeners.
            connect: Opens the broker; may raise ``BrokerUnavailable``.
            latest: The last fix of each drone of a cooperative; may raise ``StoreUnavailable``.
        """
        self._desk = desk
        self._connect = connect
        self._latest = latest
        self._connection: Connection | None = None
        self._tried_ms = -RETRY_MS
        self._messages: queue.Queue[Message] = queue.Queue(WAITING)
        self._kept: list[LiveDraft] = []
        self._heard_ms: dict[str, int] = {}
        self._seen = 0
        self.faults = 0
        self.lost = 0
        """Messages that were not taken in: too many at once, or nothing that geo publishes."""

    def run(self, stop: threading.Event) -> None:
        """Feed until it is told to stop; then all streams end."""
        begun = False
        while not stop.is_set():
            try:
                if not begun:
                    self.begin()
                    begun = True
                self.tick(TICK_S)
            except RetriableError as error:
                _LOG.warning("live: %s", error)
            except Exception:  # noqa: BLE001 - the outermost loop of the thread: a fault must not silence the stream
                self.faults += 1
                _LOG.exception("live: a fault; going on")
            else:
                if self._connection is not None:
                    continue  # it has waited for the feed
            stop.wait(TICK_S)
        self.end()

    def begin(self) -> None:
        """Listen to the broker, where there is one, and then to the ring. Raises ``StoreUnavailable``."""
        self._connected(self._now())
        self._desk.ring.begin(self._now())
        self._seen = self._desk.ring.head()

    def end(self) -> None:
        """Let go of everything."""
        self._desk.hub.close()
        with suppress(RetriableError):
            self._desk.ring.end()
        if self._connection is not None:
            self._connection.close()

    def tick(self, wait_s: float) -> None:
        """Take in what came, wait for fixes at most so long, and tell it.

        Raises:
            StoreUnavailable: The ring or the registry is away; positions come again with the next ones.
        """
        self._connected(self._now())
        messages = self._arrived()
        drafts = [*self._kept, *self._drafts(messages)]
        try:
            drafts += self._positions(wait_s)
        finally:
            self._kept = drafts[-WAITING:]  # should the ring be away
            early = self._desk.ring.add(drafts, self._now())
            self._kept = list({(it.cooperative, it.slot): it for it in sorted(early, key=_by_time)}.values())
        if self._connection is not None and messages:
            self._connection.bus.acknowledge(*messages)
        self._tell()

    def _tell(self) -> None:
        """Let the listeners hear what any process has put into the ring."""
        if not len(self._desk.hub):
            self._seen = max(self._seen, self._desk.ring.head())
            return
        while events := self._desk.ring.since(self._seen, _AT_ONCE):
            self._desk.hub.publish(events, self._desk.ring.epoch)
            self._seen = events[-1].number

    def _arrived(self) -> list[Message]:
        """What geo has published."""
        taken: list[Message] = []
        with suppress(queue.Empty):
            while len(taken) < _AT_ONCE:
                taken.append(self._messages.get_nowait())
        return taken

    def _drafts(self, messages: Sequence[Message]) -> list[LiveDraft]:
        found = [draft for message in messages if (draft := draft_of(message)) is not None]
        self.lost += len(messages) - len(found)
        return found

    def _positions(self, wait_s: float) -> list[LiveDraft]:
        found: list[LiveDraft] = []
        now_ms = self._now()
        if self._connection is not None:
            shares = self._connection.feed.take(wait_s, lambda owner, _: self._desk.hub.wanted(owner, now_ms))
            for cooperative, samples in shares.items():
                self._heard_ms[cooperative] = now_ms
                found += positions(cooperative, [it for it in samples if isinstance(it, Fix)])
        for cooperative in self._desk.hub.audience():
            if now_ms - self._heard_ms.get(cooperative, 0) >= QUIET_MS:
                self._heard_ms[cooperative] = now_ms
                found += positions(cooperative, self._latest(cooperative))
        return found

    def _connected(self, now_ms: int) -> None:
        """Connect, where that has not been done and was not tried a moment ago."""
        if self._connection is not None or now_ms - self._tried_ms < RETRY_MS:
            return
        self._tried_ms = now_ms
        try:
            connection = self._connect()
        except BrokerUnavailable as error:
            _LOG.warning("live: no broker (%s): positions come from the store, coverage and alerts do not come", error)
            return
        try:
            connection.bus.subscribe(FILTERS, self._put, qos=1)
        except BrokerUnavailable as error:
            connection.close()
            _LOG.warning("live: %s", error)
            return
        self._connection = connection
        self._desk.source = "broker"

    def _put(self, message: Message) -> None:
        """Let the oldest go where too many wait: live figures are none of yesterday's."""
        while True:
            try:
                self._messages.put_nowait(message)
            except queue.Full:
                with suppress(queue.Empty):
                    self._dropped(self._messages.get_nowait())
            else:
                return

    def _dropped(self, message: Message) -> None:
        self.lost += 1
        if self._connection is not None:
            self._connection.bus.acknowledge(message)

    def _now(self) -> int:
        return self._desk.clock.now_ms()


def _by_time(draft: LiveDraft) -> int:
    return draft.ts_ms
