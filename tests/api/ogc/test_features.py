"""What OGC API - Features, parts 1 and 2, asks of a server, as its abstract tests put it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import shapely
from fastapi.testclient import TestClient
from pyproj import Geod
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape

from api.ogc.collections import COLLECTIONS
from api.ogc.documents import CONFORMS_TO, OPENAPI, VIETNAM, rounded
from api.ogc.reference_systems import CRS84, SUPPORTED
from land.crs import from_wgs84, transformer
from storage.registry.repository import SqlRegistry
from tests.api.ogc.conftest import DAY, MINE, OTHER, STRANGE, Named, app_of

GEOD = Geod(ellps="WGS84")
NAMES = [it.identifier for it in COLLECTIONS]
TM3 = "http://www.opengis.net/def/crs/EPSG/0/5897"
every_collection = pytest.mark.parametrize("name", NAMES)


def ask(client: TestClient, path: str, status: int = 200, **parameters: Any) -> Any:
    told = {key.replace("_", "-"): value for key, value in parameters.items()}
    answer = client.get(f"/ogc{path}", params=told)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def features(client: TestClient, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """All features of an answer, page after page."""
    answer = ask(client, f"/collections/{name}/items", **parameters)
    found = list(answer["features"])
    while following := [it["href"] for it in answer["links"] if it["rel"] == "next"]:
        answer = client.get(following[0]).json()
        found += answer["features"]
    return found


def polygon(told: dict[str, Any]) -> Polygon | MultiPolygon:
    found = shape(told)
    assert isinstance(found, Polygon | MultiPolygon)
    return found


def geodesic_m2(geometry: shapely.Geometry) -> float:
    return abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(geometry))[0])


def test_the_landing_page_leads_everywhere(client: TestClient) -> None:
    for path in ("", "/"):
        links = {it["rel"]: it for it in ask(client, path)["links"]}
        assert {"self", "service-desc", "conformance", "data"} <= links.keys()
        for it in links.values():
            answer = client.get(it["href"])
            assert answer.status_code == 200
            assert answer.headers["content-type"].replace(" ", "").split(";charset")[0] == it["type"]


def test_conformance_is_declared_as_built(client: TestClient) -> None:
    assert ask(client, "/conformance")["conformsTo"] == list(CONFORMS_TO)


def test_the_definition_is_openapi_3_0_and_names_every_path_and_parameter(client: TestClient) -> None:
    answer = client.get("/ogc/api", headers={"Accept": OPENAPI})
    assert answer.headers["content-type"] == OPENAPI
    told = answer.json()
    assert told["openapi"].startswith("3.0.")
    for name in NAMES:
        items = told["paths"][f"/collections/{name}/items"]["get"]["parameters"]
        resolved = [told["components"]["parameters"][p["$ref"].split("/")[-1]] if "$ref" in p else p for p in items]
        by_name = {p["name"]: p for p in resolved}
        assert {"bbox", "datetime", "limit", "crs", "bbox-crs"} <= by_name.keys()
        assert all(p["in"] == "query" and not p["required"] and not p["explode"] for p in resolved)
        assert by_name["bbox"]["schema"] == {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
        assert by_name["limit"]["schema"]["minimum"] == 1
        assert f"/collections/{name}/items/{{featureId}}" in told["paths"]


def test_every_reference_of_the_definition_is_there(client: TestClient) -> None:
    told = ask(client, "/api")

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                at: Any = told
                for part in value["$ref"].removeprefix("#/").split("/"):
                    at = at[part]
            for it in value.values():
                walk(it)
        elif isinstance(value, list):
            for it in value:
                walk(it)

    walk(told)


@every_collection
def test_a_collection_describes_itself_twice_alike(client: TestClient, name: str) -> None:
    alone = ask(client, f"/collections/{name}")
    listed = ask(client, "/collections")
    assert alone == next(it for it in listed["collections"] if it["id"] == name)
    assert alone["crs"][0] == CRS84
    assert alone["crs"] == list(SUPPORTED) == listed["crs"]
    assert alone["storageCrs"] in alone["crs"]
    assert {"self", "items"} <= {it["rel"] for it in alone["links"]}
    (west, south, east, north) = alone["extent"]["spatial"]["bbox"][0]
    assert (west, south) < (east, north)
    for start, end in alone["extent"].get("temporal", {"interval": []})["interval"]:
        assert start <= end


@every_collection
def test_the_extent_holds_every_feature_well_within(client: TestClient, name: str) -> None:
    box = shapely.box(*ask(client, f"/collections/{name}")["extent"]["spatial"]["bbox"][0])
    for feature in features(client, name):
        assert box.buffer(-0.004).covers(shape(feature["geometry"]))


@every_collection
def test_pages_hold_every_feature_once(client: TestClient, name: str) -> None:
    whole = ask(client, f"/collections/{name}/items", limit=10_000)
    assert whole["type"] == "FeatureCollection"
    assert whole["numberMatched"] == whole["numberReturned"] == len(whole["features"]) > 0
    assert whole["timeStamp"].endswith("Z")
    assert [f["id"] for f in features(client, name, limit=3)] == [f["id"] for f in whole["features"]]
    small = ask(client, f"/collections/{name}/items", limit=1)
    assert len(small["features"]) == 1
    assert small["numberMatched"] == whole["numberMatched"]


@every_collection
def test_a_feature_alone_is_the_feature_of_the_page(client: TestClient, name: str) -> None:
    for feature in features(client, name):
        answer = client.get(f"/ogc/collections/{name}/items/{quote(feature['id'], safe='')}")
        assert answer.headers["content-crs"] == f"<{CRS84}>"
        assert answer.headers["content-type"] == "application/geo+json"
        alone = answer.json()
        assert {it["rel"] for it in alone["links"]} == {"self", "collection"}
        assert client.get(alone.pop("links")[0]["href"]).status_code == 200
        assert alone == feature


def test_properties_are_those_that_are_described(client: TestClient) -> None:
    for it in COLLECTIONS:
        told = ask(client, f"/collections/{it.identifier}/queryables")["properties"]
        assert set(told) == set(it.queryables)
        for feature in features(client, it.identifier):
            assert list(feature["properties"]) == list(it.properties)
            for name in it.queryables:
                value = feature["properties"][name]
                if value:
                    same = features(client, it.identifier, **{name: value})
                    assert feature["id"] in {f["id"] for f in same}
                    assert all(f["properties"][name] == value for f in same)


def test_areas_are_those_of_the_ground(client: TestClient) -> None:
    for feature in features(client, "plots"):
        assert geodesic_m2(shape(feature["geometry"])) == pytest.approx(feature["properties"]["area_m2"], rel=2e-6)
        assert feature["properties"]["area_ha"] * 1e4 == pytest.approx(feature["properties"]["area_m2"], rel=1e-5)


@pytest.mark.parametrize("system", [name for name in SUPPORTED if name != CRS84])
def test_coordinates_in_every_zone_come_back_to_the_same_ground(client: TestClient, system: str) -> None:
    plain = {f["id"]: shape(f["geometry"]) for f in features(client, "plots", limit=100)}
    answer = client.get("/ogc/collections/plots/items", params={"crs": system, "limit": 100})
    assert answer.headers["content-crs"] == f"<{system}>"
    way = transformer(SUPPORTED[system])
    assert len(answer.json()["features"]) == len(plain)
    for feature in answer.json()["features"]:
        moved = way.geometry(polygon(feature["geometry"]))
        assert geodesic_m2(moved) == pytest.approx(geodesic_m2(plain[feature["id"]]), rel=1e-6)
        assert moved.hausdorff_distance(plain[feature["id"]]) < 1e-9


def test_a_single_feature_is_given_in_another_system_too(client: TestClient) -> None:
    (feature, *_) = features(client, "plots", crs=TM3)
    answer = client.get(f"/ogc/collections/plots/items/{quote(feature['id'], safe='')}", params={"crs": TM3})
    assert answer.headers["content-crs"] == f"<{TM3}>"
    assert answer.json()["geometry"] == feature["geometry"]
    east, north = feature["geometry"]["coordinates"][0][0][:2]
    assert 400_000 < east < 600_000 < north


@every_collection
def test_a_box_gives_what_meets_it(client: TestClient, name: str) -> None:
    everything = features(client, name)
    middle = shape(everything[0]["geometry"]).centroid
    window = shapely.box(middle.x - 1e-4, middle.y - 1e-4, middle.x + 1e-4, middle.y + 1e-4)
    found = features(client, name, bbox=",".join(map(str, window.bounds)))
    wanted = {f["id"] for f in everything if shape(f["geometry"]).intersects(window)}
    assert {f["id"] for f in found} == wanted
    heights = (*window.bounds[:2], -5.0, *window.bounds[2:], 40.0)
    assert {f["id"] for f in features(client, name, bbox=",".join(map(str, heights)))} == wanted


@every_collection
@pytest.mark.parametrize("system", [TM3, "http://www.opengis.net/def/crs/EPSG/0/3405"])
def test_a_box_in_another_system_gives_the_same(client: TestClient, name: str, system: str) -> None:
    west, south, east, north = ask(client, f"/collections/{name}")["extent"]["spatial"]["bbox"][0]

    x, y = from_wgs84(SUPPORTED[system]).xy([west, east], [south, north])
    plain = features(client, name, bbox=f"{west},{south},{east},{north}")
    moved = features(client, name, bbox=f"{x[0]},{y[0]},{x[1]},{y[1]}", bbox_crs=system)
    assert [f["id"] for f in moved] == [f["id"] for f in plain]
    assert plain


@pytest.mark.parametrize(
    "window", ["-1.5,50,1.5,53", "-80,-5,-70,5", "177,65,-177,70", "-180,85,180,90", "-180,-90,180,-85"]
)
def test_boxes_elsewhere_are_answered_with_nothing(client: TestClient, window: str) -> None:
    for name in NAMES:
        assert features(client, name, bbox=window) == []


def test_a_box_over_the_antimeridian_reaches_round(client: TestClient) -> None:
    assert len(features(client, "plots", bbox="100,0,-170,20")) == len(features(client, "plots"))


@pytest.mark.parametrize(
    ("moment", "met"),
    [
        (DAY, True),
        ("2026-11-19", False),
        ("2026-11-19T23:00:05Z", True),
        ("2026-11-20T06:00:05+07:00", True),
        ("2026-11-19T22:59:59Z", False),
        ("2026-11-19/2026-11-21", True),
        ("../2026-11-19", False),
        ("2026-11-20T00:00:00Z/..", False),
        (f"/{DAY}", True),
        (f"{DAY}/P2D", True),
        ("2026-11-18/PT12H", False),
    ],
)
def test_times_choose_flights_and_never_land(client: TestClient, moment: str, *, met: bool) -> None:
    land = len(features(client, "plots"))
    assert len(features(client, "plots", datetime=moment)) == land
    for name in ("flights", "swaths", "coverage", "missed"):
        assert bool(features(client, name, datetime=moment)) is met, name


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": "unlimited"},
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "1.5"},
        {"unknown": "1"},
        {"bbox": "1,2,3"},
        {"bbox": "1,2,3,x"},
        {"bbox": "1,2,3,nan"},
        {"bbox": "1,5,3,4"},
        {"bbox": "500,5,600,8"},
        {"bbox": "5,1,4,2", "bbox-crs": TM3},
        {"bbox": "5,49,6,50", "bbox-crs": "http://www.opengis.net/def/crs/0/unsupported"},
        {"crs": "EPSG:5897"},
        {"crs": ""},
        {"datetime": "yesterday"},
        {"datetime": "2026-13-01"},
        {"datetime": "2026-11-20T06:00:00"},
        {"datetime": "../.."},
        {"datetime": "2026-11-21/2026-11-20"},
        {"datetime": "a/b/c"},
        {"f": "json"},
    ],
)
def test_what_cannot_be_read_is_refused_and_named(client: TestClient, wrong: dict[str, str]) -> None:
    for name in NAMES:
        answer = client.get(f"/ogc/collections/{name}/items", params=wrong)
        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert any(key in answer.json()["detail"] for key in wrong)


def test_a_parameter_given_twice_is_refused(client: TestClient) -> None:
    assert client.get("/ogc/collections/plots/items?limit=1&limit=2").status_code == 400


def test_the_other_pages_know_no_parameter(client: TestClient) -> None:
    for path in ("/ogc/", "/ogc/api", "/ogc/conformance", "/ogc/collections", "/ogc/collections/plots"):
        assert client.get(path, params={"x": "1"}).status_code == 400


def test_a_greater_limit_than_there_is_is_no_error(client: TestClient) -> None:
    assert len(ask(client, "/collections/plots/items", limit=999_999)["features"]) == 27


@pytest.mark.parametrize(
    "path", ["/collections/nothing", "/collections/nothing/items", "/collections/plots/items/htx-a.no"]
)
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    ask(client, path, 404)


def test_odd_identifiers_are_found(client: TestClient) -> None:
    answer = client.get(f"/ogc/collections/plots/items/{quote(f'{MINE}.{STRANGE}', safe='')}")
    assert answer.json()["properties"]["plot"] == STRANGE


def test_another_cooperative_sees_nothing_of_it(client: TestClient) -> None:
    other = {"X-Cooperatives": OTHER}
    for name in NAMES:
        mine = {f["id"] for f in features(client, name)}
        answer = client.get(f"/ogc/collections/{name}/items", headers=other).json()
        seen = {f["id"] for f in answer["features"]}
        assert not seen & mine
        assert answer["numberMatched"] == len(seen)
        for identifier in mine:
            path = f"/ogc/collections/{name}/items/{quote(identifier, safe='')}"
            denied = client.get(path, headers=other)
            assert denied.status_code == 404
        asked = client.get(f"/ogc/collections/{name}/items", params={"cooperative": MINE}, headers=other).json()
        assert asked["features"] == []


def test_without_a_name_only_the_descriptions_are_told(registry: SqlRegistry) -> None:
    with TestClient(app_of(registry, Named())) as nobody:
        for path in ("", "/api", "/conformance", "/collections", "/collections/plots", "/collections/plots/queryables"):
            assert nobody.get(f"/ogc{path}").status_code == 200
        for name in NAMES:
            for path in (f"/collections/{name}/items", f"/collections/{name}/items/{MINE}.rect-1"):
                denied = nobody.get(f"/ogc{path}")
                assert denied.status_code == 401
                assert denied.headers["www-authenticate"].startswith("Basic")
            extent = ask(nobody, f"/collections/{name}")["extent"]
            assert extent["spatial"]["bbox"][0] == rounded(VIETNAM)
            assert "temporal" not in extent


def test_an_open_collection_is_open_and_no_other(registry: SqlRegistry) -> None:
    with TestClient(app_of(registry, Named(open=["plots"]))) as nobody:
        assert len(features(nobody, "plots")) == 28
        assert nobody.get("/ogc/collections/sites/items").status_code == 401
