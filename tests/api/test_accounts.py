"""Accounts over HTTP: kept by administrators with their second factor, within their own cooperative."""

from __future__ import annotations

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
