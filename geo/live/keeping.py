"""Alerts that were raised into the store that keeps them; a store that is away delays that, and nothing else."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from core.alerts import AlertLog
from core.errors import CanhdongError, RetriableError
from core.model.context import Alert

log = logging.getLogger("canhdong.geo.live")

MOST_WAITING: Final = 10_000
RETRY_MS: Final = 5_000
Waiting = tuple[str, str, str, Alert]
"""Cooperative, drone and flight of an alert."""


@dataclass(slots=True)
class AlertKeeper:
    """Keeps alerts in their order; where more wait than may, the oldest are lost, and counted."""

    store: AlertLog
    most_waiting: int = MOST_WAITING
    lost: int = 0
    _waiting: deque[Waiting] = field(default_factory=deque)
    _again_ms: int = 0

    def take(self, cooperative: str, device: str, flight: str, alert: Alert) -> None:
        """Keep an alert with the next :meth:`flush`."""
        self._waiting.append((cooperative, device, flight, alert))
        while len(self._waiting) > self.most_waiting:
            self._waiting.popleft()
            self.lost += 1

    def flush(self, now_ms: int) -> None:
        """Write what waits, unless the store was away a moment ago; never raises what a store may raise."""
        if now_ms < self._again_ms:
            return
        while self._waiting:
            it = self._waiting.popleft()  # before it is tried: one that is at fault is not tried for ever
            try:
                self.store.note_alert(*it)
            except RetriableError as error:
                self._waiting.appendleft(it)
                self._again_ms = now_ms + RETRY_MS
                log.warning("%d alerts wait to be kept: %s", len(self._waiting), error)
                return
            except CanhdongError as error:
                self.lost += 1
                log.warning("an alert of %s is not kept: %s", it[:3], error)
