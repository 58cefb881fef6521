"""Is the process alive, and can it answer?"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import PortsDep

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The state of the process."""

    status: Annotated[Literal["ok"], Field(examples=["ok"])] = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """The process runs."""
    return Health()


@router.get("/readyz")
def readyz(ports: PortsDep) -> Health:
    """The stores answer; 503 where they do not."""
    for cooperative in ports.registry.cooperatives()[:1]:
        ports.store.latest_fixes(cooperative.cooperative)
    return Health()
