"""GeoJSON that fits a budget."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Polygon, box
from shapely.geometry import shape

from geo.coverage import compute
from geo.phone import Feature, collection, simplified, text_of
from tests.geo.tracks import PLANE, boustrophedon, plot, table


def ragged(n: int, radius_m: float = 100.0, rough_m: float = 0.4) -> Polygon:
    """A disc with a hole, whose edges are ragged at all scales."""
    angles = np.linspace(0.0, math.tau, n, endpoint=False)
    drawn = np.random.default_rng(n).normal(0.0, 1.0, n)
    wave = rough_m * sum(np.interp(angles, angles[::step], drawn[::step]) * step / 100.0 for step in (1, 5, 25, 125))
    rings = [
        np.column_stack([(r + wave) * np.cos(angles), (r + wave) * np.sin(angles)]) for r in (radius_m, radius_m / 2.0)
    ]
    return Polygon(rings[0], [rings[1]])


def size(document: dict[str, object]) -> int:
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


@pytest.mark.parametrize("budget", [300_000, 60_000, 8_000])
def test_it_fits_and_stays_valid(budget: int) -> None:
    shapes = [ragged(9_000), shapely.affinity.translate(ragged(4_000, 30.0), 300.0, 0.0)]
    made = collection([Feature(s, {"area_m2": s.area}) for s in shapes], PLANE, budget)
    assert size(made) <= budget
    assert size(made) > budget * 0.2
    for feature, exact in zip(made["features"], shapes, strict=True):
        drawn = shape(feature["geometry"])
        assert drawn.is_valid
        assert feature["properties"]["area_m2"] == exact.area
        back = PLANE.to_plane(drawn)
        assert isinstance(back, Polygon)
        assert back.hausdorff_distance(exact) <= made["simplified_m"] + 0.02
        assert len(back.interiors) == 1


def test_without_a_budget_nothing_is_simplified() -> None:
    exact = ragged(9_000)
    made = collection([Feature(exact, {})], PLANE)
    assert "simplified_m" not in made
    assert shapely.get_num_coordinates(shape(made["features"][0]["geometry"])) == shapely.get_num_coordinates(exact)


def test_degrees_have_seven_decimals_and_rings_the_order_of_the_standard() -> None:
    made = collection([Feature(box(0, 0, 12.3456789, 7.7).difference(box(2, 2, 3, 3)), {})], PLANE)
    rings = made["features"][0]["geometry"]["coordinates"]
    assert all(v == round(v, 7) for ring in rings for point in ring for v in point)
    assert len(text_of(made)) < 500
    assert shapely.LinearRing(rings[0]).is_ccw
    assert not shapely.LinearRing(rings[1]).is_ccw


def test_a_sliver_that_rounding_would_break_is_left_out() -> None:
    sliver = Polygon([(50, 0), (60, 0), (60, 0.0001)])
    made = collection([Feature(MultiPolygon([box(0, 0, 9, 9), sliver]), {}), Feature(sliver, {})], PLANE)
    assert len(made["features"]) == 1
    assert made["features"][0]["geometry"]["type"] == "Polygon"


def test_small_parts_and_holes_fall_away_when_simplified() -> None:
    big = Polygon(box(0, 0, 10, 10).exterior, [box(4, 4, 4.5, 4.5).exterior])
    made = simplified(MultiPolygon([big, box(20, 20, 20.5, 20.5)]), 0.1, 1.0)
    assert made.area == pytest.approx(100.0)
    assert simplified(LineString([(0, 0), (1, 0.01), (2, 0)]), 0.1, 1.0).length == pytest.approx(2.0)


@pytest.mark.parametrize("seed", range(20))
def test_thin_shapes_stay_valid_when_simplified(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.arange(60.0)
    low = rng.uniform(0.0, 1.0, 60)
    high = low + rng.uniform(0.01, 0.2, 60)
    exact = Polygon([*zip(x, low, strict=True), *zip(x[::-1], high[::-1], strict=True)])
    for tolerance_m in (0.1, 0.4, 0.8):
        made = simplified(exact, tolerance_m, 0.0)
        assert made.is_valid
        assert not made.is_empty


def test_a_jobs_shapes_fit_a_telephone_with_exact_areas() -> None:
    points, on = boustrophedon(60, 100.0, 7.0)
    rng = np.random.default_rng(1)
    noisy = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(points, rng.normal(0, 0.03, (len(points), 2)), strict=True)]
    it = compute("f", [table(noisy, on=on, swath_m=7.05)], [plot(box(0, 0, 100, 420))])
    whole = it.shapes.feature_collection()
    small = it.shapes.feature_collection(budget_bytes=20_000)
    assert size(whole) > 20_000 >= size(small)
    areas = {f["properties"]["kind"]: f["properties"]["area_m2"] for f in whole["features"]}
    assert {"plot", "covered"} <= {f["properties"]["kind"] for f in small["features"]}
    assert all(f["properties"]["area_m2"] == areas[f["properties"]["kind"]] for f in small["features"])
    assert all(shape(f["geometry"]).is_valid for f in small["features"])


def test_missed_parts_are_told_apart_in_all_units() -> None:
    points, on = boustrophedon(6, 100.0, 7.0)
    on[100:140] = [False] * 40
    on[300:310] = [False] * 10
    it = compute("f", [table(points, on=on, swath_m=7.2)], [plot(box(1, 0, 101, 42), "p1")])
    features = it.shapes.missed_parts()["features"]
    told = [f["properties"] for f in features]
    assert [(t["plot"], t["part"]) for t in told] == [("p1", 1), ("p1", 2)]
    assert told[0]["area_m2"] > told[1]["area_m2"] > 0.0
    assert sum(t["area_m2"] for t in told) == pytest.approx(it.coverage.plots[0].missed_m2, rel=0.02)
    for t in told:
        assert t["area_ha"] == pytest.approx(t["area_m2"] / 10_000.0, abs=1e-7)
        assert t["area_cong"] == pytest.approx(t["area_m2"] / 1_000.0, abs=1e-6)
    larger = it.shapes.missed_parts(m2_per_cong=1_296.0)["features"][0]["properties"]
    assert larger["area_cong"] == pytest.approx(told[0]["area_m2"] / 1_296.0, abs=1e-6)
