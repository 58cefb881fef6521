"""The live stream of the API: its ring, and the thread that feeds it from the broker or the store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from cli import wiring
from core.ports import Clock

if TYPE_CHECKING:
    from api.live.desk import LiveDesk

_LEAVE_S = 10.0
_KEPT_S = 60
"""So long the broker keeps alerts for a process that has lost its connection."""


@contextmanager
def fed(stores: wiring.Stores, clock: Clock, stop: threading.Event) -> Iterator[LiveDesk]:
    """A live stream that is fed until ``stop``; it works without a broker, too."""
    from api.live.desk import LiveDesk  # noqa: PLC0415
    from api.live.feeder import Connection, Feeder  # noqa: PLC0415

    name = f"canhdong-api-{uuid4().hex[:8]}"

    def connect() -> Connection:
        with ExitStack() as failing:
            bus = failing.enter_context(closing(wiring.bus(name, kept_s=_KEPT_S)))
            feed = wiring.live_feed(stores.registry, f"{name}-feed")
            failing.pop_all()
        return Connection(bus, feed)

    with closing(wiring.live_ring()) as ring:
        desk = LiveDesk(ring, clock)
        feeder = Feeder(desk, connect, stores.telemetry.latest_fixes)
        thread = threading.Thread(target=feeder.run, args=(stop,), name="live", daemon=True)
        thread.start()
        try:
            yield desk
        finally:
            stop.set()
            thread.join(_LEAVE_S)
