"""Tables of corner points: the order of points, rings and parts, and parcels of several map sheets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from land.fieldfile import examine
from land.report import Examined
from tests.golden.land import files

CORNERS = [(105.0, 9.0), (105.001, 9.0), (105.0014, 9.0005), (105.001, 9.001), (105.0, 9.001)]
PENTAGON = Polygon(CORNERS)
SAID = "had its points out of order, taken by their numbers (STT)"


def _read(folder: Path, header: str, rows: Sequence[str]) -> Examined:
    return examine(files.table(folder / "t.csv", header, *rows), crs="EPSG:4326")


def _rows(order: Sequence[int], numbers: Sequence[object] | None = None) -> list[str]:
    """Rows of the pentagon's corners in an order, numbered from 1 or as given by corner."""
    names = numbers or range(1, len(CORNERS) + 1)
    return [f"a;{names[at]};{CORNERS[at][0]};{CORNERS[at][1]}" for at in order]


@pytest.mark.parametrize("column", ["STT", "vertex", "Số hiệu điểm", "point"])
def test_points_out_of_order_are_taken_by_their_numbers(tmp_path: Path, column: str) -> None:
    (feature,) = _read(tmp_path, f"plot;{column};lon;lat", _rows([0, 3, 1, 4, 2])).features
    assert (feature.status, feature.reason) == ("repaired", SAID.replace("STT", column))
    assert feature.made is not None
    assert shapely.equals(feature.made.boundary, PENTAGON)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(order=st.permutations(range(5)), closed=st.booleans())
def test_any_order_of_the_rows_is_the_same_plot(tmp_path: Path, order: list[int], *, closed: bool) -> None:
    (feature,) = _read(tmp_path, "plot;STT;lon;lat", _rows([*order, *order[:1]] if closed else order)).features
    assert feature.made is not None
    assert shapely.equals(feature.made.boundary, PENTAGON)


@pytest.mark.parametrize(
    "order", [[0, 1, 2, 3, 4], [2, 3, 4, 0, 1], [4, 3, 2, 1, 0], [1, 0, 4, 3, 2], [0, 1, 2, 3, 4, 0]]
)
def test_a_ring_that_starts_elsewhere_or_goes_the_other_way_is_in_order(tmp_path: Path, order: list[int]) -> None:
    (feature,) = _read(tmp_path, "plot;STT;lon;lat", _rows(order)).features
    assert (feature.status, feature.reason) == ("ok", "")


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param([17, 18, 4, 31, 9], id="of points that neighbours share"),
        pytest.param([1, 1, 1, 1, 1], id="of the plot"),
        pytest.param(["M1", "M3", "M2", "M5", "M4"], id="that are words"),
        pytest.param([1, 3, "", 5, 4], id="with one missing"),
    ],
)
def test_numbers_that_do_not_order_a_ring_leave_it_as_written(tmp_path: Path, numbers: list[object]) -> None:
    (feature,) = _read(tmp_path, "plot;STT;lon;lat", _rows(range(5), numbers)).features
    assert (feature.status, feature.reason) == ("ok", "")
    assert feature.made is not None
    assert shapely.equals(feature.made.boundary, PENTAGON)


def test_each_ring_is_put_in_order_by_itself(tmp_path: Path) -> None:
    hole = [(105.0002, 9.0002), (105.0006, 9.0002), (105.0006, 9.0006), (105.0002, 9.0006)]
    points = [(1, n, *at) for n, at in enumerate(CORNERS, 1)] + [(2, n, *at) for n, at in enumerate(hole, 6)]
    shuffled = [points[at] for at in (8, 0, 6, 3, 1, 5, 4, 2, 7)]
    rows = [f"a;{ring};{n};{x};{y}" for ring, n, x, y in shuffled]
    (feature,) = _read(tmp_path, "plot;ring;vertex;lon;lat", rows).features
    assert feature.reason == SAID.replace("STT", "vertex"), "said once"
    assert feature.made is not None
    assert shapely.equals(feature.made.boundary, Polygon(CORNERS, [hole]))


def test_rings_that_count_anew_in_each_part(tmp_path: Path) -> None:
    parts = [box(105.0, 9.0, 105.001, 9.001), box(105.002, 9.0, 105.003, 9.001)]
    rows = [f"a;{n};1;{x};{y}" for n, part in enumerate(parts, 1) for x, y in files.ring_of(part)]
    (plot,) = _read(tmp_path, "plot;part;ring;lon;lat", rows).plots
    assert shapely.equals(plot.boundary, MultiPolygon(parts))


def test_empty_cells_continue_the_ring_above(tmp_path: Path) -> None:
    hole = [(105.0002, 9.0002), (105.0006, 9.0002), (105.0006, 9.0006)]
    rows = [f"{'a' if i == 0 else ''};{'1' if i == 0 else ''};{x};{y}" for i, (x, y) in enumerate(CORNERS)]
    rows += [f";{'2' if i == 0 else ''};{x};{y}" for i, (x, y) in enumerate(hole)]
    (plot,) = _read(tmp_path, "plot;ring;lon;lat", rows).plots
    assert shapely.equals(plot.boundary, Polygon(CORNERS, [hole]))


def test_an_island_in_a_hole_is_ground(tmp_path: Path) -> None:
    rings = [
        box(105.0, 9.0, 105.001, 9.001),
        box(105.0002, 9.0002, 105.0008, 9.0008),
        box(105.0004, 9.0004, 105.0006, 9.0006),
    ]
    rows = [f"a;{n};{x};{y}" for n, ring in enumerate(rings) for x, y in files.ring_of(ring)]
    (plot,) = _read(tmp_path, "plot;ring;lon;lat", rows).plots
    assert shapely.equals(plot.boundary, (rings[0] - rings[1]) | rings[2])


def test_a_part_in_the_notch_of_another_is_no_hole(tmp_path: Path) -> None:
    bay = Polygon([(105, 9), (105.002, 9), (105.001, 9.0005), (105.002, 9.001), (105, 9.001)])
    notch = Polygon([(105.002, 9), (105.002, 9.001), (105.001, 9.0005)])
    rows = [f"a;{n};{x};{y}" for n, ring in enumerate((bay, notch)) for x, y in files.ring_of(ring)]
    (plot,) = _read(tmp_path, "plot;ring;lon;lat", rows).plots
    assert plot.boundary.area == pytest.approx(bay.area + notch.area)


def test_parcels_of_the_same_number_on_two_sheets_are_two_plots(tmp_path: Path) -> None:
    squares = [box(105.0, 9.0, 105.001, 9.001), box(105.002, 9.0, 105.003, 9.001)]
    rows = [
        f"{sheet if i == 0 else ''};{'12' if i == 0 else ''};{x};{y}"
        for sheet, square in zip(("5", "6"), squares, strict=True)
        for i, (x, y) in enumerate(files.ring_of(square))
    ]
    found = _read(tmp_path, "Số tờ;Số thửa;lon;lat", rows)
    assert [(p.plot, p.cadastral) for p in found.plots] == [("12", "thửa 12, tờ 5"), ("12-2", "thửa 12, tờ 6")]
    assert all(shapely.equals(p.boundary, square) for p, square in zip(found.plots, squares, strict=True))
