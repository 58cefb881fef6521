"""The swath width that the registry knows for a flight, and where it comes from."""

from __future__ import annotations

from core.errors import NotFound
from core.localtime import local_day
from core.model.coverage import Flight
from core.model.fleet import Calibration, Swath, SwathSource, swath_of
from core.model.land import Device
from core.model.samples import NAN
from core.registry import Registry


def registered_swath(registry: Registry, flight: Flight) -> Swath:
    """What counts where the telemetry names no swath width: the last calibration up to that day, else the drone's own.

    A drone that the registry does not know has none.
    """
    try:
        device = registry.record(Device, flight.cooperative, flight.device)
    except NotFound:
        return Swath(NAN, SwathSource.UNKNOWN)
    calibrations = registry.records(Calibration, flight.cooperative)
    return swath_of(device, calibrations, flight.op, local_day(flight.start_ms))
