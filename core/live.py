"""What happens right now: the feed of flying drones of every payload format, and the ring of live events.

The feed hands out samples as they come, never twice as sure. The ring keeps what the live stream of the API has told,
so that whoever was away for a moment hears the rest, from whichever process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.model.samples import Event, Fix

LiveSample = Fix | Event
Wanted = Callable[[str, str], bool]
"""Whether somebody wants the samples of a cooperative's device."""


class LiveFeed(Protocol):
    """Fixes and events of drones, checked as ingest checks them, at most once: what gets lost is in the store."""

    def take(self, timeout_s: float, wanted: Wanted) -> Mapping[str, Sequence[LiveSample]]:
        """What came since, by cooperative; waits so long for the first message.

        Raises:
            StoreUnavailable: The registry could not say whose the messages are; they are lost.
        """
        ...

    def close(self) -> None:
        """Let go of the broker."""
        ...


class LiveKind(StrEnum):
    """What an event of the live stream tells."""

    POSITION = "position"
    COVERAGE = "coverage"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class LiveDraft:
    """An event that wants to be told; ``body`` is one line of JSON.

    ``slot`` names what a later event of the same kind replaces (a drone, a flight of a drone, an alert); ``ts_ms`` is
    the device's time. Where ``pace_ms`` is not 0, a slot is told of at most once in so many ms, and never of what is
    older than what was told. ``over``: nothing stands of the slot any more.
    """

    cooperative: str
    kind: LiveKind
    slot: str
    ts_ms: int
    body: str
    pace_ms: int = 0
    over: bool = False


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """An event as it was told; numbers rise over all cooperatives."""

    number: int
    cooperative: str
    kind: LiveKind
    body: str


@dataclass(frozen=True, slots=True)
class LiveState:
    """What stands of one cooperative: the last event of each slot, and the number that the stream goes on after."""

    number: int
    events: tuple[LiveEvent, ...]


class LiveRing(Protocol):
    """The last minutes of events, shared by all processes of the API on one machine.

    Raises:
        StoreUnavailable: From every method, where the ring cannot be read or written.
    """

    @property
    def epoch(self) -> str:
        """A short name of this ring: numbers of another one mean nothing here."""
        ...

    def begin(self, now_ms: int) -> None:
        """Tell that a process listens from now on; what nobody can have heard of before is not to be resumed from."""
        ...

    def add(self, drafts: Sequence[LiveDraft], now_ms: int) -> list[LiveDraft]:
        """Keep events, each content once, whichever process adds it; those that come too early are handed back."""
        ...

    def since(self, number: int, limit: int) -> list[LiveEvent]:
        """Events of all cooperatives after a number, at most so many, in order."""
        ...

    def head(self) -> int:
        """The number of the last event."""
        ...

    def replay(self, cooperative: str, number: int, most: int) -> list[LiveEvent] | None:
        """One cooperative's events after a number.

        None where some of them may be gone, where the number was never given, or where there are more than ``most``.
        """
        ...

    def state(self, cooperative: str, now_ms: int) -> LiveState:
        """What stands of one cooperative."""
        ...

    def end(self) -> None:
        """Tell that this process does not listen any more."""
        ...

    def close(self) -> None:
        """Release files."""
        ...
