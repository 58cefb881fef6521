"""Drones and field sensors."""

from __future__ import annotations

from itertools import groupby

from fastapi import APIRouter

from api.deps import CooperativeDep, DayDep, PortsDep
from api.schemas import DeviceOut, ReadingOut
from core.model.land import DeviceKind

router = APIRouter(prefix="/v1/cooperatives/{cooperative}", tags=["devices"])


@router.get("/drones")
def drones(it: CooperativeDep, ports: PortsDep) -> list[DeviceOut]:
    """The cooperative's drones, each with its last fix."""
    last = {fix.device: fix for fix in ports.store.latest_fixes(it.cooperative)}
    devices = ports.registry.devices(it.cooperative)
    return [DeviceOut.of(d, last.get(d.device)) for d in devices if d.kind is DeviceKind.DRONE]


@router.get("/sensors")
def sensors(it: CooperativeDep, ports: PortsDep) -> list[DeviceOut]:
    """The cooperative's field sensors, each with the last reading of every quantity."""
    readings = ports.store.latest_readings(it.cooperative)
    last = {device: list(group) for device, group in groupby(readings, key=lambda r: r.device)}
    devices = ports.registry.devices(it.cooperative)
    return [DeviceOut.of(d, readings=last.get(d.device)) for d in devices if d.kind is DeviceKind.SENSOR]


@router.get("/sensors/{sensor}/readings")
def readings(it: CooperativeDep, ports: PortsDep, day: DayDep, sensor: str) -> list[ReadingOut]:
    """What a sensor measured on a local date."""
    ports.registry.device(it.cooperative, sensor)
    return [ReadingOut.of(r) for r in ports.store.readings(it.cooperative, sensor, day.start_ms, day.end_ms)]
