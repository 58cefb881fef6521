"""The audit log, for administrators."""

from __future__ import annotations

from typing import Annotated, Final, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.conditional import IfNoneMatch
from api.deps import AskedDep, HouseDep
from api.paging import TAGGED, CursorField, LimitField, question_of, read_cursor, told_page
from api.schemas.fields import Instant, Text
from core.accounts import AuditEntry, AuditFilter
from core.localtime import iso_utc

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class AuditOut(BaseModel):
    """What was done: when, by whom, to whose and which thing, by which request from where."""

    number: int = Field(examples=[4711])
    time: str = Field(examples=["2026-11-20T06:00:00Z"])
    actor: str = Field(examples=["lan"])
    cooperative: str = Field(examples=["htx-tan-hung"])
    action: str = Field(examples=["login"])
    subject: str = Field(examples=["cookie"])
    request: str
    address: str = Field(examples=["10.0.0.9"])

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


class AuditQuery(BaseModel):
    """What the audit log can be asked."""

    model_config = ConfigDict(extra="forbid")

    cursor: CursorField = ""
    limit: LimitField = 100
    start: Instant | None = Field(
        None, alias="from", description="only what was done then or later", examples=["2026-11-20T00:00:00Z"]
    )
    end: Instant | None = Field(
        None, alias="to", description="only what was done then or before", examples=["2026-11-21T00:00:00Z"]
    )
    account: Text = Field("", description="only what this account did", examples=["lan"])
    action: Text = Field("", description="only this action, to the letter", examples=["login refused"])
    cooperative: Text = Field("", description="only what was done to this cooperative", examples=["htx-tan-hung"])


_ENTRIES: Final = TypeAdapter(list[AuditOut])


@router.get("", response_model=list[AuditOut], responses=TAGGED)
def audit(
    asked: AskedDep,
    house: HouseDep,
    request: Request,
    wanted: Annotated[AuditQuery, Query()],
    if_none_match: IfNoneMatch = None,  # noqa: ARG001 - tells the OpenAPI document
) -> Response:
    """The audit log, the newest first: of one's own cooperative, or of all for those who belong to none."""
    after = read_cursor(wanted.cursor, question_of(request), (int,))
    only = AuditFilter(wanted.account, wanted.action, wanted.start, wanted.end)
    before = int(after[0]) if after else 0
    found = house.audit(asked, only, wanted.cooperative or None, before, wanted.limit + 1)
    shown = found[: wanted.limit]
    last = (shown[-1].number,) if len(found) > wanted.limit else None
    return told_page(request, _ENTRIES, [AuditOut.of(it) for it in shown], last)
