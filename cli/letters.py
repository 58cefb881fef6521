"""Dead letters for people and programs, and how they go out again: what several commands share."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from typing import Any

from cli import output, wiring
from core.errors import BrokerUnavailable
from core.localtime import iso_utc
from core.ports import DeadLetter, DeadLetters, Delivery

ACK_S = 30.0
_AT_ONCE = 500


def document(letter: DeadLetter) -> dict[str, Any]:
    """A letter as JSON says it."""
    return {
        "number": letter.number,
        "received": iso_utc(letter.received_ms),
        "topic": letter.topic,
        "format": letter.format,
        "sender": letter.sender,
        "reason": letter.reason,
        "message": letter.message,
        "payload": text(letter.payload),
        "payload_base64": base64.b64encode(letter.payload).decode(),
        "replayed": iso_utc(letter.replayed_ms) if letter.replayed_ms else None,
    }


def text(payload: bytes) -> str:
    """A payload as text; bytes that are no UTF-8 as escapes."""
    return payload.decode("utf-8", "backslashreplace")


def replay(letters: DeadLetters, chosen: Sequence[DeadLetter]) -> int:
    """Publish letters to their topics again; each is marked when the broker has it. Gives how many.

    Raises:
        BrokerUnavailable: The broker does not take them; those that it has are marked.
    """
    done = 0
    with wiring.bus("canhdong-replay") as bus:
        for first in range(0, len(chosen), _AT_ONCE):
            some = chosen[first : first + _AT_ONCE]
            under_way: list[tuple[DeadLetter, Delivery]] = [(it, bus.publish(it.topic, it.payload)) for it in some]
            taken = [letter.number for letter, delivery in under_way if delivery.wait(ACK_S)]
            letters.replayed(taken, time.time_ns() // 1_000_000)
            done += len(taken)
            if len(taken) < len(some):
                raise BrokerUnavailable(f"the broker took {done} of {len(chosen)} letters")
            output.note(f"{done} of {len(chosen)} letters are with the broker")
    return done
