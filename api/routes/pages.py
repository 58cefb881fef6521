"""Pages for people: today's flights and plots. One script of ours keeps them live; without it they can be read, too."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.complaints import ASKERS
from api.deps import DayDep, DoorkeeperDep, HouseDep, LanguageQuery, VisitorDep, asked_by
from api.identity.cookies import login_page
from api.rendering import render
from api.views import today
from api.words import Words
from core.accounts import Credential

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)
_SCRIPT: Final = (Path(__file__).parents[1] / "pages" / "live.js").read_bytes()
_SCRIPT_NAME: Final = sha256(_SCRIPT).hexdigest()[:12]
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The one page with a script: a file of ours, none in the page."""


@router.get("/")
def first_page(
    *,
    request: Request,
    visitor: VisitorDep,
    house: HouseDep,
    doorkeeper: DoorkeeperDep,
    day: DayDep,
    cooperative: Annotated[str | None, Query(description="identifier; default: the first")] = None,
    lang: LanguageQuery = "vi",
) -> Response:
    """Today's flights and plots of one cooperative; the login page for those who have not logged in."""
    cookies = request.app.state.cookies
    if visitor is None:
        return login_page(request, cookies, doorkeeper.signer, lang)
    asked = asked_by(request, visitor)
    everyone = house.cooperatives(asked)
    by_cookie = visitor.credential is Credential.COOKIE
    form = doorkeeper.signer.form_token(request.cookies[cookies.session]) if by_cookie else ""
    if not everyone:
        return render("empty.html", lang, form=form)
    tenant = house.tenant(asked, cooperative or everyone[0].cooperative)
    view = today(tenant, day, Words(lang))
    page = render(
        "today.html",
        lang,
        today=view,
        cooperatives=everyone,
        form=form,
        script=_SCRIPT_NAME,
        may_ask=visitor.role in ASKERS,
    )
    page.headers["Content-Security-Policy"] = _POLICY
    return page


@router.get("/live.js", response_class=Response)
def script() -> Response:
    """The script of the first page; its address names its content, so browsers keep it."""
    kept = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(_SCRIPT, media_type="text/javascript; charset=utf-8", headers=kept)
