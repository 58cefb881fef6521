from __future__ import annotations

import json

import pytest
from defusedxml import ElementTree
from shapely import Polygon, box
from shapely.geometry import shape

from core.model.land import Plot
from geo.coverage import Result, compute
from geo.drawing import plot_svg
from geo.projection import geodesic_area_m2
from tests.geo.tracks import PLANE, boustrophedon, table


def result(lines: int = 10, name: str = "Thửa <17> & ao") -> Result:
    points, on = boustrophedon(lines, 100.0, 7.0)
    on[300:340] = [False] * 40
    boundary = PLANE.to_wgs84(Polygon([(3, -1), (99, 1), (96, lines * 7.0 + 2), (5, lines * 7.0 - 4)]))
    return compute("d1-20261124T080000Z", [table(points, on=on, swath_m=7.2)], [Plot("p1", boundary, name=name)])


def test_geojson_has_every_kind_with_its_area() -> None:
    it = result()
    collection = json.loads(json.dumps(it.shapes.feature_collection()))
    features = {f["properties"]["kind"]: f for f in collection["features"]}
    assert set(features) == {"plot", "covered", "missed", "overlap", "off_target", "track"}
    (figures,) = it.coverage.plots
    assert features["covered"]["properties"]["area_m2"] == pytest.approx(figures.net_m2, abs=0.001)
    for kind in ("plot", "covered"):
        area_m2 = features[kind]["properties"]["area_m2"]
        assert geodesic_area_m2(shape(features[kind]["geometry"])) == pytest.approx(area_m2, rel=1e-4)


def test_missed_parts_are_opened_for_people() -> None:
    it = result()
    (drawn,) = it.shapes.plots
    assert 0.0 < drawn.missed.area <= it.coverage.plots[0].missed_m2 + 1e-6
    assert drawn.missed.area == pytest.approx(it.coverage.plots[0].missed_m2, rel=0.1)


@pytest.mark.parametrize(("language", "words"), [("vi", "Diện tích phun thực"), ("en", "Net")])
def test_picture_is_well_formed_and_names_its_parts(language: str, words: str) -> None:
    it = result()
    text = plot_svg(it.shapes, it.coverage, "p1", "vi" if language == "vi" else "en")
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    shown = " ".join(root.itertext())
    assert words in shown
    assert "Thửa <17> & ao" in shown
    assert f"{it.coverage.plots[0].net_m2 / 10_000.0:.3f} ha" in shown
    assert "20 m" in shown
    assert "<style" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_large_picture_is_simplified_below_200_kb() -> None:
    it = result(lines=400)
    text = plot_svg(it.shapes, it.coverage)
    assert len(text.encode()) <= 200_000
    ElementTree.fromstring(text)


def test_without_plots_the_treated_ground_is_drawn() -> None:
    it = compute("f", [table(boustrophedon(3, 60.0, 7.0)[0], swath_m=7.0)], [])
    assert f"{it.coverage.net_m2 / 10_000.0:.3f} ha" in plot_svg(it.shapes, it.coverage)


def test_nothing_at_all_is_a_picture_too() -> None:
    it = compute("f", [], [Plot("p", PLANE.to_wgs84(box(1, 1, 50, 50)))])
    ElementTree.fromstring(plot_svg(it.shapes, it.coverage))


def test_an_unknown_plot_is_an_error() -> None:
    it = result()
    with pytest.raises(KeyError):
        plot_svg(it.shapes, it.coverage, "p2")
