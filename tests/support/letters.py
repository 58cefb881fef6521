"""Dead letters of two unknown senders, and what a broker delivers of them."""

from __future__ import annotations

from queue import Empty, SimpleQueue

import pytest

from core.ports import DeadLetter, Message

EUI = "24e124136b316231"
UPLINK = f"application/1/device/{EUI}/event/up"
NATIVE = "canhdong/v1/htx/drones/d9/telemetry"
LETTERS = (
    DeadLetter(1_000, UPLINK, b'{"n":1}', "identity", "lạ", format="chirpstack_v4", sender=EUI),
    DeadLetter(2_000, UPLINK, b'{"n":2}', "identity", "lạ", format="chirpstack_v4", sender=EUI),
    DeadLetter(3_000, NATIVE, b"[]", "identity", "lạ", format="native_json", sender="htx/d9"),
    DeadLetter(4_000, NATIVE, b"\xff{", "schema", "hỏng", format="native_json", sender="htx/d9"),
)
"""In a new store they get the numbers 1 to 4."""


def taken(inbox: SimpleQueue[Message], count: int) -> list[tuple[str, bytes]]:
    """So many messages, and no more, by topic and payload."""
    got = [inbox.get(timeout=10.0) for _ in range(count)]
    with pytest.raises(Empty):
        inbox.get(timeout=0.1)
    return sorted((m.topic, m.payload) for m in got)
