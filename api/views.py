"""What the first page shows, gathered in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.deps import Day
from api.overview import overview_svg
from api.tenancy import Tenant
from api.words import Words
from core.model.coverage import Coverage, Flight, JobPlot
from core.model.land import Cooperative, Device, DeviceKind, Plot
from core.model.samples import Fix, Reading


@dataclass(frozen=True, slots=True)
class FlightRow:
    """A flight with its sprayed area."""

    flight: Flight
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class DroneRow:
    """A drone and its last fix."""

    device: Device
    fix: Fix | None


@dataclass(frozen=True, slots=True)
class SensorRow:
    """A sensor and its last readings."""

    device: Device
    readings: list[Reading]


@dataclass(frozen=True, slots=True)
class Today:
    """One cooperative on one local date."""

    cooperative: Cooperative
    day: str
    jobs: list[JobPlot]
    untouched: list[Plot]
    flights: list[FlightRow]
    drones: list[DroneRow]
    sensors: list[SensorRow]
    plots: int
    map_svg: str

    @property
    def net_m2(self) -> float:
        """Net area of all jobs, in m²."""
        return sum(row.coverage.net_m2 for row in self.jobs)

    @property
    def volume_l(self) -> float:
        """Volume of all flights, in L; flights that told none count nothing."""
        return sum(row.coverage.volume_l for row in self.flights if row.coverage.volume_l > 0.0)

    @property
    def treated_plots(self) -> int:
        """Plots that some job touched."""
        return len({row.coverage.plot for row in self.jobs})


def today(tenant: Tenant, day: Day, words: Words) -> Today:
    """Gather the first page of one cooperative."""
    plots = tenant.plots()
    jobs = sorted(tenant.job_plots(day.day), key=lambda row: (row.coverage.plot, row.job))
    flights = tenant.flights(day.start_ms, day.end_ms)
    fixes, readings = tenant.latest_fixes(), tenant.latest_readings()
    treated = {row.coverage.plot for row in jobs}
    return Today(
        cooperative=tenant.cooperative,
        day=day.day,
        jobs=jobs,
        untouched=[plot for plot in plots if plot.plot not in treated],
        flights=[FlightRow(flight, tenant.coverage(flight.flight)) for flight in flights],
        drones=[DroneRow(d, fixes.get(d.device)) for d in tenant.devices(DeviceKind.DRONE)],
        sensors=[SensorRow(d, readings.get(d.device, [])) for d in tenant.devices(DeviceKind.SENSOR)],
        plots=len(plots),
        map_svg=_map(plots, jobs, list(fixes.values()), words),
    )


def _map(plots: Sequence[Plot], jobs: Sequence[JobPlot], fixes: Sequence[Fix], words: Words) -> str:
    if not plots:
        return ""
    covered = {row.coverage.plot: row.coverage.covered_pct for row in jobs}
    return overview_svg(plots, covered, fixes, words["map"])
