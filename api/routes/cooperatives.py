"""Cooperatives."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import AskedDep, HouseDep, TenantDep
from api.schemas.land import CooperativeOut

router = APIRouter(prefix="/v1/cooperatives", tags=["cooperatives"])


@router.get("")
def cooperatives(asked: AskedDep, house: HouseDep) -> list[CooperativeOut]:
    """The cooperatives that one may see: one's own, or all for those who belong to none."""
    return [CooperativeOut.of(c) for c in house.cooperatives(asked)]


@router.get("/{cooperative}")  # noqa: FAST003 - the dependency reads it
def cooperative(tenant: TenantDep) -> CooperativeOut:
    """One cooperative."""
    return CooperativeOut.of(tenant.cooperative)
