"""The API over real stores: figures of a rectangle that is known exactly, problems as documents, tenants apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.accounts import Role
from tests.api.conftest import Village
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.people import running_api


@pytest.fixture(scope="module")
def client(village: Village) -> Iterator[TestClient]:
    """A manager of the first cooperative."""
    with village.api.client(village.api.key("manager-a")) as it:
        yield it


@pytest.fixture(scope="module")
def flight(client: TestClient) -> str:
    (only,) = client.get("/v1/cooperatives/htx-a/flights").json()
    return str(only["flight"])


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}


def test_coverage_is_the_rectangle(client: TestClient, flight: str) -> None:
    figures = client.get(f"/v1/cooperatives/htx-a/flights/{flight}/coverage").json()
    assert figures["net_m2"] == pytest.approx(rectangle.AREA_M2, abs=0.5)
    assert figures["off_target_m2"] == pytest.approx(0.0, abs=0.5)
    (plot,) = figures["plots"]
    assert plot["covered_pct"] == pytest.approx(100.0, abs=0.01)
    assert plot["area_cong"] == pytest.approx(8.4, abs=0.001)
    assert plot["volume_l"] == pytest.approx(rectangle.VOLUME_L, rel=0.005)
    assert plot["dose_lpha"] == pytest.approx(rectangle.DOSE_LPHA, rel=0.005)


def test_flights_of_another_day_are_not_shown(client: TestClient) -> None:
    assert client.get("/v1/cooperatives/htx-a/flights?day=2026-11-19").json() == []


def test_fixes_come_in_pages(client: TestClient, flight: str) -> None:
    where = f"/v1/cooperatives/htx-a/flights/{flight}/fixes"
    everything = client.get(where).json()
    assert len(everything) == rectangle.LINES * 41
    assert everything[0]["time"] == "2026-11-19T23:00:00.000Z"
    assert client.get(f"{where}?offset=10&limit=5").json() == everything[10:15]
    assert client.get(f"{where}?every=10&limit=3").json() == everything[0:30:10]


def test_jobs_and_devices(client: TestClient, flight: str) -> None:
    (job,) = client.get("/v1/cooperatives/htx-a/coverage").json()
    assert job["flights"] == [flight]
    assert job["net_m2"] == pytest.approx(rectangle.AREA_M2, abs=0.5)
    (drone,) = client.get("/v1/cooperatives/htx-a/drones").json()
    assert drone["last_fix"]["fix"] == "rtk"
    (sensor,) = client.get("/v1/cooperatives/htx-a/sensors").json()
    assert sensor["last_readings"][0]["value"] == 29.5
    (reading,) = client.get("/v1/cooperatives/htx-a/sensors/w1/readings").json()
    assert reading["unit"] == "degC"


def test_pictures_and_shapes(client: TestClient, flight: str) -> None:
    for where in (f"flights/{flight}/picture.svg", "plots/rect-htx-a/picture.svg"):
        answer = client.get(f"/v1/cooperatives/htx-a/{where}")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.text.startswith("<svg")
    shapes = client.get(f"/v1/cooperatives/htx-a/flights/{flight}/coverage.geojson").json()
    assert shapes["type"] == "FeatureCollection"
    assert {"plot", "covered"} <= {f["properties"]["kind"] for f in shapes["features"]}


def test_first_page_shows_figures_without_script(client: TestClient, flight: str) -> None:
    page = client.get("/").text
    assert re.findall("<script[^>]*>[^<]", page) == []
    assert 'http-equiv="refresh"' in page
    assert "0.84 ha" in page
    assert flight in page
    assert "Hợp tác xã &lt;htx-a&gt;" in page
    assert "Sprayed" in client.get("/?lang=en").text


def test_another_cooperatives_flight_is_not_found(client: TestClient, flight: str) -> None:
    own = client.get(f"/v1/cooperatives/htx-a/flights/{flight}")
    assert own.status_code == 200
    for where in ("", "/fixes", "/coverage", "/coverage.geojson", "/statement", "/picture.svg"):
        assert client.get(f"/v1/cooperatives/htx-b/flights/{flight}{where}").status_code == 404
    assert client.get(f"/statements/htx-b/{flight}").status_code == 404
    assert client.get("/v1/cooperatives/htx-b/plots/rect-htx-a").status_code == 404
    assert client.get("/v1/cooperatives/htx-b/sensors/w1/readings").status_code == 404
    assert client.get("/?cooperative=htx-b").status_code == 404


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("/v1/cooperatives/nobody/plots", 404),
        ("/v1/cooperatives/htx-a/flights/none", 404),
        ("/v1/cooperatives/htx-a/flights?day=2026-13-40", 422),
        ("/v1/cooperatives/htx-a/flights?day=yesterday", 422),
        ("/nothing/here", 404),
    ],
)
def test_errors_are_problem_documents(client: TestClient, where: str, status: int) -> None:
    answer = client.get(where)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["instance"] == where.partition("?")[0]
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_every_area_and_volume_key_names_its_unit(client: TestClient, flight: str) -> None:
    figures = client.get(f"/v1/cooperatives/htx-a/flights/{flight}/coverage").json()
    numbers = {k for k, v in (figures | figures["plots"][0]).items() if isinstance(v, float)}
    assert all(re.search(r"_(m2|m|s|ha|cong|pct|l|kg|lpha|kgpha|cv|share)$", k) for k in numbers), numbers


def test_an_empty_platform_says_what_to_do(tmp_path: Path) -> None:
    with running_api(tmp_path, FakeClock()) as api:
        api.enrol("root", Role.ADMINISTRATOR)
        assert "canhdong cooperative add" in api.client(api.key("root")).get("/").text
