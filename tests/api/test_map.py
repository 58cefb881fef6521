"""Maps of plots: what the last job did to each, what it missed, and what lets Grafana stand before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient
from shapely.geometry import shape

from core.accounts import Role, Scope
from core.localtime import DAY_MS, day_window_ms
from core.model.coverage import JobPlot, PlotCoverage
from core.model.enums import Operation
from core.model.land import Cooperative, Plot
from core.shapes import FlightShape, ShapeKind
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.people import Api, running_api

TODAY = "2026-11-20"
NOON_MS = day_window_ms(TODAY)[0] + DAY_MS // 2
ROOT = "/v1/cooperatives/htx"
AREA_M2 = rectangle.AREA_M2
PLOT = rectangle.plot("htx", "p1").boundary
WEST, SOUTH, EAST, NORTH = PLOT.bounds


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path, FakeClock(NOON_MS)) as it:
        it.registry.add_cooperative(Cooperative("htx", "htx"))
        it.registry.add_cooperative(Cooperative("other", "other"))
        for name in ("p1", "p2", "p3", "p4"):
            it.registry.put_plot(rectangle.plot("htx", name))
        it.registry.put_plot(rectangle.plot("other", "theirs"))
        it.enrol("manager", Role.MANAGER, "htx")
        it.enrol("stranger", Role.MANAGER, "other")
        yield it


@pytest.fixture
def client(api: Api) -> TestClient:
    return api.client(api.key("manager"))


def row(plot: str, day: str, share: float, *flights: str, op: Operation = Operation.SPRAY) -> JobPlot:
    net_m2 = share * AREA_M2
    coverage = PlotCoverage(plot, AREA_M2, net_m2, net_m2, 0.0, 0.0, AREA_M2 - net_m2)
    return JobPlot(f"{day}-{op.word}", day, op, flights or ("f1",), coverage)


def drawn(flight: str, kind: ShapeKind, plot: str, *shapes: Any, day: str = TODAY) -> list[FlightShape]:
    start_ms = day_window_ms(day)[0] + 3_600_000
    told = ("d1", Operation.SPRAY, start_ms, start_ms + 600_000, 100.0)
    return [FlightShape("htx", flight, kind, plot, part, it, *told) for part, it in enumerate(shapes, 1)]


def part(left: float, right: float) -> Any:
    """A piece of the rectangle, by shares of its width."""
    wide = EAST - WEST
    return shapely.intersection(PLOT, shapely.box(WEST + left * wide, SOUTH, WEST + right * wide, NORTH))


def told(client: TestClient, which: str, **query: Any) -> dict[str, dict[str, Any]]:
    """Features by plot."""
    answer = client.get(f"{ROOT}/map/{which}.geojson", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert document["type"] == "FeatureCollection"
    return {it["properties"]["plot"]: it for it in document["features"]}


def said(feature: dict[str, Any]) -> Sequence[Any]:
    return [feature["properties"][name] for name in ("class", "days_since", "covered_pct")]


def test_each_plot_is_drawn_as_its_last_job_left_it(api: Api, client: TestClient) -> None:
    old, older = "2026-11-17", "2026-11-10"
    rows = [row("p1", TODAY, 0.97), row("p1", old, 0.2), row("p2", old, 0.5), row("p2", older, 1.0)]
    api.registry.save_job_plots("htx", [*rows, row("p3", older, 0.05)])
    found = told(client, "plots")
    assert {name: said(it) for name, it in found.items()} == {
        "p1": ["covered", 0, 97.0],
        "p2": ["partly", 3, 50.0],
        "p3": ["missed", 10, 5.0],
        "p4": ["never", None, None],
    }
    assert found["p1"]["properties"]["name"] == "Thửa chữ nhật"
    assert set(found["p1"]["properties"]) == {"plot", "name", "class", "days_since", "covered_pct"}


def test_a_window_and_an_operation_can_be_asked_for(api: Api, client: TestClient) -> None:
    rows = [row("p1", "2026-11-14", 1.0), row("p2", "2026-11-13", 1.0), row("p3", TODAY, 1.0, op=Operation.SOW)]
    api.registry.save_job_plots("htx", rows)
    classes = {name: it["properties"]["class"] for name, it in told(client, "plots", days=7).items()}
    assert classes == {"p1": "covered", "p2": "never", "p3": "never", "p4": "never"}
    assert told(client, "plots", operation="sow")["p3"]["properties"]["class"] == "covered"
    for query in ({"operation": "fly"}, {"days": 0}, {"days": 401}, {"operation": "unknown"}):
        assert client.get(f"{ROOT}/map/plots.geojson", params=query).status_code == 422, query


def test_a_part_that_another_flight_of_the_job_treated_is_not_missed(api: Api, client: TestClient) -> None:
    shapes = [
        *drawn("f1", ShapeKind.COVERED, "p1", part(0.0, 0.4)),
        *drawn("f1", ShapeKind.MISSED, "p1", part(0.4, 1.0)),
        *drawn("f2", ShapeKind.COVERED, "p1", part(0.3, 0.9)),
        *drawn("f2", ShapeKind.MISSED, "p1", part(0.0, 0.3), part(0.9, 1.0)),
        *drawn("f0", ShapeKind.MISSED, "p1", PLOT, day="2026-11-10"),
    ]
    api.registry.save_shapes("htx", ["f0", "f1", "f2"], shapes)
    api.registry.save_job_plots("htx", [row("p1", "2026-11-10", 0.0, "f0"), row("p1", TODAY, 0.9, "f1", "f2")])
    found = told(client, "missed")
    assert set(found) == {"p1"}
    assert said(found["p1"]) == ["missed", 0, 90.0]
    left = shape(found["p1"]["geometry"])
    assert left.symmetric_difference(part(0.9, 1.0)).area < 0.05 * part(0.9, 1.0).area


def test_what_nobody_has_drawn_yet_and_what_missed_nothing_is_left_out(api: Api, client: TestClient) -> None:
    shapes = [*drawn("f1", ShapeKind.COVERED, "p1", PLOT), *drawn("f3", ShapeKind.MISSED, "p2", PLOT)]
    api.registry.save_shapes("htx", ["f1", "f3"], shapes)
    rows = [row("p1", TODAY, 1.0, "f1"), row("p2", TODAY, 0.0, "f3"), row("p3", TODAY, 0.5, "f1", "f9")]
    api.registry.save_job_plots("htx", rows)
    assert told(client, "missed") == {}


def test_a_map_is_small(api: Api, client: TestClient) -> None:
    """A boundary with a point every few centimetres keeps its shape and loses its points."""
    around = shapely.segmentize(PLOT, 1e-6)
    assert shapely.get_num_coordinates(around) > 3_000
    api.registry.put_plot(Plot("p1", around, "", "htx"))
    ring = np.array(told(client, "plots")["p1"]["geometry"]["coordinates"][0])
    assert len(ring) < 20
    assert (np.abs(ring - np.round(ring, 6)) < 1e-9).all()
    assert shapely.hausdorff_distance(shapely.Polygon(ring), PLOT) < 5e-6


def test_who_has_the_newest_map_gets_304(api: Api, client: TestClient) -> None:
    for which in ("plots", "missed"):
        where = f"{ROOT}/map/{which}.geojson"
        tag = client.get(where).headers["etag"]
        again = {"If-None-Match": tag}
        assert client.get(where, headers=again).status_code == 304
        assert client.get(where, headers=again, params={"days": 3}).status_code == 200
    api.registry.save_job_plots("htx", [row("p1", TODAY, 1.0)])
    where = f"{ROOT}/map/plots.geojson"
    answer = client.get(where, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert told(client, "plots")["p1"]["properties"]["days_since"] == 0
    api.clock.time_ms += DAY_MS
    tomorrow = client.get(where, headers={"If-None-Match": answer.headers["etag"]})
    assert tomorrow.status_code == 200, "another day, other days_since"
    assert told(client, "plots")["p1"]["properties"]["days_since"] == 1


def test_a_map_shows_ones_own_plots_to_who_may_read(api: Api, client: TestClient) -> None:
    assert "theirs" not in told(client, "plots")
    for which in ("map/plots.geojson", "grafana/map/missed.geojson", "grafana/api/v1/query"):
        where = f"{ROOT}/{which}"
        assert api.client().get(where).status_code == 401
        assert api.client(api.key("stranger")).get(where).status_code == 404
        assert api.client(api.key("manager", Scope.WRITE)).get(where).status_code == 403


def test_a_retired_plot_is_drawn_no_more(api: Api, client: TestClient) -> None:
    api.registry.retire(Plot, "htx", "p1")
    assert set(told(client, "plots")) == {"p2", "p3", "p4"}


def test_grafana_finds_the_same_maps_below_its_own_address(api: Api, client: TestClient) -> None:
    for which in ("plots", "missed"):
        own = client.get(f"{ROOT}/map/{which}.geojson")
        assert client.get(f"{ROOT}/grafana/map/{which}.geojson").content == own.content
    for path in ("members", "%2e%2e/members", "..%2fmembers", "map/%2e%2e%2f%2e%2e/members"):
        assert client.get(f"{ROOT}/grafana/{path}").status_code == 404, "nothing else lies below it"


def test_save_and_test_of_a_prometheus_source_is_answered(client: TestClient) -> None:
    def data(path: str) -> Any:
        answer = client.get(f"{ROOT}/grafana/api/v1/{path}")
        assert answer.status_code == 200, path
        assert answer.json()["status"] == "success"
        return answer.json()["data"]

    assert data("query?query=1%2B1&time=1760000000") == {"resultType": "vector", "result": []}
    assert data("query_range?query=up&start=1&end=2&step=1") == {"resultType": "matrix", "result": []}
    assert data("labels") == data("series?match[]=up") == []
    assert data("metadata") == {}
    assert data("rules") == {"groups": []}
