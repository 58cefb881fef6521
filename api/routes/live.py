"""What happens right now, as server-sent events."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, HTTPException, Response
from starlette.concurrency import run_in_threadpool

from api.deps import TenantDep
from api.live.desk import Opening
from api.live.frames import MEDIA_TYPE
from api.live.hub import Crowded
from api.live.stream import HEADERS, Stream

router = APIRouter(prefix="/v1/cooperatives/{cooperative}", tags=["live"])
_EXAMPLE: Final = (
    'retry: 3000\n\nevent: reset\ndata: {"reason":"first"}\n\n'
    'event: ready\nid: 5f3a9c-1204\ndata: {"source":"broker"}\n\n'
    'id: 5f3a9c-1205\nevent: position\ndata: {"device":"d1","ts":1795300000000,"lat":9.285,"lon":105.725,"on":true,'
    '"op":"spray","speed_mps":5.0,"swath_m":7.0}\n\n'
    'id: 5f3a9c-1206\nevent: coverage\ndata: {"device":"d1","flight":"d1-20261120T060000Z","op":"spray",'
    '"net_m2":1840.5,"plots":[{"plot":"p1","net_m2":1840.5,"covered_pct":21.9}],"live":true,"ts":1795300000000}\n\n'
)
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events: reset, ready, position, coverage, alert, dropped (docs/live-api.md).",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


@router.get("/live", response_class=Response, responses=_ANSWER)
async def live(
    tenant: TenantDep,
    last_event_id: Annotated[
        str,
        Header(
            max_length=64,
            description="the last event that was heard: the stream goes on after it",
            examples=["5f3a9c-1205"],
        ),
    ] = "",
) -> Response:
    """Positions, coverage that grows while drones fly, and alerts, as server-sent events.

    A stream ends after ten minutes, and a browser comes again by itself with the id of the last event that it heard.
    """

    async def read() -> Opening:
        return await run_in_threadpool(tenant.live_opening, last_event_id)

    try:
        heard = tenant.listen()
    except Crowded as error:
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, str(error), {"Retry-After": "30"}) from None
    if heard is None:
        return Response((await read()).data, media_type=MEDIA_TYPE, headers=HEADERS)
    line, listener = heard
    return Stream(line, listener, read)
