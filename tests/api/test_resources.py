"""What people register over HTTP: read in pages, changed in versions, once, by those who may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.accounts import Role, Scope
from core.model.land import Cooperative
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.people import Api, running_api

ROOT = "/v1/cooperatives/htx"


def area(west: float = 105.0, south: float = 10.0, size: float = 0.001) -> dict[str, Any]:
    east, north = west + size, south + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path, FakeClock()) as it:
        for name in ("htx", "other"):
            it.registry.add_cooperative(Cooperative(name, name))
        it.enrol("manager", Role.MANAGER, "htx")
        it.enrol("stranger", Role.MANAGER, "other")
        yield it


@pytest.fixture
def client(api: Api) -> TestClient:
    return api.client(api.key("manager", Scope.READ, Scope.WRITE))


def add(client: TestClient, name: str, **told: Any) -> Any:
    return client.post(f"{ROOT}/plots", json={"plot": name, "boundary": area()} | told)


def pages(client: TestClient, where: str) -> Iterator[Any]:
    """The answers of a list, page by page."""
    while where:
        answer = client.get(where)
        assert answer.status_code == 200, answer.text
        yield answer
        where = answer.links.get("next", {}).get("url", "")


def test_a_plot_is_registered_changed_and_retired_in_versions(client: TestClient, api: Api) -> None:
    made = add(client, "p1", crop="rice", declared_area_m2=12_000.0)
    assert made.status_code == 201
    assert (made.headers["etag"], made.headers["location"]) == ('"1"', f"{ROOT}/plots/p1")
    one = client.get(made.headers["location"])
    assert one.json() == made.json()
    assert (one.json()["declared_area_m2"], one.json()["boundary"]["type"]) == (12_000.0, "Polygon")
    changed = client.put(f"{ROOT}/plots/p1", json={"boundary": area(), "crop": "mango"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["crop"]) == (200, '"2"', "mango")
    gone = client.delete(f"{ROOT}/plots/p1", headers={"If-Match": '"2"'})
    assert gone.json()["retired"] is True
    assert [it["crop"] for it in client.get(f"{ROOT}/plots/p1/history").json()] == ["rice", "mango", "mango"]
    assert client.get(f"{ROOT}/plots/p1?version=1").json()["crop"] == "rice"
    assert client.get(f"{ROOT}/plots").json() == []
    assert [it["plot"] for it in client.get(f"{ROOT}/plots?retired=true").json()] == ["p1"]
    done = [(it.action, it.subject) for it in api.accounts.audit("htx") if "plot" in it.subject]
    assert done[::-1] == [
        ("registered", "plot 'p1' version 1"),
        ("changed", "plot 'p1' version 2"),
        ("retired", "plot 'p1' version 3"),
    ]


def test_whoever_read_an_old_version_changes_nothing(client: TestClient) -> None:
    add(client, "p1")
    body = {"boundary": area(), "name": "new"}
    where = f"{ROOT}/plots/p1"
    assert client.put(where, json=body).status_code == 428
    assert client.delete(where).status_code == 428
    assert client.put(where, json=body, headers={"If-Match": '"1"'}).status_code == 200
    for stale in ('"1"', 'W/"2"', "nonsense"):
        assert client.put(where, json=body | {"name": "late"}, headers={"If-Match": stale}).status_code == 412
    assert client.delete(where, headers={"If-Match": '"1"'}).status_code == 412
    assert client.put(where, json=body, headers={"If-None-Match": "*", "Content-Type": "application/json"}).json()
    other = client.put(where, json=body | {"name": "x"}, headers={"If-None-Match": "*"})
    assert other.status_code == 412
    assert client.put(f"{ROOT}/plots/p9", json=body, headers={"If-None-Match": "*"}).status_code == 201
    assert client.get(where).json()["name"] == "new"


def test_who_has_the_newest_is_not_told_again(client: TestClient) -> None:
    add(client, "p1")
    for where in (f"{ROOT}/plots/p1", f"{ROOT}/plots", f"{ROOT}/drones"):
        tag = client.get(where).headers["etag"]
        again = client.get(where, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    tag = client.get(f"{ROOT}/plots").headers["etag"]
    add(client, "p2")
    fresh = client.get(f"{ROOT}/plots", headers={"If-None-Match": tag})
    assert fresh.status_code == 200
    assert [it["plot"] for it in fresh.json()] == ["p1", "p2"]


def test_the_plots_of_a_window_are_kept_apart_by_what_was_asked(client: TestClient) -> None:
    add(client, "west")
    client.post(f"{ROOT}/plots", json={"plot": "east", "boundary": area(106.0), "crop": "rice"})
    asked = {"": 2, "?bbox=104.9,9.9,105.1,10.1": 1, "?bbox=0,0,1,1": 0, "?crop=rice": 1, "?crop=mango": 0}
    tags = set()
    for query, number in asked.items():
        answer = client.get(f"{ROOT}/plots{query}")
        assert len(answer.json()) == number, query
        tags.add(answer.headers["etag"])
    assert len(tags) == len(asked)


def test_pages_stay_whole_while_plots_are_added(client: TestClient) -> None:
    for number in range(0, 10, 2):
        add(client, f"p{number}")
    seen: list[str] = []
    for number, answer in enumerate(pages(client, f"{ROOT}/plots?limit=2")):
        seen += [it["plot"] for it in answer.json()]
        add(client, ("p1", "p7", "p9")[number] if number < 3 else "p1")
    assert len(seen) == len(set(seen))
    assert set(seen) >= {"p0", "p2", "p4", "p6", "p8"}
    assert "p7" in seen
    assert "p1" not in seen


@pytest.mark.parametrize("cursor", ["x", "bm90aGluZw", "WzEsMl0", "W10"])
def test_a_cursor_that_is_none_is_refused(client: TestClient, cursor: str) -> None:
    assert client.get(f"{ROOT}/plots?cursor={cursor}").status_code == 422


def test_a_cursor_of_another_list_is_refused(client: TestClient) -> None:
    for name in ("a", "b"):
        add(client, name, crop="rice")
    url = client.get(f"{ROOT}/plots?limit=1").links["next"]["url"]
    assert client.get(url).json()[0]["plot"] == "b"
    assert client.get(f"{url}&crop=rice").status_code == 422
    cursor = re.search(r"cursor=([^&]+)", url)
    assert cursor
    assert client.get(f"{ROOT}/sites?cursor={cursor[1]}").status_code == 422


def test_the_same_key_does_it_once_and_another_body_is_refused(client: TestClient, api: Api) -> None:
    body = {"member": "m1", "name": "Sáu"}
    key = {"Idempotency-Key": "0b6d3c0e"}
    first = client.post(f"{ROOT}/members", json=body, headers=key)
    client.put(f"{ROOT}/members/m1", json={"name": "Bảy"}, headers={"If-Match": '"1"'})
    again = client.post(f"{ROOT}/members", json=body, headers=key)
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, first.headers["etag"])
    assert again.headers["idempotent-replayed"] == "true"
    assert client.get(f"{ROOT}/members/m1").json()["name"] == "Bảy"
    assert client.post(f"{ROOT}/members", json=body | {"name": "Tám"}, headers=key).status_code == 422
    stranger = api.client(api.key("stranger", Scope.READ, Scope.WRITE))
    theirs = stranger.post("/v1/cooperatives/other/members", json=body | {"name": "Chín"}, headers=key)
    assert (theirs.status_code, theirs.json()["name"]) == (201, "Chín")
    api.clock.advance(2 * 86_400)
    assert client.post(f"{ROOT}/members", json=body, headers=key).status_code == 409


def test_a_request_that_failed_may_be_asked_again_with_its_key(client: TestClient) -> None:
    key = {"Idempotency-Key": "k"}
    body = {"job": "j1", "op": "spray", "day": "2026-11-20", "plots": ["p1"]}
    refused = client.post(f"{ROOT}/jobs", json=body, headers=key)
    assert (refused.status_code, "p1" in refused.json()["detail"]) == (422, True)
    add(client, "p1")
    made = client.post(f"{ROOT}/jobs", json=body, headers=key)
    assert (made.status_code, made.json()["plots"], made.json()["op"]) == (201, ["p1"], "spray")
    assert [it["job"] for it in client.get(f"{ROOT}/jobs?day=2026-11-20").json()] == ["j1"]
    assert client.get(f"{ROOT}/jobs?day=2026-11-21").json() == []


def test_as_of_tells_what_counted_then(client: TestClient, api: Api) -> None:
    api.registry.put_plot(rectangle.plot("htx", "p1"))
    client.put(f"{ROOT}/plots/p1", json={"boundary": area(), "crop": "new"}, headers={"If-Match": "*"})
    before, after = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00%2B07:00"
    assert client.get(f"{ROOT}/plots/p1?as_of={before}").json()["crop"] != "new"
    assert client.get(f"{ROOT}/plots/p1?as_of={after}").json()["crop"] == "new"
    assert [it["version"] for it in client.get(f"{ROOT}/plots?as_of={before}").json()] == [1]
    assert client.get(f"{ROOT}/plots?as_of=yesterday").status_code == 422


def test_drones_and_sensors_share_names_and_are_no_others(client: TestClient) -> None:
    assert client.post(f"{ROOT}/drones", json={"device": "d1", "swath_m": 7.0}).status_code == 201
    assert client.post(f"{ROOT}/sensors", json={"device": "d1"}).status_code == 409
    assert client.get(f"{ROOT}/sensors/d1").status_code == 404
    assert client.get(f"{ROOT}/drones/d1").json()["swath_m"] == 7.0
    sensor = client.post(f"{ROOT}/sensors", json={"device": "w1", "lat_deg": 10.0, "lon_deg": 105.0}).json()
    assert (sensor["lat"], sensor["lon"]) == (10.0, 105.0)
    assert client.post(f"{ROOT}/implements", json={"implement": "i", "op": "sow", "device": "no"}).status_code == 422


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"boundary": {"type": "Point", "coordinates": [1.0, 2.0]}}, "Polygon"),
        ({"boundary": {"type": "Polygon", "coordinates": []}}, "coordinates"),
        ({"boundary": area(10.0, 105.0)}, "longitude first"),
        ({"boundary": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}}, "ntersection"),
        ({"bondary": 1}, "bondary"),
        ({"plot": "a/b"}, "plot"),
        ({"declared_area_m2": -1.0}, "declared_area_m2"),
        ({"source_date": "2026-02-30"}, "date"),
        ({"member": "nobody"}, "member"),
    ],
)
def test_what_cannot_be_is_refused_in_words(client: TestClient, told: dict[str, Any], why: str) -> None:
    answer = add(client, "p1", **told)
    assert answer.status_code == 422
    assert why in answer.json()["detail"]
    assert client.get(f"{ROOT}/plots").json() == []


def test_large_answers_are_packed_and_small_ones_are_not(client: TestClient) -> None:
    for number in range(10):
        add(client, f"p{number}")
    packed = client.get(f"{ROOT}/plots", headers={"Accept-Encoding": "gzip"})
    plain = client.get(f"{ROOT}/plots", headers={"Accept-Encoding": "identity"})
    refused = client.get(f"{ROOT}/plots", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json() == refused.json()
    for it in (plain, refused):
        assert "content-encoding" not in it.headers
    assert "Accept-Encoding" in plain.headers["vary"]
    assert "content-encoding" not in client.get("/healthz").headers
