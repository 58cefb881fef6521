"""One at a time: what many ask for at once is made once, and the others look again when it is there."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class _Turn:
    """A lock, and how many hold it or wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class Turns(Generic[K]):
    """Locks by key, each there for as long as somebody uses it. Threads of other keys do not wait."""

    def __init__(self) -> None:
        self._known: dict[K, _Turn] = {}
        self._lock = threading.Lock()

    @contextmanager
    def of(self, key: K) -> Iterator[None]:
        """Wait for one's turn, and hold it until the block ends."""
        with self._lock:
            turn = self._known.setdefault(key, _Turn())
            turn.users += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.users -= 1
                if not turn.users:
                    del self._known[key]
