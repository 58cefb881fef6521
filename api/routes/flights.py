"""Flights, their fixes, the way they flew, their sprayed area, and what surrounded them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api import tracks
from api.conditional import NOT_MODIFIED, IfNoneMatch, hashed, unchanged
from api.deps import LanguageQuery, TenantDep
from api.ogc.tiles import MVT, Tile
from api.paging import CursorField, LimitField, documented, link_next, page_of, question_of, read_cursor
from api.schemas.coverage import CoverageOut
from api.schemas.fields import Text
from api.schemas.flown import FixOut, FlightOut
from api.windows import SpanDep
from core.model.coverage import Flight
from core.model.fixtable import FixTable
from geo.drawing import plot_svg

router = APIRouter(prefix="/v1/cooperatives/{cooperative}/flights", tags=["flights"])
FlightPath = Annotated[
    str,
    Path(
        max_length=200,
        pattern=r"^[^\x00-\x1f]+$",
        description="identifier of the flight",
        examples=["drone-01-20261120T060000Z"],
    ),
]
EveryQuery = Annotated[int, Query(ge=1, le=10_000, description="only every n-th fix", examples=[1])]
GEOJSON: Final = "application/geo+json"


class FixPage(BaseModel):
    """A part of a flight's fixes."""

    model_config = ConfigDict(extra="forbid")

    every: Annotated[int, Field(ge=1, le=10_000, description="only every n-th fix", examples=[1])] = 1
    cursor: CursorField = ""
    offset: Annotated[int, Field(ge=0, le=2**31, description="fixes before the first page", examples=[0])] = 0
    limit: Annotated[int, Field(ge=1, le=10_000, description="fixes at most", examples=[1_000])] = 1_000


def _body(kind: str, schema: dict[str, Any], description: str) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document tells of an answer that is no JSON of ours."""
    return {200: {"description": description, "content": {kind: {"schema": schema}}}}


_TEXT: Final = {"type": "string"}
_BYTES: Final = {"type": "string", "format": "binary"}


@router.get("", responses=documented())
def flights(  # noqa: PLR0917 - what FastAPI fills
    tenant: TenantDep,
    request: Request,
    response: Response,
    span: SpanDep,
    cursor: Annotated[CursorField, Query()] = "",
    limit: Annotated[LimitField, Query()] = 100,
    sort: Annotated[
        Literal["-start", "start"], Query(description="-start: the newest first", examples=["start"])
    ] = "-start",
    drone: Annotated[Text, Query(description="only of this drone", examples=["drone-01"])] = "",
    job: Annotated[Text, Query(description="only of this job", examples=["HD-2026-117"])] = "",
    op: Annotated[
        Literal["", "spray", "spread", "sow", "unknown"],
        Query(description="only of this operation", examples=["spray"]),
    ] = "",
) -> list[FlightOut]:
    """Flights that touch a local date (today), or a window from one instant to another."""
    after = read_cursor(cursor, question_of(request), (int, str))
    down = sort == "-start"
    end_ms = min(span.end_ms, int(after[0])) if after and down else span.end_ms
    found = [
        it
        for it in tenant.flights(span.start_ms, end_ms)
        if (not drone or it.device == drone) and (not job or it.job == job) and (not op or it.op.word == op)
    ]
    page = page_of(found, _order, after, limit, down=down)
    link_next(request, response, page.last)
    return [FlightOut.of(it) for it in page.items]


@router.get("/{flight}", responses=NOT_MODIFIED)
def flight(
    tenant: TenantDep, request: Request, response: Response, flight: FlightPath, if_none_match: IfNoneMatch = None
) -> Any:
    """One flight."""
    _ = if_none_match
    told = FlightOut.of(tenant.flight(flight))
    response.headers["ETag"] = tag = hashed(told.model_dump_json())
    return Response(status_code=304, headers={"ETag": tag}) if unchanged(request, tag) else told


@router.get("/{flight}/fixes", responses=documented())
def fixes(
    tenant: TenantDep, request: Request, response: Response, flight: FlightPath, page: Annotated[FixPage, Query()]
) -> list[FixOut]:
    """The flight's fixes by time, a page at a time; late data are told where they belong."""
    found = tenant.fixes(flight)
    question = f"{request.url.path} {page.every}"
    after = read_cursor(page.cursor, question, (int, int, str))
    first = (
        page.offset if after is None else _behind(found, (int(after[0]), int(after[1]), str(after[2]))) + page.every - 1
    )
    chosen = list(found.take(slice(first, first + page.limit * page.every, page.every)).rows())
    if chosen and first + page.limit * page.every < len(found):
        last = chosen[-1]
        link_next(request, response, (last.ts_ms, last.seq, last.boot), question)
    return [FixOut.of(fix) for fix in chosen]


@router.get("/{flight}/track.geojson", response_class=Response, responses=_body(GEOJSON, {"type": "object"}, "a line"))
def track(tenant: TenantDep, flight: FlightPath, every: EveryQuery = 1) -> Response:
    """The way that the drone flew, as a GeoJSON feature: a line, the times of its points, and where it treated."""
    found = tenant.fixes(flight).take(slice(None, None, every))
    return JSONResponse(tracks.geojson(tenant.flight(flight), found), media_type=GEOJSON)


@router.get("/{flight}/track.csv", response_class=Response, responses=_body("text/csv", _TEXT, "a line for each fix"))
def track_table(tenant: TenantDep, flight: FlightPath, every: EveryQuery = 1) -> StreamingResponse:
    """The fixes as a table."""
    found = tenant.fixes(flight).take(slice(None, None, every))
    return StreamingResponse(tracks.csv_rows(found), media_type="text/csv; charset=utf-8; header=present")


@router.get(
    "/{flight}/tiles/{zoom}/{row}/{column}",
    response_class=Response,
    responses=_body(MVT, _BYTES, "a tile") | {204: {"description": "the flight does not pass there"}},
)
def track_tile(
    tenant: TenantDep,
    flight: FlightPath,
    zoom: Annotated[int, Path(ge=0, le=24, description="zoom of web maps", examples=[14])],
    row: Annotated[int, Path(ge=0, le=2**24 - 1, description="from the north", examples=[7764])],
    column: Annotated[int, Path(ge=0, le=2**24 - 1, description="from the west", examples=[13001])],
) -> Response:
    """The way as a vector tile (MVT 2.1, WebMercatorQuad), layer ``flights``."""
    found = tracks.tile(tenant.flight(flight), tenant.fixes(flight), Tile(zoom, row, column))
    return Response(found, 200 if found else 204, media_type=MVT)


@router.get("/{flight}/coverage")
def coverage(tenant: TenantDep, flight: FlightPath) -> CoverageOut:
    """The sprayed area of the flight, by plot."""
    return CoverageOut.of(tenant.coverage(flight), tenant.cooperative.m2_per_cong)


@router.get(
    "/{flight}/coverage.geojson", response_class=Response, responses=_body(GEOJSON, {"type": "object"}, "areas")
)
def shapes(tenant: TenantDep, flight: FlightPath) -> Response:
    """The flight's plots, covered, missed, overlapped and off-target areas and track as GeoJSON (WGS 84)."""
    collection = tenant.shapes_of_flight(flight).shapes.feature_collection()
    return JSONResponse(collection, media_type=GEOJSON)


@router.get("/{flight}/picture.svg", response_class=Response, responses=_body("image/svg+xml", _TEXT, "a picture"))
def picture(tenant: TenantDep, flight: FlightPath, lang: LanguageQuery = "vi") -> Response:
    """A picture of the flight over its plots."""
    result = tenant.shapes_of_flight(flight)
    return Response(plot_svg(result.shapes, result.coverage, None, lang), media_type="image/svg+xml")


def _order(it: Flight) -> tuple[int, str]:
    return it.start_ms, it.flight


def _behind(fixes: FixTable, last: tuple[int, int, str]) -> int:
    """How many fixes stand up to one that was told, by time, sequence and boot."""
    first = int(np.searchsorted(fixes.ts_ms, last[0], "left"))
    end = int(np.searchsorted(fixes.ts_ms, last[0], "right"))
    same = [(int(fixes.ts_ms[i]), int(fixes.seq[i]), fixes.boot[i]) for i in range(first, end)]
    return first + sum(it <= last for it in same)
