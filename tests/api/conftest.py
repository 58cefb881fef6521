"""Two cooperatives that each have flown one rectangle, and the people of both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import URL

from api.identity.enrolment import Handed
from core.accounts import Role
from core.localtime import day_window_ms
from core.model.context import FlightContext, JobContext, SiteContact, SiteMinutes
from core.model.coverage import Flight
from core.model.enums import Operation
from core.model.fleet import Implement, Member, Pilot
from core.model.land import Cooperative, Device, DeviceKind, Site, SiteKind
from core.model.samples import Reading
from core.model.work import Job
from core.uploads import Upload
from geo.archiving import archived
from geo.service import recompute
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.people import Api, running_api

DAY = "2026-11-20"
START_MS = day_window_ms(DAY)[0] + 6 * 3_600_000

OWN = {
    "cooperative": "htx-a",
    "plot": "rect-htx-a",
    "job": "2026-11-20-spray",
    "sensor": "w1",
    "drone": "d1",
    "site": "s1",
    "member": "m1",
    "pilot": "p1",
    "implement": "i1",
}
"""What is called how in the first cooperative, by the parameters of paths."""


@dataclass(frozen=True)
class Village:
    """The API, who may come in, and the flight of each cooperative."""

    api: Api
    people: dict[str, Handed]
    flights: dict[str, str]


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    with peopled_village(tmp_path_factory.mktemp("api")) as it:
        yield it


@contextmanager
def peopled_village(folder: Path, server: URL | None = None) -> Iterator[Village]:
    """A village in a folder, its registry in a database of PostgreSQL where one is given."""
    with running_api(folder, FakeClock(START_MS + 3_600_000), server=server) as api:
        flights = {tenant: _work(api, tenant, number) for number, tenant in enumerate(("htx-a", "htx-b"))}
        people = {
            "pilot-a": api.enrol("pilot-a", Role.PILOT, "htx-a"),
            "manager-a": api.enrol("manager-a", Role.MANAGER, "htx-a"),
            "manager-b": api.enrol("manager-b", Role.MANAGER, "htx-b"),
            "admin-a": api.enrol("admin-a", Role.ADMINISTRATOR, "htx-a"),
            "officer": api.enrol("officer", Role.OFFICER),
        }
        yield Village(api, people, flights)


def _work(api: Api, tenant: str, number: int) -> str:
    api.registry.add_cooperative(Cooperative(tenant, f"Hợp tác xã <{tenant}>"))
    api.registry.put_plot(rectangle.plot(tenant, f"rect-{tenant}"))
    drone, sensor = ("d1", "w1") if number == 0 else (f"d-{tenant}", f"w-{tenant}")
    api.registry.add_device(Device(drone, tenant, DeviceKind.DRONE, "Máy bay số 1", "T40"))
    api.registry.add_device(Device(sensor, tenant, DeviceKind.SENSOR, "Trạm thời tiết"))
    table = rectangle.flight(drone, START_MS)
    reading = Reading(sensor, START_MS, "air_temperature", 29.5, "degC")
    api.store.write(tenant, [*table.rows(), reading], START_MS)
    window = START_MS, int(table.ts_ms[-1])
    results = recompute(api.store, api.registry, tenant, drone, *window, 300.0)
    archived(api.archive, api.store, api.registry, tenant, drone, window, results.results)
    (flight,) = api.registry.flights(tenant, START_MS, int(table.ts_ms[-1]))
    if number == 0:
        _register(api, tenant, flight)
    return flight.flight


def _register(api: Api, tenant: str, flight: Flight) -> None:
    """People, a pond and an order of the first cooperative, and what surrounded its flight."""
    boundary = rectangle.plot(tenant, "").boundary
    api.registry.put(Member("m1", tenant, "Nguyễn Thị Sáu", "0900000000"))
    api.registry.put(Pilot("p1", tenant, "Trần Văn Tám"))
    api.registry.put(Implement("i1", tenant, Operation.SPRAY, device="d1"))
    api.registry.put(Site("s1", tenant, SiteKind.POND, boundary.centroid.buffer(0.0001), "Ao cá", 10.0, 50.0))
    api.registry.add_upload(Upload(0, tenant, "x", START_MS, "a.csv", 1, "0" * 64, "fix-csv"), [])
    job = f"{DAY}-spray"
    api.registry.put(Job(job, tenant, Operation.SPRAY, DAY, (f"rect-{tenant}",), pilot="p1"))
    start = np.array([flight.start_ms])
    minutes = SiteMinutes(start, np.array([4.0]), *(np.array([-1], np.int8),) * 2, *(np.array([np.nan]),) * 2)
    contact = SiteContact(
        "s1", SiteKind.POND, *(4.0, 10.0, 50.0, "ours"), *(1.5, *(np.nan,) * 4), ("no-data",), minutes
    )
    of_flight = FlightContext(
        flight.flight, flight.device, flight.start_ms, flight.end_ms, flight.fixes, job, DAY, None, None, (contact,)
    )
    of_job = JobContext(job, DAY, (flight.flight,))
    api.registry.save_contexts(tenant, flight.device, flight.start_ms, flight.end_ms, [of_flight], [of_job])
