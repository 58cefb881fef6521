"""The cookies of sessions and of login forms: never for scripts, never sent along by other sites' forms."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request, Response

from api.identity.signing import Signer
from api.openness import LOGIN, SIGN_ON
from api.rendering import render
from core.terms import Language

FORM_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class Cookies:
    """What the cookies are called; ``secure`` says that browsers come by HTTPS only."""

    secure: bool

    @property
    def session(self) -> str:
        """Of a session; the prefix makes browsers refuse it from a subdomain or without TLS."""
        return "__Host-canhdong" if self.secure else "canhdong"

    @property
    def form(self) -> str:
        """Of somebody who has not logged in yet."""
        return f"{self.session}-form"

    @property
    def journey(self) -> str:
        """Of somebody who is on the way to a provider of sign-on, or back from it."""
        return f"{self.session}-journey"

    def put(self, response: Response, name: str, value: str, age_s: int | None = None) -> None:
        """Set one of them."""
        response.set_cookie(name, value, age_s, path="/", secure=self.secure, httponly=True, samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        """Remove one."""
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")


def inner(address: str) -> str:
    """An address on this site to go on to: anything else is the first page, so that nobody is led away."""
    parts = urlsplit(address)
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and "\\" not in address
    ours = inside and not parts.scheme and not parts.netloc and not parts.path.startswith("/v1/auth/")
    return address if ours and address.isprintable() else "/"


def login_page(
    request: Request,
    cookies: Cookies,
    signer: Signer,
    language: Language,
    status: int = HTTPStatus.OK,
    *,
    onward: str = "/",
    wrong: str = "",
) -> Response:
    """The login page; its form counts together with the cookie that comes with it.

    The button of sign-on is a link, since a form may lead to this site only; it carries the form's token.
    """
    sign_on = getattr(request.app.state, "sign_on", None)
    bound_to = request.cookies.get(cookies.form) or secrets.token_urlsafe(24)
    page = render(
        "login.html",
        language,
        status,
        action=LOGIN,
        onward=inner(onward),
        form=signer.form_token(bound_to),
        wrong=wrong,
        sign_on=None if sign_on is None else sign_on.name,
        sign_on_action=SIGN_ON,
    )
    cookies.put(page, cookies.form, bound_to, FORM_S)
    page.headers["Cache-Control"] = "no-store"
    return page
