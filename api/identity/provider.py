"""A provider of OpenID Connect, as this platform asks it: authorization code flow with PKCE, ID tokens checked.

OpenID Connect Core 1.0 and Discovery 1.0, PKCE (RFC 7636, S256), issuer in the answer (RFC 9207).
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from api.identity.registration import Registration, is_safe
from core.errors import ProviderUnavailable, Unauthenticated
from core.ports import Clock

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Signatures by a private key only: never none, and never by the client's secret."""
_TIMEOUT_S: Final = (3.0, 10.0)
"""To connect, and between two bytes of an answer."""
_LEEWAY_S: Final = 60
_KEPT_MS: Final = 3_600_000
_FRESH_MS: Final = 60_000
"""Keys that were fetched so lately are not fetched again for a token that they do not fit."""
_PATIENCE_MS: Final = 5_000
"""A provider that did not answer is not asked again so soon: many who wait for it must not keep all threads."""
_LONGEST_SUBJECT: Final = 255


@dataclass(frozen=True, slots=True)
class Ask:
    """What goes with somebody to the provider, and has to come back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class SignedOn:
    """Whom the provider means, and how it has made sure: ``acr:...`` and ``amr:...``."""

    subject: str
    means: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pages:
    """What the provider tells about itself."""

    authorization: str
    token: str
    keys: str
    authentication: str


class Provider:
    """Safe to use from several threads. Nothing is asked before the first sign-on."""

    def __init__(self, registration: Registration, clock: Clock) -> None:
        self.registration = registration
        self._clock = clock
        self._lock = threading.Lock()
        self._pages: tuple[int, Pages] | None = None
        self._silent_ms = -_PATIENCE_MS
        self._keys: tuple[int, KeySet] | None = None

    def address(self, ask: Ask) -> str:
        """Where somebody signs on; raises ``ProviderUnavailable``."""
        pages, it = self._known_pages(), self.registration
        wanted = " ".join(sorted(m.removeprefix("acr:") for m in it.second_factors if m.startswith("acr:")))
        with self._session(pages) as session:
            url, _ = session.create_authorization_url(
                pages.authorization,
                state=ask.state,
                code_verifier=ask.verifier,
                nonce=ask.nonce,
                acr_values=wanted or None,
            )
        return str(url)

    def signed_on(self, code: str, ask: Ask) -> SignedOn:
        """Whom a code is for, by the ID token that the provider gives for it.

        Raises:
            Unauthenticated: The provider does not take the code, or its ID token is not what it must be.
            ProviderUnavailable: The provider does not answer.
        """
        pages = self._known_pages()
        with self._session(pages) as session, _asking("token"):
            given = session.fetch_token(
                pages.token,
                grant_type="authorization_code",
                code=code,
                code_verifier=ask.verifier,
                allow_redirects=False,
                verify=self._authority,
            )
        token = given.get("id_token")
        if not isinstance(token, str):
            raise Unauthenticated("sign-on: the provider gave no ID token")
        return self._read(token, str(given.get("access_token", "")), ask.nonce)

    def _read(self, token: str, access_token: str, nonce: str) -> SignedOn:
        """What an ID token says; raises ``Unauthenticated`` with what is wrong with it."""
        it = self.registration
        try:
            found = self._decoded(token)
            options = {
                "iss": {"essential": True, "value": it.issuer},
                "aud": {"essential": True, "value": it.client_id},
            }
            params = {"nonce": nonce, "client_id": it.client_id, "access_token": access_token}
            claims = CodeIDToken(found.claims, found.header, options, params)
            claims.validate(self._clock.now_ms() // 1_000, _LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated(f"sign-on: the ID token does not count ({_why(error)})") from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
            raise Unauthenticated("sign-on: the ID token does not count (sub)")
        return SignedOn(subject, _means(claims))

    def _decoded(self, token: str) -> jwt.Token:
        """A token whose signature counts; the keys are asked for again where the provider may have new ones."""
        registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
        keys, fetched_ms = self._known_keys()
        try:
            return jwt.decode(token, keys, registry=registry)
        except (InvalidKeyIdError, BadSignatureError):
            if self._clock.now_ms() - fetched_ms < _FRESH_MS:
                raise
        keys, _ = self._known_keys(anew=True)
        return jwt.decode(token, keys, registry=registry)

    def _known_pages(self) -> Pages:
        with self._lock:
            now_ms, known = self._clock.now_ms(), self._pages
            if known is not None and now_ms - known[0] < _KEPT_MS:
                return known[1]
            if now_ms - self._silent_ms < _PATIENCE_MS:
                raise ProviderUnavailable("the provider of sign-on did not answer a moment ago")
            try:
                self._pages = now_ms, self._described()
            except ProviderUnavailable:
                self._silent_ms = self._clock.now_ms()
                raise
            return self._pages[1]

    def _known_keys(self, *, anew: bool = False) -> tuple[KeySet, int]:
        """The provider's keys, and when they were fetched."""
        url, now_ms = self._known_pages().keys, self._clock.now_ms()
        with self._lock:
            known = self._keys
            if known is None or anew or now_ms - known[0] >= _KEPT_MS:
                with _asking("keys"):
                    self._keys = known = now_ms, KeySet.import_key_set(self._document(url))
        return known[1], known[0]

    def _described(self) -> Pages:
        it = self.registration
        with _asking("description"):
            told = self._document(f"{it.issuer.rstrip('/')}/.well-known/openid-configuration")
            if not hmac.compare_digest(str(told["issuer"]).encode(), it.issuer.encode()):
                raise ValueError(f"it calls itself {told['issuer']!r}")
            urls = [str(told[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
            wrong = [url for url in urls if not is_safe(url, local=it.local)]
            if wrong:
                raise ValueError(f"{wrong[0]} is not reached by TLS")
            ways = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            usable = [way for way in ("client_secret_basic", "client_secret_post") if way in ways]
            if not usable:
                raise ValueError("it takes the secret in no way that this platform knows")
        return Pages(urls[0], urls[1], urls[2], usable[0])

    def _document(self, url: str) -> Any:
        """A JSON document of the provider's; a way that leads elsewhere is not followed."""
        with requests.Session() as session:
            session.trust_env = not self.registration.local
            answer = session.get(
                url,
                timeout=_TIMEOUT_S,
                allow_redirects=False,
                verify=self._authority,
                headers={"Accept": "application/json"},
            )
        if answer.status_code != requests.codes.ok:
            raise ValueError(f"it answers {answer.status_code}")
        return answer.json()

    @property
    def _authority(self) -> str | bool:
        file = self.registration.ca_file
        return True if file is None else str(file)

    @contextmanager
    def _session(self, pages: Pages) -> Iterator[Any]:
        it = self.registration
        with OAuth2Session(
            it.client_id,
            it.client_secret,
            token_endpoint_auth_method=pages.authentication,
            scope="openid",
            redirect_uri=it.redirect_url,
            code_challenge_method="S256",
            default_timeout=_TIMEOUT_S,
        ) as session:
            session.trust_env = not it.local
            yield session


@contextmanager
def _asking(what: str) -> Iterator[None]:
    """Turn what goes wrong when the provider is asked into our errors."""
    try:
        yield
    except AuthlibBaseError as error:
        raise Unauthenticated(f"sign-on: the provider refuses the code ({str(error.error)[:60]})") from error
    except (requests.RequestException, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProviderUnavailable(f"the provider of sign-on ({what}): {error}") from error


def _means(claims: dict[str, Any]) -> frozenset[str]:
    """How the provider has made sure."""
    acr, amr = claims.get("acr"), claims.get("amr")
    told = [f"acr:{acr}"] if isinstance(acr, str) else []
    return frozenset(told + [f"amr:{it}" for it in amr or () if isinstance(it, str)])


def _why(error: Exception) -> str:
    """The library's short word for what is wrong, and the claim."""
    claim = getattr(error, "claim", "")
    return f"{getattr(error, 'error', type(error).__name__)} {claim}".strip()
