"""The test server: HTTP in, the state machine of the organisations behind it, recorded answers out.

What ``publish`` has no use for (teams, users, annotations, queries, viewers) is answered as it was recorded, word for
word. Answers that nobody recorded follow Grafana's documentation, and are few: the list of organisations, their
renaming, a contact point's removal, and what who is no member gets.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.grafana.contract import Call, Contract
from tests.support.grafana.organisation import Organisation

USER, PASSWORD = "quản-trị", "mật-khẩu"
ADMIN, PUBLISHER = "admin (basic)", "service account, role Admin"
Answer = tuple[int, Any]
Handler = Callable[..., Answer]


class Dropped(Exception):
    """The connection is closed without an answer."""


@dataclass
class FakeGrafana:
    """All that a server knows. ``writes`` are the calls that change something, in their order."""

    contract: Contract
    organisations: dict[int, Organisation]
    version: str = "9.3.2"
    writes: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    drop_after: int | None = None
    """How many calls that change something are answered before the server goes away."""
    strangers: set[int] = field(default_factory=set)
    """Organisations that the administrator is no member of."""
    deaf: bool = False
    """Whether the header that chooses an organisation is ignored, as it is with a token."""
    moved: str = ""
    """Where everybody is sent instead."""
    page: bytes = b""
    """What is answered to everything, in HTML: by another program."""
    verbatim: list[Call] = field(default_factory=list)
    url: str = ""

    def answer(self, who: str, org: int, method: str, path: str, body: Any) -> Answer:
        """What a call is answered."""
        self.seen.append(f"{method} {path}")
        if method != "GET":
            if self.drop_after == 0:
                raise Dropped
            self.drop_after = None if self.drop_after is None else self.drop_after - 1
            self.writes.append(f"{method} {path}")
        if who in {ADMIN, PUBLISHER}:
            found = self._handled(who, org if who == ADMIN and not self.deaf else 1, method, path, body)
            if found is not None:
                return found
        return self._recorded(who, method, path, body)

    def org(self, name: str) -> Organisation:
        """The organisation whose name ends with a key."""
        (found,) = [it for it in self.organisations.values() if it.name.endswith(f"({name})")]
        return found

    def _recorded(self, who: str, method: str, path: str, body: Any) -> Answer:
        for it in self.verbatim:
            if (it.who, it.method, it.path, it.request) == (who, method, path, body):
                self.verbatim.remove(it)
                return it.status, it.response
        return 404, {"message": "Not found"}

    def _handled(self, who: str, org: int, method: str, path: str, body: Any) -> Answer | None:
        if path == "/api/health":
            return self.contract.answer("health", version=self.version)
        if path.startswith("/api/orgs") and who == ADMIN:
            return self._orgs(method, path, body)
        if org in self.strangers or org not in self.organisations:
            return 403, {"message": "You'll need additional permissions to perform this action."}
        inside = self.organisations[org]
        if path == "/api/org":
            return self.contract.answer("own organisation", id=org, name=inside.name)
        return _route(inside, method, path, body)

    def _orgs(self, method: str, path: str, body: Any) -> Answer | None:
        names = {it.name for it in self.organisations.values()}
        if (method, path) == ("GET", "/api/orgs"):
            return 200, [{"id": it.number, "name": it.name} for it in self.organisations.values()]
        if method in {"POST", "PUT"} and "/users" not in path and body["name"] in names:
            return self.contract.answer("organisation, again")
        if (method, path) == ("POST", "/api/orgs"):
            number = max(self.organisations) + 1
            self.organisations[number] = Organisation(self.contract, number, body["name"])
            return self.contract.answer("organisation", orgId=number)
        if found := re.fullmatch(r"/api/orgs/(\d+)(/users)?", path):
            number = int(found[1])
            if method == "PUT":
                self.organisations[number].name = body["name"]
                return 200, {"message": "Organization updated"}
            if method == "POST" and body["loginOrEmail"] == USER:
                self.strangers.discard(number)
                return self.contract.answer("user into the organisation", userId=1)
        return None


def _route(it: Organisation, method: str, path: str, body: Any) -> Answer | None:
    """Give a call to what an organisation does with it."""
    parts = urlsplit(path)
    for verb, pattern, handler in _routes(it, {k: v[0] for k, v in parse_qs(parts.query).items()}, body):
        found = re.fullmatch(pattern, parts.path)
        if found and verb == method:
            return handler(*map(unquote, found.groups()))
    return None


def _routes(it: Organisation, query: dict[str, str], body: Any) -> Iterator[tuple[str, str, Handler]]:
    one = "([^/]+)"
    yield "GET", "/api/folders", it.list_folders
    yield "POST", "/api/folders", lambda: it.add_folder(body)
    yield "GET", f"/api/folders/{one}", it.folder
    yield "PUT", f"/api/folders/{one}", lambda uid: it.put_folder(uid, body)
    yield "DELETE", f"/api/folders/{one}", it.drop_folder
    yield "GET", "/api/datasources", it.list_sources
    yield "POST", "/api/datasources", lambda: it.add_source(body)
    yield "GET", f"/api/datasources/uid/{one}", it.source
    yield "PUT", f"/api/datasources/uid/{one}", lambda uid: it.put_source(uid, body)
    yield "DELETE", f"/api/datasources/uid/{one}", it.drop_source
    yield "GET", f"/api/datasources/uid/{one}/health", it.health
    yield "POST", "/api/dashboards/db", lambda: it.save_board(body)
    yield "GET", f"/api/dashboards/uid/{one}", it.board
    yield "DELETE", f"/api/dashboards/uid/{one}", it.drop_board
    yield "GET", "/api/search", lambda: it.search(query.get("tag", ""), query.get("folderIds", ""))
    rules, points = "/api/v1/provisioning/alert-rules", "/api/v1/provisioning/contact-points"
    yield "POST", rules, lambda: it.alerting.add_rule(body)
    yield "GET", f"{rules}/{one}", it.alerting.rule
    yield "PUT", f"{rules}/{one}", lambda uid: it.alerting.put_rule(uid, body)
    yield "DELETE", f"{rules}/{one}", it.alerting.drop_rule
    titles = {uid: folder["title"] for uid, folder in it.folders.items()}
    yield "GET", "/api/ruler/grafana/api/v1/rules", lambda: it.alerting.ruler(titles)
    yield "GET", points, it.alerting.listed
    yield "POST", points, lambda: it.alerting.add_point(body)
    yield "PUT", f"{points}/{one}", lambda uid: it.alerting.put_point(uid, body)
    yield "DELETE", f"{points}/{one}", it.alerting.drop_point
    yield "GET", "/api/v1/provisioning/policies", lambda: (200, it.alerting.tree)
    yield "PUT", "/api/v1/provisioning/policies", lambda: it.alerting.put_tree(body)


def _who(header: str | None) -> str:
    """Who shows a credential, by the names of the recording; a bearer's token is that name itself."""
    scheme, _, value = (header or "").partition(" ")
    if scheme == "Basic":
        told = base64.b64decode(value).decode("utf-8", "replace")
        return ADMIN if told in {f"{USER}:{PASSWORD}", "admin:admin"} else "wrong"
    return value if scheme == "Bearer" else "nobody"


def _handler(grafana: FakeGrafana) -> type[BaseHTTPRequestHandler]:
    class Speaker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # an answer is one packet

        def _speak(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            who = _who(self.headers.get("Authorization"))
            org = int(self.headers.get("X-Grafana-Org-Id") or 1)
            try:
                status, body = self._told(who, org, json.loads(sent) if sent else None)
            except Dropped:
                self.close_connection = True
                return
            text = grafana.page or (b"" if body is None else json.dumps(body).encode())
            self.send_response(302 if grafana.moved else status)
            if grafana.moved:
                self.send_header("Location", grafana.moved + self.path)
            self.send_header("Content-Type", "text/html" if grafana.page else "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _told(self, who: str, org: int, body: Any) -> Answer:
            if who == "wrong":
                return 401, {"message": "invalid username or password"}
            return grafana.answer(who, org, self.command, self.path, body)

        do_GET = do_POST = do_PUT = do_DELETE = _speak  # noqa: N815 - http.server's names

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    return Speaker


@contextmanager
def running_grafana(tls: tuple[Path, Path] | None = None) -> Iterator[FakeGrafana]:
    """A server with the one organisation that every Grafana starts with; by TLS with a certificate and its key."""
    contract = Contract()
    grafana = FakeGrafana(contract, {1: Organisation(contract, 1, "Main Org.")})
    grafana.verbatim = list(contract.calls)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(grafana))
    server.daemon_threads = True
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    grafana.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield grafana
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
