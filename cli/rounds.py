"""A replay's rounds: when each is dated, what lies between two of them, and what was published in all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final

from cli import output
from cli.shifts import ShiftTime
from core.ports import Clock

if TYPE_CHECKING:
    from simulators.sending.player import Published

PAUSE_MS: Final = 60_000
"""Between the last of a round and the first of the next."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a round begins and ends by its own times, and when its first fix is (ms since 1970 UTC)."""

    first_ms: int
    last_ms: int
    first_fix_ms: int

    @property
    def period_ms(self) -> int:
        """From the first of a round to the first of the next."""
        return self.last_ms - self.first_ms + PAUSE_MS


@dataclass(frozen=True, slots=True)
class Rounds:
    """How a replay runs: ``rounds`` times (0: again and again), so many times faster than real time."""

    rounds: int
    speed: float
    shift: ShiftTime
    clock: Clock
    stop: threading.Event

    def run(self, span: Span, play: Callable[[int, int], Published]) -> Published:
        """Play all rounds: ``play(number, shift_ms)`` plays one. What was published in all.

        A round that is dated to the wall clock never reaches into the future: where rounds go faster than time, the
        next one waits for its time.
        """
        told: Published | None = None
        shift_ms = self.first_shift_ms(span)
        for number in count() if self.rounds == 0 else range(self.rounds):
            if number and self.stop.wait(self._pause_s(span, shift_ms)):
                break
            published = play(number, shift_ms)
            told = published if told is None else _added(told, published)
            if self.stop.is_set():
                break
            if self.rounds != 1:
                output.note(f"round {number + 1}{f' of {self.rounds}' if self.rounds else ''} is published")
            shift_ms += span.period_ms
        assert told is not None  # noqa: S101 - there is a first round
        return told

    def first_shift_ms(self, span: Span) -> int:
        """Milliseconds to add to the times of the first round."""
        if self.shift.kind == "by":
            return self.shift.ms
        if self.shift.kind == "first":
            return self.shift.ms - span.first_fix_ms
        last_ms = span.last_ms + (max(self.rounds, 1) - 1) * span.period_ms
        return self._ending_now_ms(span.first_ms, last_ms)

    def _ending_now_ms(self, first_ms: int, last_ms: int) -> int:
        """The shift with which what begins now ends at the wall clock; slower than time, it begins there."""
        now_ms = self.clock.now_ms()
        if self.speed == 0.0:
            return now_ms - last_ms
        return now_ms - first_ms if self.speed < 1.0 else now_ms + int((last_ms - first_ms) / self.speed) - last_ms

    def _pause_s(self, span: Span, shift_ms: int) -> float:
        """Seconds of wall time before the next round, which has this shift."""
        pause_s = PAUSE_MS / 1000.0 / self.speed if self.speed else 0.0
        if self.rounds or self.shift.kind != "now":
            return pause_s
        ahead_ms = shift_ms - self._ending_now_ms(span.first_ms, span.last_ms)
        return max(pause_s, ahead_ms / 1000.0)


def _added(one: Published, other: Published) -> Published:
    return replace(
        one,
        messages=one.messages + other.messages,
        fixes=one.fixes + other.fixes,
        events=one.events + other.events,
        readings=one.readings + other.readings,
        wall_s=one.wall_s + other.wall_s,
        as_they_are=one.as_they_are + other.as_they_are,
    )


def words(published: Published) -> str:
    """What was published, for the person."""
    counts = {
        "fixes": published.fixes,
        "events": published.events,
        "readings": published.readings,
        "recorded messages": published.as_they_are,
    }
    told = ", ".join(f"{n:,} {what}" for what, n in counts.items() if n) or "nothing"
    return (
        f"published {told} in {published.messages:,} messages within {published.wall_s:.1f} s; "
        "the broker acknowledged them all"
    )
