"""What field sensors measured: as it came, and in steps of time."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from api.deps import TenantDep
from api.paging import CursorField, documented, link_next, page_of, question_of, read_cursor
from api.schemas.fields import Text, known
from api.schemas.flown import ReadingOut, StepOut
from api.steps import Step, steps_of
from api.windows import SpanDep
from core.localtime import iso_utc
from core.model.samples import Reading

router = APIRouter(prefix="/v1/cooperatives/{cooperative}/sensors/{sensor}/readings", tags=["sensors"])
MOST_STEPS: Final = 20_000
SensorPath = Annotated[
    str,
    Path(max_length=64, pattern=r"^[^\x00-\x1f]+$", description="identifier of the sensor", examples=["tram-1"]),
]
QuantityQuery = Annotated[Text, Query(description="only this quantity", examples=["air_temperature"])]


@router.get("", responses=documented())
def readings(  # noqa: PLR0917 - what FastAPI fills
    tenant: TenantDep,
    request: Request,
    response: Response,
    sensor: SensorPath,
    span: SpanDep,
    quantity: QuantityQuery = "",
    cursor: Annotated[CursorField, Query()] = "",
    limit: Annotated[int, Query(ge=1, le=10_000, description="readings at most", examples=[1_000])] = 1_000,
) -> list[ReadingOut]:
    """What a sensor measured on a local date (today), or in a window, by time."""
    after = read_cursor(cursor, question_of(request), (int, str))
    start_ms = max(span.start_ms, int(after[0])) if after else span.start_ms
    if quantity:
        tenant.device(sensor)
        some = tenant.readings_page(sensor, quantity, start_ms, span.end_ms, limit + 2)
    else:
        some = tenant.readings(sensor, start_ms, span.end_ms)
    page = page_of(some, _order, after, limit)
    link_next(request, response, page.last)
    return [ReadingOut.of(it) for it in page.items]


@router.get("/steps")
def steps(
    tenant: TenantDep,
    sensor: SensorPath,
    span: SpanDep,
    quantity: QuantityQuery = "",
    step_s: Annotated[
        int, Query(ge=1, le=366 * 86_400, description="length of a step, in seconds", examples=[3_600])
    ] = 3_600,
) -> list[StepOut]:
    """The same in steps of time, from the window's beginning on: how many readings, their least, mean and most."""
    if (span.end_ms - span.start_ms) // (step_s * 1_000) > MOST_STEPS:
        raise HTTPException(422, f"step_s: at most {MOST_STEPS} steps; take longer ones, or a shorter window")
    found = tenant.readings(sensor, span.start_ms, span.end_ms)
    wanted = (it for it in found if not quantity or it.quantity == quantity)
    return [_told(it) for it in steps_of(wanted, span.start_ms, step_s * 1_000)]


def _order(it: Reading) -> tuple[int, str]:
    return it.ts_ms, it.quantity


def _told(it: Step) -> StepOut:
    return StepOut(
        time=iso_utc(it.start_ms),
        quantity=it.quantity,
        unit=it.unit,
        readings=it.readings,
        min=known(it.least),
        mean=known(it.mean),
        max=known(it.most),
    )
