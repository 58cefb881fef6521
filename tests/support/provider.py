"""A little provider of OpenID Connect on a free port: it checks what it is asked, and signs what a test says."""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.identity.registration import Registration
from core.ports import Clock
from tests.support.processes import wait_for

_DAY: Final = timedelta(days=1)
CLIENT, SECRET = "canhdong", "a secret/of: the client's+"
PUBLIC_URL = "http://localhost"


@cache
def first_key() -> RSAKey:
    """Made once for all tests: it takes a while."""
    return RSAKey.generate_key(2048, {"kid": "first"})


@dataclass
class LittleProvider:
    """Whom it vouches for, and what it says; tests change both.

    ``claims`` are added to those of an ID token or replace them (None: are left out); ``sign`` signs them in another
    way; ``told`` changes how it describes itself.
    """

    issuer: str
    clock: Clock
    public_url: str = PUBLIC_URL
    subject: str = "id-7"
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    key: RSAKey | ECKey = field(default_factory=first_key)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def registration(self, *second_factors: str, name: str = "") -> Registration:
        return Registration(self.issuer, CLIENT, SECRET, self.public_url, name, frozenset(second_factors))

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.describe),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    def describe(self, request: Request) -> Response:
        self.fetched.append(request.url.path)
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return JSONResponse(told | self.told)

    def keys(self, request: Request) -> Response:
        self.fetched.append(request.url.path)
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    def authorize(self, request: Request) -> Response:
        """The person agrees at once."""
        asked = dict(request.query_params)
        self.asked.append(asked)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == f"{self.public_url}/v1/auth/callback"
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        told = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(told)}")

    async def token(self, request: Request) -> Response:
        """An ID token for a code, which counts once, to who has the secret and the verifier."""
        form = await request.form()
        asked = self.codes.pop(str(form.get("code")), None)
        if not self._is_client(request, dict(form)):
            return JSONResponse({"error": "invalid_client"}, 401)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=")
        known = asked is not None and asked["code_challenge"] == challenge.decode()
        if asked is None or not known or asked["redirect_uri"] != form["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = self.said(asked["nonce"])
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self.signed(claims)})

    def said(self, nonce: str) -> dict[str, Any]:
        now_s = self.clock.now_ms() // 1_000
        plain = {"iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": now_s, "exp": now_s + 300}
        return {name: value for name, value in (plain | {"nonce": nonce} | self.claims).items() if value is not None}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.sign is not None:
            return self.sign(claims)
        algorithm = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        return jwt.encode({"alg": algorithm, "kid": self.key.kid}, claims, self.key)

    def _is_client(self, request: Request, form: dict[str, Any]) -> bool:
        if "client_secret_post" in self.told.get("token_endpoint_auth_methods_supported", ()):
            return bool(form.get("client_id") == CLIENT and form.get("client_secret") == SECRET)
        scheme, _, pair = request.headers.get("Authorization", "").partition(" ")
        shown = base64.b64decode(pair).decode().partition(":")
        return scheme == "Basic" and (shown[0], shown[2]) == (CLIENT, SECRET)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that nobody has vouched for, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - _DAY, now + _DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    chain, secret = folder / "provider.pem", folder / "provider.key"
    chain.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return chain, secret


@contextmanager
def running_provider(clock: Clock, tls: tuple[Path, Path] | None = None) -> Iterator[LittleProvider]:
    """One that answers on a port of its own until the block ends, by TLS where it has a certificate and a key."""
    scheme, (chain, secret) = ("http", (None, None)) if tls is None else ("https", tls)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        it = LittleProvider(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", clock)
        server = uvicorn.Server(
            uvicorn.Config(it.app(), log_level="warning", lifespan="off", ssl_certfile=chain, ssl_keyfile=secret)
        )
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            wait_for(lambda: server.started, "the provider listens")
            yield it
        finally:
            server.should_exit = True
            thread.join(10.0)
