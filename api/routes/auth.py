"""Logging in and out: tokens for programs, a page with a form and a cookie for people."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.deps import AskedDep, DoorkeeperDep, LanguageQuery, TraceDep
from api.identity.cookies import Cookies, inner, login_page
from api.identity.doorkeeper import Tokens
from api.identity.passwords import LONGEST, SHORTEST
from api.identity.signing import ACCESS_S
from core.accounts import Credential, Role
from core.errors import Forbidden, TooManyAttempts, Unauthenticated
from core.terms import Language

router = APIRouter(prefix="/v1/auth", tags=["identity"])

_Text = Annotated[str, Field(max_length=256)]
_Field = Annotated[str, Form(max_length=256)]


class Credentials(BaseModel):
    """What somebody logs in with; ``code`` is the second factor's, where there is one."""

    account: _Text
    password: _Text
    code: _Text = ""


class RefreshToken(BaseModel):
    """A refresh token, which counts once."""

    refresh_token: _Text


class TokensOut(BaseModel):
    """A pair of tokens: the first for the next minutes, the second for a new pair."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word, not a secret
    expires_in_s: int = ACCESS_S
    refresh_token: str

    @classmethod
    def of(cls, it: Tokens) -> TokensOut:
        """From the doorkeeper's."""
        return cls(access_token=it.access, refresh_token=it.refresh)


class Me(BaseModel):
    """Who asks. ``csrf_token`` goes into the header ``X-CSRF-Token`` of what a page changes; empty without a cookie."""

    account: str
    cooperative: str
    role: Role
    scopes: list[str]
    csrf_token: str


class LoginForm(Credentials):
    """What the login page sends; ``form`` goes with its cookie, ``onward`` is where the person wanted to go."""

    form: _Text
    onward: Annotated[str, Field(max_length=1_000)] = "/"
    lang: Language = "vi"


class NewPassword(BaseModel):
    """The password that counts, and the one that is to count."""

    old: _Text
    new: Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]


@router.post("/token")
def token(given: Credentials, doorkeeper: DoorkeeperDep, trace: TraceDep) -> TokensOut:
    """Log in with account, password and, where there is a second factor, its code."""
    text = doorkeeper.log_in(given.account, given.password, given.code, Credential.TOKEN, trace)
    return TokensOut.of(doorkeeper.tokens(text))


@router.post("/refresh")
def refresh(given: RefreshToken, doorkeeper: DoorkeeperDep, trace: TraceDep) -> TokensOut:
    """A new pair of tokens. A refresh token that is shown twice ends its session."""
    return TokensOut.of(doorkeeper.refresh(given.refresh_token, trace))


@router.post("/revoke", status_code=HTTPStatus.NO_CONTENT)
def revoke(given: RefreshToken, doorkeeper: DoorkeeperDep, trace: TraceDep) -> None:
    """End the session of a refresh token: its access tokens count no more. The same answer where it is none."""
    doorkeeper.log_out(given.refresh_token, trace)


@router.get("/me")
def me(asked: AskedDep, request: Request, doorkeeper: DoorkeeperDep) -> Me:
    """Who asks."""
    it = asked.principal
    cookie = request.cookies.get(_cookies(request).session, "") if it.credential is Credential.COOKIE else ""
    return Me(
        account=it.account,
        cooperative=it.cooperative,
        role=it.role,
        scopes=sorted(it.scopes),
        csrf_token=doorkeeper.signer.form_token(cookie) if cookie else "",
    )


@router.post("/password", status_code=HTTPStatus.NO_CONTENT)
def password(given: NewPassword, asked: AskedDep, doorkeeper: DoorkeeperDep, trace: TraceDep) -> None:
    """Change one's own password; all sessions end, this one too."""
    if not asked.principal.session:
        raise Forbidden("a key cannot change a password: log in")
    doorkeeper.change_password(asked.principal, given.old, given.new, trace)


@router.get("/login", include_in_schema=False)
def login_form(
    request: Request,
    doorkeeper: DoorkeeperDep,
    onward: Annotated[str, Query(max_length=1_000)] = "/",
    lang: LanguageQuery = "vi",
) -> Response:
    """The login page."""
    return login_page(request, _cookies(request), doorkeeper.signer, lang, onward=onward)


@router.post("/login", include_in_schema=False)
def login(
    request: Request,
    doorkeeper: DoorkeeperDep,
    trace: TraceDep,
    given: Annotated[LoginForm, Form()],
) -> Response:
    """Log in by the page's form; the session's cookie comes with the way onward."""
    cookies = _cookies(request)
    bound_to = request.cookies.get(cookies.form, "")
    status, wrong = HTTPStatus.FORBIDDEN, "login_stale"
    if bound_to and doorkeeper.signer.is_form_token(bound_to, given.form):
        try:
            text = doorkeeper.log_in(given.account, given.password, given.code, Credential.COOKIE, trace)
        except Unauthenticated:
            status, wrong = HTTPStatus.UNAUTHORIZED, "login_wrong"
        except TooManyAttempts:
            status, wrong = HTTPStatus.TOO_MANY_REQUESTS, "login_wait"
        else:
            answer = RedirectResponse(inner(given.onward), HTTPStatus.SEE_OTHER)
            cookies.put(answer, cookies.session, text)
            cookies.drop(answer, cookies.form)
            return answer
    return login_page(request, cookies, doorkeeper.signer, given.lang, status, onward=given.onward, wrong=wrong)


@router.post("/logout", include_in_schema=False)
def logout(request: Request, doorkeeper: DoorkeeperDep, trace: TraceDep, form: _Field) -> Response:
    """End the session of the cookie."""
    cookies = _cookies(request)
    cookie = request.cookies.get(cookies.session, "")
    if not cookie or not doorkeeper.signer.is_form_token(cookie, form):
        raise Forbidden("the form has to carry its token: log out by the button on the page")
    doorkeeper.log_out(cookie, trace)
    answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    cookies.drop(answer, cookies.session)
    return answer


def _cookies(request: Request) -> Cookies:
    cookies: Cookies = request.app.state.cookies
    return cookies
