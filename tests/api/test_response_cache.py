"""Answers from memory: never to whom they do not belong, and never once anything has changed, whoever changed it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Send
from starlette.types import Scope as Asgi

from api.response_cache import ResponseCache
from core.accounts import Credential, Principal, Role, Scope
from core.errors import StoreUnavailable
from core.model.land import Cooperative, Device, DeviceKind
from geo.archiving import archived
from geo.service import recompute
from storage.urls import open_accounts, open_registry
from tests.api.conftest import START_MS
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.people import Api, entry, running_api
from tests.support.shared import ROOT

OWN = "/v1/cooperatives/htx"
PLOTS = f"{OWN}/plots?limit=1000"
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path, FakeClock(START_MS + 3_600_000)) as it:
        for name in ("htx", "other"):
            it.registry.add_cooperative(Cooperative(name, name))
            it.registry.put_plot(replace(rectangle.plot(name, "rect"), name=f"Thửa của {name}"))
        it.registry.add_device(Device("d1", "htx", DeviceKind.DRONE, "Máy bay số 1", "T40"))
        it.enrol("manager", Role.MANAGER, "htx")
        it.enrol("pilot", Role.PILOT, "htx")
        it.enrol("stranger", Role.MANAGER, "other")
        yield it


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    """The registry, as another process opens it."""
    return f"sqlite:///{tmp_path / 'registry.sqlite'}"


def flown(api: Api, lines: int = rectangle.LINES) -> str:
    """Let the drone fly; the flight's name."""
    table = rectangle.flight("d1", START_MS, lines=lines)
    api.store.write("htx", list(table.rows()), START_MS)
    window = START_MS, START_MS + 3_600_000
    results = recompute(api.store, api.registry, "htx", "d1", *window, 300.0)
    archived(api.archive, api.store, api.registry, "htx", "d1", window, results.results)
    return api.registry.flights("htx", *window)[0].flight


def warm(client: TestClient, path: str = PLOTS, **headers: str) -> Any:
    """An answer that was given twice before."""
    answers = [client.get(path, headers=headers) for _ in range(3)]
    assert {it.status_code for it in answers} == {200}, answers[-1].text
    assert len({it.content for it in answers}) == 1
    return answers[-1]


def test_a_plot_that_another_process_changes_shows_at_once(api: Api, elsewhere: str) -> None:
    client = api.client(api.key("manager"))
    tag = warm(client).headers["etag"]
    code = (
        "import sys; from dataclasses import replace; from storage.urls import open_registry\n"
        "registry = open_registry(sys.argv[1])\n"
        "registry.put_plot(replace(registry.plot('htx', 'rect'), name='Ruộng mới'))\n"
    )
    run([sys.executable, "-c", code, elsewhere], cwd=ROOT, check=True, timeout=60)
    changed = client.get(PLOTS, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()[0]["name"]) == (200, "Ruộng mới")
    with closing(open_registry(elsewhere)) as registry:
        registry.put_plot(rectangle.plot("htx", "rect-2"))
    assert [it["plot"] for it in client.get(PLOTS).json()] == ["rect", "rect-2"]


def test_a_change_over_http_shows_at_once(api: Api) -> None:
    client = api.client(api.key("manager", Scope.READ, Scope.WRITE))
    warm(client)
    body = {"plot": "new", "boundary": client.get(PLOTS).json()[0]["boundary"]}
    assert client.post(f"{OWN}/plots", json=body).status_code == 201
    assert [it["plot"] for it in client.get(PLOTS).json()] == ["new", "rect"]
    assert client.delete(f"{OWN}/plots/new", headers={"If-Match": "*"}).status_code == 200
    assert [it["plot"] for it in client.get(PLOTS).json()] == ["rect"]


def test_a_new_result_of_a_flight_makes_a_new_statement_at_once(api: Api) -> None:
    flight = flown(api, lines=rectangle.LINES - 1)
    client = api.client(api.key("manager"))
    path = f"{OWN}/flights/{flight}/statement"
    before = warm(client, path)
    assert flown(api) == flight
    after = client.get(path, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    versions = [it.json()["statement"]["version"] for it in (before, after, client.get(path))]
    assert versions == [1, 2, 2]
    assert client.get(f"{path}?version=1").content == before.content


def test_a_statement_that_hangs_on_more_than_the_registry_is_asked_for_each_time(api: Api) -> None:
    """The registry has a newer result than the archive: once the archive follows, so does the statement."""
    flight = flown(api, lines=rectangle.LINES - 1)
    client, path = api.client(api.key("manager")), f"{OWN}/flights/{flight}/statement"
    warm(client, path)
    api.store.write("htx", list(rectangle.flight("d1", START_MS).rows()), START_MS)
    window = START_MS, START_MS + 3_600_000
    results = recompute(api.store, api.registry, "htx", "d1", *window, 300.0)
    assert warm(client, path).json()["statement"]["version"] == 1
    archived(api.archive, api.store, api.registry, "htx", "d1", window, results.results)
    assert client.get(path).json()["statement"]["version"] == 2


@pytest.mark.parametrize("how", ["revoked", "disabled", "expired"])
def test_a_key_that_counts_no_more_is_refused_at_once(api: Api, elsewhere: str, how: str) -> None:
    client = api.client(api.key("manager", days=1))
    warm(client)
    (key,) = api.accounts.keys("manager")
    with closing(open_accounts(elsewhere)) as accounts:
        if how == "revoked":
            accounts.revoke_key(key.key, entry(api.clock))
        elif how == "disabled":
            accounts.disable("manager", entry(api.clock))
        else:
            api.clock.advance(86_401)
    answer = client.get(PLOTS)
    assert answer.status_code == 401
    assert "Thửa" not in answer.text


def test_a_key_that_another_process_revokes_is_refused_at_once(api: Api, elsewhere: str) -> None:
    client = api.client(api.key("manager"))
    warm(client)
    code = (
        "import sys; from core.accounts import AuditEntry; from storage.urls import open_accounts\n"
        "accounts = open_accounts(sys.argv[1]); (key,) = accounts.keys('manager')\n"
        "accounts.revoke_key(key.key, AuditEntry(1, 'test', '', 'revoked', key.key))\n"
    )
    run([sys.executable, "-c", code, elsewhere], cwd=ROOT, check=True, timeout=60)
    assert client.get(PLOTS).status_code == 401


def test_a_session_that_was_ended_is_over_at_once(api: Api, elsewhere: str) -> None:
    handed = api.enrol("lan", Role.MANAGER, "htx")
    client = api.client(api.bearer(handed))
    warm(client)
    with closing(open_accounts(elsewhere)) as accounts:
        accounts.disable("lan", entry(api.clock))
    assert client.get(PLOTS).status_code == 401


def test_another_secret_of_the_same_name_is_not_let_in(api: Api) -> None:
    header = api.key("manager")
    warm(api.client(header))
    forged = {"Authorization": header["Authorization"][:-3] + "AAA"}
    assert api.client(forged).get(PLOTS).status_code == 401


def test_others_see_their_own_and_never_what_was_made_for_somebody_else(api: Api) -> None:
    flight = flown(api)
    mine, theirs = (api.client(api.key(name)) for name in ("manager", "stranger"))
    paths = (PLOTS, f"{OWN}/flights/{flight}/statement")
    for path in paths:
        warm(mine, path)
        assert (theirs.get(path).status_code, api.client().get(path).status_code) == (404, 401)
    own = "/v1/cooperatives/other/plots?limit=1000"
    assert warm(theirs, own).json()[0]["name"] == "Thửa của other"
    assert mine.get(own).status_code == 404
    assert warm(mine).json()[0]["name"] == "Thửa của htx"


def test_a_cooperative_that_is_retired_shows_nothing_at_once(api: Api, elsewhere: str) -> None:
    client = api.client(api.key("manager"))
    warm(client)
    with closing(open_registry(elsewhere)) as registry:
        registry.retire(Cooperative, "htx")
    assert client.get(PLOTS).status_code == 404


def test_whoever_looks_from_above_is_written_down_each_time(api: Api) -> None:
    warm(api.client(api.key("manager")))
    handed = api.enrol("officer", Role.OFFICER, second=True)
    officer = api.client(api.bearer(handed))
    for number in range(1, 4):
        assert officer.get(PLOTS).status_code == 200
        looked = [it for it in api.accounts.audit("htx") if (it.actor, it.action) == ("officer", "looked at")]
        assert len(looked) == number


def test_packed_plain_and_unchanged_are_kept_apart(api: Api) -> None:
    for number in range(20):
        api.registry.put_plot(rectangle.plot("htx", f"p{number}"))
    client = api.client(api.key("manager"))
    plain, packed = warm(client, **{"Accept-Encoding": "identity"}), warm(client, **GZIP)
    assert plain.content == packed.content
    assert (packed.headers.get("content-encoding"), plain.headers.get("content-encoding")) == ("gzip", None)
    tag = plain.headers["etag"]
    for _ in range(3):
        same = client.get(PLOTS, headers={"If-None-Match": tag})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)


def test_an_answer_from_memory_has_its_own_id_and_headers_and_counts_by_its_route(api: Api) -> None:
    client = api.client(api.key("pilot"))
    first, second = client.get(PLOTS), client.get(PLOTS)
    fresh = {"x-request-id"}
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert {k: v for k, v in first.headers.items() if k not in fresh} == {
        k: v for k, v in second.headers.items() if k not in fresh
    }
    assert second.headers["cache-control"] == "private, no-cache"
    counted = 'canhdong_api_requests_total{method="GET",route="/v1/cooperatives/{cooperative}/plots",status="200"} 2.0'
    assert counted in client.get("/metrics").text


@dataclass
class Source:
    """A registry's revision, by hand."""

    revision_is_near: bool = True
    number: int = 1
    away: bool = False

    def revision(self) -> str:
        if self.away:
            raise StoreUnavailable("away")
        return str(self.number)


@dataclass
class Route:
    """An application that counts what comes as far; ``meanwhile`` happens while it works."""

    mark: bool = True
    status: int = 200
    pieces: int = 1
    meanwhile: Callable[[], None] = lambda: None
    asked: int = 0

    async def __call__(self, scope: Asgi, _receive: Receive, send: Send) -> None:
        self.asked += 1
        if self.mark:
            scope["state"]["repeatable"] = True
        body = str(self.asked).encode()
        self.meanwhile()
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        for number in range(1, self.pieces + 1):
            await send({"type": "http.response.body", "body": body, "more_body": number < self.pieces})


PRINCIPAL = Principal("lan", "htx", Role.MANAGER, frozenset(Scope), Credential.KEY)


@dataclass
class Asking:
    """Asks an application behind the cache."""

    route: Route = field(default_factory=Route)
    source: Source = field(default_factory=Source)
    limit_bytes: int = 1 << 20

    def __post_init__(self) -> None:
        self.cache = ResponseCache(self.route, self.source, self.limit_bytes)

    def __call__(self, path: str = "/", principal: Principal | None = PRINCIPAL, method: str = "GET") -> bytes:
        asked = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": []}
        scope = asked | {"state": {"principal": principal}}
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.cache(scope, receive, send))
        return b"".join(it.get("body", b"") for it in sent)


@pytest.mark.parametrize("near", [True, False])
def test_the_route_is_asked_once_for_each_revision(*, near: bool) -> None:
    ask = Asking(source=Source(revision_is_near=near))
    assert [ask() for _ in range(3)] == [b"1"] * 3
    ask.source.number = 2
    assert [ask() for _ in range(3)] == [b"2"] * 3


@pytest.mark.parametrize(
    "route", [Route(mark=False), Route(status=404), Route(pieces=2)], ids=["unmarked", "failed", "in-pieces"]
)
def test_what_is_not_called_repeatable_or_is_not_whole_is_asked_each_time(route: Route) -> None:
    ask = Asking(route)
    for _ in range(3):
        ask()
    assert route.asked == 3


@pytest.mark.parametrize(
    "other",
    [
        replace(PRINCIPAL, cooperative="other"),
        replace(PRINCIPAL, role=Role.PILOT),
        replace(PRINCIPAL, scopes=frozenset((Scope.READ,))),
        replace(PRINCIPAL, cooperative=""),
        None,
    ],
    ids=["cooperative", "role", "scopes", "everywhere", "nobody"],
)
def test_other_rights_are_another_question(other: Principal | None) -> None:
    ask = Asking()
    assert (ask(), ask()) == (b"1", b"1")
    assert ask(principal=other) == b"2"
    assert ask() == b"1"
    assert ask(path="/other") == b"3"
    assert ask(method="POST") == b"4"


@pytest.mark.parametrize("who", [replace(PRINCIPAL, cooperative=""), None], ids=["everywhere", "nobody"])
def test_whoever_has_to_be_written_down_and_whoever_is_nobody_comes_as_far_each_time(who: Principal | None) -> None:
    ask = Asking()
    assert [ask(principal=who) for _ in range(3)] == [b"1", b"2", b"3"]


def test_the_same_rights_of_somebody_else_are_the_same_question() -> None:
    ask = Asking()
    assert (ask(), ask(principal=replace(PRINCIPAL, account="minh"))) == (b"1", b"1")


def test_what_was_made_while_something_changed_is_not_given_again() -> None:
    ask = Asking()
    ask.route.meanwhile = lambda: setattr(ask.source, "number", ask.source.number + 1)
    assert [ask() for _ in range(3)] == [b"1", b"2", b"3"]


def test_a_registry_that_is_away_lets_the_route_say_so() -> None:
    ask = Asking()
    ask()
    ask.source.away = True
    assert [ask() for _ in range(2)] == [b"2", b"3"]


def test_memory_is_bounded() -> None:
    ask = Asking(limit_bytes=5_000)
    for path in ("/a", "/b", "/c"):
        ask(path)
    assert ask("/c") == b"3"
    assert ask("/a") == b"4", "two answers of 2,001 bytes fit, the oldest one went"
