"""Bad geometries in files that can be read."""

from __future__ import annotations

import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from tests.golden.land.case import Case
from tests.golden.land.files import A, B, C, geojson, polygon, ring_of

NAN = float("nan")
SQUARE = ring_of(A)
SMALL_LOOP = [
    (105.0, 9.0),
    (105.001, 9.0),
    (105.001, 9.001),
    (105.0009, 9.001),
    (105.00095, 9.00103),
    (105.00088, 9.00097),
    (105.0, 9.001),
    (105.0, 9.0),
]


def _bow(size: float) -> Polygon:
    """A figure of eight whose loops are of the same size."""
    return Polygon([(105, 9), (105 + size, 9 + size), (105 + size, 9), (105, 9 + size)])


SHAPES = (
    Case(
        "point and line",
        lambda d: geojson(d / "p.geojson", [Point(105, 9), LineString([(105, 9), (106, 9)]), A]),
        features=(
            ("1", "refused", "is a Point, not a polygon"),
            ("2", "refused", "is a LineString, not a polygon"),
            ("3", "ok", ""),
        ),
    ),
    Case(
        "null and empty geometry",
        lambda d: geojson(d / "p.geojson", [None, {"type": "Polygon", "coordinates": []}, A]),
        features=(("1", "refused", "has no geometry"), ("2", "refused", "has an empty geometry"), ("3", "ok", "")),
    ),
    Case(
        "NaN",
        lambda d: geojson(d / "p.geojson", [polygon([(105, 9), (NAN, 9), (105.1, 9.1), (105, 9)]), A]),
        features=(("1", "refused", "has coordinates that are no numbers (NaN or infinite)"), ("2", "ok", "")),
    ),
    Case(
        "infinite",
        lambda d: geojson(d / "p.geojson", [polygon([(105, 9), (float("inf"), 9), (105.1, 9.1), (105, 9)]), A]),
        features=(("1", "refused", "has coordinates that are no numbers (NaN or infinite)"), ("2", "ok", "")),
    ),
    Case(
        "coordinate null",
        lambda d: geojson(d / "p.geojson", [polygon([(105, 9), (None, 9), (105.1, 9.1), (105, 9)]), A]),
        features=(("1", "refused", "has no geometry"), ("2", "ok", "")),
    ),
    Case(
        "one plot off the globe",
        lambda d: geojson(d / "p.geojson", [A, B, box(579_400, 1_026_800, 579_500, 1_026_900)]),
        features=(
            ("1", "ok", ""),
            ("2", "ok", ""),
            ("3", "refused", "has coordinates that are none in WGS 84: 579500, 1026800"),
        ),
    ),
    Case(
        "open ring",
        lambda d: geojson(d / "p.geojson", [polygon(SQUARE[:-1]), B]),
        features=(("1", "repaired", "had an open ring, closed"), ("2", "ok", "")),
    ),
    Case(
        "bow-tie",
        lambda d: geojson(d / "p.geojson", [A, _bow(0.001)]),
        features=(
            ("1", "ok", ""),
            (
                "2",
                "refused",
                (
                    "crosses itself (Self-intersection at 105.000500, 9.000500): "
                    "a repair would change its area by 100%; draw it anew"
                ),
            ),
        ),
    ),
    Case(
        "small self-crossing",
        lambda d: geojson(d / "p.geojson", [polygon(SMALL_LOOP)]),
        features=(("1", "repaired", "had an invalid boundary (Self-intersection at 105.000915, 9.001000), repaired"),),
    ),
    Case(
        "two points",
        lambda d: geojson(d / "p.geojson", [polygon([(105, 9), (105.1, 9), (105, 9)]), B]),
        features=(("1", "refused", "holds no polygon with an area"), ("2", "ok", "")),
    ),
    Case(
        "no area",
        lambda d: geojson(d / "p.geojson", [polygon([(105, 9), (105.1, 9), (105.2, 9), (105, 9)]), B]),
        features=(("1", "refused", "holds no polygon with an area"), ("2", "ok", "")),
    ),
    Case(
        "doubled points",
        lambda d: geojson(d / "p.geojson", [polygon([SQUARE[0], *SQUARE[:3], *SQUARE[2:]])]),
        features=(("1", "repaired", "had 2 doubled points, taken out"),),
    ),
    Case(
        "spike",
        lambda d: geojson(d / "p.geojson", [polygon([*SQUARE[:2], (105.003, 9.0), *SQUARE[1:]])]),
        features=(("1", "repaired", "had 1 spike, taken out"),),
    ),
    Case(
        "sliver by area",
        lambda d: geojson(d / "p.geojson", [box(105, 9, 105.00003, 9.00003)]),
        features=(("1", "ok", "is a sliver: 10.9 m²"),),
    ),
    Case(
        "sliver by width",
        lambda d: geojson(d / "p.geojson", [box(105, 9, 105.003, 9.000003)]),
        features=(("1", "ok", "is a sliver: nowhere 0.5 m wide"),),
    ),
    Case(
        "same boundary twice",
        lambda d: geojson(d / "p.geojson", [A, polygon([*SQUARE[2:], *SQUARE[1:3]]), polygon(SQUARE[::-1])]),
        features=(
            ("1", "ok", ""),
            ("2", "refused", "is a duplicate of feature 1 (the same boundary)"),
            ("3", "refused", "is a duplicate of feature 1 (the same boundary)"),
        ),
    ),
    Case(
        "same name twice",
        lambda d: geojson(d / "p.geojson", [A, B, C], {"plot": "a"}, {"plot": "a"}, {"plot": "a-2"}),
        features=(("a", "ok", ""), ("a-2", "ok", ""), ("a-2-2", "ok", "")),
        problems=(
            "p.geojson: 2 plots have a name that was there already: feature 2 is now 'a-2'; feature 3 is now 'a-2-2'",
        ),
    ),
    Case(
        "overlap",
        lambda d: geojson(d / "p.geojson", [A, shapely.affinity.translate(A, 0.0007), C]),
        features=(("1", "ok", ""), ("2", "ok", "overlaps feature 1 by 30% of the smaller one"), ("3", "ok", "")),
    ),
    Case(
        "hole outside its shell",
        lambda d: geojson(d / "p.geojson", [polygon(SQUARE, ring_of(B))]),
        features=(
            ("1", "repaired", "had an invalid boundary (Hole lies outside shell at 105.003000, 9.000000), repaired"),
        ),
    ),
    Case(
        "hole that sticks out",
        lambda d: geojson(d / "p.geojson", [polygon(SQUARE, ring_of(box(105.0008, 9.0002, 105.0012, 9.0004)))]),
        features=(("1", "repaired", "had an invalid boundary (Self-intersection at 105.001000, 9.000400), repaired"),),
    ),
    Case(
        "parts that overlap",
        lambda d: geojson(d / "p.geojson", [MultiPolygon([A, shapely.affinity.translate(A, 0.0005)])]),
        features=(("1", "repaired", "had an invalid boundary (Self-intersection at 105.000500, 9.001000), repaired"),),
    ),
    Case(
        "collection with a point",
        lambda d: geojson(
            d / "p.geojson",
            [shapely.GeometryCollection([A, Point(105, 9)]), shapely.GeometryCollection([Point(105, 9)])],
        ),
        features=(
            ("1", "repaired", "parts that are no polygons left out: 1"),
            ("2", "refused", "is a GeometryCollection without a polygon"),
        ),
    ),
)
