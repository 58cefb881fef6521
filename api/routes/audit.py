"""The audit log, for administrators."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import AskedDep, HouseDep
from core.accounts import AuditEntry
from core.localtime import iso_utc

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class AuditOut(BaseModel):
    """What was done: when, by whom, to whose and which thing, by which request from where."""

    number: int
    time: str
    actor: str
    cooperative: str
    action: str
    subject: str
    request: str
    address: str

    @classmethod
    def of(cls, it: AuditEntry) -> Self:
        """From the model."""
        return cls(
            number=it.number,
            time=iso_utc(it.at_ms),
            actor=it.actor,
            cooperative=it.cooperative,
            action=it.action,
            subject=it.subject,
            request=it.request,
            address=it.address,
        )


@router.get("")
def audit(
    asked: AskedDep,
    house: HouseDep,
    before: Annotated[int, Query(ge=0, le=2**62, description="only entries before this number; 0: the newest")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000, description="entries at most")] = 100,
) -> list[AuditOut]:
    """The audit log, the newest first: of one's own cooperative, or of all for those who belong to none."""
    return [AuditOut.of(entry) for entry in house.audit(asked, before, limit)]
