"""The port that keeps what surrounded flights and jobs: weather stamps, sensitive sites, exclusions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.model.context import FlightContext, JobContext, SiteContact


class Contexts(Protocol):
    """Keeps contexts in versions: one that says anything new stands over the one before, which stays.

    Every method takes the cooperative: nothing can be asked for across tenants.
    """

    def save_contexts(  # noqa: PLR0917 - a window of a device, as everyone names it
        self,
        cooperative: str,
        device: str,
        start_ms: int,
        end_ms: int,
        flights: Sequence[FlightContext],
        jobs: Sequence[JobContext],
    ) -> None:
        """Replace what stands of a device's flights that touch the window, and of these jobs, in one transaction.

        The same content again changes nothing. A job without flights takes away what stood.

        Raises:
            NotFound: Nobody registered the cooperative.
            StoreUnavailable: The store does not answer.
        """
        ...

    def flight_context(self, cooperative: str, flight: str) -> FlightContext:
        """What surrounded one flight; raises ``NotFound``."""
        ...

    def flight_contexts(self, cooperative: str, start_ms: int, end_ms: int) -> list[FlightContext]:
        """What surrounded the flights that touch the window, by start and name."""
        ...

    def job_contexts(self, cooperative: str, job: str) -> list[JobContext]:
        """What surrounded a job, day by day; nothing where nobody flew it."""
        ...

    def site_contacts(
        self, cooperative: str, site: str, start_ms: int, end_ms: int
    ) -> list[tuple[FlightContext, SiteContact]]:
        """The flights that touch the window and came near a site, by start and name."""
        ...
