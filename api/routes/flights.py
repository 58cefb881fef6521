"""Flights, their fixes, their sprayed area, their statement."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.deps import CooperativeDep, DayDep, LanguageQuery, PortsDep
from api.schemas import CoverageOut, FixOut, FlightOut
from core.model.land import Device
from geo.drawing import plot_svg
from geo.registered_swath import registered_swath
from geo.statement import Statement, statement, to_dict

router = APIRouter(prefix="/v1/cooperatives/{cooperative}/flights", tags=["flights"])


class Page(BaseModel):
    """A part of a flight's fixes."""

    every: Annotated[int, Field(ge=1, description="only every n-th fix")] = 1
    offset: Annotated[int, Field(ge=0, description="fixes before the page")] = 0
    limit: Annotated[int, Field(ge=1, le=10_000, description="fixes at most")] = 1_000


@router.get("")
def flights(it: CooperativeDep, ports: PortsDep, day: DayDep) -> list[FlightOut]:
    """Flights of a local date, newest first."""
    return [FlightOut.of(f) for f in ports.registry.flights(it.cooperative, day.start_ms, day.end_ms)]


@router.get("/{flight}")
def flight(it: CooperativeDep, ports: PortsDep, flight: str) -> FlightOut:
    """One flight."""
    return FlightOut.of(ports.registry.flight(it.cooperative, flight))


@router.get("/{flight}/fixes")
def fixes(
    it: CooperativeDep,
    ports: PortsDep,
    flight: str,
    page: Annotated[Page, Query()],
) -> list[FixOut]:
    """The flight's fixes by time, a page at a time."""
    known = ports.registry.flight(it.cooperative, flight)
    table = ports.store.fixes(it.cooperative, known.device, known.start_ms, known.end_ms)
    chosen = table.take(slice(page.offset, page.offset + page.limit * page.every, page.every))
    return [FixOut.of(fix) for fix in chosen.rows()]


@router.get("/{flight}/coverage")
def coverage(it: CooperativeDep, ports: PortsDep, flight: str) -> CoverageOut:
    """The sprayed area of the flight, by plot."""
    return CoverageOut.of(ports.registry.coverage(it.cooperative, flight), it.m2_per_cong)


@router.get("/{flight}/coverage.geojson", response_class=Response)
def shapes(it: CooperativeDep, ports: PortsDep, flight: str) -> Response:
    """The flight's plots, covered, missed, overlapped and off-target areas and track as GeoJSON (WGS 84)."""
    collection = ports.results.of_flight(it.cooperative, flight).shapes.feature_collection()
    return JSONResponse(collection, media_type="application/geo+json")


@router.get("/{flight}/picture.svg", response_class=Response)
def picture(it: CooperativeDep, ports: PortsDep, flight: str, lang: LanguageQuery = "vi") -> Response:
    """A picture of the flight over its plots."""
    result = ports.results.of_flight(it.cooperative, flight)
    return Response(plot_svg(result.shapes, result.coverage, None, lang), media_type="image/svg+xml")


@router.get("/{flight}/statement")
def statement_of(it: CooperativeDep, ports: PortsDep, flight: str) -> dict[str, Any]:
    """The statement that goes to the farmer: areas per plot, dose, completeness, algorithm version, input hash."""
    return to_dict(make_statement(it.cooperative, ports, flight))


def make_statement(cooperative: str, ports: PortsDep, flight: str) -> Statement:
    """The statement of one flight; raises ``NotFound``."""
    known = ports.registry.flight(cooperative, flight)
    return statement(
        known,
        ports.registry.coverage(cooperative, flight),
        ports.registry.record(Device, cooperative, known.device),  # also one that is retired by now
        ports.cooperative(cooperative),
        registered_swath(ports.registry, known),
    )
