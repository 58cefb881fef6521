"""What was looked up before and still holds: it is remembered for as long as its store's revision stands.

A change in the store, by whichever process, is another revision (:mod:`core.revisions`): everything is forgotten, and
looked up anew. Nothing is ever told that the store would not tell at that moment.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from core.errors import RetriableError
from core.revisions import Revised

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class NotAtHand(LookupError):
    """It is not remembered: the store has to be asked, and may let one wait."""


class AtRevision(Generic[K, V]):
    """Values of one revision by key, ``limit`` in weight together: what was unused the longest goes first.

    Safe from several threads.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._forget("")

    def get(self, revision: str, key: K) -> V | None:
        """What is known; all is forgotten where another revision stands."""
        with self._lock:
            if revision != self._revision:
                self._forget(revision)
            if key not in self._known:
                return None
            self._known.move_to_end(key)
            return self._known[key][0]

    def put(self, revision: str, key: K, value: V, weight: int = 1) -> None:
        """Remember a value that was looked up at a revision, unless another one has come up since."""
        with self._lock:
            if revision != self._revision or key in self._known or weight > self._limit:
                return
            self._known[key] = value, weight
            self._weight += weight
            while self._weight > self._limit:
                _, (_, gone) = self._known.popitem(last=False)
                self._weight -= gone

    def _forget(self, revision: str) -> None:
        self._revision = revision
        self._known: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0


class Remembered(Generic[V]):
    """Answers of a store by one word. What raises is not remembered."""

    def __init__(self, source: Revised, ask: Callable[[str], V], limit: int = 2_000) -> None:
        self._source = source
        self._ask = ask
        self._known: AtRevision[str, V] = AtRevision(limit)

    def at_hand(self, word: str) -> V:
        """The answer, without waiting for anything.

        Raises:
            NotAtHand: It is not remembered, or the revision is far away.
        """
        if not self._source.revision_is_near:
            raise NotAtHand(word)
        found = self._known.get(self._revision(), word)
        if found is None:
            raise NotAtHand(word)
        return found

    def get(self, word: str) -> V:
        """The answer; raises what the store raises."""
        try:
            revision = self._revision()
        except NotAtHand:
            return self._ask(word)
        found = self._known.get(revision, word)
        if found is None:
            found = self._ask(word)
            self._known.put(revision, word, found)
        return found

    def _revision(self) -> str:
        try:
            return self._source.revision()
        except RetriableError as error:
            raise NotAtHand("the store does not tell its revision") from error
