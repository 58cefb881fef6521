"""Is the process alive, can it answer, and how does it do?"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from api.deps import HouseDep
from api.errors import problem
from api.metrics import Metrics

router = APIRouter(tags=["health"])
_LOG = logging.getLogger("api")


class Health(BaseModel):
    """The state of the process."""

    status: Annotated[Literal["ok"], Field(examples=["ok"])] = "ok"
    live: Annotated[
        Literal["broker", "store"] | None,
        Field(description="where the live stream comes from; store: positions only, no coverage and no alerts"),
    ] = None


@router.get("/healthz", response_model_exclude_none=True)
def healthz() -> Health:
    """The process runs."""
    return Health()


@router.get("/readyz", response_model=Health, response_model_exclude_none=True)
def readyz(house: HouseDep, request: Request) -> Health | Response:
    """All stores answer; 503 names those that do not, and the log says why."""
    wrong = house.check()
    if not wrong:
        return Health(live=house.live_source)
    for store, why in wrong.items():
        _LOG.error("not ready: %s: %s", store, why)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"no answer from: {', '.join(wrong)}", request, stores=list(wrong))


@router.get("/metrics", response_class=Response, include_in_schema=False)
def metrics(request: Request) -> Response:
    """Figures for Prometheus."""
    figures: Metrics = request.app.state.metrics
    return Response(figures.text(), media_type=CONTENT_TYPE_LATEST)
