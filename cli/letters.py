"""Dead letters for people and programs, and how they go out again: what several commands share."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cli import output, wiring
from core.errors import BrokerUnavailable
from core.localtime import iso_utc
from core.ports import DeadLetter, DeadLetters, Delivery, MessageBus

ACK_S = 30.0
AT_ONCE = 500
EVERYTHING = 2**31


@dataclass(frozen=True, slots=True)
class Replay:
    """How far a replay came: ``done`` of ``chosen`` letters are with the broker; ``fault`` says why not all are."""

    done: int
    chosen: int
    fault: str = ""


def document(letter: DeadLetter) -> dict[str, Any]:
    """A letter as JSON says it."""
    return {
        "number": letter.number,
        **letter.told(),
        "payload": text(letter.payload),
        "replayed": iso_utc(letter.replayed_ms) if letter.replayed_ms else None,
    }


def text(payload: bytes) -> str:
    """A payload as text; bytes that are no UTF-8 as escapes."""
    return payload.decode("utf-8", "backslashreplace")


def harmless(words: str) -> str:
    """Words of a device for a terminal: what does not print, such as an escape sequence, is written out."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in words)


def waiting(
    kept: DeadLetters, limit: int = EVERYTHING, *, reason: str = "", sender: str = "", form: str = ""
) -> list[int]:
    """Numbers of letters that were not replayed yet, in the order of arrival, at most so many.

    Only the numbers are held: the letters may be more than fits in memory. They are told before the first goes out,
    since what is still wrong with one makes a new letter.
    """
    found: list[int] = []
    after = 0
    while page := kept.letters(after, AT_ONCE, reason=reason, sender=sender, pending=True):
        after = page[-1].number
        found += [letter.number for letter in page if form in {"", letter.format}]
        if len(found) >= limit:
            break
    return found[: max(0, limit)]


def replay(kept: DeadLetters, numbers: Sequence[int]) -> Replay:
    """Publish letters to their topics again, over a connection of their own.

    Raises:
        ConfigError: The broker's address is wrong.
        NotFound: There is no such letter; those before it may be out.
    """
    if not numbers:
        return Replay(0, 0)
    try:
        # a client id of its own: two replays with the same one would throw each other out
        with wiring.bus(f"canhdong-replay-{os.getpid()}") as bus:
            return send(kept, numbers, bus)
    except BrokerUnavailable as error:
        return Replay(0, len(numbers), str(error))


def send(kept: DeadLetters, numbers: Sequence[int], bus: MessageBus, ack_s: float = ACK_S) -> Replay:
    """Publish letters over a bus; each is marked as replayed when the broker has it, and not before.

    A letter that the broker refuses is left, and the next ones go on. Where the broker takes nothing any more, or
    acknowledges nothing for ``ack_s`` seconds, this ends.
    """
    done, fault = 0, ""
    for first in range(0, len(numbers), AT_ONCE):
        some = [kept.letter(number) for number in numbers[first : first + AT_ONCE]]
        under_way, away = _publish(some, bus)
        taken, refused, late = _acknowledged(under_way, ack_s)
        kept.replayed(taken, time.time_ns() // 1_000_000)
        done += len(taken)
        fault = away or late or refused or fault
        if away or late:
            break
        output.note(f"{done} of {len(numbers)} letters are with the broker")
    return Replay(done, len(numbers), fault)


def _publish(some: Sequence[DeadLetter], bus: MessageBus) -> tuple[list[tuple[int, Delivery]], str]:
    """What could be handed over, by the letters' numbers, and what kept the rest from it."""
    under_way: list[tuple[int, Delivery]] = []
    for letter in some:
        try:
            delivery = bus.publish(letter.topic, letter.payload)
        except BrokerUnavailable as error:
            return under_way, str(error)
        under_way.append((letter.number, delivery))
    return under_way, ""


def _acknowledged(under_way: Sequence[tuple[int, Delivery]], ack_s: float) -> tuple[list[int], str, str]:
    """Numbers of the letters that the broker has; the last refusal; and whether it did not answer in time."""
    deadline = time.monotonic() + ack_s
    taken: list[int] = []
    refused = late = ""
    for number, delivery in under_way:
        try:
            if delivery.wait(max(0.0, deadline - time.monotonic())):
                taken.append(number)
            else:
                late = f"the broker has not acknowledged within {ack_s:.0f} s"
        except BrokerUnavailable as error:
            refused = str(error)
    return taken, refused, late
