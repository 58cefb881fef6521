"""What stands around every request: limits, headers, ids, log, figures, CORS, the demo, the address."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import Locks
from api.limits import Buckets
from api.server import Front
from core.accounts import Role
from core.errors import ConfigError, StoreUnavailable
from core.model.land import Cooperative
from tests.api.conftest import Village
from tests.support.fakes import FakeClock
from tests.support.people import Api, running_api


class Away:
    """A store that is away."""

    def __getattr__(self, name: str) -> object:
        raise StoreUnavailable("postgresql://secret-host/db: connection refused")


def test_a_bucket_lets_a_burst_through_and_then_a_rate() -> None:
    now = 0.0
    buckets = Buckets(rate=2.0, burst=3.0, seconds=lambda: now)
    assert [buckets.wait_s("a") for _ in range(4)] == [0.0, 0.0, 0.0, pytest.approx(0.5)]
    assert buckets.wait_s("b") == 0.0
    now = 0.5
    assert buckets.wait_s("a") == 0.0
    assert buckets.wait_s("a") > 0.0


def test_too_many_requests_wait(tmp_path: Path) -> None:
    with running_api(tmp_path, FakeClock(), Locks(rate_per_s=0.001)) as api:
        client = api.client()
        codes = {client.get("/healthz").status_code for _ in range(3)}
        assert codes == {429}
        assert int(client.get("/healthz").headers["retry-after"]) > 0


def test_a_large_body_is_refused_with_or_without_its_length(tmp_path: Path) -> None:
    with running_api(tmp_path, FakeClock(), Locks(body_bytes=1_000)) as api:
        client = api.client()
        told = client.post("/v1/auth/token", content=b"x" * 1_001)
        chunks = client.post("/v1/auth/token", content=iter([b"x" * 600, b"x" * 600]))
        for answer in (told, chunks):
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/problem+json"
        assert client.post("/v1/auth/token", content=b"x" * 999).status_code == 422


def test_every_answer_carries_the_headers_and_an_id(village: Village) -> None:
    client = village.api.client()
    for path in ("/", "/healthz", "/v1/cooperatives", "/nothing"):
        headers = client.get(path, headers={"X-Request-ID": "from-the-proxy-1"}).headers
        assert headers["x-request-id"] == "from-the-proxy-1"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert "strict-transport-security" not in headers
    for made_up in ("x", "a b c d e f g h", "x" * 65):
        assert client.get("/healthz", headers={"X-Request-ID": made_up}).headers["x-request-id"] != made_up
    own = village.api.client(village.api.key("pilot-a")).get("/v1/cooperatives").headers
    assert own["cache-control"] == "private, no-cache"


def test_with_tls_cookies_and_browsers_are_told_so(tmp_path: Path) -> None:
    with running_api(tmp_path, FakeClock(), Locks(secure=True)) as api:
        answer = api.client().get("/")
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert answer.headers["set-cookie"].startswith("__Host-canhdong-form=")
        assert "Secure" in answer.headers["set-cookie"]


def test_cors_is_closed_unless_it_is_opened(village: Village, tmp_path: Path) -> None:
    asked = {"Origin": "https://map.example", "Access-Control-Request-Method": "GET"}
    assert "access-control-allow-origin" not in village.api.client().options("/healthz", headers=asked).headers
    with running_api(tmp_path, FakeClock(), Locks(cors_origins=("https://map.example",))) as api:
        headers = api.client().options("/v1/cooperatives", headers=asked).headers
        assert headers["access-control-allow-origin"] == "https://map.example"
        assert "access-control-allow-credentials" not in headers
        other = asked | {"Origin": "https://evil.example"}
        assert "access-control-allow-origin" not in api.client().options("/v1/cooperatives", headers=other).headers


def test_the_log_has_a_line_of_json_for_each_request(village: Village, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "api.access")
    answer = village.api.client(village.api.key("pilot-a")).get("/v1/cooperatives/htx-a/flights?day=2026-11-20")
    line = json.loads(caplog.records[-1].message)
    assert line["request"] == answer.headers["x-request-id"]
    assert (line["method"], line["status"], line["account"]) == ("GET", 200, "pilot-a")
    assert line["route"] == "/v1/cooperatives/{cooperative}/flights"
    assert line["took_ms"] >= 0.0


def test_figures_name_routes_and_never_what_strangers_make_up(village: Village) -> None:
    client = village.api.client(village.api.key("pilot-a"))
    client.get("/v1/cooperatives/htx-a/plots")
    client.get("/made/up/by/a/stranger")
    figures = client.get("/metrics").text
    wanted = 'canhdong_api_requests_total{method="GET",route="/v1/cooperatives/{cooperative}/plots",status="200"}'
    assert wanted in figures
    assert 'route="unknown"' in figures
    assert "stranger" not in figures
    assert "htx-a" not in figures


@pytest.mark.parametrize("part", ["_registry", "_store", "_accounts"])
def test_it_is_not_ready_while_a_store_is_away_and_keeps_its_place_to_itself(tmp_path: Path, part: str) -> None:
    with running_api(tmp_path, FakeClock()) as api:
        api.registry.add_cooperative(Cooperative("htx", "Hợp tác xã"))
        assert api.client().get("/readyz").status_code == 200
        setattr(api.app.state.house, part, Away())
        answer = api.client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["stores"] == [
            {"_registry": "registry", "_store": "telemetry", "_accounts": "accounts"}[part]
        ]
        assert "secret-host" not in answer.text
        assert api.client().get("/healthz").status_code == 200


def test_a_store_that_is_away_and_a_fault_are_problems_without_details(tmp_path: Path) -> None:
    with running_api(tmp_path, FakeClock()) as api:
        client = _member(api)
        api.app.state.house._registry = Away()
        away = client.get("/v1/cooperatives")
        api.app.state.house._registry = None
        fault = client.get("/v1/cooperatives")
        for answer, status in ((away, 503), (fault, 500)):
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["request_id"] == answer.headers["x-request-id"]
            assert "secret-host" not in answer.text
            assert "NoneType" not in answer.text


def _member(api: Api) -> TestClient:
    api.registry.add_cooperative(Cooperative("htx", "Hợp tác xã"))
    api.enrol("lan", Role.PILOT, "htx")
    return api.client(api.key("lan"))


def test_the_demo_shows_one_cooperative_to_this_machine_only(tmp_path: Path) -> None:
    with running_api(tmp_path, FakeClock(), Locks(demo="demo")) as api:
        for tenant in ("demo", "htx"):
            api.registry.add_cooperative(Cooperative(tenant, tenant))
        client = api.client()
        assert [it["cooperative"] for it in client.get("/v1/cooperatives").json()] == ["demo"]
        assert client.get("/v1/cooperatives/htx").status_code == 404
        assert client.get("/v1/audit").status_code == 403
        assert client.get("/v1/cooperatives", headers={"Host": "rebound.example"}).status_code == 401
        assert client.post("/v1/auth/password", json={"old": "x", "new": "y" * 12}).status_code == 403


@pytest.mark.parametrize(
    ("front", "why"),
    [
        (Front("0.0.0.0", 80), "TLS"),  # noqa: S104
        (Front("10.0.0.1", 80, demo=True, plain=True), "demo"),
        (Front("127.0.0.1", 80, certificate=Path("c.pem")), "belong together"),
    ],
)
def test_a_front_that_would_show_passwords_is_refused(front: Front, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        front.check()


@pytest.mark.parametrize(
    "front",
    [
        Front("127.0.0.1", 80, demo=True),
        Front("0.0.0.0", 80, public_url="https://dong.example"),  # noqa: S104
        Front("::", 80, certificate=Path("c.pem"), key=Path("k.pem")),
        Front("10.0.0.1", 80, plain=True),
    ],
)
def test_other_addresses_than_loopback_serve_with_tls(front: Front) -> None:
    front.check()
