"""What of a spool is still to be processed: a live lane without an end, and older stretches beside it.

Where processing has fallen behind (the store was away), the live lane jumps to the newest message, and what lies before
becomes a stretch of its own: old data drains in order beside live data. Messages that were appended just now are handed
over in memory, so that the disk is read only by who has fallen behind.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec

from core.intake import Range, Spool
from core.ports import Message

ENDLESS: Final = -1
BEHIND_MS: Final = 10_000
"""Live data older than this has fallen behind ..."""
BEHIND_BYTES: Final = 2 << 20
"""... and so much of it is worth a lane of its own."""
_HANDED: Final = 20_000
_SPAN_MS: Final = 1_000


class Work(msgspec.Struct):
    """Messages to process, the lane (its place in the list) that they belong to, and the position behind them.

    ``groups`` are the positions where groups of messages begin, each with the place of its first message.
    """

    messages: list[Message]
    lane: int
    begin: int
    end: int
    groups: list[tuple[int, int]]

    def position(self, place: int) -> int:
        """A number of a message that no other message of the spool has, and that stays over restarts."""
        at = bisect_right(self.groups, place, key=lambda group: group[1]) - 1
        position, first = self.groups[at]
        return position + place - first


class Lanes:
    """One spool's lanes. One thread processes; another hands over what was appended.

    Args:
        name: The spool's name in the intake store.
        spool: What is read.
        todo: What is still to be processed.

    ``known_end`` is where the spool ended at the start: what lies before may have been processed, but not committed.
    """

    def __init__(self, name: str, spool: Spool, todo: Sequence[Range]) -> None:
        self.name = name
        self.spool = spool
        self._todo = [list(lane) for lane in todo]
        spool.advance(self._todo[-1][0])
        self.known_end = spool.end
        self.oldest_ms = 0
        self._handed: deque[tuple[int, int, list[Message]]] = deque()
        self._in_memory = 0
        self._counting = threading.Lock()

    def hand_over(self, begin: int, end: int, messages: list[Message]) -> None:
        """Tell of a group that was appended between two positions; past 20,000 messages it is left to the disk."""
        with self._counting:
            if self._in_memory >= _HANDED:
                return
            self._in_memory += len(messages)
        self._handed.append((begin, end, messages))

    def live(self, limit: int, now_ms: int) -> Work | None:
        """The next messages of the live lane."""
        begin = self._todo[-1][0]
        work = self._from_memory(begin, limit) or self._from_disk(len(self._todo) - 1, limit)
        if work is None or now_ms - work.messages[0].received_ms <= BEHIND_MS:
            return work
        end = self.spool.end
        if end - begin < BEHIND_BYTES:
            return work
        if len(self._todo) > 1 and self._todo[-2][1] == begin:
            self._todo[-2][1] = end
        else:
            self._todo.insert(-1, [begin, end])
        self._todo[-1][0] = end
        return None

    def old(self, limit: int) -> Work | None:
        """The next messages of the oldest stretch beside the live lane."""
        return self._from_disk(0, limit) if len(self._todo) > 1 else None

    def finish(self, work: Work) -> None:
        """The work is done: its lane goes on behind it."""
        lane = self._todo[work.lane]
        lane[0] = work.end
        if lane[1] != ENDLESS and lane[0] >= lane[1]:
            del self._todo[work.lane]

    @property
    def todo(self) -> list[Range]:
        """See :meth:`core.intake.IntakeStore.todo`."""
        return [(begin, end) for begin, end in self._todo]

    @property
    def first(self) -> int:
        """The oldest position that is still to be processed."""
        return min(lane[0] for lane in self._todo)

    @property
    def pending_bytes(self) -> int:
        """How much of the spool is still to be processed, in bytes."""
        end = self.spool.end
        return sum((end if last == ENDLESS else last) - begin for begin, last in self._todo)

    def age_s(self, now_ms: int) -> float:
        """How long the oldest message has waited that is still to be processed, in s, as of the last one seen."""
        return max(0.0, (now_ms - self.oldest_ms) / 1_000.0) if self.pending_bytes and self.oldest_ms else 0.0

    def _from_memory(self, begin: int, limit: int) -> Work | None:
        messages: list[Message] = []
        groups: list[tuple[int, int]] = []
        at = begin
        while self._handed and len(messages) < limit:
            start, end, some = self._handed[0]
            if start > at or (messages and some[0].received_ms - messages[0].received_ms > _SPAN_MS):
                break
            self._handed.popleft()
            with self._counting:
                self._in_memory -= len(some)
            if start == at:
                groups.append((start, len(messages)))
                messages += some
                at = end
        if messages and len(self._todo) == 1:
            self.oldest_ms = messages[0].received_ms
        return Work(messages, len(self._todo) - 1, begin, at, groups) if messages else None

    def _from_disk(self, lane: int, limit: int) -> Work | None:
        begin, last = self._todo[lane]
        end = self.spool.end if last == ENDLESS else last
        if begin >= end:
            return None
        batch = self.spool.read(begin, limit, until=end, span_ms=_SPAN_MS)
        if batch.messages and lane == 0:
            self.oldest_ms = batch.messages[0].received_ms
        if not batch.messages:
            self._todo[lane][0] = batch.position
            return None
        return Work(batch.messages, lane, begin, batch.position, batch.groups)
