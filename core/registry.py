"""The registry's port: whose plots and devices there are, and what was computed for them.

Every method that reads or writes a cooperative's data takes the cooperative: nothing can be asked for across tenants.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol, TypeVar

from core.model.admin import AdminLevel, AdminUnit, Succession
from core.model.coverage import Basis, Coverage, Flight, JobKey, JobPlot, Standing, Window
from core.model.land import Cooperative, Device, ForeignDevice, Plot
from core.model.versions import Versioned
from core.revisions import Revised

R = TypeVar("R", bound=Versioned)


class Registry(Revised, Protocol):
    """Cooperatives, plots, devices and all else that people register, and the results that belong to them.

    Its revision is that of its database, in which statements are kept, too.

    What people register stands in versions and is never overwritten (:class:`core.model.versions.Versioned`).
    """

    def put(self, record: R, expected: int | None = None) -> R:
        """Add a record, or its next version where it says anything new; returns what now stands.

        The same content again changes nothing; ``version`` and ``valid_from_ms`` are no content.

        Args:
            record: What is to stand.
            expected: The version that the caller has read and changes, 0 where there should be none.

        Raises:
            NotFound: Nobody registered the cooperative.
            Conflict: Another version than the expected one stands.
        """
        ...

    def put_all(self, records: Sequence[R], expected: int | None = None) -> list[R]:
        """Put records of one kind and one cooperative, all or none; what now stands, in their order. See ``put``."""
        ...

    def record(self, kind: type[R], cooperative: str, *key: str, version: int | None = None) -> R:
        """One record, in its newest version unless one is named; raises ``NotFound``."""
        ...

    def records(
        self,
        kind: type[R],
        cooperative: str,
        *,
        at_ms: int | None = None,
        box: tuple[float, float, float, float] | None = None,
        retired: bool = False,
        after: str = "",
        limit: int = 0,
    ) -> list[R]:
        """Newest versions by key, or those that counted at a time.

        Args:
            kind: Which.
            cooperative: Whose; "" for the national product list.
            at_ms: When, in ms since 1970 UTC; None: the newest ones.
            box: Only those whose own box meets (west, south, east, north) in degrees: of plots and sites.
            retired: Whether to list what is retired, too.
            after: Only keys (their first part) behind this one, in the order of the list; "": from the first.
            limit: How many at most; 0: all.
        """
        ...

    def versions(self, kind: type[R], cooperative: str) -> int:
        """How many versions of all records of a kind there are: a number that grows with every change."""
        ...

    def history(self, kind: type[R], cooperative: str, *key: str) -> list[R]:
        """All versions of one record, from the first; raises ``NotFound``."""
        ...

    def retire(self, kind: type[R], cooperative: str, *key: str, expected: int | None = None) -> R:
        """Take a record out of use: its next version is retired. Raises ``NotFound``, ``Conflict``."""
        ...

    def add_cooperative(self, cooperative: Cooperative) -> None:
        """Add a cooperative; adding the same again changes nothing, other content raises ``Conflict``."""
        ...

    def cooperatives(self) -> list[Cooperative]:
        """All cooperatives that are not retired, by identifier."""
        ...

    def add_device(self, device: Device) -> None:
        """Add a device, or the next version of its description; raises ``NotFound`` for an unknown cooperative."""
        ...

    def device(self, cooperative: str, device: str) -> Device:
        """One device that is not retired; raises ``NotFound``."""
        ...

    def devices(self, cooperative: str) -> list[Device]:
        """The cooperative's devices that are not retired, by identifier."""
        ...

    def add_foreign(self, known: ForeignDevice) -> None:
        """Say whose a foreign identifier is; the same again changes nothing.

        Raises ``NotFound`` for an unknown device, ``Conflict`` where it is another's from the same time on.
        """
        ...

    def foreign(self, form: str, external: str) -> list[ForeignDevice]:
        """Whose a foreign identifier is and was, by the time from which on."""
        ...

    def foreign_devices(self, cooperative: str) -> list[ForeignDevice]:
        """The foreign identifiers of a cooperative's devices, by device, format, identifier and time."""
        ...

    def put_plot(self, plot: Plot) -> Plot:
        """Add a plot, or its next version. See ``put``."""
        ...

    def plot(self, cooperative: str, plot: str, version: int | None = None) -> Plot:
        """One plot, in its newest version unless one is named; raises ``NotFound``."""
        ...

    def plots(
        self, cooperative: str, bbox: tuple[float, float, float, float] | None = None, at_ms: int | None = None
    ) -> list[Plot]:
        """Plots by identifier, all or those whose box meets (west, south, east, north) in degrees, now or at a time."""
        ...

    def plots_at(self, cooperative: str, lon_deg: float, lat_deg: float, at_ms: int | None = None) -> list[Plot]:
        """Plots that a point lies in or on the edge of, now or at a time."""
        ...

    def put_admin(self, units: Sequence[AdminUnit], successions: Sequence[Succession], source: str) -> None:
        """Keep administrative units and which became which; of one that is there, only the boundary is replaced."""
        ...

    def admin_units(self, level: AdminLevel, day: date, parent: str = "") -> list[AdminUnit]:
        """Units that stand on a day, by code; only those below one, where asked."""
        ...

    def save_flights(
        self,
        cooperative: str,
        device: str,
        start_ms: int,
        end_ms: int,
        results: Sequence[tuple[Flight, Coverage]],
        *,
        rows: Sequence[JobPlot] = (),
        basis: Basis | None = None,
    ) -> None:
        """Replace what stands of a device's flights that touch the window by these results, in one transaction.

        A result that says anything new is the next version; what it replaces stays in the history.

        Args:
            cooperative: Whose device it is.
            device: The drone.
            start_ms: First ms of the window.
            end_ms: Last ms of the window.
            results: The flights in it, with what was computed for them.
            rows: What the flights' jobs did to their plots, saved in the same transaction; see ``save_job_plots``.
            basis: What results and rows rest on; compared while nobody else can write. None: not compared.

        Raises:
            NotFound: Nobody registered the cooperative.
            Conflict: Other results stand than ``basis`` names; nothing is saved: read them and compute again.
        """
        ...

    def save_windows(self, cooperative: str, windows: Sequence[Window], rows: Sequence[JobPlot] = ()) -> None:
        """Do what ``save_flights`` does for many windows, none of which share an instant of a device, and rows of jobs.

        All or nothing, in one transaction. Raises ``NotFound`` for an unknown cooperative.
        """
        ...

    def device_results(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Standing]:
        """What stands of a device's flights that touch the window, by start and name."""
        ...

    def job_results(self, cooperative: str, job: JobKey, plots: Collection[str]) -> list[Standing]:
        """What stands of a job's flights of its day that touched any of the plots, by start and name."""
        ...

    def flights(self, cooperative: str, start_ms: int, end_ms: int) -> list[Flight]:
        """Flights that touch the window, newest first."""
        ...

    def flight(self, cooperative: str, flight: str) -> Flight:
        """One flight; raises ``NotFound``."""
        ...

    def coverage(self, cooperative: str, flight: str) -> Coverage:
        """The sprayed area of one flight; raises ``NotFound``."""
        ...

    def flight_history(self, cooperative: str, flight: str) -> list[tuple[Flight, Coverage]]:
        """All results that a flight ever had, from the first, also where none stands now; raises ``NotFound``."""
        ...

    def save_job_plots(self, cooperative: str, rows: Sequence[JobPlot]) -> None:
        """Put what is known of these jobs' plots, each (job, day, plot) over what stood, in one transaction.

        What stood stays in the table, as an older version. A row without flights takes away what stood. Raises
        ``NotFound`` for an unknown cooperative.
        """
        ...

    def job_plots(self, cooperative: str, day: str, until: str = "") -> list[JobPlot]:
        """What all jobs of a local day did, by job and plot; of all days up to another one (inclusive), by day."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
