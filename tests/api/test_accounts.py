"""Accounts over HTTP: kept by administrators with their second factor, within their own cooperative."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.accounts import Role
from tests.api.conftest import Village


@pytest.fixture(scope="module")
def admin(village: Village) -> TestClient:
    return village.api.client(village.api.bearer(village.people["admin-a"]))


def test_an_account_is_added_comes_in_and_is_disabled(village: Village, admin: TestClient) -> None:
    made = admin.post("/v1/accounts", json={"account": "new-pilot", "name": "Lan", "role": "pilot"})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    handed = made.json()
    anyone = village.api.client()
    body = {"account": "new-pilot", "password": handed["password"]}
    assert anyone.post("/v1/auth/token", json=body).status_code == 200
    (told,) = [it for it in admin.get("/v1/accounts").json() if it["account"] == "new-pilot"]
    assert (told["cooperative"], told["role"], told["disabled"]) == ("htx-a", "pilot", False)
    assert handed["password"] not in admin.get("/v1/accounts").text
    again = admin.post("/v1/accounts/new-pilot/reset").json()["password"]
    assert anyone.post("/v1/auth/token", json=body).status_code == 401
    assert admin.post("/v1/accounts/new-pilot/disable").status_code == 204
    assert anyone.post("/v1/auth/token", json=body | {"password": again}).status_code == 401
    done = [it.action for it in village.api.accounts.audit("htx-a") if it.subject == "new-pilot"]
    assert {"account added", "account reset", "account disabled"} <= set(done)


def test_an_administrator_of_a_cooperative_keeps_its_own_only(admin: TestClient) -> None:
    assert {it["cooperative"] for it in admin.get("/v1/accounts").json()} == {"htx-a"}
    for role, cooperative, status in (
        ("pilot", "htx-b", 403),
        ("officer", "", 403),
        ("manager", "nobody", 403),
    ):
        told = {"account": "x", "role": role, "cooperative": cooperative}
        assert admin.post("/v1/accounts", json=told).status_code == status, told
    for name in ("manager-b", "officer", "nobody"):
        answers = [admin.post(f"/v1/accounts/{name}/{what}") for what in ("reset", "disable")]
        assert [it.status_code for it in answers] == [404, 404]
        assert {it.json()["detail"] for it in answers} == {f"there is no account {name!r}"}
    assert admin.post("/v1/accounts/admin-a/disable").status_code == 409
    assert admin.post("/v1/accounts", json={"account": "pilot-a", "role": "pilot"}).status_code == 409


def test_nobody_else_keeps_accounts_nor_does_a_key(village: Village) -> None:
    ways = [village.api.bearer(village.people[name]) for name in ("manager-a", "pilot-a", "officer")]
    for headers in (*ways, village.api.key("admin-a")):
        client = village.api.client(headers)
        assert client.get("/v1/accounts").status_code == 403
        assert client.post("/v1/accounts", json={"account": "x", "role": Role.PILOT}).status_code == 403
        assert client.post("/v1/accounts/pilot-a/reset").status_code == 403


def pages(client: TestClient, address: str) -> list[list[dict[str, Any]]]:
    """All pages of a list."""
    found = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        address = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    return found


def test_accounts_come_in_pages_and_by_what_they_are(admin: TestClient) -> None:
    for name in ("z1", "z2", "z3"):
        admin.post("/v1/accounts", json={"account": name, "role": "manager"})
    admin.post("/v1/accounts/z2/disable")
    everyone = [it["account"] for it in admin.get("/v1/accounts").json()]
    assert everyone == sorted(everyone)
    some = pages(admin, "/v1/accounts?limit=2")
    assert [it["account"] for page in some for it in page] == everyone
    assert {len(page) for page in some[:-1]} == {2}
    managers = [it["account"] for page in pages(admin, "/v1/accounts?role=manager&limit=1") for it in page]
    assert managers == ["manager-a", "z1", "z2", "z3"]
    asked = {"role": "manager", "disabled": "true"}
    assert [it["account"] for it in admin.get("/v1/accounts", params=asked).json()] == ["z2"]
    assert admin.get("/v1/accounts?cooperative=htx-b").json() == []
    assert admin.get("/v1/accounts?cooperative=htx-a").json()[0]["account"] == everyone[0]
    link = admin.get("/v1/accounts?limit=1").headers["link"].partition(">")[0].removeprefix("<")
    assert admin.get(link + "&role=manager").status_code == 422, "a cursor belongs to its filters"
    for wrong in ("role=king", "limit=0", "limit=1001", "cursor=x", "unknown=1"):
        assert admin.get(f"/v1/accounts?{wrong}").status_code == 422, wrong


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/audit"])
def test_a_list_that_has_not_changed_is_not_sent_again(admin: TestClient, path: str) -> None:
    first = admin.get(path)
    again = admin.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert admin.get(path + "?limit=1").headers["etag"] != first.headers["etag"]
    admin.post("/v1/accounts", json={"account": f"new-{path[-2:]}", "role": "pilot"})
    assert admin.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_the_platforms_administrator_sees_all_and_chooses(village: Village) -> None:
    root = village.api.enrol("root", Role.ADMINISTRATOR)
    client = village.api.client(village.api.bearer(root))
    assert {it["cooperative"] for it in client.get("/v1/accounts").json()} == {"", "htx-a", "htx-b"}
    assert {it["cooperative"] for it in client.get("/v1/accounts?cooperative=htx-b").json()} == {"htx-b"}
    assert {it["cooperative"] for it in client.get("/v1/audit?cooperative=htx-b").json()} <= {"htx-b"}


def test_the_audit_log_comes_in_pages_and_by_what_is_asked(village: Village, admin: TestClient) -> None:
    for name in ("y1", "y2", "y3"):
        village.api.clock.advance(10)
        assert admin.post("/v1/accounts", json={"account": name, "role": "pilot"}).status_code == 201
    added = {"action": "account added", "account": "admin-a"}
    newest = admin.get("/v1/audit", params=added | {"limit": 3}).json()
    assert [it["subject"] for it in newest] == ["y3", "y2", "y1"]
    everything = [it["number"] for page in pages(admin, "/v1/audit?limit=7") for it in page]
    assert everything == sorted(everything, reverse=True)
    assert len(everything) == len(admin.get("/v1/audit?limit=1000").json())
    at = newest[1]["time"]
    assert [it["subject"] for it in admin.get("/v1/audit", params=added | {"from": at, "to": at}).json()] == ["y2"]
    assert [it["subject"] for it in admin.get("/v1/audit", params=added | {"from": at}).json()] == ["y3", "y2"]
    assert admin.get("/v1/audit?account=nobody").json() == []
    assert {it["cooperative"] for it in admin.get("/v1/audit?cooperative=htx-a").json()} == {"htx-a"}
    for wrong in ("from=yesterday", "limit=0", "cursor=x", "before=7"):
        assert admin.get(f"/v1/audit?{wrong}").status_code == 422, wrong


def test_the_log_of_others_is_as_absent_as_that_of_nobody(admin: TestClient) -> None:
    answers = [admin.get(f"/v1/audit?cooperative={it}") for it in ("htx-b", "htx-z")]
    assert [it.status_code for it in answers] == [404, 404]
    assert answers[0].json()["detail"].replace("htx-b", "htx-z") == answers[1].json()["detail"]
