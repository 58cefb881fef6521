"""What surrounds one cooperative's work: weather stamps, sites, the ledger, data quality, alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.accounts import Principal
from core.alerts import AlertLog, AlertQuery, PastAlert
from core.contexts import Contexts
from core.errors import NotFound
from core.intake import AccountSource
from core.model.context import FlightContext, JobContext, SiteContact
from core.model.coverage import Flight
from core.model.figures import Figures
from core.model.land import Device, Site
from core.model.ledger import Account
from core.ports import TelemetryStore
from core.registry import Registry

QUALITY: Final = "data_quality"
"""The measurement that :mod:`ingest.quality` writes; neighbours do not import each other."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The ports beside telemetry and registry.

    ``ledger`` is None where ingest runs on another machine: then nothing is known of it. Where ``alerts`` is None,
    none are kept.
    """

    contexts: Contexts
    ledger: AccountSource | None = None
    alerts: AlertLog | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Reads all that for one cooperative and one principal. Only :mod:`api.tenancy` opens it."""

    registry: Registry
    store: TelemetryStore
    sides: Sides
    cooperative: str
    principal: Principal

    def of_flight(self, flight: str) -> FlightContext:
        """What surrounded a flight; raises ``NotFound``."""
        self.registry.flight(self.cooperative, flight)
        return self.sides.contexts.flight_context(self.cooperative, flight)

    def of_flights(self, start_ms: int, end_ms: int) -> list[FlightContext]:
        """What surrounded the flights that touch a window, by start and name."""
        return self.sides.contexts.flight_contexts(self.cooperative, start_ms, end_ms)

    def of_job(self, job: str) -> list[JobContext]:
        """What surrounded a job, day by day; raises ``NotFound`` where nobody ordered or flew it."""
        found = self.sides.contexts.job_contexts(self.cooperative, job)
        if not found:
            raise NotFound(f"cooperative {self.cooperative!r} has no job {job!r} that somebody has flown")
        return found

    def at_site(self, site: str, start_ms: int, end_ms: int) -> list[tuple[FlightContext, SiteContact]]:
        """The flights that came near a site; raises ``NotFound``."""
        self.registry.record(Site, self.cooperative, site)
        return self.sides.contexts.site_contacts(self.cooperative, site, start_ms, end_ms)

    def ledger(self, device: str, start_ms: int, end_ms: int) -> Sequence[Account]:
        """What came of what a device sent, by boot; raises ``NotFound`` for an unknown device."""
        self.registry.record(Device, self.cooperative, device)
        if self.sides.ledger is None:
            return []
        return self.sides.ledger.of(self.cooperative, device, start_ms, end_ms)

    def ledger_of_flight(self, flight: str) -> tuple[Flight, Sequence[Account]]:
        """The same for the boots of a flight; raises ``NotFound``."""
        known = self.registry.flight(self.cooperative, flight)
        return known, self.ledger(known.device, known.start_ms, known.end_ms)

    def quality(self, start_ms: int, end_ms: int) -> list[Figures]:
        """Data quality by device and local day."""
        return self.store.figures(self.cooperative, QUALITY, start_ms, end_ms)

    def alerts(self, query: AlertQuery) -> Sequence[PastAlert]:
        """Alerts that were raised while drones flew, the newest first."""
        return [] if self.sides.alerts is None else self.sides.alerts.past_alerts(self.cooperative, query)
