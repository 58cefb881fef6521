"""Logging in, staying in, being thrown out: passwords, second factor, tokens, cookies, keys."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from api.identity.enrolment import Handed
from api.identity.signing import load_signer
from core.accounts import Role, Scope
from core.errors import ConfigError
from tests.api.conftest import Village
from tests.support.people import Api, entry

MINUTES = 60
WRONG = "không phải mật khẩu"


@pytest.fixture
def api(village: Village) -> Api:
    village.api.clock.advance(60 * MINUTES)  # what one test has tried is over for the next
    return village.api


def test_a_password_alone_is_enough_for_a_pilot_and_not_for_an_officer(village: Village, api: Api) -> None:
    client = api.client()
    pilot, officer = village.people["pilot-a"], village.people["officer"]
    assert client.post("/v1/auth/token", json={"account": "pilot-a", "password": pilot.password}).status_code == 200
    without = client.post("/v1/auth/token", json={"account": "officer", "password": officer.password})
    assert without.status_code == 401
    body = api.body(officer)
    assert client.post("/v1/auth/token", json=body).status_code == 200
    assert client.post("/v1/auth/token", json=body).status_code == 401, "a code counts once"


def test_what_was_wrong_is_not_told(village: Village, api: Api) -> None:
    client = api.client()
    officer = village.people["officer"]
    tries = [
        {"account": "pilot-a", "password": WRONG},
        {"account": "nobody-of-that-name", "password": WRONG},
        {"account": "officer", "password": officer.password, "code": "000000"},
    ]
    answers = [client.post("/v1/auth/token", json=body) for body in tries]
    assert {it.status_code for it in answers} == {401}
    assert len({it.json()["detail"] for it in answers}) == 1


@pytest.mark.parametrize("account", ["manager-b", "nobody"])
def test_ten_wrong_passwords_close_an_account_for_a_while(village: Village, api: Api, account: str) -> None:
    client = api.client()
    for _ in range(10):
        assert client.post("/v1/auth/token", json={"account": account, "password": WRONG}).status_code == 401
    shut = client.post("/v1/auth/token", json=api.body(village.people["manager-b"]) | {"account": account})
    assert shut.status_code == 429
    assert 0 < int(shut.headers["retry-after"]) <= 15 * MINUTES
    if account == "manager-b":
        api.clock.advance(15 * MINUTES + 1)
        assert client.post("/v1/auth/token", json=api.body(village.people["manager-b"])).status_code == 200


def test_tokens_rotate_and_a_stolen_one_ends_the_session(village: Village, api: Api) -> None:
    client = api.client()
    first = api.tokens(village.people["pilot-a"])
    second = client.post("/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}).json()
    access = {"Authorization": f"Bearer {second['access_token']}"}
    assert client.get("/v1/auth/me", headers=access).json()["account"] == "pilot-a"
    assert client.post("/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}).status_code == 401
    assert client.get("/v1/auth/me", headers=access).status_code == 401
    assert client.post("/v1/auth/refresh", json={"refresh_token": second["refresh_token"]}).status_code == 401
    assert "refresh token used twice" in {it.action for it in api.accounts.audit("htx-a")}


def test_a_revoked_session_is_over_at_once(village: Village, api: Api) -> None:
    client, tokens = api.client(), api.tokens(village.people["pilot-a"])
    access = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.get("/v1/cooperatives", headers=access).status_code == 200
    assert client.post("/v1/auth/revoke", json={"refresh_token": tokens["refresh_token"]}).status_code == 204
    assert client.get("/v1/cooperatives", headers=access).status_code == 401
    assert client.post("/v1/auth/revoke", json={"refresh_token": "nothing.known"}).status_code == 204


def test_disabling_an_account_ends_everything_of_it(api: Api) -> None:
    handed = api.enrol("leaver", Role.MANAGER, "htx-a")
    key, bearer = api.key("leaver"), api.bearer(handed)
    client = api.client()
    assert [client.get("/v1/cooperatives", headers=it).status_code for it in (key, bearer)] == [200, 200]
    api.accounts.disable("leaver", entry(api.clock))
    assert [client.get("/v1/cooperatives", headers=it).status_code for it in (key, bearer)] == [401, 401]
    assert client.post("/v1/auth/token", json=api.body(handed)).status_code == 401


def test_tokens_of_others_are_not_believed(village: Village, api: Api) -> None:
    own = api.tokens(village.people["pilot-a"])["access_token"]
    said = jwt.decode(own, options={"verify_signature": False})
    forged = [
        jwt.encode(said, Ed25519PrivateKey.generate(), "EdDSA"),
        jwt.encode(said, "", "none"),
        jwt.encode(said, "x" * 32, "HS256"),
        own[:-4] + ("AAAA" if own[-4:] != "AAAA" else "BBBB"),
        "",
    ]
    for token in forged:
        answer = api.client({"Authorization": f"Bearer {token}"}).get("/v1/cooperatives")
        assert answer.status_code == 401


def test_a_key_is_a_password_for_programs_that_know_no_tokens(api: Api) -> None:
    key = api.key("manager-a")["Authorization"].removeprefix("Bearer ")
    pair = base64.b64encode(f"qgis:{key}".encode()).decode()
    assert api.client({"Authorization": f"Basic {pair}"}).get("/v1/cooperatives").status_code == 200
    for wrong in (f"Basic {pair[:-8]}", "Basic !!!", "Basic", f"Digest {pair}", f"Bearer {key}x"):
        assert api.client({"Authorization": wrong}).get("/v1/cooperatives").status_code == 401, wrong


def test_an_accounts_password_is_not_taken_as_basic(village: Village, api: Api) -> None:
    pair = base64.b64encode(f"pilot-a:{village.people['pilot-a'].password}".encode()).decode()
    assert api.client({"Authorization": f"Basic {pair}"}).get("/v1/cooperatives").status_code == 401


def test_keys_end(api: Api) -> None:
    short, revoked = api.key("manager-a", days=1), api.key("manager-a")
    client = api.client()
    api.accounts.revoke_key(revoked["Authorization"].split("_")[1], entry(api.clock))
    assert client.get("/v1/cooperatives", headers=revoked).status_code == 401
    assert client.get("/v1/cooperatives", headers=short).status_code == 200
    api.clock.advance(24 * 60 * MINUTES)
    assert client.get("/v1/cooperatives", headers=short).status_code == 401


def test_a_key_never_does_what_its_account_may_not(api: Api) -> None:
    me = api.client(api.key("pilot-a", Scope.READ, Scope.WRITE)).get("/v1/auth/me").json()
    assert me["scopes"] == ["read"]
    with pytest.raises(ConfigError, match="never given audit"):
        api.key("admin-a", Scope.AUDIT)


def log_in(client: TestClient, api: Api, handed: Handed, onward: str = "/") -> None:
    """By the page's form, as a browser does."""
    page = client.get("/v1/auth/login", params={"onward": onward})
    (form,) = re.findall(r'name="form" value="([^"]+)"', page.text)
    answer = client.post(
        "/v1/auth/login", data=api.body(handed) | {"form": form, "onward": onward}, follow_redirects=False
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == (onward if onward.startswith("/v1/coop") else "/")


def test_a_person_logs_in_by_the_page_and_out_again(village: Village, api: Api) -> None:
    client = api.client()
    assert "Đăng nhập" in client.get("/").text
    assert "Log in" in client.get("/?lang=en").text
    log_in(client, api, village.people["pilot-a"])
    page = client.get("/").text
    assert "Hợp tác xã" in page
    kept = client.cookies["canhdong"]
    (form,) = re.findall(r'action="/v1/auth/logout"><input type="hidden" name="form" value="([^"]+)"', page)
    assert client.post("/v1/auth/logout", data={"form": "x"}).status_code == 403
    client.post("/v1/auth/logout", data={"form": form})
    stolen = api.client({"Cookie": f"canhdong={kept}"})
    assert stolen.get("/v1/cooperatives").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(village: Village, api: Api) -> None:
    client = api.client()
    form = re.findall(r'name="form" value="([^"]+)"', client.get("/").text)[0]
    answer = client.post(
        "/v1/auth/login", data=api.body(village.people["pilot-a"]) | {"form": form}, follow_redirects=False
    )
    (cookie,) = [it for it in answer.headers.get_list("set-cookie") if it.startswith("canhdong=") and "." in it]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "/v1/auth/logout"])
def test_nobody_is_led_away_after_the_login(village: Village, api: Api, onward: str) -> None:
    log_in(api.client(), api, village.people["pilot-a"], onward)


def test_a_person_goes_on_to_where_they_wanted(village: Village, api: Api) -> None:
    client = api.client({"Accept": "text/html"})
    wanted = "/v1/cooperatives/htx-a/plots?day=2026-11-20"
    refused = client.get(wanted)
    assert refused.status_code == 401
    assert 'name="onward" value="/v1/cooperatives/htx-a/plots?day=2026-11-20"' in refused.text
    assert "www-authenticate" not in refused.headers, "a browser would open its own window"
    log_in(client, api, village.people["pilot-a"], wanted)


def test_another_site_can_neither_log_in_nor_act(village: Village, api: Api) -> None:
    fresh = api.client()
    body = api.body(village.people["pilot-a"])
    assert fresh.post("/v1/auth/login", data=body | {"form": "made-up"}).status_code == 403
    client = api.client()
    log_in(client, api, village.people["pilot-a"])
    change = {"old": village.people["pilot-a"].password, "new": "một mật khẩu dài"}
    assert client.post("/v1/auth/password", json=change).status_code == 403
    token = client.get("/v1/auth/me").json()["csrf_token"]
    headers = {"X-CSRF-Token": token}
    cross = headers | {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/v1/auth/password", json=change, headers=cross).status_code == 403
    assert client.post("/v1/auth/password", json=change | {"new": "short"}, headers=headers).status_code == 422


def test_a_changed_password_ends_all_sessions(api: Api) -> None:
    handed = api.enrol("changer", Role.PILOT, "htx-a")
    bearer, other = api.bearer(handed), api.bearer(handed)
    client, new = api.client(), "mười tám con trâu"
    assert client.post("/v1/auth/password", json={"old": WRONG, "new": new}, headers=bearer).status_code == 401
    assert (
        client.post("/v1/auth/password", json={"old": handed.password, "new": new}, headers=bearer).status_code == 204
    )
    assert [client.get("/v1/auth/me", headers=it).status_code for it in (bearer, other)] == [401, 401]
    assert client.post("/v1/auth/token", json={"account": "changer", "password": new}).status_code == 200
    assert client.post("/v1/auth/token", json=api.body(handed)).status_code == 401


def test_every_look_of_an_officer_is_written_down(village: Village, api: Api) -> None:
    client = api.client(api.bearer(village.people["officer"]))
    answer = client.get("/v1/cooperatives/htx-a/plots?bbox=105,9,106,10")
    (newest, *_) = api.accounts.audit("htx-a")
    assert (newest.actor, newest.cooperative, newest.action) == ("officer", "htx-a", "looked at")
    assert newest.subject == "GET /v1/cooperatives/htx-a/plots?bbox=105,9,106,10"
    assert newest.request == answer.headers["x-request-id"]
    api.client(api.key("manager-a")).get("/v1/cooperatives/htx-a/plots")
    assert api.accounts.audit("htx-a")[0] == newest, "members look at their own data unwatched"


def test_the_audit_log_is_for_administrators_of_their_own(village: Village, api: Api) -> None:
    api.client(api.bearer(village.people["officer"])).get("/v1/cooperatives/htx-b/plots")
    for name in ("pilot-a", "manager-a", "officer"):
        assert api.client(api.bearer(village.people[name])).get("/v1/audit").status_code == 403
        api.clock.advance(60)
    rows = api.client(api.bearer(village.people["admin-a"])).get("/v1/audit?limit=5").json()
    assert rows
    assert {row["cooperative"] for row in rows} == {"htx-a"}
    older = api.client(api.key("admin-a")).get("/v1/audit").status_code
    assert older == 403, "a key has no second factor"


def test_the_signing_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key.pem"
    first = load_signer(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(it.name for it in path.parent.iterdir()) == ["key.pem", "second-factors.pem"]
    assert {it.stat().st_mode & 0o777 for it in path.parent.iterdir()} == {0o600}
    assert load_signer(path).form_token("a") == first.form_token("a") != first.form_token("b")
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read"):
        load_signer(path)
    path.chmod(0o600)
    path.write_text("nothing of the kind")
    with pytest.raises(ConfigError, match="PEM"):
        load_signer(path)
