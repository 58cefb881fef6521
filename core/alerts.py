"""Alerts of flying drones as they are kept: each from when it was raised to when it was over, and the port to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.model.context import Alert, AlertKind

After = tuple[int, str, str, str]
"""Where a list goes on: raised at which ms, of which drone, kind and subject."""


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert that was raised. ``began`` is as it was told then; ``end_ms`` None: nobody has told yet that it is over.

    Attributes:
        cooperative: Whose.
        device: The drone.
        flight: Its flight, as it was called while it flew.
        began: What was told when it was raised.
        end_ms: Device time at which it was over.
    """

    cooperative: str
    device: str
    flight: str
    began: Alert
    end_ms: int | None = None

    @property
    def place(self) -> After:
        """Where it stands in a list."""
        return self.began.ts_ms, self.device, self.began.kind.value, self.began.subject


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """Which alerts: those that stood at any time of a window; "" and None ask for all.

    ``standing``: only those that are not over (True), or are (False). ``after``: those behind it.
    """

    start_ms: int
    end_ms: int
    kind: AlertKind | None = None
    device: str = ""
    flight: str = ""
    standing: bool | None = None
    after: After | None = None
    limit: int = 100


class AlertLog(Protocol):
    """Keeps alerts. Every method takes the cooperative, and raises ``StoreUnavailable`` where the store is away."""

    def note_alert(self, cooperative: str, device: str, flight: str, alert: Alert) -> None:
        """Keep that an alert begins, or is over. Told again, by whomever, it changes nothing.

        What begins while one of the same flight, kind and subject stands, or stood at that time, is that one. What is
        over ends the last one that began before it and still stands.

        Raises:
            NotFound: Nobody registered the cooperative.
        """
        ...

    def end_alerts(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> None:
        """Let alerts of a drone that were raised in a flight's time and still stand end with it."""
        ...

    def past_alerts(self, cooperative: str, query: AlertQuery) -> Sequence[PastAlert]:
        """Alerts, the newest first; of the same millisecond by drone, kind and subject."""
        ...
