"""Drawings: which closed lines are one plot, and what it is called."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from shapely import Polygon, box

from core.model.land import Plot
from land.crs import transformer
from land.export import export_plots
from land.fieldfile import Examined, examine, read_plots
from tests.golden.land import files
from tests.support.plots import PLACES, apart_m, four, plots_at

RINGS = ((0.0, 1e-3), (3e-4, 1e-4))
"""Where the shell and the hole of a plot begin, and how large they are, in degrees."""
X, Y = 579_400.0, 1_026_800.0


def _square(east: float, north: float, size: float) -> list[tuple[float, float]]:
    return [
        (X + east, Y + north),
        (X + east + size, Y + north),
        (X + east + size, Y + north + size),
        (X + east, Y + north + size),
    ]


def _read(folder: Path, *entities: str) -> Examined:
    return examine(files.drawing(folder / "t.dxf", *entities), crs="EPSG:5897")


def _line(layer: str, east: float, north: float, size: float) -> str:
    return files.polyline(layer, _square(east, north, size), closed=True)


def _text(words: str, east: float, north: float, layer: str = "CHU") -> str:
    return files.text(words, X + east, Y + north, layer)


@pytest.mark.parametrize("hole_first", [False, True])
def test_a_layer_called_like_its_text_is_one_plot(tmp_path: Path, *, hole_first: bool) -> None:
    lines = [_line("T-7", 0, 0, 100), _line("T-7", 40, 40, 30), _line("T-7", 50, 50, 10), _line("T-7", 200, 0, 50)]
    found = _read(tmp_path, *(lines[::-1] if hole_first else lines), _text("T-7", 10, 10, "T-7"))
    (plot,) = found.plots
    assert plot.plot == "T-7"
    ground = box(X, Y, X + 100, Y + 100) - box(X + 40, Y + 40, X + 70, Y + 70)
    whole = shapely.union_all([ground, box(X + 50, Y + 50, X + 60, Y + 60), box(X + 200, Y, X + 250, Y + 50)])
    assert isinstance(whole, shapely.MultiPolygon)
    assert apart_m(plot.boundary, transformer("EPSG:5897").geometry(whole)) < 0.001
    assert len(found.features) == 1


def test_rings_with_the_same_text_on_one_layer_are_parts_of_a_plot(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        *(_line("THUA", 0, 0, 50), _text("12", 20, 20)),
        *(_line("THUA", 100, 0, 50), _text("13", 120, 20)),
        *(_line("THUA", 200, 0, 50), _text("12", 220, 20)),
        *(_line("KHAC", 300, 0, 50), _text("12", 320, 20)),
    )
    assert [(f.plot, round(f.area_m2)) for f in found.features] == [("12", 5000), ("13", 2500), ("12-2", 2500)]
    assert "t.dxf: plots of several closed lines with the same text inside: 1 (12)" in found.problems


def test_a_word_for_what_grows_there_joins_nothing(tmp_path: Path) -> None:
    lines = [part for i in range(3) for part in (_line("THUA", 100 * i, 0, 50), _text("LUC", 100 * i + 20, 20))]
    assert [f.plot for f in _read(tmp_path, *lines).features] == ["LUC", "LUC-2", "LUC-3"]


def test_rings_without_a_text_stay_plots_of_their_own(tmp_path: Path) -> None:
    found = _read(tmp_path, *(_line("RANH", 100 * i, 0, 50) for i in range(3)), _text("5", 120, 20))
    assert [f.plot for f in found.features] == ["RANH", "5", "RANH-2"]


def test_a_ring_drawn_twice_is_no_hole(tmp_path: Path) -> None:
    found = _read(tmp_path, _line("T", 0, 0, 50), _line("T", 0, 0, 50), _text("T", 20, 20, "T"))
    assert [(f.plot, f.status) for f in found.features] == [("T", "ok"), ("T", "refused")]
    assert "duplicate of feature 1" in found.features[1].reason


def test_a_broken_line_of_a_plot_is_refused_alone(tmp_path: Path) -> None:
    open_line = files.polyline("T", _square(200, 0, 50), closed=False)
    found = _read(tmp_path, _line("T", 0, 0, 50), open_line, _text("T", 20, 20, "T"))
    assert [f.status for f in found.features] == ["ok", "refused"]
    assert "LineString" in found.features[1].reason


@pytest.mark.parametrize("code", PLACES)
def test_our_own_drawings_come_back_with_holes_and_parts(tmp_path: Path, code: int) -> None:
    plots = plots_at(*PLACES[code])
    made = export_plots(plots, tmp_path / "t.dxf", f"EPSG:{code}")
    back = read_plots(made.path, crs=f"EPSG:{code}").plots
    assert [plot.plot for plot in back] == ["t-1", "t-2"]
    assert all(apart_m(a.boundary, b.boundary) < 0.001 for a, b in zip(plots, back, strict=True))


def test_names_that_cad_forbids_or_has_no_letters_for(tmp_path: Path) -> None:
    names = ["a/1", "A?1", "Ruộng Đức", "Xã", "lúa 🌾", "0", "a_1"]
    shells, holes = ([four(105.7 + 0.01 * i + at, 9.2 + at, size) for i in range(len(names))] for at, size in RINGS)
    plots = [Plot(name, Polygon(shell, [hole])) for name, shell, hole in zip(names, shells, holes, strict=True)]
    made = export_plots(plots, tmp_path / "t.dxf", "EPSG:5897")
    back = read_plots(made.path, crs="EPSG:5897").plots
    assert [plot.plot for plot in back] == names
    assert all(apart_m(a.boundary, b.boundary) < 0.001 for a, b in zip(plots, back, strict=True))
