"""Part fields: holes, several polygons, rings that are left open or cross, and what cannot be a field."""

from __future__ import annotations

import math

import pytest
import shapely
from shapely import MultiPolygon

from core.model.land import Plot
from ingest.isoxml.fields import plots_of
from ingest.isoxml.markup import parse_xml
from tests.ingest.isoxml.builder import LAT, LON, field, polygon, ring, square

BIG, SMALL = ring(square(0.002)), ring(square(0.001), "2")


def read(*fields: str) -> tuple[tuple[Plot, ...], list[str]]:
    problems: list[str] = []
    return plots_of(parse_xml(f"<r>{''.join(fields)}</r>".encode(), "x"), problems), problems


def test_a_field() -> None:
    (plot,), problems = read(field("PFD-1", polygon(BIG), "48400"))
    assert (plot.plot, plot.name, plot.declared_area_m2, plot.source_crs) == ("PFD-1", "Ruộng", 48_400.0, "EPSG:4326")
    assert plot.boundary.bounds == pytest.approx((LON - 0.001, LAT - 0.001, LON + 0.001, LAT + 0.001))
    assert problems == []


@pytest.mark.parametrize("declared", ["0", "", "many", "-3", "inf"])
def test_no_declared_area(declared: str) -> None:
    (plot,), _ = read(field("PFD-1", polygon(BIG), declared))
    assert math.isnan(plot.declared_area_m2)


@pytest.mark.parametrize("rings", [polygon(BIG, SMALL), polygon(SMALL) + polygon(BIG), polygon(BIG) + polygon(SMALL)])
def test_a_hole_in_the_same_polygon_or_one_of_its_own(rings: str) -> None:
    (plot,), problems = read(field("PFD-1", rings))
    assert plot.boundary.area == pytest.approx(0.002**2 - 0.001**2)
    assert problems == []


def test_several_polygons_each_with_its_hole() -> None:
    other, hole = ring(square(0.002, lat=LAT + 1)), ring(square(0.001, lat=LAT + 1), "2")
    (plot,), problems = read(field("PFD-1", polygon(BIG, other, hole) + polygon(SMALL)))
    assert isinstance(plot.boundary, MultiPolygon)
    assert [len(p.interiors) for p in plot.boundary.geoms] == [1, 1]
    assert problems == []


def test_treatment_zones_and_other_lines_are_no_boundary() -> None:
    rings = polygon(BIG, ring(square(0.5), "5")) + polygon(ring(square(0.1)), kind="2")
    (plot,), problems = read(field("PFD-1", rings))
    assert plot.boundary.area == pytest.approx(0.002**2)
    assert problems == []


def test_crossing_rings_are_repaired_and_told() -> None:
    bow = ring([(LAT, LON), (LAT + 0.001, LON + 0.001), (LAT + 0.001, LON), (LAT, LON + 0.001)])
    (plot,), (problem,) = read(field("PFD-1", polygon(bow)))
    assert shapely.is_valid(plot.boundary)
    assert plot.boundary.area == pytest.approx(0.5e-6)
    assert problem.startswith("field PFD-1 (Ruộng): Self-intersection")


def test_a_hole_that_sticks_out_takes_off_what_lies_inside_only() -> None:
    hole = ring(square(0.001, lat=LAT + 0.001), "2")
    (plot,), (problem,) = read(field("PFD-1", polygon(BIG, hole)))
    assert plot.boundary.area == pytest.approx(0.002**2 - 0.5 * 0.001**2)
    assert "repaired" in problem


@pytest.mark.parametrize(
    ("rings", "told"),
    [
        ("", "has no boundary"),
        (polygon(BIG, kind="2"), "has no boundary"),
        (polygon(SMALL), "a hole lies in no exterior ring"),
        (polygon(ring(square(0.001)[:2])), "a ring with 2 corners"),
        (polygon(ring([(LAT, LON), (LAT + 0.1, LON), (LAT + 0.2, LON)])), "has no area"),
        (polygon(ring([(99.0, 9.0), (99.0, 10.0), (98.0, 10.0)])), "3 of 3 points have no usable coordinates"),
        (polygon('<LSG A="1"><PNT A="2"/></LSG>'), "1 of 1 points"),
    ],
)
def test_what_is_no_field_is_left_out_with_the_reason(rings: str, told: str) -> None:
    plots, problems = read(field("PFD-1", rings))
    assert plots == ()
    assert any(told in problem for problem in problems), problems


def test_an_identifier_that_comes_twice() -> None:
    plots, problems = read(field("PFD-1", polygon(BIG)), field("PFD-1", polygon(BIG)))
    assert len(plots) == 1
    assert "second field" in problems[0]
