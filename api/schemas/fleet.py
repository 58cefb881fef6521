"""Drones, sensors, implements, pilots, jobs that are ordered."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from api.schemas.fields import DayText, DeviceName, JobName, Latitude, Longitude, Name, Positive, SetDay, Text, known
from api.schemas.flown import FixOut, ReadingOut
from api.schemas.records import Given, ListQuery, Told
from core.model.enums import Operation
from core.model.land import Device
from core.model.samples import Fix, Reading

OperationWord = Literal["spray", "spread", "sow"]


class DroneGiven(Given):
    """What a drone is. ``swath_m`` counts where neither the task nor a calibration tells a width."""

    name: Text = Field("", examples=["Máy bay số 1"])
    model: Text = Field("", examples=["T40"])
    swath_m: Positive = Field(None, examples=[7.0])
    serial: Text = ""
    registration: Text = Field("", description="the number that it is registered under")
    registration_until: DayText = Field("", description="the last day of the registration")
    mtow_kg: Positive = Field(None, examples=[90.0])


class NewDrone(DroneGiven):
    """A drone that is registered."""

    device: DeviceName


class DroneOut(Told):
    """A drone, and in lists its last fix."""

    device: str = Field(examples=["drone-01"])
    name: str
    model: str
    swath_m: float | None
    serial: str
    registration: str
    registration_until: str
    mtow_kg: float | None
    last_fix: FixOut | None = None

    @classmethod
    def with_fix(cls, it: Device, fix: Fix | None) -> Self:
        """From the model, with its last fix."""
        return cls.of(it).model_copy(update={"last_fix": None if fix is None else FixOut.of(fix)})


class SensorGiven(Given):
    """What a field sensor is, and where it stands."""

    name: Text = Field("", examples=["Trạm thời tiết"])
    model: Text = ""
    lat_deg: Latitude = None
    lon_deg: Longitude = None
    serial: Text = ""


class NewSensor(SensorGiven):
    """A sensor that is registered."""

    device: DeviceName


class SensorOut(Told):
    """A field sensor, and in lists the last reading of every quantity."""

    device: str = Field(examples=["weather-1"])
    name: str
    model: str
    lat: float | None
    lon: float | None
    serial: str
    last_readings: list[ReadingOut] = Field(default_factory=list)

    @classmethod
    def of(cls, it: Any) -> Self:
        """From the model."""
        told = Told.of(it).model_dump()
        place = {"lat": known(it.lat_deg), "lon": known(it.lon_deg)}
        own = {"device": it.device, "name": it.name, "model": it.model, "serial": it.serial}
        return cls.model_validate(told | own | place)

    @classmethod
    def with_readings(cls, it: Device, readings: list[Reading]) -> Self:
        """From the model, with its last readings."""
        return cls.of(it).model_copy(update={"last_readings": [ReadingOut.of(r) for r in readings]})


class DeviceQuery(ListQuery):
    """Which devices."""

    model: Text = Field("", description="only of this model", examples=["T40"])


class ImplementGiven(Given):
    """A spraying system, a spreader or a sower, and the drone that it is mounted on ("" none)."""

    op: OperationWord
    name: Text = ""
    device: Text = ""
    nozzle: Text = Field("", examples=["XR11001"])
    tank_l: Positive = Field(None, examples=[40.0])
    max_flow_lpm: Positive = Field(None, examples=[12.0])

    def fields(self) -> dict[str, Any]:
        """The model's fields."""
        return super().fields() | {"op": Operation.parse(self.op)}


class NewImplement(ImplementGiven):
    """An implement that is registered."""

    implement: Name = Field(examples=["spray-1"])


class ImplementOut(Told):
    """An implement."""

    implement: str = Field(examples=["spray-1"])
    op: str
    name: str
    device: str
    nozzle: str
    tank_l: float | None
    max_flow_lpm: float | None


class ImplementQuery(ListQuery):
    """Which implements."""

    device: Text = Field("", description="only those that are mounted on this drone", examples=["drone-01"])


class PilotGiven(Given):
    """Somebody who flies; ``licence_until`` is the licence's last day."""

    name: Text = Field(min_length=1, examples=["Trần Văn Tám"])
    licence: Text = ""
    licence_class: Text = ""
    licence_until: DayText = ""
    phone: Text = ""


class NewPilot(PilotGiven):
    """A pilot who is registered."""

    pilot: Name = Field(examples=["tam"])


class PilotOut(Told):
    """A pilot."""

    pilot: str = Field(examples=["tam"])
    name: str
    licence: str
    licence_class: str
    licence_until: str
    phone: str


class PilotQuery(ListQuery):
    """Which pilots."""


class JobGiven(Given):
    """The work ordered: plots, one operation, one product at a dose, on a local day."""

    op: OperationWord
    day: SetDay
    plots: Annotated[list[Name], Field(min_length=1, max_length=500, examples=[["p-152-7"]])]
    product: Text = ""
    dose: Positive = Field(None, examples=[2.0])
    dose_unit: Literal["", "L/ha", "kg/ha"] = ""
    device: Text = Field("", description="the drone; empty: any")
    pilot: Text = Field("", description="who flies; empty: anybody")
    note: Text = ""

    def fields(self) -> dict[str, Any]:
        """The model's fields."""
        return super().fields() | {"op": Operation.parse(self.op)}


class NewJob(JobGiven):
    """A job that is ordered."""

    job: JobName = Field(examples=["HD-2026-117"])


class JobOut(Told):
    """A job as it was ordered."""

    job: str = Field(examples=["HD-2026-117"])
    op: str
    day: str
    plots: list[str]
    product: str
    dose: float | None
    dose_unit: str
    device: str
    pilot: str
    note: str


class JobQuery(ListQuery):
    """Which jobs."""

    day: DayText = Field("", description="only of this local date")
    device: Text = Field("", description="only for this drone", examples=["drone-01"])
    pilot: Text = Field("", description="only of this pilot", examples=["tam"])
    product: Text = Field("", description="only with this product", examples=["SP-01"])
