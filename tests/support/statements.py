"""A farm whose flights were computed, archived and put together into jobs, and what statements are issued with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from api.statements.issuing import Papers
from api.statements.sealing import load_seal
from core.archive import FlightRecord
from core.model.coverage import Coverage, Flight
from core.model.land import Cooperative, Device, DeviceKind
from geo.archivesource import ArchivedFlights, Ports
from geo.batch import result_of
from geo.coverage import Parameters
from geo.jobs import Jobs
from storage.registry.repository import SqlRegistry
from tests.support.archived import HTX, START_MS, Farm, season
from tests.support.fakes import FakeClock

NOW_MS = START_MS + 9 * 3_600_000


def farm(folder: Path, records: Sequence[FlightRecord] | None = None) -> Ports:
    """Five flights of two drones, of two jobs and of none, over the rectangle."""
    ports = Farm(folder).made()
    for device in ("d1", "d2"):
        ports.registry.add_device(Device(device, HTX, DeviceKind.DRONE, f"Máy bay {device}", "T40", swath_m=7.0))
    flown(ports, season() if records is None else records)
    return ports


def flown(ports: Ports, records: Sequence[FlightRecord]) -> list[tuple[Flight, Coverage]]:
    """Archive and compute flights, and the rows of their jobs."""
    results = []
    for it in records:
        ports.archive.put(it)
        results.append(result_of(ports.registry, it, Parameters()))
        flight = it.flight
        ports.registry.save_flights(HTX, flight.device, flight.start_ms, flight.end_ms, [results[-1]])
    rows = Jobs(ArchivedFlights(ports.archive), ports.registry, HTX, Parameters()).rows([], results)
    ports.registry.save_job_plots(HTX, rows)
    return results


def papers(ports: Ports, folder: Path) -> Papers:
    """What statements are issued with, keys in a folder."""
    assert isinstance(ports.registry, SqlRegistry)
    seal = load_seal(folder / "secrets" / "statement-signing.pem", folder / "statement-keys", "https://htx.example")
    return Papers(ports, ports.registry, ports.registry, seal, FakeClock(NOW_MS))


def cooperative(ports: Ports) -> Cooperative:
    """The farm's one cooperative."""
    (only,) = ports.registry.cooperatives()
    return only
