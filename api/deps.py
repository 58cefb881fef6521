"""What the routes work with. The doors are checked before, by :class:`api.gate.Gate`; here they are checked again.

What only reads the request is a coroutine: FastAPI takes a thread for everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Query, Request, Security
from fastapi.security import HTTPBasic, HTTPBearer

from api.identity.doorkeeper import Doorkeeper, Trace
from api.tenancy import Asked, House, Tenant
from core.accounts import Principal
from core.errors import Unauthenticated
from core.localtime import day_window_ms, local_day
from core.ports import Clock
from core.terms import Language


async def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


async def _clock(request: Request) -> Clock:
    clock: Clock = request.app.state.clock
    return clock


async def _doorkeeper(request: Request) -> Doorkeeper:
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    return doorkeeper


HouseDep = Annotated[House, Depends(_house)]
ClockDep = Annotated[Clock, Depends(_clock)]
DoorkeeperDep = Annotated[Doorkeeper, Depends(_doorkeeper)]


def trace(request: Request) -> Trace:
    """The request's id, and the address that it came from."""
    return Trace(request.state.request_id, request.client.host if request.client else "")


async def _trace(request: Request) -> Trace:
    return trace(request)


TraceDep = Annotated[Trace, Depends(_trace)]


def visitor(request: Request) -> Principal | None:
    """Who asks, on pages that are open to everybody."""
    found: Principal | None = getattr(request.state, "principal", None)
    return found


async def _visitor(request: Request) -> Principal | None:
    return visitor(request)


VisitorDep = Annotated[Principal | None, Depends(_visitor)]

# The schemes only describe themselves to the OpenAPI document: the gate has read the credential.
_BEARER = HTTPBearer(auto_error=False, description="an access token, or the key of a machine")
_BASIC = HTTPBasic(auto_error=False, description="any user name; the key of a machine as password")


def asked_by(request: Request, principal: Principal) -> Asked:
    """The principal's question, for the audit log."""
    query = f"?{request.url.query}" if request.url.query else ""
    return Asked(principal, trace(request), f"{request.method} {request.url.path}{query}")


async def _asked(
    request: Request,
    principal: VisitorDep,
    _bearer: Annotated[object, Security(_BEARER)] = None,
    _basic: Annotated[object, Security(_BASIC)] = None,
) -> Asked:
    if principal is None:
        raise Unauthenticated("log in, or show a token or a key")
    return asked_by(request, principal)


AskedDep = Annotated[Asked, Depends(_asked)]


CooperativePath = Annotated[str, Path(description="identifier of the cooperative", examples=["htx-tan-hung"])]
FlightName = Annotated[str, Path(description="identifier of the flight", examples=["drone-01-20261120T060000Z"])]
JobName = Annotated[str, Path(description="identifier of the job", examples=["HD-2026-117"])]
PlotName = Annotated[str, Path(description="identifier of the plot", examples=["p-152-7"])]


def _tenant(house: HouseDep, asked: AskedDep, cooperative: CooperativePath) -> Tenant:
    return house.tenant(asked, cooperative)


TenantDep = Annotated[Tenant, Depends(_tenant)]


@dataclass(frozen=True, slots=True)
class Day:
    """A local date and its first and last millisecond."""

    day: str
    start_ms: int
    end_ms: int


def _day(
    clock: ClockDep,
    day: Annotated[
        str | None,
        Query(
            pattern=r"^\d{4}-\d{2}-\d{2}$",
            description="local date (Asia/Ho_Chi_Minh); default today",
            examples=["2026-11-20"],
        ),
    ] = None,
) -> Day:
    chosen = day or local_day(clock.now_ms())
    try:
        return Day(chosen, *day_window_ms(chosen))
    except (ValueError, OverflowError):
        raise HTTPException(422, f"day: {chosen} is no date") from None


DayDep = Annotated[Day, Depends(_day)]
LanguageQuery = Annotated[Language, Query(description="language of what people read", examples=["vi"])]
