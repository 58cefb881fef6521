"""The live feed: what ingest's codecs and checks make of the messages that the broker delivers right now."""

from __future__ import annotations

import queue
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from core.errors import PayloadError
from core.live import LiveSample, Wanted
from core.model.samples import Event, Fix
from core.ports import Message, MessageBus
from ingest import topics
from ingest.dispatch import filters
from ingest.pipeline import NOBODY, Pipeline

WAITING: Final = 20_000
"""So many messages may wait; what comes on top is dropped: live figures are none of yesterday's."""


class CodecFeed:
    """Decodes with ingest's own pipeline, over a subscription that nobody keeps: QoS 0, no session."""

    def __init__(self, bus: MessageBus, pipeline: Pipeline, codecs: Sequence[str]) -> None:
        """Subscribe to what the codecs read.

        Args:
            bus: A connection of its own.
            pipeline: What decodes and checks; it belongs to this feed alone.
            codecs: Names of codecs.

        Raises:
            BrokerUnavailable: The subscription was refused.
        """
        self._bus = bus
        self._pipeline = pipeline
        self._waiting: queue.Queue[Message] = queue.Queue(WAITING)
        self.dropped = 0
        bus.subscribe(filters(codecs), self._put, qos=0)

    def take(self, timeout_s: float, wanted: Wanted) -> dict[str, list[LiveSample]]:
        """See :class:`core.live.LiveFeed`."""
        messages = [m for m in self._messages(timeout_s) if not m.retained and _may_be_wanted(m.topic, wanted)]
        found: defaultdict[str, list[LiveSample]] = defaultdict(list)
        for cooperative, share in self._pipeline.process(messages).shares.items():
            if cooperative != NOBODY:
                chosen = [s for s in share.samples if isinstance(s, Fix | Event) and wanted(cooperative, s.device)]
                if chosen:
                    found[cooperative] += chosen
        return dict(found)

    def close(self) -> None:
        """See :class:`core.live.LiveFeed`."""
        self._bus.close()

    def _put(self, message: Message) -> None:
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            self.dropped += 1

    def _messages(self, timeout_s: float) -> list[Message]:
        found: list[Message] = []
        try:
            found.append(self._waiting.get(timeout=timeout_s))
            while True:
                found.append(self._waiting.get_nowait())
        except queue.Empty:
            return found


def _may_be_wanted(topic: str, wanted: Wanted) -> bool:
    """Whether a message must be decoded: our own topics name the device, others may hold anybody's."""
    try:
        address = topics.parse(topic)
    except PayloadError:
        return True
    return wanted(address.cooperative, address.device)
