"""Downloads: ``/exports/fixes`` and ``/exports/coverage`` of a cooperative, in every format (docs/exports.md)."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.deps import ClockDep, TenantDep
from api.filedesk import Choice
from api.filenames import file_name
from api.tenancy import Tenant
from core.errors import ConfigError
from core.exports import WGS84, Subject
from core.localtime import day_window_ms, local_day
from core.shapes import ShapeKind
from geo.exporting import Wanted

router = APIRouter(prefix="/v1/cooperatives/{cooperative}/exports", tags=["exports"])

_DAY: Final = r"^(\d{4}-\d{2}-\d{2})?$"
_FORMATS: Final = "geojson, csv, kml, gpkg, shapefile, parquet"
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "the file, as it is written",
        "content": {
            "application/geo+json": {"schema": {"type": "object"}},
            "*/*": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class Flights(BaseModel):
    """Which flights, and how their file is to be written."""

    model_config = ConfigDict(extra="forbid")

    first: Annotated[
        str, Field(pattern=_DAY, description="first local date; default today", examples=["2026-11-20"])
    ] = ""
    last: Annotated[
        str, Field(pattern=_DAY, description="last local date; default `first`", examples=["2026-11-21"])
    ] = ""
    flight: Annotated[
        str,
        Field(max_length=200, description="only this flight, whenever it was", examples=["drone-01-20261120T060000Z"]),
    ] = ""
    device: Annotated[str, Field(max_length=64, description="only of this drone", examples=["drone-01"])] = ""
    job: Annotated[str, Field(max_length=200, description="only of this job", examples=["HD-2026-117"])] = ""
    crs: Annotated[
        str,
        Field(
            max_length=20,
            description="EPSG code of WGS 84 or VN-2000 that the file is in: gpkg, shapefile and parquet",
            examples=["EPSG:5897"],
        ),
    ] = WGS84
    bom: Annotated[bool, Field(description="csv: begin with a byte order mark, for spreadsheets", examples=[True])] = (
        False
    )


class FixFile(Flights):
    """An export of fixes."""

    format: Annotated[str, Field(max_length=20, description=f"{_FORMATS}, isoxml", examples=["csv"])] = "geojson"


class CoverageFile(Flights):
    """An export of coverage."""

    format: Annotated[str, Field(max_length=20, description=_FORMATS, examples=["gpkg"])] = "geojson"
    kind: Annotated[
        list[ShapeKind],
        Field(max_length=4, description="covered, missed, overlap, off-target", examples=[["covered"]]),
    ] = [ShapeKind.COVERED]


@router.get("/fixes", response_class=StreamingResponse, responses=_FILE)
def fixes(tenant: TenantDep, clock: ClockDep, asked: Annotated[FixFile, Query()]) -> StreamingResponse:
    """The fixes of flights with what the implement did, one row a fix."""
    choice = _choice(asked, clock.now_ms())
    return _sent(tenant, choice, Wanted(Subject.FIXES, asked.format, _name(asked, "fixes"), asked.crs, bom=asked.bom))


@router.get("/coverage", response_class=StreamingResponse, responses=_FILE)
def coverage(tenant: TenantDep, clock: ClockDep, asked: Annotated[CoverageFile, Query()]) -> StreamingResponse:
    """What flights treated, a row for each flight, plot and kind, with the flight's figures on the plot."""
    choice = _choice(asked, clock.now_ms())
    drawn = [it for it in asked.kind if it in {ShapeKind.SWATH, ShapeKind.TRACK}]
    if drawn or not asked.kind:
        raise HTTPException(422, "kind: covered, missed, overlap or off-target, once or more")
    kinds = tuple(dict.fromkeys(asked.kind))
    wanted = Wanted(Subject.COVERAGE, asked.format, _name(asked, "coverage"), asked.crs, kinds, asked.bom)
    return _sent(tenant, choice, wanted)


def _choice(asked: Flights, now_ms: int) -> Choice:
    first = asked.first or local_day(now_ms)
    last = asked.last or first
    try:
        start_ms, end_ms = day_window_ms(first)[0], day_window_ms(last)[1]
    except ValueError:
        raise HTTPException(422, f"first, last: {first} or {last} is no date") from None
    if end_ms < start_ms:
        raise HTTPException(422, f"last: {last} is before {first}")
    return Choice(start_ms, end_ms, asked.flight, asked.device, asked.job)


def _name(asked: Flights, what: str) -> str:
    told = (what, asked.flight or asked.job, asked.device, asked.first, asked.last)
    return file_name("-".join(text for text in told if text))


def _sent(tenant: Tenant, choice: Choice, wanted: Wanted) -> StreamingResponse:
    """The file, written while it is sent; what speaks against it is a problem before that."""
    try:
        exporter, content = tenant.files.exported(choice, wanted)
    except ConfigError as error:
        raise HTTPException(422, str(error)) from error
    name = quote(f"{wanted.name}{exporter.suffix}", safe="")
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return StreamingResponse(content, media_type=exporter.media_type, headers=disposition)
