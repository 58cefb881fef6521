"""Accounts, for administrators: their passwords are made here and told once."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.conditional import IfNoneMatch
from api.deps import AskedDep, ClockDep, HouseDep
from api.identity.enrolment import Handed, account_name, check_place
from api.paging import TAGGED, CursorField, LimitField, page_of, question_of, read_cursor, told_page
from api.schemas.fields import Text
from core.accounts import Account, Role
from core.errors import ConfigError
from core.localtime import iso_utc

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
AccountPath = Annotated[
    str, Path(max_length=64, pattern=r"^[^\x00-\x1f]+$", description="name to log in with", examples=["lan"])
]
_CONFLICT: Final[dict[int | str, dict[str, Any]]] = {
    409: {"description": "there is one of that name, or it is one's own"}
}


class AccountOut(BaseModel):
    """An account; ``cooperative`` is empty for who belongs to none."""

    account: str = Field(examples=["lan"])
    name: str
    cooperative: str
    role: Role
    second_factor: bool
    disabled: bool
    created: str

    @classmethod
    def of(cls, it: Account) -> Self:
        """From the model: without its secrets."""
        return cls(
            account=it.account,
            name=it.name,
            cooperative=it.cooperative,
            role=it.role,
            second_factor=bool(it.totp_secret),
            disabled=it.disabled,
            created=iso_utc(it.created_ms),
        )


class NewAccount(BaseModel):
    """An account to add; the platform's administrators say of which cooperative."""

    model_config = ConfigDict(extra="forbid")

    account: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", examples=["lan"])]
    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["Nguyễn Thị Lan"])] = ""
    role: Role
    cooperative: Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9-]*$", examples=["htx-tan-hung"])] = ""


class HandedOut(BaseModel):
    """What a person is handed, once: nobody can read it again."""

    account: str
    password: str
    second_factor: str = Field(
        description="otpauth: address for an authenticator application; empty where there is none"
    )

    @classmethod
    def of(cls, it: Handed) -> Self:
        """From the enrolment."""
        return cls(account=it.account, password=it.password, second_factor=it.second_factor)


class AccountQuery(BaseModel):
    """What the list of accounts can be asked."""

    model_config = ConfigDict(extra="forbid")

    cursor: CursorField = ""
    limit: LimitField = 100
    cooperative: Text = Field("", description="only of this cooperative", examples=["htx-tan-hung"])
    role: Role | None = Field(None, description="only in this role", examples=["pilot"])
    disabled: bool | None = Field(None, description="only those that are disabled, or that are not", examples=[False])

    def fits(self, it: Account) -> bool:
        """Whether an account is what was asked for."""
        return (
            self.cooperative in {"", it.cooperative}
            and self.role in {None, it.role}
            and self.disabled in {None, it.disabled}
        )


_ACCOUNTS: Final = TypeAdapter(list[AccountOut])


@router.get("", response_model=list[AccountOut], responses=TAGGED)
def accounts(
    asked: AskedDep,
    house: HouseDep,
    request: Request,
    wanted: Annotated[AccountQuery, Query()],
    if_none_match: IfNoneMatch = None,  # noqa: ARG001 - tells the OpenAPI document
) -> Response:
    """The accounts of one's cooperative, or of all for those who belong to none, by cooperative and name."""
    after = read_cursor(wanted.cursor, question_of(request), (str, str))
    fitting = [it for it in house.staff(asked).everyone() if wanted.fits(it)]
    page = page_of(fitting, _order, after, wanted.limit)
    return told_page(request, _ACCOUNTS, [AccountOut.of(it) for it in page.items], page.last)


def _order(it: Account) -> tuple[str, str]:
    return it.cooperative, it.account


@router.post("", status_code=HTTPStatus.CREATED, responses=_CONFLICT)
def add(asked: AskedDep, house: HouseDep, clock: ClockDep, response: Response, body: NewAccount) -> HandedOut:
    """Add an account. Its password is told in this answer only; so it takes no idempotency key."""
    staff = house.staff(asked)
    staff.require()
    cooperative = body.cooperative or asked.principal.cooperative
    try:
        check_place(body.role, cooperative if body.role is not Role.OFFICER else body.cooperative)
    except ConfigError as error:
        raise HTTPException(422, f"role: {str(error).partition(':')[0]}") from None
    name = account_name(body.account)
    place = "" if body.role is Role.OFFICER else cooperative
    handed = staff.add(Account(name, place, body.role, body.name, "", "", clock.now_ms()))
    response.headers["Cache-Control"] = "no-store"
    return HandedOut.of(handed)


@router.post("/{account}/reset")
def reset(asked: AskedDep, house: HouseDep, account: AccountPath, response: Response) -> HandedOut:
    """Give an account a new password and a new second factor; its sessions end."""
    handed = house.staff(asked).reset(account)
    response.headers["Cache-Control"] = "no-store"
    return HandedOut.of(handed)


@router.post("/{account}/disable", status_code=HTTPStatus.NO_CONTENT, responses=_CONFLICT)
def disable(asked: AskedDep, house: HouseDep, account: AccountPath) -> None:
    """Let nobody in by an account any more, its keys included."""
    house.staff(asked).disable(account)
