"""Trying again while something outside is away: the one rule of waiting for every process."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from core.errors import RetriableError

FIRST_DELAY_S: Final = 0.1
LONGEST_DELAY_S: Final = 5.0

T = TypeVar("T")


class Stopped(Exception):
    """The process was asked to stop while something was away. Leave the work as it is: it comes again."""


def retried(action: Callable[[], T], stop: threading.Event, note: Callable[[RetriableError], None]) -> T:
    """Do it until it works: waits twice as long each time, up to five seconds, less by a random half.

    Args:
        action: What to do; doing it again must be safe.
        stop: Ends the waiting.
        note: Told of every failed attempt.

    Raises:
        Stopped: ``stop`` was set while it had not worked yet.
    """
    delay_s = FIRST_DELAY_S
    while True:
        try:
            return action()
        except RetriableError as error:
            note(error)
            if stop.wait(delay_s * random.uniform(0.5, 1.0)):  # noqa: S311 - no secret hangs on it
                raise Stopped from error
            delay_s = min(2.0 * delay_s, LONGEST_DELAY_S)
