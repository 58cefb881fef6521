"""The one way to a Grafana server: grafana-api, whose exceptions become statuses that the callers look at.

Basic authentication as a server administrator: organisations cannot be made with a token, and with a token
``X-Grafana-Org-Id`` is ignored. grafana-api 1.0.3 has no methods for some addresses and reads JSON even where the body
is empty: its generic calls do the former, and :meth:`Grafana.ask` takes the latter for what it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace

from core.errors import ConfigError, Conflict, Forbidden, NotFound, RetriableError, Unauthenticated
from core.hosts import is_loopback

Method = Literal["GET", "POST", "PUT", "DELETE"]
_ORGANISATION: Final = "X-Grafana-Org-Id"
_TIMEOUT_S: Final = 30.0
_WORDS: Final = 400
_CLASH: Final = frozenset((HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Grafana is, and its administrator.

    Raises:
        ConfigError: No such address, nobody to be there, or a password would cross a network in clear.
    """

    url: str
    user: str
    password: str = field(repr=False)
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username is not None:
            raise ConfigError(
                "CANHDONG_GRAFANA_URL: give https://HOST, or http://127.0.0.1:3000 on this machine; who publishes "
                "belongs into CANHDONG_GRAFANA_USER and CANHDONG_GRAFANA_PASSWORD_FILE"
            )
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ConfigError("CANHDONG_GRAFANA_URL: a password goes over a network with TLS only; give https://")
        if not (self.user and self.password):
            raise ConfigError(
                "set CANHDONG_GRAFANA_USER and CANHDONG_GRAFANA_PASSWORD_FILE: a server administrator of Grafana"
            )
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ConfigError(f"CANHDONG_GRAFANA_CA_FILE: there is no file {self.ca_file}")


@dataclass(frozen=True, slots=True)
class Told:
    """What the server answered: a status, and the body's JSON (None: it was empty)."""

    status: int
    body: Any
    request: str

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked."""
        return self.status < HTTPStatus.BAD_REQUEST

    @property
    def message(self) -> str:
        """What the server says of a refusal."""
        text = self.body.get("message", "") if isinstance(self.body, dict) else self.body
        return str(text or "")[:_WORDS]

    @property
    def word(self) -> str:
        """The short word that comes with some refusals, such as ``name-exists``."""
        return str(self.body.get("status", "")) if isinstance(self.body, dict) else ""

    def expected(self, hint: str = "") -> Any:
        """The body of an answer that has to be a good one.

        Args:
            hint: What a person should do about another one.

        Raises:
            Unauthenticated: The server does not know the user.
            Forbidden: The user is no server administrator.
            NotFound: There is no such thing.
            Conflict: Something else stands there.
            RetriableError: The server failed.
            ConfigError: It does not take what it was sent.
        """
        if self.ok:
            return self.body
        words = f"Grafana: {self.request}: HTTP {self.status}: {self.message}"
        match self.status:
            case HTTPStatus.UNAUTHORIZED:
                raise Unauthenticated(f"{words}; check CANHDONG_GRAFANA_USER and CANHDONG_GRAFANA_PASSWORD_FILE")
            case HTTPStatus.FORBIDDEN:
                raise Forbidden(f"{words}; CANHDONG_GRAFANA_USER has to be a server administrator (Grafana Admin)")
            case _:
                kind = _kind(self.status)
                raise kind(f"{words}; {hint}" if hint else words)


def _kind(status: int) -> type[NotFound | Conflict | RetriableError | ConfigError]:
    if status == HTTPStatus.NOT_FOUND:
        return NotFound
    if status in _CLASH:
        return Conflict
    return RetriableError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ConfigError


class Grafana:
    """A server, seen from one of its organisations; ``org`` 0: from whichever the user is in."""

    def __init__(self, address: Address, org: int = 0) -> None:
        self._address = address
        self.org = org
        parts = urlsplit(address.url)
        host = parts.hostname or ""
        self._face = GrafanaFace(
            (address.user.encode(), address.password.encode()),  # requests would take them for Latin-1
            host=f"[{host}]" if ":" in host else host,
            port=parts.port,
            url_path_prefix=f"{parts.path.strip('/')}/".lstrip("/"),
            protocol=parts.scheme,
            verify=str(address.ca_file) if address.ca_file else True,
            timeout=_TIMEOUT_S,
        )
        session = self._face.api.s
        session.max_redirects = 0  # a password follows nobody elsewhere
        session.trust_env = not is_loopback(host)  # nor through a proxy to this machine
        if org:
            session.headers[_ORGANISATION] = str(org)

    @property
    def user(self) -> str:
        """Who publishes."""
        return self._address.user

    def within(self, org: int) -> Grafana:
        """The same server, seen from an organisation."""
        return Grafana(self._address, org)

    def is_inside(self) -> bool:
        """Whether the server answers for the organisation that is asked: only to who is its member.

        What goes into an organisation are credentials of its own: nothing may land in another one.
        """
        told = self.ask("GET", "/org")
        return told.ok and isinstance(told.body, dict) and told.body.get("id") == self.org

    def ask(self, method: Method, path: str, document: Any = None) -> Told:
        """Ask the server something; ``path`` is what follows ``/api``.

        Raises:
            RetriableError: It does not answer, or is no Grafana.
        """
        request = f"{method} /api{path}"
        try:
            body = getattr(self._face.api, method)(path, json=document)
        except GrafanaException as error:
            return Told(int(error.status_code), error.response, request)
        except json.JSONDecodeError as error:
            if error.doc.strip():
                raise RetriableError(f"{self._address.url} does not answer as Grafana does; look at the URL") from None
            return Told(HTTPStatus.OK, None, request)
        except OSError as error:
            raise RetriableError(f"Grafana at {self._address.url} does not answer: {_plain(error)}") from None
        return Told(HTTPStatus.OK, body, request)

    def version(self) -> tuple[int, ...]:
        """The server's version, such as (9, 3, 2); () where it hides it."""
        body = self.ask("GET", "/health").expected()
        if not isinstance(body, dict) or "database" not in body:
            raise RetriableError(f"{self._address.url} does not answer as Grafana does; look at the URL")
        numbers = str(body.get("version", "")).partition("-")[0].split(".")
        return tuple(int(part) for part in numbers if part.isdigit())


def _plain(error: OSError) -> str:
    """The cause in a few words: no addresses of objects, no headers."""
    text = str(error)
    for mark, words in (
        ("CERTIFICATE_VERIFY_FAILED", "its certificate is not one that is trusted (CANHDONG_GRAFANA_CA_FILE)"),
        ("redirect", "it sends elsewhere: give the address that it is really at"),
        ("timed out", "it takes too long"),
        ("refused", "connection refused"),
        ("resolve", "its name is not known"),
    ):
        if mark in text:
            return words
    return type(error).__name__
