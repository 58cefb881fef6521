"""What surrounds the work: weather stamps, sensitive sites, the ledger, data quality, alerts; roll-ups for officers."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import TypeAdapter

from api.deps import AskedDep, HouseDep, TenantDep
from api.paging import (
    TAGGED,
    CursorField,
    Key,
    LimitField,
    documented,
    link_next,
    page_of,
    question_of,
    read_cursor,
    told_page,
)
from api.schemas.context import FlightContextOut, JobContextOut
from api.schemas.fields import Text
from api.schemas.intake import AlertOut, LedgerOut, QualityOut, RollupOut
from api.windows import SpanDep
from core.alerts import After, AlertQuery
from core.model.context import AlertKind, FlightContext
from core.model.figures import Figures

router = APIRouter(prefix="/v1/cooperatives/{cooperative}", tags=["surroundings"])
rollups = APIRouter(prefix="/v1/rollups", tags=["roll-ups"])
_NAMED = r"^[^\x00-\x1f]+$"
FlightPath = Annotated[
    str,
    Path(
        max_length=200, pattern=_NAMED, description="identifier of the flight", examples=["drone-01-20261120T060000Z"]
    ),
]
JobPath = Annotated[
    str, Path(max_length=200, pattern=_NAMED, description="identifier of the job", examples=["HD-2026-117"])
]
SitePath = Annotated[
    str, Path(max_length=200, pattern=_NAMED, description="identifier of the site", examples=["pond-3"])
]
DronePath = Annotated[
    str, Path(max_length=64, pattern=_NAMED, description="identifier of the drone", examples=["drone-01"])
]
SensorPath = Annotated[
    str, Path(max_length=64, pattern=_NAMED, description="identifier of the sensor", examples=["tram-1"])
]
CursorQuery = Annotated[CursorField, Query()]
LimitQuery = Annotated[LimitField, Query()]
_LAST_MS: Final = 2**53
_ALERTS: Final = TypeAdapter(list[AlertOut])


@router.get("/flights/{flight}/context")
def of_flight(tenant: TenantDep, flight: FlightPath) -> FlightContextOut:
    """The weather that a flight treated in, and the sensitive sites that it came near; 404 until that is computed."""
    return FlightContextOut.of(tenant.surroundings.of_flight(flight))


@router.get("/contexts", responses=documented())
def contexts(  # noqa: PLR0917 - what FastAPI fills
    tenant: TenantDep,
    request: Request,
    response: Response,
    span: SpanDep,
    cursor: CursorQuery = "",
    limit: LimitQuery = 100,
) -> list[FlightContextOut]:
    """The same of all flights that touch a local date (today) or a window, by their start."""
    after = read_cursor(cursor, question_of(request), (int, str))
    page = page_of(tenant.surroundings.of_flights(span.start_ms, span.end_ms), _start, after, limit)
    link_next(request, response, page.last)
    return [FlightContextOut.of(it) for it in page.items]


@router.get("/jobs/{job:job}/context")
def of_job(tenant: TenantDep, job: JobPath) -> list[JobContextOut]:
    """The weather of a job, day by day, and what speaks against its product on its plots."""
    return [JobContextOut.of(it) for it in tenant.surroundings.of_job(job)]


@router.get("/sites/{site}/contacts", responses=documented())
def contacts(  # noqa: PLR0917 - what FastAPI fills
    tenant: TenantDep,
    request: Request,
    response: Response,
    site: SitePath,
    span: SpanDep,
    cursor: CursorQuery = "",
    limit: LimitQuery = 100,
) -> list[FlightContextOut]:
    """The flights that came near a sensitive site, each with that site alone."""
    after = read_cursor(cursor, question_of(request), (int, str))
    found = tenant.surroundings.at_site(site, span.start_ms, span.end_ms)
    near = {it.flight: contact for it, contact in found}
    page = page_of([it for it, _ in found], _start, after, limit)
    link_next(request, response, page.last)
    return [FlightContextOut.of(it, [near[it.flight]]) for it in page.items]


@router.get("/flights/{flight}/ledger")
def ledger_of_flight(tenant: TenantDep, flight: FlightPath) -> list[LedgerOut]:
    """What came of the samples of the flight's boots; empty where ingest runs on another machine."""
    _, found = tenant.surroundings.ledger_of_flight(flight)
    return [LedgerOut.of(it) for it in found]


@router.get("/drones/{drone}/ledger")
def ledger_of_drone(tenant: TenantDep, drone: DronePath, span: SpanDep) -> list[LedgerOut]:
    """What came of what a drone sent, by boot, of a local date (today) or a window."""
    return [LedgerOut.of(it) for it in tenant.surroundings.ledger(drone, span.start_ms, span.end_ms)]


@router.get("/sensors/{sensor}/ledger")
def ledger_of_sensor(tenant: TenantDep, sensor: SensorPath, span: SpanDep) -> list[LedgerOut]:
    """What came of what a field sensor sent."""
    return [LedgerOut.of(it) for it in tenant.surroundings.ledger(sensor, span.start_ms, span.end_ms)]


@router.get("/quality", responses=documented())
def quality(  # noqa: PLR0917 - what FastAPI fills
    tenant: TenantDep,
    request: Request,
    response: Response,
    span: SpanDep,
    device: Annotated[
        Text | None, Query(description='only of this device; "": of the cooperative', examples=["drone-01"])
    ] = None,
    cursor: CursorQuery = "",
    limit: LimitQuery = 100,
) -> list[QualityOut]:
    """Data quality (đúng, đủ, sạch, sống) by local day and device; see docs/data-quality.md."""
    after = read_cursor(cursor, question_of(request), (int, str))
    found = [
        it
        for it in tenant.surroundings.quality(span.start_ms, span.end_ms)
        if device is None or it.tags.get("device", "") == device
    ]
    page = page_of(found, _quality, after, limit)
    link_next(request, response, page.last)
    return [QualityOut.of(it) for it in page.items]


@router.get("/alerts", response_model=list[AlertOut], responses=TAGGED)
def alerts(  # noqa: PLR0917 - what FastAPI fills
    tenant: TenantDep,
    request: Request,
    span: SpanDep,
    kind: Annotated[AlertKind | None, Query(description="only of this kind", examples=["in-buffer"])] = None,
    device: Annotated[Text, Query(description="only of this drone", examples=["drone-01"])] = "",
    flight: Annotated[Text, Query(description="only of this flight", examples=["drone-01-20261120T060000Z"])] = "",
    standing: Annotated[
        bool | None, Query(description="only those that are not over; false: only those that are", examples=[True])
    ] = None,
    cursor: CursorQuery = "",
    limit: LimitQuery = 100,
) -> Response:
    """Alerts that stood on a local date (today) or in a window, the newest first; the live stream tells new ones."""
    after = _behind(read_cursor(cursor, question_of(request), (int, str, str, str)))
    query = AlertQuery(span.start_ms, span.end_ms, kind, device, flight, standing, after, limit + 1)
    found = tenant.surroundings.alerts(query)
    last = found[limit - 1].place if len(found) > limit else None
    return told_page(request, _ALERTS, [AlertOut.of(it) for it in found[:limit]], last)


def _behind(key: Key | None) -> After | None:
    """The place that a cursor tells; raises ``HTTPException`` 422 where there can be none of it."""
    if key is None:
        return None
    start_ms, device, kind, subject = key
    if kind not in set(AlertKind) or abs(int(start_ms)) > _LAST_MS:
        raise HTTPException(422, "cursor: not one of this list; take it from the next link")
    return int(start_ms), str(device), str(kind), str(subject)


@rollups.get("", responses=documented())
def rolled_up(  # noqa: PLR0917 - what FastAPI fills
    asked: AskedDep,
    house: HouseDep,
    request: Request,
    response: Response,
    span: SpanDep,
    commune: Annotated[Text, Query(description='code of a commune, or "all"', examples=["31153"])] = "",
    operation: Annotated[Text, Query(description='an operation, or "all"', examples=["spray"])] = "",
    cursor: CursorQuery = "",
    limit: LimitQuery = 100,
) -> list[RollupOut]:
    """Treated area, amounts, flights and hours by commune, operation, product group and local day: for officers."""
    after = read_cursor(cursor, question_of(request), (int, str, str, str))
    found = [
        it
        for it in house.rollups(asked, span.start_ms, span.end_ms)
        if (not commune or it.tags.get("commune") == commune)
        and (not operation or it.tags.get("operation") == operation)
    ]
    page = page_of(found, _cell, after, limit)
    link_next(request, response, page.last)
    return [RollupOut.of(it) for it in page.items]


def _start(it: FlightContext) -> tuple[int, str]:
    return it.start_ms, it.flight


def _quality(it: Figures) -> tuple[int, str]:
    return it.ts_ms, it.tags.get("device", "")


def _cell(it: Figures) -> tuple[int, str, str, str]:
    return it.ts_ms, *(it.tags.get(name, "") for name in ("commune", "operation", "product_group"))  # type: ignore[return-value]
