"""Server-sent events as they go over the wire (WHATWG HTML, 9.2): lines of text, an empty line after each event."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from core.live import LiveEvent

MEDIA_TYPE: Final = "text/event-stream"
HEARTBEAT: Final = b":\n\n"
"""A comment: it keeps the connection, and what stands between, awake."""
_ID: Final = re.compile(r"([0-9a-f]{1,32})-([0-9]{1,18})", re.ASCII)


def event_id(epoch: str, number: int) -> str:
    """What the browser sends back as Last-Event-ID."""
    return f"{epoch}-{number}"


def number_of(text: str, epoch: str) -> int | None:
    """The number in a Last-Event-ID; None where it is not one of this ring's."""
    found = _ID.fullmatch(text)
    return int(found[2]) if found and found[1] == epoch else None


def frame(event: str, body: str, identifier: str = "") -> bytes:
    """One event; ``body`` has one line."""
    head = f"id: {identifier}\n" if identifier else ""
    return f"{head}event: {event}\ndata: {body}\n\n".encode()


def told(event: str, identifier: str = "", **body: Any) -> bytes:
    """One event of the stream itself: reset, ready, dropped."""
    return frame(event, json.dumps(body, separators=(",", ":")), identifier)


def of_event(event: LiveEvent, epoch: str) -> bytes:
    """One event of the ring."""
    return frame(event.kind.value, event.body, event_id(epoch, event.number))


def retry(wait_ms: int) -> bytes:
    """How long a browser waits before it comes again."""
    return f"retry: {wait_ms}\n\n".encode()
