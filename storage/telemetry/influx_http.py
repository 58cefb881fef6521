"""Talking to an InfluxDB server of any version, and telling its answers apart.

influxdb-client makes the connections and sends the requests; what they hold is ours. Writes go to ``/api/v2/write``, or
to ``/write`` where the server is older than 1.8; reads are InfluxQL on ``/query``, which 1.x, 2.x and 3.x all answer
(seen on 1.6.7 and 2.9; 3.x by its documentation).
"""

from __future__ import annotations

import gzip
import json
import re
import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import urllib3
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException

from core.errors import StoreRefused, StoreUnavailable

OLDEST_WITH_V2_WRITE: Final = (1, 8)
_SMALL: Final = 1_000
_WORDS: Final = 2_000
"""How much of what a server says is kept: 2.9 names two points in full before it tells how many it dropped."""
_TOO_LARGE: Final = 413
_REFUSALS: Final = frozenset((401, 403, 404))
_BAD_DATA: Final = frozenset((400, 413, 422))


@dataclass(frozen=True, slots=True)
class Server:
    """Where an InfluxDB is and how one identifies oneself there.

    ``user`` and ``password`` are for 1.x, ``token`` and ``org`` for 2.x and 3.x. ``compress`` sends bodies as gzip.
    """

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    org: str = ""
    ca_file: Path | None = None
    timeout_s: float = 10.0
    compress: bool = True

    @property
    def who(self) -> str:
        """Who the server sees, for people."""
        return f"the token of org {self.org!r}" if self.token else f"user {self.user!r}" if self.user else "nobody"


@dataclass(frozen=True, slots=True)
class BadData:
    """The server does not take some of what was written: its status and its words."""

    status: int
    words: str

    @property
    def too_large(self) -> bool:
        """Whether the request was too large."""
        return self.status == _TOO_LARGE

    @property
    def dropped(self) -> int:
        """How many points the server says that it dropped, of those that it could read; 0 where it does not say."""
        found = re.search(r"dropped=(\d+)", self.words)
        return int(found[1]) if found else 0

    @property
    def reason(self) -> str:
        """A short stable code."""
        if self.too_large:
            return "store-size"
        if "field type conflict" in self.words:
            return "store-type"
        if "limit exceeded" in self.words:
            return "store-limit"
        return "store-retention" if "retention policy" in self.words else "store-line"


class InfluxHttp:
    """A server. Nothing is asked of it before the first call; safe from several threads.

    Every method raises ``StoreUnavailable`` where the server does not answer, or answers that it cannot now, and
    ``StoreRefused`` where it refuses the credential or has no such database.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        options: dict[str, Any] = {
            "timeout": int(server.timeout_s * 1_000),
            "retries": urllib3.Retry(1, connect=1, read=0, status=0, respect_retry_after_header=False),
        }
        if server.ca_file is not None:
            options["ssl_ca_cert"] = str(server.ca_file)
        self._client = InfluxDBClient(server.url, token=server.token, org=server.org or "-", **options)
        self._api = self._client.api_client
        self._version: tuple[int, int] | None = None
        self._lock = threading.Lock()

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor version, as the server says it in a header."""
        with self._lock:
            if self._version is None:
                try:
                    answer = self._call("GET", "/ping", {}, None, {})
                except ApiException as error:
                    raise self._fault(error, "") from error
                said = str(answer.headers.get("X-Influxdb-Version", ""))
                found = re.match(r"v?(\d+)\.(\d+)", said)
                if found is None:
                    raise StoreUnavailable(f"{self.server.url}: no InfluxDB answers there (version {said!r})")
                self._version = (int(found[1]), int(found[2]))
            return self._version

    def write(self, database: str, body: bytes) -> BadData | None:
        """Write lines with times in ns; None where the server has stored all of them."""
        if self.version >= OLDEST_WITH_V2_WRITE:
            path, query = "/api/v2/write", {"org": self.server.org or "-", "bucket": database, "precision": "ns"}
        else:
            path, query = "/write", {"db": database, "precision": "ns"}
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        if self.server.compress and len(body) > _SMALL:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        try:
            self._call("POST", path, query, body, headers)
        except ApiException as error:
            if error.status in _BAD_DATA:
                return BadData(error.status, _words(error))
            raise self._fault(error, database) from error
        return None

    def csv(self, database: str, query: str, parameters: Mapping[str, object] | None = None) -> bytes:
        """What a query finds, as CSV with times in ns; empty for nothing.

        In CSV a server answers a query that failed (no such database, a limit, killed) with a 200 and no byte, as it
        answers one that finds nothing (seen on 1.6.7; influxdata/influxdb issue 21113). So nothing is believed only
        when the same query says it in JSON.
        """
        found = bytes(self._query("GET", query, database, parameters, "application/csv").data)
        if not found.strip():
            told = self.statement(query, database, parameters)
            if any(result.get("series") for result in told.get("results", ())):
                raise StoreUnavailable(f"{self.server.url}: a query was cut short")
        return found

    def statement(
        self, query: str, database: str = "", parameters: Mapping[str, object] | None = None, *, method: str = "GET"
    ) -> dict[str, Any]:
        """What a statement answers, as JSON."""
        answer = self._query(method, query, database, parameters, "application/json")
        try:
            found = json.loads(answer.data)
            results = found["results"]
        except (ValueError, KeyError, TypeError):
            raise StoreUnavailable(f"{self.server.url}: that is no answer of InfluxDB: {answer.data[:80]!r}") from None
        for result in results:
            if "error" in result:
                self._raise(str(result["error"]), database)
        return dict(found)

    def call(self, method: str, path: str, query: Mapping[str, str], document: Any = None) -> Any:
        """A call of the server's own API (2.x), JSON in and out.

        Raises:
            ApiException: The server says no.
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        answer = self._call(method, path, query, document, headers)
        return json.loads(answer.data) if answer.data else None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _query(
        self, method: str, query: str, database: str, parameters: Mapping[str, object] | None, accept: str
    ) -> Any:
        asked = {"q": query, "epoch": "ns"}
        if database:
            asked["db"] = database
        if parameters:
            asked["params"] = json.dumps(parameters)
        headers = {"Accept": accept}
        try:
            if method == "GET":
                return self._call(method, "/query", asked, None, headers)
            # Statements may hold a new user's password, and addresses are written into the logs of proxies.
            # The charset is there since influxdb-client sends no body of ours under the bare name.
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
            return self._call(method, "/query", {}, urlencode(asked).encode(), headers)
        except ApiException as error:
            raise self._fault(error, database) from error

    def _call(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | None, headers: dict[str, str]
    ) -> Any:
        headers = headers | self._credentials()
        try:
            answer = self._api.request(  # type: ignore[no-untyped-call]
                method,
                f"{self.server.url}{path}?{urlencode(query)}" if query else f"{self.server.url}{path}",
                headers=headers,
                body=body,
                _preload_content=False,
            )
            answer.data  # noqa: B018 - reads the answer to its end
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreUnavailable(f"{self.server.url}: {_short(error)}") from error
        return answer

    def _credentials(self) -> dict[str, str]:
        server = self.server
        if server.token:
            return {"Authorization": f"Token {server.token}"}
        if server.user:
            return {"Authorization": "Basic " + b64encode(f"{server.user}:{server.password}".encode()).decode()}
        return {}

    def _fault(self, error: ApiException, database: str) -> Exception:
        if error.status in _REFUSALS:
            return self._refused(_words(error), database)
        return StoreUnavailable(f"{self.server.url}: HTTP {error.status}: {_words(error)}")

    def _raise(self, words: str, database: str) -> None:
        if "not found" in words or "authoriz" in words or "permission" in words:
            raise self._refused(words, database)
        raise StoreUnavailable(f"{self.server.url}: {words}")

    def _refused(self, words: str, database: str) -> StoreRefused:
        what = f"database {database!r}" if database else "the request"
        return StoreRefused(
            f"{self.server.url} refuses {what} to {self.server.who}: {words} (see canhdong storage init)"
        )


def _words(error: ApiException) -> str:
    """What the server says, without its wrapping."""
    body = error.body
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or error.reason or "")
    try:
        said = json.loads(text)
    except ValueError:
        return text.strip()[:_WORDS]
    if isinstance(said, dict):
        return str(said.get("error") or said.get("message") or text)[:_WORDS]
    return text[:_WORDS]


def _short(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason or error)[:300]
