"""Sign-on by a provider: out to it, back from it, and the code of the second factor where we still ask for one."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.deps import DoorkeeperDep, LanguageQuery, TraceDep
from api.identity.cookies import Cookies, inner, login_page
from api.identity.journeys import AWAY_MS, CODE_MS, Stale
from api.identity.sign_on import Answer, Arrived, SignOn
from api.openness import CODE
from api.rendering import render
from core.errors import ProviderUnavailable, TooManyAttempts, Unauthenticated
from core.terms import Language

router = APIRouter(prefix="/v1/auth", include_in_schema=False)
_Text = Annotated[str, Query(max_length=4_096)]
_WRONG: Final[dict[type[Exception], tuple[HTTPStatus, str]]] = {
    Stale: (HTTPStatus.FORBIDDEN, "login_stale"),
    Unauthenticated: (HTTPStatus.UNAUTHORIZED, "sign_on_refused"),
    TooManyAttempts: (HTTPStatus.TOO_MANY_REQUESTS, "login_wait"),
    ProviderUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "sign_on_away"),
}
"""What people are told, by what went wrong; the first that fits."""
_FAILURES: Final = tuple(_WRONG)
_LOG: Final = logging.getLogger("api")


class Code(BaseModel):
    """What the page for the code sends; ``form`` goes with its cookie."""

    code: Annotated[str, Field(max_length=64)] = ""
    form: Annotated[str, Field(max_length=256)] = ""


@router.get("/signon")
def depart(
    request: Request,
    doorkeeper: DoorkeeperDep,
    form: Annotated[str, Query(max_length=256)] = "",
    onward: Annotated[str, Query(max_length=1_000)] = "/",
    lang: LanguageQuery = "vi",
) -> Response:
    """Go to the provider: by the button of the login page, whose token comes along with its cookie."""
    cookies = _cookies(request)
    bound_to = request.cookies.get(cookies.form, "")
    if not bound_to or not doorkeeper.signer.is_form_token(bound_to, form):
        return _refused(request, doorkeeper, lang, Stale(""), onward)
    try:
        address, kept = _sign_on(request).depart(onward, lang)
    except ProviderUnavailable as error:
        return _refused(request, doorkeeper, lang, error, onward)
    answer = _gone(address)
    cookies.put(answer, cookies.journey, kept, AWAY_MS // 1_000)
    return answer


@router.get("/callback")
def arrive(  # noqa: PLR0917 - what FastAPI fills
    request: Request,
    doorkeeper: DoorkeeperDep,
    trace: TraceDep,
    state: _Text = "",
    code: _Text = "",
    error: _Text = "",
    iss: _Text = "",
) -> Response:
    """Come back from the provider."""
    sign_on, cookies = _sign_on(request), _cookies(request)
    kept = request.cookies.get(cookies.journey, "")
    try:
        arrived = sign_on.arrive(kept, Answer(state, code, error, iss), trace)
    except _FAILURES as failure:
        answer = _refused(request, doorkeeper, sign_on.language(kept), failure)
        if not isinstance(failure, Stale):  # whoever leads somebody here does not end a way that is under way
            cookies.drop(answer, cookies.journey)
        return answer
    if arrived.session:
        return _in(cookies, arrived)
    answer = _code_page(doorkeeper, arrived.waiting, arrived.language)
    cookies.put(answer, cookies.journey, arrived.waiting, CODE_MS // 1_000)
    return answer


@router.post("/code")
def finish(request: Request, doorkeeper: DoorkeeperDep, trace: TraceDep, given: Annotated[Code, Form()]) -> Response:
    """Come in by the code of the second factor."""
    sign_on, cookies = _sign_on(request), _cookies(request)
    kept = request.cookies.get(cookies.journey, "")
    language = sign_on.language(kept)
    if not kept or not doorkeeper.signer.is_form_token(kept, given.form):
        return _refused(request, doorkeeper, language, Stale(""))
    try:
        arrived = sign_on.finish(kept, given.code, trace)
    except Stale as failure:
        return _refused(request, doorkeeper, language, failure)
    except Unauthenticated:
        return _code_page(doorkeeper, kept, language, HTTPStatus.UNAUTHORIZED, "code_wrong")
    except TooManyAttempts:
        return _code_page(doorkeeper, kept, language, HTTPStatus.TOO_MANY_REQUESTS, "login_wait")
    return _in(cookies, arrived)


def _in(cookies: Cookies, arrived: Arrived) -> Response:
    """On to where the person wanted, with a session."""
    answer = _gone(inner(arrived.onward))
    cookies.put(answer, cookies.session, arrived.session)
    cookies.drop(answer, cookies.journey)
    cookies.drop(answer, cookies.form)
    return answer


def _gone(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def _refused(
    request: Request, doorkeeper: DoorkeeperDep, language: Language, failure: Exception, onward: str = "/"
) -> Response:
    """The login page, with what went wrong; what only the operator can mend is told to the log."""
    if isinstance(failure, ProviderUnavailable):
        _LOG.error("request %s: %s", request.state.request_id, failure)
    status, wrong = next(told for kind, told in _WRONG.items() if isinstance(failure, kind))
    signer, cookies = doorkeeper.signer, _cookies(request)
    return login_page(request, cookies, signer, language, status, onward=onward, wrong=wrong)


def _code_page(
    doorkeeper: DoorkeeperDep, kept: str, language: Language, status: int = HTTPStatus.OK, wrong: str = ""
) -> Response:
    form = doorkeeper.signer.form_token(kept)
    page = render("code.html", language, status, action=CODE, form=form, wrong=wrong)
    page.headers["Cache-Control"] = "no-store"
    return page


def _sign_on(request: Request) -> SignOn:
    sign_on: SignOn = request.app.state.sign_on
    return sign_on


def _cookies(request: Request) -> Cookies:
    cookies: Cookies = request.app.state.cookies
    return cookies
