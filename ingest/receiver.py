"""From the broker into the spool: what has come is appended in groups, fsynced, and only then acknowledged.

While one group is on its way to the disk the next one gathers, so that a broker with a small window does not stall.
Where the disk is full nothing is acknowledged; the broker's window fills up, and the broker keeps the rest.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Final

from core.errors import RetriableError
from core.ports import Message, MessageBus
from core.retry import Stopped, retried
from ingest.lanes import Lanes

log = logging.getLogger("canhdong.ingest")

WAITING: Final = 65_535
"""As many messages as MQTT 5 lets a broker have in flight to one client."""
_GROUP: Final = 5_000
_GROUP_BYTES: Final = 1 << 20
_POLL_S: Final = 0.2
_SHORT_S: Final = 0.005
_ENOUGH: Final = 500
_LINGER_S: Final = 0.001
_LINGERS: Final = 4


class Receiver:
    """A slot's way from the bus to the spool: :meth:`take` runs on the bus's thread, :meth:`run` on one of its own."""

    def __init__(self, bus: MessageBus, lanes: Lanes, stop: threading.Event, appended: threading.Event) -> None:
        self._bus = bus
        self._lanes = lanes
        self._stop = stop
        self._appended = appended
        self._waiting: deque[Message] = deque()
        self._wake = threading.Event()
        self.stuck = ""

    @property
    def waiting(self) -> int:
        """Messages that have come and are not yet on the disk."""
        return len(self._waiting)

    def take(self, message: Message) -> None:
        """Take a message from the bus; blocks the bus's thread while far too many wait."""
        while len(self._waiting) >= WAITING and not self._stop.is_set():
            time.sleep(_SHORT_S)
        if not self._stop.is_set():
            self._waiting.append(message)
            if not self._wake.is_set():
                self._wake.set()

    def run(self) -> None:
        """Append and acknowledge until ``stop`` is set; then what has come by then."""
        try:
            while not self._stop.is_set():
                self._wake.wait(_POLL_S)
                self._wake.clear()
                self._gather()
                self._flush()
            self._flush()
        except Stopped:
            log.warning("stopped while the spool took nothing; the broker keeps what was not acknowledged")

    def _gather(self) -> None:
        """Let a group grow for a few ms: each costs an fsync. Where the broker's window is full no more will come."""
        enough = min(_ENOUGH, self._bus.window)
        for _ in range(_LINGERS):
            if not self._waiting or len(self._waiting) >= enough:
                return
            time.sleep(_LINGER_S)

    def _flush(self) -> None:
        while self._waiting:
            group = self._group()
            begin = self._lanes.spool.end
            end = retried(lambda: self._lanes.spool.append(group), self._stop, self._say)  # noqa: B023 - called at once
            if self.stuck:
                log.info("the spool takes messages again")
                self.stuck = ""
            self._bus.acknowledge(*group)
            self._lanes.hand_over(begin, end, group)
            self._appended.set()

    def _group(self) -> list[Message]:
        """The next messages to append, not more than fit into any spool that is empty."""
        group: list[Message] = []
        size = 0
        while self._waiting and len(group) < _GROUP and size < _GROUP_BYTES:
            message = self._waiting.popleft()
            size += len(message.payload) + len(message.topic)
            group.append(message)
        return group

    def _say(self, error: RetriableError) -> None:
        if not self.stuck:
            log.error("%s; nothing is acknowledged until there is room: the broker keeps what comes", error)
        self.stuck = str(error)
