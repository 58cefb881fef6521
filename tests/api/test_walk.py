"""Every route of the API, asked by nobody, with an expired token, and by another cooperative: denied everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.app import Locks, create_app
from api.identity.signing import ACCESS_S
from api.openness import Openness
from api.surroundings import Sides
from core.accounts import Scope
from tests.api.conftest import OWN, Village

OWN_VALUES = OWN | {
    "account": "pilot-a",
    "name": "start.js",
    "number": "1",
    "zoom": "0",
    "row": "0",
    "column": "0",
    "resource": "Things",
    "flight": "",  # known once it was flown
    "collection": "plots",
    "feature": "none",
}
BODY: dict[str, Any] = {"json": {}}
_SQUARE = [[105.0, 10.0], [105.001, 10.0], [105.001, 10.001], [105.0, 10.0]]
_AREA = {"type": "Polygon", "coordinates": [_SQUARE]}
_BODIES: dict[str, Any] = {
    "plots": {"plot": "x", "boundary": _AREA},
    "sites": {"site": "x", "kind": "pond", "boundary": _AREA},
    "members": {"member": "x", "name": "x"},
    "pilots": {"pilot": "x", "name": "x"},
    "drones": {"device": "x"},
    "sensors": {"device": "x"},
    "implements": {"implement": "x", "op": "spray"},
    "jobs": {"job": "x", "op": "spray", "day": "2026-11-20", "plots": ["rect-htx-a"]},
    "accounts": {"account": "x", "role": "pilot"},
    "password": {"old": "x", "new": "x"},
}
"""Bodies that would be taken from whoever may change something."""


def routes(village: Village) -> list[tuple[str, str]]:
    """Method and path of everything that the router knows, the OpenAPI document's routes and the pages."""
    documented = {
        (method.upper(), path)
        for path, methods in village.api.app.openapi()["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    }
    routed = {(method, path) for path, methods in _flat(village.api.app.routes) for method in methods}
    assert documented <= routed, "the OpenAPI document knows a route that the walk would miss"
    return sorted(documented | routed)


def _flat(found: Any, prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """Paths and methods, also of routers within routers, which FastAPI keeps as they are."""
    for route in found:
        if isinstance(route, APIRoute):
            yield prefix + route.path_format, route.methods or set()
        elif inner := getattr(route, "original_router", None):
            yield from _flat(inner.routes, prefix + route.include_context.prefix)


def closed(village: Village) -> list[tuple[str, str]]:
    """Those that are not open to everybody, with the first cooperative's own things in their paths."""
    values = OWN_VALUES | {"flight": village.flights["htx-a"]}
    walked = [(method, filled(path, values)) for method, path in routes(village)]
    return [(method, path) for method, path in walked if not Openness().opens(path)]


def filled(path: str, values: dict[str, str]) -> str:
    """A path with values for its parameters; a new parameter has to be given one here."""
    return re.sub(r"{(\w+)(:\w+)?}", lambda found: values[found[1]], path)


def of_tenants(village: Village) -> list[tuple[str, str]]:
    return [(method, path) for method, path in closed(village) if "htx-a" in path]


def ask(client: TestClient, method: str, path: str) -> Any:
    return client.request(method, path, **(BODY if method not in {"GET", "HEAD"} else {}))


def test_the_walk_sees_the_routes(village: Village) -> None:
    assert len(of_tenants(village)) >= 12
    assert {path for _, path in routes(village)} >= {
        "/v1/cooperatives/{cooperative}/plots",
        "/statements/{cooperative}/{flight}",
    }


def test_the_walk_reaches_things_that_exist(village: Village) -> None:
    """Whoever belongs to the cooperative gets an answer on every route: a denial of the others says something."""
    own = village.api.client(village.api.key("manager-a", Scope.READ, Scope.WRITE))
    for method, path in of_tenants(village):
        status = ask(own, method, path).status_code
        if method == "GET" or path.endswith(("/undo", "/compute")):  # these take no body
            assert status == 200, (method, path)
        else:  # there, and the empty body or the missing version is what is wrong
            assert status in {422, 428}, (method, path)


def test_who_may_only_read_changes_nothing(village: Village) -> None:
    changes = [it for it in closed(village) if it[0] != "GET" and it[1].startswith("/v1/")]
    assert len(changes) > 20
    handing_in = {("POST", "/v1/cooperatives/htx-a/uploads")}
    assert handing_in <= set(changes)
    for name, may in (("pilot-a", handing_in), ("officer", set())):
        client = village.api.client(village.api.bearer(village.people[name]))
        for method, path in changes:
            told = _BODIES.get(path.split("/")[-1] if method == "POST" else path.split("/")[-2], {})
            key = () if method == "POST" else ("plot", "site", "member", "pilot", "device", "implement", "job")
            body = {name: value for name, value in told.items() if name not in key}
            expected = 422 if (method, path) in may else 403  # there, and the empty body is what is wrong
            assert client.request(method, path, json=body).status_code == expected, (name, method, path)


def test_nobody_gets_in(village: Village) -> None:
    client = village.api.client()
    for method, path in closed(village):
        answer = ask(client, method, path)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert "www-authenticate" in answer.headers


def test_an_expired_token_is_nobody(village: Village) -> None:
    client = village.api.client(village.api.bearer(village.people["pilot-a"]))
    assert client.get("/v1/cooperatives").status_code == 200
    before = village.api.clock.time_ms
    village.api.clock.advance(ACCESS_S + 1)
    try:
        for method, path in closed(village):
            assert ask(client, method, path).status_code == 401, (method, path)
    finally:
        village.api.clock.time_ms = before


def test_another_cooperative_cannot_tell_what_exists(village: Village) -> None:
    """The same status, and the same document to the last word, as for a cooperative that does not exist."""
    stranger = village.api.client(village.api.bearer(village.people["manager-b"]))
    for method, path in of_tenants(village):
        answer = ask(stranger, method, path)
        absent = ask(stranger, method, path.replace("/htx-a", "/htx-z", 1))
        assert answer.status_code == absent.status_code == 404, (method, path)
        told, made_up = answer.json(), absent.json()
        for document in (told, made_up):
            del document["request_id"]
            document["instance"] = document["instance"].replace("htx-z", "htx-a")
            document["detail"] = document["detail"].replace("htx-z", "htx-a")
        assert told == made_up, (method, path)


def test_things_of_others_within_ones_own_cooperative_are_absent(village: Village) -> None:
    """The other cooperative's identifiers below one's own path are as unknown as any that nobody has."""
    stranger = village.api.client(village.api.bearer(village.people["manager-b"]))
    values = OWN_VALUES | {"flight": village.flights["htx-a"], "cooperative": "htx-b"}
    things = ("flight", "plot", "sensor", "drone", "site", "member", "pilot", "implement")
    absent = values | dict.fromkeys(things, "none")
    for method, path in routes(village):
        if "{cooperative}/" in path and re.search(rf"{{({'|'.join(things)})}}", path):
            answers = [ask(stranger, method, filled(path, it)) for it in (values, absent)]
            told = {it.status_code for it in answers}
            assert told in ({404}, {422} if method == "PUT" else {404}), (method, path)


def test_lists_show_ones_own_only(village: Village) -> None:
    for name, seen in (("manager-b", ["htx-b"]), ("pilot-a", ["htx-a"]), ("officer", ["htx-a", "htx-b"])):
        client = village.api.client(village.api.key(name))
        assert [it["cooperative"] for it in client.get("/v1/cooperatives").json()] == seen
    page = village.api.client(village.api.key("manager-b")).get("/").text
    assert "htx-a" not in page
    assert "htx-b" in page


def test_features_are_ones_own_only(village: Village) -> None:
    """Not even a count or an extent tells of others."""
    assert ("GET", "/ogc/collections/{collection}/items") in routes(village)
    for name, seen in (("manager-b", {"rect-htx-b"}), ("manager-a", {"rect-htx-a"})):
        answer = village.api.client(village.api.key(name)).get("/ogc/collections/plots/items").json()
        assert {it["properties"]["plot"] for it in answer["features"]} == seen
        assert answer["numberMatched"] == 1
    ((west, _, east, _),) = village.api.client().get("/ogc/collections/plots").json()["extent"]["spatial"]["bbox"]
    assert east - west > 5.0, "nobody sees more of an extent than the country's"
    assert (
        village.api.client(village.api.key("manager-b", Scope.WRITE)).get("/ogc/collections/plots/items").status_code
        == 403
    )
    client = village.api.client(village.api.key("officer"))
    assert client.get("/ogc/collections/plots/items").json()["numberMatched"] == 2
    assert village.api.accounts.audit(None)[0].subject == "GET /ogc/collections/plots/items"


def test_an_opened_collection_is_open_and_no_other(village: Village) -> None:
    it = village.api
    opened = Locks(ogc_public=frozenset(("plots",)))
    app = create_app(
        it.store,
        it.registry,
        it.accounts,
        signer=it.signer,
        clock=it.clock,
        locks=opened,
        shapes=it.registry,
        answers=it.registry,
        sides=Sides(it.registry),
    )
    client = TestClient(app, "http://localhost")
    assert client.get("/ogc/collections/plots/items").json()["numberMatched"] == 2
    assert client.get("/ogc/collections/flights/items").status_code == 401


def test_a_key_without_the_scope_reads_nothing(village: Village) -> None:
    client = village.api.client(village.api.key("manager-a", Scope.WRITE))
    assert client.get("/v1/cooperatives").status_code == 403
    for method, path in of_tenants(village):
        assert ask(client, method, path).status_code == 403, (method, path)


def test_what_does_not_exist_is_behind_the_gate_too(village: Village) -> None:
    assert village.api.client().get("/v1/nothing/here").status_code == 401
    assert village.api.client(village.api.key("pilot-a")).get("/v1/nothing/here").status_code == 404


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/v1/auth/login"])
def test_what_is_open_answers_nobody(village: Village, path: str) -> None:
    answer = village.api.client().get(path)
    assert answer.status_code == 200
    assert "htx-a" not in answer.text


@pytest.mark.parametrize(
    ("path", "opened"),
    [
        ("/ogc", True),
        ("/ogc/conformance", True),
        ("/ogc/collections/plots", True),
        ("/ogc/collections/plots/items", False),
        ("/ogc/collections/sites/items/1", True),
        ("/v1/auth/../cooperatives", False),
        ("/v1/auth/token/x", False),
        ("/docs/", False),
        ("//", False),
    ],
)
def test_the_list_of_what_is_open(path: str, *, opened: bool) -> None:
    assert Openness(frozenset(("sites",))).opens(path) is opened
