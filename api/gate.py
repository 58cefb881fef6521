"""The gate before the whole application: nobody passes without a principal, but to what :mod:`api.openness` lists.

It stands before the router, so that a route that somebody forgets to lock, a mounted application and an address that
does not exist are all behind it.
"""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import of_error
from api.identity.cookies import Cookies, login_page
from api.identity.doorkeeper import Doorkeeper
from api.identity.secret_tokens import KEY_PREFIX
from api.openness import UNBOUND_FORMS, Openness
from api.remembered import NotAtHand
from core.accounts import Credential, Principal
from core.errors import CanhdongError, Forbidden, Unauthenticated
from core.hosts import is_loopback
from core.terms import Language

FORM_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_FOREIGN: Final = frozenset(("cross-site", "same-site"))


class Gate:
    """ASGI middleware. ``demo`` is whoever shows no credential at all, on this machine's own demo."""

    def __init__(
        self, app: ASGIApp, doorkeeper: Doorkeeper, openness: Openness, cookies: Cookies, demo: Principal | None
    ) -> None:
        self._app = app
        self._doorkeeper = doorkeeper
        self._quick = doorkeeper.at_hand()
        self._openness = openness
        self._cookies = cookies
        self._demo = demo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer that it may not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"the API speaks HTTP only, not {scope['type']}")
        request = Request(scope)
        try:
            principal = await self._principal(request)
            if principal is not None:
                self._refuse_forged(request, principal)
        except CanhdongError as error:
            await self._refused(error, request)(scope, receive, send)
            return
        request.state.principal = principal
        await self._app(scope, receive, send)

    async def _principal(self, request: Request) -> Principal | None:
        """Who asks; ``None`` only where everybody may."""
        opened = self._openness.opens(request.scope["path"])
        try:
            found = await self._shown(request)
        except Unauthenticated:
            if not opened:
                raise
            found = None  # an old cookie does not keep anybody from the login page
        if found is None and not opened:
            raise Unauthenticated("log in, or show a token or a key")
        return found

    async def _shown(self, request: Request) -> Principal | None:
        """See :meth:`_seen`; a thread goes and asks the store where it has to be asked."""
        try:
            return self._seen(request, self._quick)
        except NotAtHand:
            return await run_in_threadpool(self._seen, request, self._doorkeeper)

    def _seen(self, request: Request, doorkeeper: Doorkeeper) -> Principal | None:
        """Whom the request's credential belongs to; ``None`` where it shows none. Raises ``Unauthenticated``."""
        header = request.headers.get("Authorization")
        if header is not None:
            scheme, _, value = header.partition(" ")
            return _by_header(scheme.casefold(), value.strip(), doorkeeper)
        cookie = request.cookies.get(self._cookies.session)
        if cookie is not None:
            return doorkeeper.by_cookie(cookie)
        return (
            self._demo if is_loopback(request.url.hostname or "") else None
        )  # no name that a stranger lets point here

    def _refuse_forged(self, request: Request, principal: Principal) -> None:
        """A browser sends cookies, and the demo needs none: there, what changes something has to come from our pages.

        Raises:
            Forbidden: It comes from elsewhere.
        """
        if request.method in _SAFE or principal.credential not in {Credential.COOKIE, Credential.DEMO}:
            return
        if request.headers.get("Sec-Fetch-Site") in _FOREIGN:
            raise Forbidden("another site has sent this request")
        if request.scope["path"] in UNBOUND_FORMS:
            return
        cookie, given = request.cookies.get(self._cookies.session, ""), request.headers.get(FORM_HEADER, "")
        if not cookie or not self._doorkeeper.signer.is_form_token(cookie, given):
            raise Forbidden(f"{FORM_HEADER}: missing or wrong; GET /v1/auth/me tells it")

    def _refused(self, error: CanhdongError, request: Request) -> Response:
        """A problem document; a person with a browser gets the login page."""
        if isinstance(error, Unauthenticated) and _by_browser(request):
            language: Language = "en" if request.query_params.get("lang") == "en" else "vi"
            signer, onward = self._doorkeeper.signer, str(request.url.replace(scheme="", netloc=""))
            return login_page(request, self._cookies, signer, language, HTTPStatus.UNAUTHORIZED, onward=onward)
        return of_error(error, request)


def _by_header(scheme: str, value: str, doorkeeper: Doorkeeper) -> Principal:
    match scheme:
        case "bearer" if value.startswith(KEY_PREFIX):
            return doorkeeper.by_key(value)
        case "bearer":
            return doorkeeper.by_bearer(value)
        case "basic":
            return doorkeeper.by_key(_password(value))
        case _:
            raise Unauthenticated("Authorization: Bearer with a token or a key, or Basic with a key as password")


def _password(value: str) -> str:
    """The password of HTTP's Basic scheme (RFC 7617); the user name does not matter."""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated("Authorization: not what the Basic scheme says") from None


def _by_browser(request: Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")
