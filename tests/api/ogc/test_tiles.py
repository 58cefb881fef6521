"""Vector tiles hold the ground that lies in them, where it lies, and nobody else's."""

from __future__ import annotations

import math
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from fastapi.testclient import TestClient
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from api.ogc.tiles import MVT, STEPS, Tile
from storage.registry.repository import SqlRegistry
from tests.api.ogc.conftest import DAY, MINE, OTHER, Named, app_of
from tests.api.ogc.test_features import features, geodesic_m2


def at(lon_deg: float, lat_deg: float, zoom: int) -> Tile:
    """The tile that holds a place, by the formulas that every map client has."""
    count = 2**zoom
    north = math.log(math.tan(math.radians(lat_deg)) + 1.0 / math.cos(math.radians(lat_deg)))
    return Tile(zoom, int((1.0 - north / math.pi) / 2.0 * count), int((lon_deg + 180.0) / 360.0 * count))


def fetch(client: TestClient, name: str, tile: Tile, **more: Any) -> Any:
    return client.get(f"/ogc/collections/{name}/tiles/WebMercatorQuad/{tile.zoom}/{tile.row}/{tile.column}", **more)


def shown(client: TestClient, name: str, tile: Tile) -> list[dict[str, Any]]:
    answer = fetch(client, name, tile)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MVT
    told = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    assert told[name]["extent"] == STEPS
    return list(told[name]["features"])


def back(tile: Tile, geometry: dict[str, Any]) -> BaseGeometry:
    """From a tile's steps to longitude and latitude."""

    def move(points: Any) -> Any:
        west, south, east, north = tile.bounds(0.0)
        mercator = [math.asinh(math.tan(math.radians(v))) for v in (north, south)]
        return [
            (
                west + x / STEPS * (east - west),
                math.degrees(math.atan(math.sinh(mercator[0] + y / STEPS * (mercator[1] - mercator[0])))),
            )
            for x, y in points
        ]

    return shapely.transform(shape(geometry), move)


def test_a_plot_lies_in_its_tile_where_it_is(client: TestClient) -> None:
    plots = {f["id"]: shape(f["geometry"]) for f in features(client, "plots")}
    middle = plots[f"{MINE}.rect-1"].centroid
    tile = at(middle.x, middle.y, 15)
    found = {f["properties"]["id"]: back(tile, f["geometry"]) for f in shown(client, "plots", tile)}
    step_deg = 360.0 / 2**15 / STEPS
    seen = plots[f"{MINE}.rect-1"].intersection(shapely.box(*tile.bounds(0.0)))
    assert found[f"{MINE}.rect-1"].intersection(shapely.box(*tile.bounds(0.0))).hausdorff_distance(seen) < 2 * step_deg
    assert geodesic_m2(found[f"{MINE}.rect-1"]) == pytest.approx(geodesic_m2(plots[f"{MINE}.rect-1"]), rel=0.02)


def test_far_out_all_plots_are_in_one_tile_and_close_up_none_is_lost(client: TestClient) -> None:
    assert {f["properties"]["id"] for f in shown(client, "plots", at(105.7, 9.2, 10))} == {
        f["id"] for f in features(client, "plots")
    }


@pytest.mark.parametrize("name", ["flights", "swaths", "coverage", "missed", "sites"])
def test_every_collection_has_tiles(client: TestClient, name: str) -> None:
    found = shown(client, name, at(105.7255, 9.2855, 12))
    assert {f["properties"]["id"] for f in found} <= {f["id"] for f in features(client, name)}
    assert found


def test_nothing_there_is_no_content(client: TestClient) -> None:
    assert fetch(client, "plots", at(2.35, 48.85, 12)).status_code == 204


def test_a_tile_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    tile = at(105.7255, 9.2855, 12)
    tag = fetch(client, "plots", tile).headers["etag"]
    again = fetch(client, "plots", tile, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert fetch(client, "plots", tile, headers={"If-None-Match": '"other"'}).status_code == 200


def test_times_choose(client: TestClient) -> None:
    tile = at(105.7255, 9.2855, 12)
    assert fetch(client, "missed", tile, params={"datetime": DAY}).status_code == 200
    assert fetch(client, "missed", tile, params={"datetime": "2020-01-01"}).status_code == 204


@pytest.mark.parametrize("path", ["25/0/0", "3/8/0", "3/0/8", "3/-1/0"])
def test_tiles_that_cannot_be_are_refused(client: TestClient, path: str) -> None:
    assert client.get(f"/ogc/collections/plots/tiles/WebMercatorQuad/{path}").status_code == 400


def test_tiles_hold_no_plot_of_another_cooperative(client: TestClient, registry: SqlRegistry) -> None:
    tile = at(105.7255, 9.2855, 12)
    assert "secret" not in str(shown(client, "plots", tile))
    other = client.get(
        f"/ogc/collections/plots/tiles/WebMercatorQuad/{tile.zoom}/{tile.row}/{tile.column}",
        headers={"X-Cooperatives": OTHER},
    )
    assert [f["properties"]["plot"] for f in mapbox_vector_tile.decode(other.content)["plots"]["features"]] == [
        "secret"
    ]
    with TestClient(app_of(registry, Named())) as nobody:
        assert fetch(nobody, "plots", tile).status_code == 401
