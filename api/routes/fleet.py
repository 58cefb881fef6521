"""Drones, field sensors, implements, pilots, and the jobs that are ordered from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from api.routes.records import Kind, require, routes
from api.schemas import fleet
from api.tenancy import Tenant
from core.errors import Conflict
from core.model.fleet import Implement, Pilot
from core.model.land import Device, DeviceKind, Plot
from core.model.work import Job

router = APIRouter()


def _with_fixes(tenant: Tenant, drones: Sequence[Device]) -> list[fleet.DroneOut]:
    last = tenant.latest_fixes() if drones else {}
    return [fleet.DroneOut.with_fix(it, last.get(it.device)) for it in drones]


def _with_readings(tenant: Tenant, sensors: Sequence[Device]) -> list[fleet.SensorOut]:
    last = tenant.latest_readings() if sensors else {}
    return [fleet.SensorOut.with_readings(it, last.get(it.device, [])) for it in sensors]


def _not_the_other(tenant: Tenant, device: Device) -> None:
    """Drones and sensors share their names: a drone never becomes a sensor."""
    if tenant.books.has(Device, device.device):
        there = tenant.books.record(Device, device.device)
        if there.kind is not device.kind:
            raise Conflict(f"{device.device!r} is one of the {there.kind} already")


def _mounted(tenant: Tenant, implement: Implement) -> None:
    require(tenant, Device, "device", implement.device)


def _possible(tenant: Tenant, job: Job) -> None:
    require(tenant, Plot, "plots", *job.plots)
    require(tenant, Device, "device", job.device)
    require(tenant, Pilot, "pilot", job.pilot)


DRONES = Kind(
    Device,
    "drones",
    "device",
    "drone",
    fleet.DroneGiven,
    fleet.NewDrone,
    fleet.DroneOut,
    fleet.DeviceQuery,
    fixed={"kind": DeviceKind.DRONE},
    place="drone",
    check=_not_the_other,
    dress=_with_fixes,
)
SENSORS = Kind(
    Device,
    "sensors",
    "device",
    "sensor",
    fleet.SensorGiven,
    fleet.NewSensor,
    fleet.SensorOut,
    fleet.DeviceQuery,
    fixed={"kind": DeviceKind.SENSOR},
    place="sensor",
    check=_not_the_other,
    dress=_with_readings,
)
IMPLEMENTS = Kind(
    Implement,
    "implements",
    "implement",
    "implement",
    fleet.ImplementGiven,
    fleet.NewImplement,
    fleet.ImplementOut,
    fleet.ImplementQuery,
    check=_mounted,
)
PILOTS = Kind(Pilot, "pilots", "pilot", "pilot", fleet.PilotGiven, fleet.NewPilot, fleet.PilotOut, fleet.PilotQuery)
JOBS = Kind(
    Job,
    "jobs",
    "job",
    "job",
    fleet.JobGiven,
    fleet.NewJob,
    fleet.JobOut,
    fleet.JobQuery,
    check=_possible,
    convertor="job",
)
_ALL: tuple[tuple[Kind[Any], str], ...] = (
    (DRONES, "drones"),
    (SENSORS, "sensors"),
    (IMPLEMENTS, "drones"),
    (PILOTS, "pilots"),
    (JOBS, "jobs"),
)
for _kind, _tag in _ALL:
    router.include_router(routes(_kind, _tag))
