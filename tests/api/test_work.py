"""What drones flew and sensors measured, over HTTP: pages, windows, steps, tracks, and what surrounded them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

import mapbox_vector_tile
import pytest
from fastapi.testclient import TestClient

from core.model.samples import Reading
from core.rollup import DATABASE, Rollup, Sums
from tests.api.conftest import DAY, START_MS, Village
from tests.support import rectangle

ROOT = "/v1/cooperatives/htx-a"
ZOOM = 16
FIXES = rectangle.LINES * 41


def tile_of(lon_deg: float, lat_deg: float) -> tuple[int, int]:
    """Column and row of the tile of the usual web tiling that a point lies in."""
    north = math.asinh(math.tan(math.radians(lat_deg))) / math.pi
    return int((lon_deg + 180.0) / 360.0 * 2**ZOOM), int((1.0 - north) / 2.0 * 2**ZOOM)


@pytest.fixture(scope="module")
def client(village: Village) -> Iterator[TestClient]:
    minutes = [Reading("w1", START_MS + i * 60_000, "air_temperature", 20.0 + i, "degC") for i in range(1, 120)]
    village.api.store.write("htx-a", minutes, START_MS)
    with village.api.client(village.api.key("pilot-a")) as it:
        yield it


def test_fixes_come_whole_by_pages_whatever_their_step(client: TestClient, village: Village) -> None:
    where = f"{ROOT}/flights/{village.flights['htx-a']}/fixes"
    for every in (1, 7):
        seen, url = [], f"{where}?limit=50&every={every}"
        while url:
            answer = client.get(url)
            seen += [it["time"] for it in answer.json()]
            url = answer.links.get("next", {}).get("url", "")
        assert seen == [it["time"] for it in client.get(f"{where}?limit=10000&every={every}").json()]
        assert len(seen) == -(-FIXES // every)


def test_the_track_is_the_same_way_in_every_form(client: TestClient, village: Village) -> None:
    where = f"{ROOT}/flights/{village.flights['htx-a']}"
    line = client.get(f"{where}/track.geojson")
    assert line.headers["content-type"] == "application/geo+json"
    points = line.json()["geometry"]["coordinates"]
    assert len(points) == len(line.json()["properties"]["times_ms"]) == FIXES
    rows = list(csv.DictReader(io.StringIO(client.get(f"{where}/track.csv").text)))
    assert [[float(it["lon_deg"]), float(it["lat_deg"])] for it in rows] == points
    assert {it["fix"] for it in rows} == {"rtk"}
    column, row = tile_of(*points[0])
    (layer,) = mapbox_vector_tile.decode(client.get(f"{where}/tiles/{ZOOM}/{row}/{column}").content).values()
    assert layer["features"][0]["properties"]["flight"] == village.flights["htx-a"]
    assert client.get(f"{where}/tiles/10/0/0").status_code == 204
    assert client.get(f"{where}/tiles/1/5/0").status_code == 400


def test_flights_are_found_by_day_window_drone_and_operation(client: TestClient, village: Village) -> None:
    flight = village.flights["htx-a"]
    for query, seen in {
        f"?day={DAY}": [flight],
        "?from=2026-11-19T00:00:00Z&to=2026-11-21T00:00:00Z&drone=d1&op=spray&sort=start": [flight],
        f"?day={DAY}&drone=d2": [],
        f"?day={DAY}&op=sow": [],
        "?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z": [],
    }.items():
        assert [it["flight"] for it in client.get(f"{ROOT}/flights{query}").json()] == seen, query
    for wrong in ("?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z", f"?day={DAY}&from=2026-11-21T00:00:00Z"):
        assert client.get(f"{ROOT}/flights{wrong}").status_code == 422


def test_readings_come_by_pages_and_in_steps(client: TestClient) -> None:
    seen, url = [], f"{ROOT}/sensors/w1/readings?limit=50&quantity=air_temperature"
    while url:
        answer = client.get(url)
        seen += answer.json()
        url = answer.links.get("next", {}).get("url", "")
    assert len(seen) == 120
    assert len(client.get(f"{ROOT}/sensors/w1/readings").json()) == 120
    start = "2026-11-19T23:00:00Z"  # 06:00 in Vietnam
    where = f"{ROOT}/sensors/w1/readings/steps?from={start}&to=2026-11-20T01:00:00Z&step_s=3600"
    first, second = client.get(where).json()
    assert (first["time"], first["readings"], second["readings"]) == ("2026-11-19T23:00:00.000Z", 60, 60)
    assert (second["min"], second["mean"], second["max"]) == (80.0, pytest.approx(109.5), 139.0)
    assert client.get(f"{where}&quantity=rain").json() == []
    assert client.get(f"{ROOT}/sensors/w1/readings/steps?step_s=1").status_code == 422


def test_what_surrounded_a_flight_a_job_and_a_pond(client: TestClient, village: Village) -> None:
    flight = village.flights["htx-a"]
    told = client.get(f"{ROOT}/flights/{flight}/context").json()
    (site,) = told["sites"]
    assert (site["site"], site["in_buffer_l"], site["downwind_l"], site["reasons"]) == ("s1", 1.5, None, ["no-data"])
    assert client.get(f"{ROOT}/contexts?day={DAY}").json() == [told]
    assert client.get(f"{ROOT}/sites/s1/contacts?day={DAY}").json() == [told]
    assert client.get(f"{ROOT}/sites/s1/contacts?day=2026-11-21").json() == []
    (job,) = client.get(f"{ROOT}/jobs/{DAY}-spray/context").json()
    assert job["flights"] == [flight]
    assert client.get(f"{ROOT}/jobs/none/context").status_code == 404


def test_what_was_done_and_what_was_ordered_are_two_things(client: TestClient, village: Village) -> None:
    (done,) = client.get(f"{ROOT}/coverage?day={DAY}").json()
    assert done["net_m2"] == pytest.approx(rectangle.AREA_M2, abs=0.5)
    assert client.get(f"{ROOT}/coverage?day={DAY}&plot=none").json() == []
    (ordered,) = client.get(f"{ROOT}/jobs").json()
    assert (ordered["job"], ordered["pilot"]) == (done["job"], "p1")


def test_roll_ups_are_for_officers_and_withheld_figures_stay_hidden(village: Village) -> None:
    told = Rollup("31153", "spray", "all", DAY, Sums(12.5, 250.0, 0.0, 4, 2, 5, 1.5))
    hidden = Rollup("31154", "spray", "all", DAY, None)
    village.api.store.put_figures(DATABASE, [told.point(), hidden.point()])
    assert village.api.client(village.api.key("manager-a")).get("/v1/rollups").status_code == 403
    officer = village.api.client(village.api.key("officer"))
    first, second = officer.get(f"/v1/rollups?day={DAY}").json()
    assert (first["commune"], first["figures"]["net_ha"], first["withheld"]) == ("31153", 12.5, False)
    assert (second["withheld"], set(second["figures"].values())) == (True, {None})
    assert [it["commune"] for it in officer.get(f"/v1/rollups?day={DAY}&commune=31154").json()] == ["31154"]
    assert village.api.accounts.audit(None)[0].subject.startswith("GET /v1/rollups")


def test_the_page_of_the_api_needs_no_other_server(village: Village) -> None:
    client = village.api.client()
    page = client.get("/docs")
    assert "https://" not in page.text
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert f"/docs/{name}" in page.text
        assert client.get(f"/docs/{name}").status_code == 200
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert client.get("/docs/../secrets").status_code in {401, 404}


def test_figures_name_the_part_that_a_route_belongs_to(client: TestClient) -> None:
    client.get("/ogc/collections/plots/items")
    assert 'route="/ogc/collections/{collection}/items"' in client.get("/metrics").text
