"""Uploads over HTTP: hand a log in, see what came of it, take it back (docs/uploads.md)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.deps import FlightName, TenantDep
from api.paging import CursorField, LimitField, documented, link_next, question_of, read_cursor
from api.tenancy import Tenant
from api.uploads.answers import SourceOut, UploadOut
from api.uploads.receiving import Received, received
from core.errors import FlightLogError

router = APIRouter(prefix="/v1/cooperatives/{cooperative}", tags=["uploads"])

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "the log: the part `file` of a form, or the body itself",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}, "device": {"type": "string"}},
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
_TAKEN: Final[dict[int | str, dict[str, Any]]] = {
    201: {"description": "kept; `logs` tells what came of each", "model": UploadOut},
    200: {"description": "nothing of it was new; nothing is kept"},
}
NumberPath = Annotated[int, Path(ge=1, le=2**31 - 1, description="the upload", examples=[1])]


class Listing(BaseModel):
    """A page of the list."""

    cursor: CursorField = ""
    limit: LimitField = 100


@router.post("/uploads", openapi_extra=_BODY, responses=_TAKEN)
async def upload(
    tenant: TenantDep,
    request: Request,
    response: Response,
    file: Annotated[str, Query(max_length=300, description="the file's name", examples=["flight.csv"])] = "",
    device: Annotated[
        str, Query(max_length=64, description="the drone, where the log does not tell it", examples=["drone-01"])
    ] = "",
) -> UploadOut:
    """Hand in a flight or work log of any format. A file that cannot be used is refused with its byte or line."""
    tenant.files.require_upload()
    async with received(request, tenant.files.room, file, device) as it:
        answer, kept = await run_in_threadpool(_taken, tenant, it)
    response.status_code = 201 if kept else 200
    return answer


def _taken(tenant: Tenant, it: Received) -> tuple[UploadOut, bool]:
    try:
        receipt = tenant.files.take_in(it.path, it.file, it.device)
    except FlightLogError as error:
        raise HTTPException(422, str(error)) from error
    flights = tenant.files.flights_of(receipt.upload)
    return UploadOut.of_receipt(receipt, flights), bool(receipt.upload.number and not receipt.same_as)


@router.get("/uploads", responses=documented())
def uploads(
    tenant: TenantDep, request: Request, response: Response, page: Annotated[Listing, Query()]
) -> list[UploadOut]:
    """Files that were handed in, the newest first, with what came of each log; also those that were taken back."""
    after = read_cursor(page.cursor, question_of(request), (int,))
    found = tenant.files.uploads(int(after[0]) if after else 0, page.limit + 1)
    shown = found[: page.limit]
    link_next(request, response, (shown[-1].number,) if len(found) > page.limit else None)
    return [UploadOut.of(it) for it in shown]


@router.get("/uploads/{number}")
def one(tenant: TenantDep, number: NumberPath) -> UploadOut:
    """One upload, with the flights that stand there now."""
    found = tenant.files.upload(number)
    return UploadOut.of(found, flights=tenant.files.flights_of(found))


@router.post("/uploads/{number}/undo", responses={409: {"description": "it is taken back already"}})
def undo(tenant: TenantDep, number: NumberPath) -> UploadOut:
    """Take an upload back: what it brought counts no more, and its flights are computed without it."""
    return UploadOut.of(tenant.files.undo(number))


@router.post("/uploads/{number}/compute")
def compute(tenant: TenantDep, number: NumberPath) -> UploadOut:
    """Ask once more for the flights of an upload to be computed, where nobody could be asked before."""
    return UploadOut.of(tenant.files.ask_again(number))


@router.get("/flights/{flight}/sources")
def sources(tenant: TenantDep, flight: FlightName) -> list[SourceOut]:
    """Where the fixes of a flight come from: the telemetry, and which uploads."""
    return [SourceOut.of(it) for it in tenant.files.sources_of(flight)]
