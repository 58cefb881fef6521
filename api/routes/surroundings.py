"""What surrounds the work: weather stamps, sensitive sites, the ledger, data quality, alerts; roll-ups for officers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import AskedDep, HouseDep, TenantDep
from api.paging import LimitField, documented, link_next, page_of, question_of, read_cursor
from api.schemas.context import FlightContextOut, JobContextOut
from api.schemas.fields import Text
from api.schemas.intake import AlertOut, LedgerOut, QualityOut, RollupOut
from api.windows import SpanDep
from core.model.context import FlightContext
from core.model.figures import Figures

router = APIRouter(prefix="/v1/cooperatives/{cooperative}", tags=["surroundings"])
rollups = APIRouter(prefix="/v1/rollups", tags=["roll-ups"])
_NAMED = r"^[^\x00-\x1f]+$"
FlightPath = Annotated[str, Path(max_length=200, pattern=_NAMED, description="identifier of the flight")]
JobPath = Annotated[str, Path(max_length=200, pattern=_NAMED, description="identifier of the job")]
SitePath = Annotated[str, Path(max_length=200, pattern=_NAMED, description="identifier of the site")]
DronePath = Annotated[str, Path(max_length=64, pattern=_NAMED, description="identifier of the drone")]
SensorPath = Annotated[str, Path(max_length=64, pattern=_NAMED, description="identifier of the sensor")]
CursorQuery = Annotated[str, Query(max_length=600, description="from the `next` link of the page before")]
LimitQuery = Annotated[LimitField, Query()]


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


@router.get("/jobs/{job}/context")
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
    device: Annotated[Text | None, Query(description='only of this device; "": of the cooperative')] = None,
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


@router.get("/alerts")
def alerts(tenant: TenantDep) -> list[AlertOut]:
    """The alerts that stand right now; the live stream tells when one begins and ends."""
    return [AlertOut.model_validate(it) for it in tenant.surroundings.alerts()]


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
