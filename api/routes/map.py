"""Maps of plots for Grafana and whoever draws GeoJSON, and what lets a data source of Grafana stand before them.

Grafana's browser asks its own server, which adds the key: ``api/datasources/proxy/uid/UID/map/plots.geojson``. The data
source is of type ``prometheus``, a core one; nobody queries it, and its "Save & test" is answered with an empty success
(docs/dashboards-publish.md). Its URL ends at ``/grafana``: nothing else of the API lies below.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from api.conditional import NOT_MODIFIED, IfNoneMatch, Made, answered, hashed
from api.deps import ClockDep, TenantDep
from api.plotmap import Asked, PlotMap
from api.schemas.map import MapOut, PrometheusOut
from core.localtime import local_day
from core.model.enums import Operation
from core.ports import Clock

COOPERATIVE: Final = "/v1/cooperatives/{cooperative}"
GRAFANA: Final = f"{COOPERATIVE}/grafana"
"""Where a data source of Grafana looks."""
GEOJSON: Final = "application/geo+json"
_OPERATIONS: Final = {it.word: it for it in Operation if it is not Operation.UNKNOWN}

router = APIRouter(tags=["maps"])
source = APIRouter(prefix=f"{GRAFANA}/api/v1", tags=["maps"])


class GeoJson(JSONResponse):
    """An answer in GeoJSON: of this kind, so that its schema is told."""

    media_type = GEOJSON


DaysQuery = Annotated[int, Query(ge=1, le=400, description="local days up to today", examples=[90])]
OperationQuery = Annotated[str, Query(description="spray, spread or sow", examples=["spray"], pattern="^[a-z]{3,6}$")]


def _map(path: str, name: str, drawn: Callable[[PlotMap, Asked], dict[str, Any]], says: str) -> None:
    """Add a map at both of its addresses."""

    def answer(  # noqa: PLR0917 - what FastAPI fills
        tenant: TenantDep,
        clock: ClockDep,
        request: Request,
        days: DaysQuery = 90,
        operation: OperationQuery = "spray",
        if_none_match: IfNoneMatch = None,  # noqa: ARG001 - tells the OpenAPI document
    ) -> Response:
        asked = _asked(clock, days, operation)
        tag = hashed(name, tenant.cooperative.cooperative, tenant.map.revision(), asked)

        def make() -> Made:
            text = json.dumps(drawn(tenant.map, asked), ensure_ascii=False, separators=(",", ":"))
            return Made(text.encode())

        return answered(request, tag, request.app.state.kept, make, GEOJSON)

    for prefix, suffix in ((COOPERATIVE, ""), (GRAFANA, " for Grafana")):
        router.get(
            f"{prefix}/map/{path}",
            response_model=MapOut,
            response_class=GeoJson,
            responses=NOT_MODIFIED,
            name=name + suffix,
            description=says,
        )(answer)


def _asked(clock: Clock, days: int, operation: str) -> Asked:
    """What is asked for; raises ``HTTPException`` 422 where there is no such operation."""
    if operation not in _OPERATIONS:
        raise HTTPException(422, f"operation: one of {', '.join(_OPERATIONS)}")
    return Asked(local_day(clock.now_ms()), days, _OPERATIONS[operation])


_map(
    "plots.geojson",
    "map of plots",
    PlotMap.plots,
    "Every plot with how its last job of an operation covered it: `covered` from 95 %, `partly` from 10 %, `missed` "
    "below, `never` where there was none in these days.",
)
_map(
    "missed.geojson",
    "map of missed parts",
    PlotMap.missed,
    "What the last job of each plot has missed; plots whose shapes are not drawn yet are left out.",
)


@source.get("/query")
@source.get("/query_range", name="query range")
def query(tenant: TenantDep, request: Request) -> PrometheusOut:  # noqa: ARG001 - the tenant is the lock
    """An empty result, whatever is asked: Grafana asks "1+1" when a data source is saved and tested."""
    kind = "matrix" if request.url.path.endswith("_range") else "vector"
    return PrometheusOut(data={"resultType": kind, "result": []})


@source.get("/labels")
@source.get("/series", name="series")
def labels(tenant: TenantDep) -> PrometheusOut:  # noqa: ARG001
    """No labels and no series."""
    return PrometheusOut(data=[])


@source.get("/metadata")
def metadata(tenant: TenantDep) -> PrometheusOut:  # noqa: ARG001
    """No metrics."""
    return PrometheusOut(data={})


@source.get("/rules")
def rules(tenant: TenantDep) -> PrometheusOut:  # noqa: ARG001
    """No rules of its own: Grafana's alerting asks every data source of this type."""
    return PrometheusOut(data={"groups": []})
