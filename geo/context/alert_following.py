"""Alerts end with their flight, also where the worker that raised them has died."""

from __future__ import annotations

from dataclasses import dataclass

from core.alerts import AlertLog
from geo.recompute import Recomputed


@dataclass(frozen=True, slots=True)
class AlertFollower:
    """Lets alerts that still stand end with flights that have closed; see ``geo.service.Follower``."""

    alerts: AlertLog

    def follow(self, done: Recomputed) -> None:
        """End what was raised within the window's flights; doing it again changes nothing.

        Raises:
            StoreUnavailable: The store is away; doing it again is safe.
        """
        for flight, _ in done.results:
            self.alerts.end_alerts(done.cooperative, done.device, flight.start_ms, flight.end_ms)
