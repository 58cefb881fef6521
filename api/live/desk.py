"""The ring and the listeners together: what somebody hears first, and where it goes on from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from api.live import frames
from api.live.drafting import position
from api.live.hub import Hub, Listener
from core.live import LiveKind, LiveRing
from core.model.samples import Fix
from core.ports import Clock

MOST_REPLAYED: Final = 2_000
"""Whoever has missed more starts anew: what stands is shorter to tell."""
RETRY_MS: Final = 3_000
ALONE_MS: Final = 15_000

Source = Literal["broker", "store"]


@dataclass(frozen=True, slots=True)
class Times:
    """How long things take: seconds.

    Attributes:
        heartbeat_s: Where nothing is told for so long, a comment is.
        patience_s: A client that takes nothing for so long is cut off.
        life_s: A stream ends after this, and the client comes again: its credential is then looked at anew.
    """

    heartbeat_s: float = 15.0
    patience_s: float = 20.0
    life_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Opening:
    """The first bytes of a stream, and the number of the last event that they tell."""

    data: bytes
    number: int


def alone(fixes: Iterable[Fix]) -> bytes:
    """A stream where nobody feeds one: where the drones are, and the end; browsers come again after a while."""
    parts = [frames.retry(ALONE_MS), frames.told("reset", reason="first")]
    parts += [frames.frame(LiveKind.POSITION.value, position(fix)) for fix in fixes]
    return b"".join([*parts, frames.told("ready", source="store")])


@dataclass(frozen=True, slots=True)
class Line:
    """What a stream needs beside its listener: how long things take, and how the listener leaves, with the reason."""

    times: Times
    leave: Callable[[Listener, str], None]


@dataclass(slots=True)
class LiveDesk:
    """The events of all cooperatives; :mod:`api.tenancy` hands out one's own.

    ``source`` tells where events come from: without a broker there are positions only.
    """

    ring: LiveRing
    clock: Clock
    hub: Hub = field(default_factory=Hub)
    source: Source = "store"
    times: Times = Times()

    def opening(self, cooperative: str, last_id: str, fixes: Iterable[Fix]) -> Opening:
        """What a listener hears first: the events since the last one that it heard, else all that stands.

        Args:
            cooperative: Whose.
            last_id: Its Last-Event-ID; "" where it has none.
            fixes: The last fix of each drone, for who starts anew.
        """
        epoch = self.ring.epoch
        number = frames.number_of(last_id, epoch)
        missed = None if number is None else self.ring.replay(cooperative, number, MOST_REPLAYED)
        begin = frames.retry(RETRY_MS)
        if missed is not None and number is not None:
            last = missed[-1].number if missed else number
            return Opening(begin + b"".join(frames.of_event(it, epoch) for it in missed), last)
        reason = "first" if not last_id else "gone" if number is not None else "unknown-id"
        return self._anew(cooperative, reason, fixes)

    @property
    def line(self) -> Line:
        """What a stream works with: it tells its listener, and can ask for nobody else's events."""
        return Line(self.times, lambda listener, reason: self.hub.leave(listener, self.clock.now_ms(), reason))

    def _anew(self, cooperative: str, reason: str, fixes: Iterable[Fix]) -> Opening:
        state = self.ring.state(cooperative, self.clock.now_ms())
        standing = [it for it in state.events if it.kind is not LiveKind.POSITION]
        parts = [frames.retry(RETRY_MS), frames.told("reset", reason=reason)]
        parts += [frames.frame(LiveKind.POSITION.value, position(fix)) for fix in fixes]
        parts += [frames.frame(it.kind.value, it.body) for it in standing]
        # only here the id: whoever is cut off before has to start anew
        parts.append(frames.told("ready", frames.event_id(self.ring.epoch, state.number), source=self.source))
        return Opening(b"".join(parts), state.number)
