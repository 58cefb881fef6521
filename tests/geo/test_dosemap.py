"""Dose maps: exact areas per cell, nothing lost, files that others can read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from shapely import box
from shapely.geometry import shape

from core.model.fixtable import Floats
from geo.coverage import compute
from geo.dosecontours import contours, dose_classes
from geo.dosemap import MOST_PX, DoseGrid, amounts_of, dose_grid
from geo.engines.model import Quads
from geo.projection import geodesic_area_m2
from geo.rasterfiles import CLASSES, COLOURS, class_numbers, legend, write_geotiff, write_png
from tests.geo.tracks import PLANE, boustrophedon, table


def quads(*rectangles: tuple[float, float, float, float, float, float]) -> Quads:
    """Rectangles of (x, y, length, width, turn in radians, amount)."""
    corners = []
    for x, y, length, width, turn, _ in rectangles:
        local = np.array([(0, 0), (length, 0), (length, width), (0, width)], np.float64)
        c, s = math.cos(turn), math.sin(turn)
        corners.append((local @ np.array([[c, s], [-s, c]]) + (x, y)).reshape(8))
    return Quads(np.array(corners), np.array([r[5] for r in rectangles]), np.zeros(len(rectangles), np.int64))


def expected(it: Quads, grid: DoseGrid) -> Floats:
    """Dose per cell by cutting every polygon with every cell."""
    polygons: Any = shapely.polygons(it.corners.reshape(-1, 4, 2))
    rows, columns = grid.dose.shape
    west = grid.west_m + np.arange(columns) * grid.cell_m
    south = grid.north_m - (np.arange(rows) + 1) * grid.cell_m
    low, left = np.meshgrid(south, west, indexing="ij")
    cells: Any = shapely.box(left, low, left + grid.cell_m, low + grid.cell_m)
    density = it.amount / shapely.area(polygons)
    common = shapely.area(shapely.intersection(polygons[:, None, None], cells))
    return np.asarray((density[:, None, None] * common).sum(axis=0) / grid.cell_m**2 * 10_000.0)


numbers = st.one_of(st.floats(-20, 20), st.integers(-20, 20).map(float))
rectangles = st.tuples(
    numbers,
    numbers,
    st.floats(0.3, 15),
    st.one_of(st.floats(0.3, 8), st.just(2.0)),
    st.one_of(st.floats(0, 6.3), st.sampled_from([0.0, math.pi / 2, math.pi / 4])),
    st.floats(0.01, 20),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(rectangles, min_size=1, max_size=5), st.sampled_from([1.0, 0.7, 3.0]))
def test_every_cell_holds_what_lies_on_it(
    given_: list[tuple[float, float, float, float, float, float]], cell: float
) -> None:
    it = quads(*given_)
    grid = dose_grid(it, PLANE, cell_m=cell)
    np.testing.assert_allclose(grid.dose, expected(it, grid), atol=1e-4 * it.amount.sum())
    assert grid.amount == pytest.approx(it.amount.sum(), rel=1e-9)


def test_dose_adds_up_where_strips_overlap_and_rows_run_from_north_to_south() -> None:
    grid = dose_grid(quads((0, 0, 4, 2, 0, 8), (0, 1, 2, 2, 0, 2)), PLANE)
    assert (grid.west_m, grid.north_m, grid.cell_m) == (0.0, 4.0, 1.0)
    per_m2: Floats = grid.dose / 10_000.0
    rows: Floats = np.array([[0, 0, 0, 0], [0.5, 0.5, 0, 0], [1.5, 1.5, 1, 1], [1, 1, 1, 1]], np.float64)
    np.testing.assert_allclose(per_m2[:4, :4], rows, atol=1e-12)


def test_spots_without_an_area_and_untold_amounts() -> None:
    strip = quads((0, 0, 4, 6, 0, 2.4))
    spot = np.tile([2.5, 3.5], (1, 4))
    far = Quads(np.full((1, 8), np.inf), np.array([0.0]), np.zeros(1, np.int64))
    corners, amount = np.concatenate([strip.corners, spot, far.corners]), np.array([2.4, 1.5, 0.0])
    grid = dose_grid(Quads(corners, amount, np.zeros(3, np.int64)), PLANE)
    assert grid.amount == pytest.approx(3.9)
    assert grid.dose.max() / 10_000.0 == pytest.approx(1.6)
    with pytest.raises(ValueError, match="no amount"):
        dose_grid(far, PLANE)


@pytest.mark.parametrize("side_m", [900.0, 1_499.5, 2_000.0, 40_000.0])
def test_a_grid_stays_small_enough_for_a_telephone(side_m: float) -> None:
    it = quads((0.3, 0.2, 3, 3, 0.2, 5), (side_m, side_m / 3, 4, 4, 0.1, 7))
    grid = dose_grid(it, PLANE)
    assert max(grid.dose.shape) <= MOST_PX
    assert grid.cell_m == 1.0 if side_m < 1_400.0 else grid.cell_m > 1.0
    assert grid.amount == pytest.approx(12.0, rel=1e-9)


def flown(**columns: Any) -> tuple[DoseGrid, float, float]:
    points, on = boustrophedon(8, 120.0, 7.0)
    fixes = table(points, on=on, swath_m=7.5, **columns)
    result = compute("f", [fixes], [])
    it, unit = amounts_of(result.pieces)
    return dose_grid(it, result.plane, unit), result.coverage.volume_l, result.coverage.mass_kg


def test_the_grid_holds_the_volume_or_mass_of_the_flight() -> None:
    grid, volume_l, _ = flown(flow_lpm=3.2)
    assert grid.unit == "L/ha"
    assert grid.amount == pytest.approx(volume_l, rel=1e-9)
    grid, _, mass_kg = flown(rate_kgpm=14.0)
    assert grid.unit == "kg/ha"
    assert grid.amount == pytest.approx(mass_kg, rel=1e-9)


def test_a_geotiff_tells_amount_and_place(tmp_path: Path) -> None:
    grid, volume_l, _ = flown(flow_lpm=3.2)
    path = tmp_path / "dose.tif"
    write_geotiff(path, grid)
    with Image.open(path) as image:
        values = np.asarray(image, np.float64)
        tags = image.tag_v2  # type: ignore[attr-defined]
        scale, tie, keys, doubles = (tags[k] for k in (33550, 33922, 34735, 34736))
        assert "L/ha" in tags[42112]
    assert values.sum() * scale[0] * scale[1] / 10_000.0 == pytest.approx(volume_l, rel=1e-6)
    assert tie == (0.0, 0.0, 0.0, grid.west_m, grid.north_m, 0.0)
    told = {keys[k]: keys[k + 3] for k in range(4, len(keys), 4)}
    assert (told[1024], told[1025], told[2048], told[3075], told[3076]) == (1, 1, 4326, 10, 9001)
    assert doubles[told[3088]] == grid.plane.lon0_deg
    assert doubles[told[3089]] == grid.plane.lat0_deg
    assert keys[3] == len(keys) // 4 - 1
    np.testing.assert_allclose(values, grid.dose, rtol=1e-6)


def test_a_picture_has_the_colours_of_the_classes(tmp_path: Path) -> None:
    dose = np.array([[0.0, 10.0, 49.9], [50.0, 79.0, 80.0], [119.0, 120.0, 149.0], [150.0, 400.0, 0.0]])
    path = tmp_path / "dose.png"
    write_png(path, DoseGrid(PLANE, 0.0, 4.0, 1.0, dose, "L/ha"), planned=100.0)
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGBA"))
    found = ["" if a == 0 else f"#{r:02x}{g:02x}{b:02x}" for r, g, b, a in pixels.reshape(-1, 4).tolist()]
    a, b, c, d, e = COLOURS
    assert found == ["", a, a, b, b, c, c, d, d, e, e, ""]
    assert [label for _, label in legend()] == ["0-50%", "50-80%", "80-120%", "120-150%", "> 150%"]


def test_colours_differ_in_lightness_on_each_side() -> None:
    def light(colour: str) -> float:
        r, g, b = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    values = [light(c) for c in COLOURS]
    assert values[0] + 30 < values[1] < values[2] - 30
    assert values[4] + 30 < values[3] < values[2] - 30


def test_classes_tile_the_plots() -> None:
    it = quads((0, 0, 30, 60, 0, 1800), (30, 0, 10, 60, 0, 1200), (60, 0, 20, 60, 0, 720))
    grid = dose_grid(it, PLANE)
    plots = [box(2, 2, 78, 58), box(200, 0, 210, 10)]
    areas = [ground.area for ground in dose_classes(grid, 10_000.0, plots)]
    assert sum(areas) == pytest.approx(76 * 56 + 100, rel=1e-6)
    assert areas[4] == pytest.approx(10 * 56, rel=0.1)
    assert areas[2] == pytest.approx(28 * 56, rel=0.05)
    assert areas[1] == pytest.approx(18 * 56, rel=0.1)
    assert areas[0] == pytest.approx(20 * 56 + 100, rel=0.05)


def test_contours_are_geojson_with_their_areas() -> None:
    grid, _, _ = flown(flow_lpm=3.2)
    planned = float(np.median(grid.dose[grid.dose > 0.0]))
    made = contours(grid, planned, [box(-55, -25, 55, 25)])
    assert made["features"]
    for feature in made["features"]:
        told = feature["properties"]
        drawn = shape(feature["geometry"])
        assert drawn.is_valid
        assert geodesic_area_m2(drawn) == pytest.approx(told["area_m2"], rel=1e-3, abs=0.5)
        assert told["fill"] in COLOURS
        assert told["planned_lpha"] == pytest.approx(planned, rel=1e-6)
    assert {f["properties"]["from_share"] for f in made["features"]} <= {low for low, _ in CLASSES}


def test_without_plots_only_treated_ground_is_drawn() -> None:
    grid = dose_grid(quads((0, 0, 30, 20, 0, 6)), PLANE)
    areas = [g.area for g in dose_classes(grid, 100.0)]
    assert sum(areas) == pytest.approx(600.0, rel=0.12)
    assert areas[2] == pytest.approx(600.0, rel=0.12)
    assert class_numbers(grid, 100.0).max() == 3
