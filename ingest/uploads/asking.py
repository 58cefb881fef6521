"""Asks the geo service over the broker, as ingest does when a flight has closed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Final

from core.errors import RetriableError
from core.ports import MessageBus
from ingest import topics

_PUBACK_S: Final = 10.0


class BusAsker:
    """A :class:`core.uploads.Asker`. It connects when it is first needed, and again after a broken connection."""

    def __init__(self, connect: Callable[[], MessageBus]) -> None:
        self._connect = connect
        self._bus: MessageBus | None = None
        self._lock = threading.Lock()

    def ask(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> None:
        """See the port."""
        body = {
            "cooperative": cooperative,
            "device": device,
            "start_ms": start_ms,
            "end_ms": end_ms,
            "reason": "upload",
        }
        with self._lock:
            try:
                self._publish(topics.closed_topic(cooperative), json.dumps(body).encode())
            except RetriableError:
                self._drop()
                raise

    def close(self) -> None:
        """Disconnect."""
        with self._lock:
            self._drop()

    def _publish(self, topic: str, payload: bytes) -> None:
        if self._bus is None:
            self._bus = self._connect()
        if not self._bus.publish(topic, payload).wait(_PUBACK_S):
            raise RetriableError(f"the broker did not acknowledge within {_PUBACK_S:.0f} s")

    def _drop(self) -> None:
        if self._bus is not None:
            self._bus.close()
            self._bus = None
