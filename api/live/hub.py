"""Who listens in this process. Each event is written once, and the same bytes go to all who may hear it.

Listeners are of one cooperative, and an event of a cooperative reaches its listeners only: there is no other way out.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from api.live import frames
from core.live import LiveEvent

WAITING_BYTES: Final = 256 << 10
"""What may wait for one listener; past it the listener is too slow."""
LINGER_MS: Final = 600_000
"""How long after its last listener a cooperative's positions are still followed: it may be back with its last id."""


class Crowded(Exception):
    """There are as many listeners as may be; the message says of whom."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many may listen in one process: in all, of a cooperative, of an account."""

    everybody: int = 2_000
    cooperative: int = 1_000
    account: int = 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events of one cooperative that came together: their numbers, each one's bytes, and all bytes in one piece."""

    numbers: tuple[int, ...]
    parts: tuple[bytes, ...]
    data: bytes

    def after(self, number: int) -> bytes:
        """The bytes of those after a number."""
        if not self.numbers or self.numbers[0] > number:
            return self.data
        return b"".join(part for n, part in zip(self.numbers, self.parts, strict=True) if n > number)


class Listener:
    """One connection. Its queue and its end belong to the event loop that it was made on."""

    def __init__(self, cooperative: str, account: str, loop: asyncio.AbstractEventLoop) -> None:
        self.cooperative = cooperative
        self.account = account
        self.loop = loop
        self.ended = ""
        self.woken = asyncio.Event()
        self._waiting: deque[Chunk] = deque()
        self._bytes = 0

    def put(self, chunk: Chunk) -> None:
        """Let it hear; one that lets too much wait is ended."""
        if self.ended:
            return
        self._bytes += len(chunk.data)
        if self._bytes > WAITING_BYTES:
            self.end("slow")
            return
        self._waiting.append(chunk)
        self.woken.set()

    def take(self, after: int) -> bytes:
        """All that waits, but for what is not after a number."""
        data = b"".join(chunk.after(after) for chunk in self._waiting)
        self._waiting.clear()
        self._bytes = 0
        self.woken.clear()
        return data

    def end(self, reason: str) -> None:
        """Let it hear nothing more."""
        self.ended = self.ended or reason
        self._waiting.clear()
        self.woken.set()


class Hub:
    """The listeners of this process; safe to use from several threads and event loops."""

    def __init__(self, room: Room = Room()) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._accounts: Counter[str] = Counter()
        self._left_ms: dict[str, int] = {}
        self._closed = False
        self.ends: Counter[str] = Counter()
        """How many listeners went, by reason."""

    def join(self, cooperative: str, account: str) -> Listener:
        """Listen to one cooperative from now on, on the running event loop; whoever joins must leave.

        Raises:
            Crowded: There is no room.
        """
        listener = Listener(cooperative, account, asyncio.get_running_loop())
        with self._lock:
            if sum(self._accounts.values()) >= self._room.everybody:
                raise Crowded("as many live streams are open as may be")
            if len(self._listeners[cooperative]) >= self._room.cooperative:
                raise Crowded("the cooperative has as many live streams open as it may")
            if self._accounts[account] >= self._room.account:
                raise Crowded("the account has as many live streams open as it may; close a window")
            self._listeners[cooperative].add(listener)
            self._accounts[account] += 1
        if self._closed:
            listener.end("restart")
        return listener

    def leave(self, listener: Listener, now_ms: int, reason: str) -> None:
        """Listen no more."""
        with self._lock:
            if listener not in self._listeners[listener.cooperative]:
                return
            self._listeners[listener.cooperative].remove(listener)
            self._accounts[listener.account] -= 1
            self._accounts += Counter()  # forget those at zero
            self._left_ms[listener.cooperative] = now_ms
            self.ends[reason] += 1

    def publish(self, events: Sequence[LiveEvent], epoch: str) -> None:
        """Let each cooperative's listeners hear its events. Called from any thread."""
        by_owner: defaultdict[str, list[LiveEvent]] = defaultdict(list)
        for event in events:
            by_owner[event.cooperative].append(event)
        for cooperative, mine in by_owner.items():
            listeners = self._of(cooperative)
            if listeners:
                parts = tuple(frames.of_event(event, epoch) for event in mine)
                self._hand(listeners, Chunk(tuple(event.number for event in mine), parts, b"".join(parts)))

    def wanted(self, cooperative: str, now_ms: int) -> bool:
        """Whether somebody listens to a cooperative, or has just gone."""
        with self._lock:
            if self._listeners.get(cooperative):
                return True
            left_ms = self._left_ms.get(cooperative)
            return left_ms is not None and now_ms - left_ms < LINGER_MS

    def audience(self) -> list[str]:
        """Cooperatives that somebody listens to, in order."""
        with self._lock:
            return sorted(name for name, some in self._listeners.items() if some)

    def __len__(self) -> int:
        with self._lock:
            return sum(map(len, self._listeners.values()))

    def close(self) -> None:
        """End all streams: browsers come again, to whoever serves then."""
        self._closed = True
        with self._lock:
            everybody = [listener for some in self._listeners.values() for listener in some]
        for listener in everybody:
            _call(listener.loop, (listener,), lambda it: it.end("restart"))

    def _of(self, cooperative: str) -> list[Listener]:
        with self._lock:
            return list(self._listeners.get(cooperative, ()))

    @staticmethod
    def _hand(listeners: Iterable[Listener], chunk: Chunk) -> None:
        by_loop: defaultdict[asyncio.AbstractEventLoop, list[Listener]] = defaultdict(list)
        for listener in listeners:
            by_loop[listener.loop].append(listener)
        for loop, some in by_loop.items():
            _call(loop, some, lambda it: it.put(chunk))


def _call(loop: asyncio.AbstractEventLoop, listeners: Sequence[Listener], do: Callable[[Listener], None]) -> None:
    """Do something with listeners on their own loop; one that is closed has none left."""

    def each() -> None:
        for listener in listeners:
            do(listener)

    with suppress(RuntimeError):
        loop.call_soon_threadsafe(each)
