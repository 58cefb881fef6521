"""What "Who flew here?" answers: JSON with the unit in every key, times in UTC, geometries in WGS 84."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, Field
from shapely import set_precision
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from api.complaints import Passage
from api.schemas.fields import known
from core.localtime import iso_utc
from geo.nearby import Place

_DIGITS_DEG = 1e-7


class DroneOut(BaseModel):
    """A drone; what nobody registered is empty."""

    device: str
    name: str
    model: str
    serial: str
    registration: str


class PilotOut(BaseModel):
    """Who was ordered to fly."""

    pilot: str
    name: str
    licence: str
    licence_until: str


class ProductOut(BaseModel):
    """What was ordered to be used; without a name where no list has it."""

    product: str
    name: str
    actives: list[str]
    toxicity: str


class SprayOut(BaseModel):
    """What was treated around the place.

    ``distance_m`` is of the nearest treated ground (null: it treated nothing then), ``litres`` and ``seconds`` are of
    what lies within the radius; litres are null where the drone tells no flow.
    """

    distance_m: float | None
    time: str | None
    seconds: float
    litres: float | None
    swath_known: bool
    ground: Annotated[dict[str, Any], Field(description="treated ground within the radius, GeoJSON geometry")]


class AirOut(BaseModel):
    """The wind at the place when the drone treated nearest to it. ``place_downwind``: it blew from there to here."""

    wind_mps: float | None
    gust_mps: float | None
    wind_from_deg: float | None
    temperature_c: float | None
    humidity_pct: float | None
    station: str | None
    station_distance_m: float | None
    station_age_s: float | None
    place_downwind: bool | None


class PassageOut(BaseModel):
    """One flight near the place. ``on`` is whether it treated when it was nearest."""

    cooperative: str
    cooperative_name: str
    flight: str
    op: str
    distance_m: float
    time: str
    on: bool
    entered: str | None
    left: str | None
    track: Annotated[dict[str, Any], Field(description="the path within the radius, GeoJSON geometry")]
    spray: SprayOut
    plots: list[str]
    drone: DroneOut
    job: str
    pilot: PilotOut | None
    product: ProductOut | None
    air: AirOut | None

    @classmethod
    def of(cls, it: Passage) -> Self:
        """From what was found."""
        near = it.near
        return cls(
            cooperative=it.cooperative.cooperative,
            cooperative_name=it.cooperative.name,
            flight=it.flight.flight,
            op=it.flight.op.word,
            distance_m=round(near.distance_m, 2),
            time=iso_utc(near.ts_ms),
            on=near.on,
            entered=_time(near.entered_ms),
            left=_time(near.left_ms),
            track=_shape(near.track),
            spray=_spray(it),
            plots=list(it.plots),
            drone=_drone(it),
            job=it.flight.job,
            pilot=_pilot(it),
            product=_product(it),
            air=_air(it),
        )


class WhoFlewOut(BaseModel):
    """The question, and the flights: those that treated nearest come first."""

    lat: float
    lon: float
    radius_m: float
    start: str
    end: str
    flights: list[PassageOut]

    @classmethod
    def of(cls, place: Place, found: list[Passage]) -> Self:
        """From what was found."""
        return cls(
            lat=place.lat_deg,
            lon=place.lon_deg,
            radius_m=place.radius_m,
            start=iso_utc(place.start_ms),
            end=iso_utc(place.end_ms),
            flights=[PassageOut.of(it) for it in found],
        )


def _time(ts_ms: int) -> str | None:
    return iso_utc(ts_ms) if ts_ms >= 0 else None


def _rounded(value: float, digits: int = 2) -> float | None:
    told = known(value)
    return None if told is None else round(told, digits)


def _shape(shape: BaseGeometry) -> dict[str, Any]:
    return dict(mapping(set_precision(shape, _DIGITS_DEG, mode="pointwise")))


def _spray(it: Passage) -> SprayOut:
    near = it.near
    return SprayOut(
        distance_m=_rounded(near.treated_distance_m),
        time=_time(near.treated_ts_ms),
        seconds=round(near.treated_s, 1),
        litres=_rounded(near.litres, 3),
        swath_known=near.swath_known,
        ground=_shape(near.treated),
    )


def _drone(it: Passage) -> DroneOut:
    known_as = it.device
    if known_as is None:
        return DroneOut(device=it.flight.device, name="", model="", serial="", registration="")
    return DroneOut(
        device=known_as.device,
        name=known_as.name,
        model=known_as.model,
        serial=known_as.serial,
        registration=known_as.registration,
    )


def _pilot(it: Passage) -> PilotOut | None:
    who = it.pilot
    if who is None:
        return None
    return PilotOut(pilot=who.pilot, name=who.name, licence=who.licence, licence_until=who.licence_until)


def _product(it: Passage) -> ProductOut | None:
    if it.job is None or not it.job.product:
        return None
    what = it.product
    if what is None:
        return ProductOut(product=it.job.product, name="", actives=[], toxicity="")
    return ProductOut(product=what.product, name=what.name, actives=list(what.actives), toxicity=what.toxicity)


def _air(it: Passage) -> AirOut | None:
    air, source = it.air, it.wind_source
    if air is None:
        return None
    return AirOut(
        wind_mps=_rounded(air.wind_mps),
        gust_mps=_rounded(air.gust_mps),
        wind_from_deg=_rounded(air.wind_from_deg, 0),
        temperature_c=_rounded(air.temperature_c, 1),
        humidity_pct=_rounded(air.humidity_pct, 0),
        station=source.station if source else None,
        station_distance_m=_rounded(source.distance_m, 0) if source else None,
        station_age_s=_rounded(source.age_s, 0) if source else None,
        place_downwind=it.downwind,
    )
