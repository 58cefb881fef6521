"""Local days whose figures are computed a little later, once for all flights that closed meanwhile.

What a day of the whole province costs grows with its flights, so it is not done for each of them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from core.errors import RetriableError
from geo.recompute import Recomputed
from geo.rollup_following import days_of

log: Final = logging.getLogger("canhdong.geo")

PACE_S: Final = 30.0
"""How long days are collected."""


@dataclass(slots=True)
class LaterDays:
    """Collects days in one thread (:meth:`follow`) and has them computed in another (:meth:`run`).

    What a process that dies has collected is lost: so each begins with the days that it is given, and
    ``canhdong dashboards backfill`` computes any.

    Args:
        refresh: Computes days anew; doing it again is safe. Called in the thread of :meth:`run` only.
        first: The days to begin with.
        pace_s: How long days are collected.
    """

    refresh: Callable[[Iterable[str]], object]
    first: Iterable[str] = ()
    pace_s: float = PACE_S
    _waiting: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """The first days wait."""
        self._waiting |= set(self.first)

    def follow(self, done: Recomputed) -> None:
        """Note the days of a window; see ``geo.service.Follower``."""
        with self._lock:
            self._waiting |= days_of(done)

    def run(self, stop: threading.Event) -> None:
        """Compute what was collected, again and again until ``stop`` is set, and once more then."""
        ended = False
        while not ended:
            ended = stop.wait(self.pace_s)
            try:
                self.flush()
            except Exception:
                log.exception("figures of a day are not computed")

    def flush(self) -> None:
        """Compute the days that wait; those for which a store is away wait on."""
        with self._lock:
            days = sorted(self._waiting)
        for day in days:
            with self._lock:
                self._waiting.discard(day)  # before it is tried: one that is at fault is not tried for ever
            try:
                self.refresh([day])
            except RetriableError as error:
                log.warning("figures of %s wait: %s", day, error)
                with self._lock:
                    self._waiting.add(day)
