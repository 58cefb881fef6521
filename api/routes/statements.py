"""Statements over HTTP: signed JSON, PDF, pages, the list of those issued, and the keys that sign."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from api.conditional import NOT_MODIFIED, unchanged
from api.deps import FlightName, HouseDep, JobName, LanguageQuery, PlotName, TenantDep
from api.filenames import file_name
from api.openness import KEYS
from api.paging import CursorField, LimitField, documented, link_next, question_of, read_cursor
from api.rendering import render
from api.response_cache import repeatable
from api.statements.desk import Given
from api.statements.words import words_of
from api.tenancy import Tenant
from core.localtime import iso_utc
from core.statement import Issued, StatementKind
from core.terms import Language

router = APIRouter(tags=["statements"])
pages = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)

_OWN = "/v1/cooperatives/{cooperative}"
VersionQuery = Annotated[
    int | None,
    Query(ge=1, le=2**31 - 1, description="one of those issued; default: the one that counts now", examples=[1]),
]
JobDayQuery = Annotated[
    str,
    Query(
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        description="local date of the job; default: the last one that it was flown",
        examples=["2026-11-20"],
    ),
]
SeasonQuery = Annotated[
    str,
    Query(
        max_length=100,
        description="FIRST..LAST as local dates, or a season's name as the plot tells it; "
        "default: the plot's season now, or the calendar year",
        examples=["2026-11-01..2027-03-31"],
    ),
]
_PDF: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the sheet on A4",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_SIGNED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "signed JSON, described by docs/schema/statement.schema.json",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
    **NOT_MODIFIED,
}


class IssuedOut(BaseModel):
    """A statement that was given out."""

    kind: StatementKind = Field(examples=["job"])
    name: str = Field(description="the flight, the job or the plot", examples=["HD-2026-117"])
    first_day: str = Field(examples=["2026-11-20"])
    last_day: str = Field(examples=["2026-11-20"])
    version: int = Field(examples=[1])
    issued: str = Field(examples=["2026-11-20T09:00:00.000Z"])
    digest: str = Field(description="SHA-256 of what it says", examples=["9f2c…"])
    href: str = Field(description="where its signed JSON is")


@router.get(f"{_OWN}/flights/{{flight}}/statement", responses=_SIGNED)
def of_flight(request: Request, tenant: TenantDep, flight: FlightName, version: VersionQuery = None) -> Response:
    """The signed statement of a flight; a flight that late data re-opened gets a new version, the old ones stay."""
    return _signed(request, tenant.statements.of_flight(flight, version))


@router.get(f"{_OWN}/flights/{{flight}}/statement.pdf", responses=_PDF, response_class=Response)
def of_flight_pdf(
    tenant: TenantDep, flight: FlightName, version: VersionQuery = None, lang: LanguageQuery = "vi"
) -> Response:
    """The same on paper."""
    return _pdf(tenant, tenant.statements.of_flight(flight, version).issued, lang)


@router.get(f"{_OWN}/jobs/{{job:job}}/statement", responses=_SIGNED)
def of_job(
    request: Request, tenant: TenantDep, job: JobName, day: JobDayQuery = "", version: VersionQuery = None
) -> Response:
    """The signed statement of a job on a day: what several flights treated counts once."""
    _dates(day)
    return _signed(request, tenant.statements.of_job(job, day, version))


@router.get(f"{_OWN}/jobs/{{job:job}}/statement.pdf", responses=_PDF, response_class=Response)
def of_job_pdf(
    tenant: TenantDep, job: JobName, day: JobDayQuery = "", version: VersionQuery = None, lang: LanguageQuery = "vi"
) -> Response:
    """The same on paper."""
    _dates(day)
    return _pdf(tenant, tenant.statements.of_job(job, day, version).issued, lang)


@router.get(f"{_OWN}/plots/{{plot}}/statement", responses=_SIGNED)
def of_plot(
    request: Request, tenant: TenantDep, plot: PlotName, season: SeasonQuery = "", version: VersionQuery = None
) -> Response:
    """The signed statement of a plot over a season."""
    return _signed(request, _plot(tenant, plot, season, version))


@router.get(f"{_OWN}/plots/{{plot}}/statement.pdf", responses=_PDF, response_class=Response)
def of_plot_pdf(
    tenant: TenantDep,
    plot: PlotName,
    season: SeasonQuery = "",
    version: VersionQuery = None,
    lang: LanguageQuery = "vi",
) -> Response:
    """The same on paper."""
    return _pdf(tenant, _plot(tenant, plot, season, version).issued, lang)


class IssuedPaging(BaseModel):
    """A part of the list."""

    cursor: CursorField = ""
    limit: LimitField = 100


@router.get(f"{_OWN}/statements", responses=documented())
def issued(
    request: Request, response: Response, tenant: TenantDep, page: Annotated[IssuedPaging, Query()]
) -> list[IssuedOut]:
    """What was issued, the first one first; nothing of it is ever changed or removed."""
    after = read_cursor(page.cursor, question_of(request), [int])
    found = tenant.statements.listed(int(after[0]) if after else 0, page.limit + 1)
    link_next(request, response, (found[page.limit - 1][0],) if len(found) > page.limit else None)
    return [_out(it) for _, it in found[: page.limit]]


@router.get(KEYS)
def keys(house: HouseDep) -> dict[str, list[dict[str, str]]]:
    """The public keys that statements of this platform are signed with, as a JSON Web Key Set (RFC 7517)."""
    return {"keys": house.public_keys()}


@pages.get("/statements/{cooperative}/{flight}")  # noqa: FAST003 - the dependency reads the cooperative
def flight_page(
    request: Request, tenant: TenantDep, flight: str, version: VersionQuery = None, lang: LanguageQuery = "vi"
) -> HTMLResponse:
    """The printable statement of one flight."""
    return _page(request, tenant, tenant.statements.of_flight(flight, version).issued, lang)


@pages.get("/statements/{cooperative}/jobs/{job:job}")  # noqa: FAST003 - the dependency reads the cooperative
def job_page(  # noqa: PLR0917 - a route's parameters
    request: Request,
    tenant: TenantDep,
    job: str,
    day: JobDayQuery = "",
    version: VersionQuery = None,
    lang: LanguageQuery = "vi",
) -> HTMLResponse:
    """The printable statement of a job on a day."""
    _dates(day)
    return _page(request, tenant, tenant.statements.of_job(job, day, version).issued, lang)


@pages.get("/statements/{cooperative}/plots/{plot}")  # noqa: FAST003 - the dependency reads the cooperative
def plot_page(  # noqa: PLR0917 - a route's parameters
    request: Request,
    tenant: TenantDep,
    plot: str,
    season: SeasonQuery = "",
    version: VersionQuery = None,
    lang: LanguageQuery = "vi",
) -> HTMLResponse:
    """The printable statement of a plot over a season."""
    return _page(request, tenant, _plot(tenant, plot, season, version).issued, lang)


def _plot(tenant: Tenant, plot: str, season: str, version: int | None) -> Given:
    try:
        return tenant.statements.of_plot(plot, season, version)
    except ValueError as error:
        raise HTTPException(422, f"season: {error}") from None


def _dates(day: str) -> None:
    if day:
        try:
            date.fromisoformat(day)
        except ValueError:
            raise HTTPException(422, f"day: {day} is no date") from None


def _signed(request: Request, given: Given) -> Response:
    it = given.issued
    if given.settled:
        repeatable(request)
    tag = f'"{it.digest[:32]}-{it.version}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = _named(it, "json")
    return Response(it.document, media_type="application/json", headers=headers)


def _pdf(tenant: Tenant, it: Issued, language: Language) -> Response:
    headers = {"Content-Disposition": _named(it, "pdf"), "Cache-Control": "private, no-cache"}
    return Response(tenant.statements.pdf(it, language), media_type="application/pdf", headers=headers)


def _named(it: Issued, ending: str) -> str:
    """The file's name, in ASCII for old browsers and in UTF-8 (RFC 6266)."""
    parts = [it.subject.kind.value, it.subject.name, it.subject.first_day, f"v{it.version}"]
    name = file_name("-".join(part for part in parts if part))
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return f"inline; filename=\"{plain}.{ending}\"; filename*=UTF-8''{quote(name, safe='')}.{ending}"


def _out(it: Issued) -> IssuedOut:
    about = it.subject
    return IssuedOut(
        kind=about.kind,
        name=about.name,
        first_day=about.first_day,
        last_day=about.last_day,
        version=it.version,
        issued=iso_utc(it.issued_ms),
        digest=it.digest,
        href=_href(it, "statement"),
    )


def _href(it: Issued, ending: str, **query: str) -> str:
    about = it.subject
    where = f"/v1/cooperatives/{quote(about.cooperative)}/{about.kind}s/{quote(about.name, safe='')}/{ending}"
    return f"{where}?{urlencode(_query(it) | query)}"


def _query(it: Issued) -> dict[str, str]:
    """What names this very statement."""
    about, told = it.subject, {"version": str(it.version)}
    if about.kind is StatementKind.JOB:
        told["day"] = about.first_day
    if about.kind is StatementKind.PLOT:
        told["season"] = f"{about.first_day}..{about.last_day}"
    return told


def _page(request: Request, tenant: Tenant, it: Issued, language: Language) -> HTMLResponse:
    texts, pictures = tenant.statements.page(it, language)
    other = "en" if language == "vi" else "vi"
    return render(
        "statement.html",
        language,
        words=words_of(language),
        sheet=texts,
        pictures=pictures,
        cooperative=it.subject.cooperative,
        links={"pdf": _href(it, "statement.pdf", lang=language), "json": _href(it, "statement")},
        other_language=f"{request.url.path}?{urlencode(_query(it) | {'lang': other})}",
    )
