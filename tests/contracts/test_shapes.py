"""Drawn shapes: kept by flight, found by kind, time and box, on every database."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from shapely import LineString, Polygon, box

from core.errors import NotFound
from core.model.enums import Operation
from core.shapes import FlightShape, ShapeKind, ShapeQuery
from storage.registry.repository import SqlRegistry
from tests.contracts.samples import NOBODY, OTHER, C

MISSED = ShapeQuery((ShapeKind.MISSED,))
EVERY = ShapeQuery(tuple(ShapeKind))
D = OTHER.cooperative


def a_shape(flight: str = "f1", part: int = 1, west_deg: float = 105.7, **chosen: object) -> FlightShape:
    ground = box(west_deg, 9.2, west_deg + 0.001, 9.201)
    made = FlightShape(C, flight, ShapeKind.MISSED, "p1", part, ground, "d1", Operation.SPRAY, 1_000, 2_000, 12.5)
    return replace(made, **chosen)  # type: ignore[arg-type]


def keys(kept: SqlRegistry, query: ShapeQuery, cooperative: str = C) -> list[str]:
    return [shape.key for _, shape in kept.shapes(cooperative, query)]


def test_a_shape_comes_back_to_the_last_bit(kept: SqlRegistry) -> None:
    hole = Polygon(
        [(105.1, 9.1), (105.2, 9.1), (105.2, 9.2 + 1 / 3)], [[(105.15, 9.11), (105.16, 9.11), (105.16, 9.12)]]
    )
    track = a_shape(
        kind=ShapeKind.TRACK, plot="", shape=LineString([(0.1, 0.2), (1 / 3, 0.4)]), area_m2=math.nan, length_m=7.0
    )
    shapes = [a_shape(shape=hole), track]
    kept.save_shapes(C, ["f1"], shapes)
    found = [shape for _, shape in kept.shapes(C, EVERY)]
    assert [s.shape.wkb for s in found] == [s.shape.wkb for s in shapes]
    assert [repr(replace(s, shape=hole)) for s in found] == [repr(replace(s, shape=hole)) for s in shapes]
    one = kept.shape(C, track.key)
    assert one is not None
    assert one.shape.equals_exact(track.shape, 0.0)


def test_saving_again_replaces_what_the_named_flights_had(kept: SqlRegistry) -> None:
    kept.save_shapes(C, ["f1", "f2"], [a_shape(), a_shape(part=2), a_shape("f2")])
    kept.save_shapes(C, ["f1", "f3"], [a_shape("f3")])
    assert keys(kept, EVERY) == ["f2~missed~p1~1", "f3~missed~p1~1"]
    assert kept.shape(C, "f1~missed~p1~1") is None
    assert kept.count_shapes(C, replace(EVERY, box=(105.0, 9.0, 106.0, 10.0))) == 2


def test_each_condition_narrows(kept: SqlRegistry) -> None:
    far = a_shape("f2", west_deg=106.5, start_ms=5_000, end_ms=6_000, plot="p2", device="d2", op=Operation.SOW)
    kept.save_shapes(C, ["f1", "f2"], [a_shape(), far, a_shape(kind=ShapeKind.COVERED)])
    assert keys(kept, MISSED) == ["f1~missed~p1~1", "f2~missed~p2~1"]
    for narrowed in (
        replace(MISSED, box=(106.0, 9.0, 107.0, 10.0)),
        replace(MISSED, window_ms=(2_001, 9_000)),
        replace(MISSED, flight="f2"),
        replace(MISSED, plot="p2"),
        replace(MISSED, device="d2"),
        replace(MISSED, op=Operation.SOW),
    ):
        assert keys(kept, narrowed) == [far.key], narrowed
        assert kept.count_shapes(C, narrowed) == 1


def test_pages_go_on_after_a_number(kept: SqlRegistry) -> None:
    kept.save_shapes(C, ["f1"], [a_shape(part=n) for n in range(1, 8)])
    first = kept.shapes(C, MISSED, limit=3)
    rest = kept.shapes(C, MISSED, after=first[-1][0])
    assert [s.part for _, s in first + rest] == [1, 2, 3, 4, 5, 6, 7]


def test_the_extent_spans_all_of_the_kinds(kept: SqlRegistry) -> None:
    kept.save_shapes(C, ["f1", "f2"], [a_shape(), a_shape("f2", west_deg=106.5, start_ms=500, end_ms=9_000)])
    extent = kept.shape_extent(C, [ShapeKind.MISSED])
    assert extent is not None
    assert extent.box == pytest.approx((105.7, 9.2, 106.501, 9.201))
    assert (extent.start_ms, extent.end_ms) == (500, 9_000)
    assert kept.shape_extent(C, [ShapeKind.TRACK]) is None


def test_nobody_sees_or_touches_the_shapes_of_another_cooperative(kept: SqlRegistry) -> None:
    kept.save_shapes(C, ["f1"], [a_shape()])
    kept.save_shapes(D, ["f1"], [])
    assert keys(kept, EVERY, D) == []
    assert kept.count_shapes(D, EVERY) == 0
    assert kept.shape(D, a_shape().key) is None
    assert kept.shape_extent(D, tuple(ShapeKind)) is None
    assert keys(kept, EVERY) == [a_shape().key]


def test_an_unknown_cooperative_is_refused(kept: SqlRegistry) -> None:
    with pytest.raises(NotFound):
        kept.save_shapes(NOBODY, ["f1"], [a_shape()])


@pytest.mark.parametrize(
    "key", ["", "f1", "f1~missed~p1", "f1~no~p1~1", "f1~missed~p1~x", "f1~missed~p1~99999999999999999999"]
)
def test_what_is_no_key_names_nothing(kept: SqlRegistry, key: str) -> None:
    assert kept.shape(C, key) is None


def test_which_flights_are_drawn_is_known(kept: SqlRegistry) -> None:
    track = a_shape("f2", kind=ShapeKind.TRACK, plot="", start_ms=5_000, end_ms=6_000)
    kept.save_shapes(C, ["f1", "f2"], [a_shape("f1"), track, replace(track, part=2)])
    assert kept.drawn(C, ShapeKind.TRACK, 6_000, 9_000) == {"f2"}
    assert kept.drawn(C, ShapeKind.TRACK, 6_001, 9_000) == set()
    assert kept.drawn(D, ShapeKind.TRACK, 0, 9_000) == set()
