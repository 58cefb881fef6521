"""Cooperatives."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import CooperativeDep, PortsDep
from api.schemas import CooperativeOut

router = APIRouter(prefix="/v1/cooperatives", tags=["cooperatives"])


@router.get("")
def cooperatives(ports: PortsDep) -> list[CooperativeOut]:
    """All cooperatives."""
    return [CooperativeOut.of(c) for c in ports.registry.cooperatives()]


@router.get("/{cooperative}")  # noqa: FAST003 - the dependency reads it
def cooperative(it: CooperativeDep) -> CooperativeOut:
    """One cooperative."""
    return CooperativeOut.of(it)
