"""The routes that all kinds of records share: lists, one, its history, add, replace, retire.

A kind of record says what it is told and changed by (:class:`Kind`); :func:`routes` makes its routes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Annotated, Any, Final, Generic, TypeVar, cast
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import TypeAdapter

from api.books import Wanted
from api.conditional import (
    CHANGES,
    NOT_MODIFIED,
    IfMatch,
    IfNoneMatch,
    Kept,
    Made,
    answered,
    expected_version,
    hashed,
    tag_of,
    unchanged,
)
from api.deps import TenantDep
from api.idempotency import IdempotencyKey, once
from api.paging import documented, next_link, question_of, read_cursor
from api.response_cache import repeatable
from api.schemas.fields import Instant
from api.schemas.records import Given, ListQuery, Told
from api.tenancy import Tenant
from core.errors import Conflict, NotFound
from core.model.versions import Versioned

R = TypeVar("R", bound=Versioned)
ROOT: Final = "/v1/cooperatives/{cooperative}"
_MISSING: Final = HTTPStatus.UNPROCESSABLE_ENTITY
VersionQuery = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="this version; default: the newest", examples=[1])
]
AsOfQuery = Annotated[Instant | None, Query(description="the version that counted at this instant")]
_CHANGED: Final = CHANGES | {201: {"description": "registered"}}


def _nothing(_tenant: Tenant, _record: Any) -> None:
    """Nothing to check."""


@dataclass(frozen=True)
class Kind(Generic[R]):
    """A kind of record.

    Attributes:
        record: The model.
        path: What its lists are called.
        key: The field that tells one from the others.
        word: What one is called, in the summaries of the OpenAPI document.
        given: The body of a change; ``new``: of a new one, with its key.
        told: What is answered.
        query: What a list can be asked.
        fixed: Fields of the model that this kind has always.
        check: Raises ``HTTPException`` where a record names what does not exist.
        dress: Adds to a list what is no part of the records; None: the list hangs on the records alone, and is kept.
        matches: Whether a record has what a list was asked for, by field.
        place: What the path calls the key; "": as the model does.
        convertor: How the path tells the key; "": as a text without a slash.
    """

    record: type[R]
    path: str
    key: str
    word: str
    given: type[Given]
    new: type[Given]
    told: type[Told]
    query: type[ListQuery]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[Tenant, R], None] = _nothing
    dress: Callable[[Tenant, Sequence[R]], Sequence[Told]] | None = None
    matches: Mapping[str, Callable[[R, Any], bool]] = field(default_factory=dict)
    place: str = ""
    convertor: str = ""

    @property
    def one(self) -> str:
        """The parameter of the path that names one."""
        return self.place or self.key

    @property
    def part(self) -> str:
        """The part of a route that names one."""
        return f"/{{{self.one}:{self.convertor}}}" if self.convertor else f"/{{{self.one}}}"

    @property
    def key_in_path(self) -> Any:
        """That parameter, as the OpenAPI document describes it."""
        return Path(
            alias=self.one,
            min_length=1,
            max_length=200,
            pattern=r"^[^\x00-\x1f]+$",
            description=f"identifier of the {self.word}",
            examples=self.new.model_fields[self.key].examples,
        )

    def fits(self, it: R, filters: Mapping[str, Any]) -> bool:
        """Whether a record is of this kind, and what a list was asked for."""
        if any(getattr(it, name) != value for name, value in self.fixed.items()):
            return False
        asked = filters.items()
        return all(self.matches[k](it, v) if k in self.matches else getattr(it, k) == v for k, v in asked)

    def made(self, tenant: Tenant, key: str, given: Given, there: R | None = None) -> R:
        """The record of a body, which keeps what stands and a body does not tell.

        Raises:
            HTTPException: 422: it names what does not exist.
        """
        values = {**self.fixed, **given.fields(), self.key: key, "cooperative": tenant.cooperative.cooperative}
        made = self.record(**values) if there is None else replace(there, **values, retired=False, valid_from_ms=0)
        self.check(tenant, made)
        return made

    def found(self, tenant: Tenant, key: str, version: int | None = None, at_ms: int | None = None) -> R:
        """One record; raises ``NotFound``."""
        it = tenant.books.record(self.record, key, version, at_ms)
        if not self.fits(it, {}):
            raise NotFound(f"cooperative {tenant.cooperative.cooperative!r} has no {self.word} {key!r}")
        return it

    def headers(self, tenant: Tenant, it: R) -> dict[str, str]:
        """Where a record is, and its version."""
        where = ROOT.format(cooperative=tenant.cooperative.cooperative)
        return {"ETag": tag_of(it), "Location": f"{where}/{self.path}/{quote(getattr(it, self.key), safe='')}"}


def routes(kind: Kind[R], tag: str) -> APIRouter:
    """The router of a kind of records."""
    router = APIRouter(prefix=f"{ROOT}/{kind.path}", tags=[tag])
    _add_list(router, kind)
    _add_reads(router, kind)
    _add_first(router, kind)
    _add_changes(router, kind)
    return router


def _add_list(router: APIRouter, kind: Kind[R]) -> None:
    told, query = kind.told, kind.query
    texts = TypeAdapter(list[told])  # type: ignore[valid-type]

    @router.get(
        "",
        response_model=list[told],  # type: ignore[valid-type]
        responses=documented(NOT_MODIFIED),
        summary=f"{kind.path.capitalize()}, by identifier",
        name=f"list {kind.path}",
    )
    def listed(
        tenant: TenantDep,
        request: Request,
        asked: Annotated[query, Query()],  # type: ignore[valid-type]
        if_none_match: IfNoneMatch = None,  # noqa: ARG001 - tells the OpenAPI document
    ) -> Response:
        wants = cast("ListQuery", asked)
        question = question_of(request)
        after = read_cursor(wants.cursor, question, (str,))
        wanted = Wanted(
            str(after[0]) if after else "", wants.limit, wants.as_of, getattr(wants, "bbox", None), wants.retired
        )

        def make() -> Made:
            page = tenant.books.page(kind.record, wanted, lambda it: kind.fits(it, wants.filters()))
            dressed = kind.dress(tenant, page.items) if kind.dress else [told.of(it) for it in page.items]
            return Made(texts.dump_json(list(dressed)), next_link(request, page.last) if page.last else "")

        if kind.dress is not None:
            made = make()
            return answered(request, hashed(made.body, made.link), Kept(0), lambda: made)
        repeatable(request)
        versions = tenant.books.versions(kind.record)
        tag = hashed(tenant.cooperative.cooperative, question, wanted, versions)
        return answered(request, tag, request.app.state.kept, make)


def _add_reads(router: APIRouter, kind: Kind[R]) -> None:
    told = kind.told
    Key = Annotated[str, kind.key_in_path]  # noqa: N806
    one = kind.part

    @router.get(one, response_model=told, responses=NOT_MODIFIED, summary=f"One {kind.word}", name=f"one {kind.word}")
    def read(  # noqa: PLR0917 - what FastAPI fills
        tenant: TenantDep,
        request: Request,
        response: Response,
        key: Key,
        version: VersionQuery = None,
        as_of: AsOfQuery = None,
        if_none_match: IfNoneMatch = None,  # noqa: ARG001
    ) -> Any:
        it = kind.found(tenant, key, version, as_of)
        response.headers["ETag"] = tag_of(it)
        if unchanged(request, tag_of(it)):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag_of(it)})
        return told.of(it)

    @router.get(
        one + "/history",
        response_model=list[told],  # type: ignore[valid-type]
        summary=f"All versions of a {kind.word}, from the first",
        name=f"history of a {kind.word}",
    )
    def history(tenant: TenantDep, key: Key) -> Any:
        kind.found(tenant, key)
        return [told.of(it) for it in tenant.books.history(kind.record, key)]


def _add_first(router: APIRouter, kind: Kind[R]) -> None:
    told, new = kind.told, kind.new

    @router.post(
        "",
        response_model=told,
        status_code=HTTPStatus.CREATED,
        responses={409: CHANGES[409]},
        summary=f"Register a {kind.word}",
        name=f"register a {kind.word}",
    )
    def add(tenant: TenantDep, request: Request, body: new, idempotency_key: IdempotencyKey = None) -> Response:  # type: ignore[valid-type]
        tenant.books.require_write()

        def do() -> tuple[Told, Mapping[str, str]]:
            stands = tenant.books.put(kind.made(tenant, getattr(body, kind.key), body), 0)
            return told.of(stands), kind.headers(tenant, stands)

        return once(tenant.books, request, idempotency_key, body, do)


def _add_changes(router: APIRouter, kind: Kind[R]) -> None:
    told, given = kind.told, kind.given
    Key = Annotated[str, kind.key_in_path]  # noqa: N806
    one = kind.part

    @router.put(
        one,
        response_model=told,
        responses=_CHANGED,
        summary=f"Change a {kind.word}: its next version",
        name=f"change a {kind.word}",
        description="Takes If-Match with the ETag that was read, or `If-None-Match: *` to register a new one.",
    )
    def change(  # noqa: PLR0917 - what FastAPI fills
        tenant: TenantDep,
        response: Response,
        key: Key,
        body: given,  # type: ignore[valid-type]
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Any:
        tenant.books.require_write()
        fresh = if_none_match is not None and if_none_match.strip() == "*" and if_match is None
        if fresh:
            _check_new(kind, key)
        there = None if fresh else kind.found(tenant, key)
        expected = 0 if there is None else expected_version(if_match, there.version)
        try:
            stands = tenant.books.put(kind.made(tenant, key, body, there), expected)
        except Conflict as error:
            raise HTTPException(HTTPStatus.PRECONDITION_FAILED, str(error)) from None
        response.headers.update(kind.headers(tenant, stands))
        response.status_code = HTTPStatus.CREATED if fresh else HTTPStatus.OK
        return told.of(stands)

    @router.delete(
        one,
        response_model=told,
        responses=CHANGES,
        summary=f"Take a {kind.word} out of use; its history stays",
        name=f"retire a {kind.word}",
    )
    def retire(tenant: TenantDep, response: Response, key: Key, if_match: IfMatch = None) -> Any:
        tenant.books.require_write()
        expected = expected_version(if_match, kind.found(tenant, key).version)
        try:
            stands = tenant.books.retire(kind.record, key, expected)
        except Conflict as error:
            raise HTTPException(HTTPStatus.PRECONDITION_FAILED, str(error)) from None
        response.headers["ETag"] = tag_of(stands)
        return told.of(stands)


def _check_new(kind: Kind[Any], key: str) -> None:
    """Raise ``HTTPException`` 422 where no new record may have a key."""
    field_of = kind.new.model_fields[kind.key]
    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[str, *field_of.metadata])
    if not _valid(adapter, key):
        raise HTTPException(_MISSING, f"{kind.key}: {key!r} cannot be the identifier of a new {kind.word}")


def _valid(adapter: TypeAdapter[Any], key: str) -> bool:
    try:
        adapter.validate_python(key)
    except ValueError:
        return False
    return True


def require(tenant: Tenant, kind: type[Versioned], where: str, *keys: str) -> None:
    """Raise ``HTTPException`` 422 where one of some records is not in use; "" names none."""
    missing = [key for key in keys if key and not tenant.books.has(kind, key)]
    if missing:
        told = ", ".join(repr(it) for it in missing[:5])
        raise HTTPException(_MISSING, f"{where}: there is no {kind.__name__.lower()} {told} in this cooperative")
