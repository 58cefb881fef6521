"""`canhdong plots export`: whose plots, which file, and what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli import wiring
from land.fieldfile import read_plots
from tests.cli.conftest import Run
from tests.support.plots import PLACES, apart_m, plots_at

PLOTS = plots_at(*PLACES[5897])


@pytest.fixture
def keep(run: Run) -> Run:
    """The commands, with the two plots registered for ``htx``."""
    with wiring.stores() as stores:
        for plot in PLOTS:
            stores.registry.put_plot(replace(plot, cooperative="htx", version=1, valid_from_ms=0))
    return run


def test_the_only_cooperative_is_taken(keep: Run, tmp_path: Path) -> None:
    code, printed, said = keep("plots", "export", str(tmp_path / "t.gpkg"), "--crs", "EPSG:5897")
    assert (code, printed) == (0, "")
    assert f"2 plots of htx are in {tmp_path / 't.gpkg'} (EPSG:5897, VN-2000 / TM-3" in said
    back = {plot.plot: plot.boundary for plot in read_plots(tmp_path / "t.gpkg", plot_id="plot").plots}
    assert all(apart_m(plot.boundary, back[plot.plot]) < 0.001 for plot in PLOTS)


def test_of_several_cooperatives_one_must_be_named(keep: Run, tmp_path: Path) -> None:
    keep("cooperative", "add", "other")
    words = ("plots", "export", str(tmp_path / "t.gpkg"), "--crs", "EPSG:5897")
    code, _, said = keep(*words)
    assert code == 2
    assert "htx, other" in said
    assert not (tmp_path / "t.gpkg").exists()
    assert keep(*words, "--cooperative", "htx")[0] == 0
    code, _, said = keep(*words, "--cooperative", "other", "--force")
    assert (code, "other has no plots" in said) == (2, True)
    assert keep(*words, "--cooperative", "nobody", "--force")[0] == 1


def test_json_names_all_files_and_notes(keep: Run, tmp_path: Path) -> None:
    code, told, said = keep("plots", "export", str(tmp_path / "t.csv"), "--crs", "5897", "--json")
    assert code == 0
    assert told == {
        "cooperative": "htx",
        "plots": 2,
        "format": "CSV",
        "crs": "EPSG:5897",
        "crs_name": told["crs_name"],
        "file": str(tmp_path / "t_EPSG5897.csv"),
        "files": [str(tmp_path / "t_EPSG5897.csv"), str(tmp_path / "t_EPSG5897.prj")],
        "notes": told["notes"],
    }
    assert "t_EPSG5897.csv" in told["notes"][0]
    assert f"note: {told['notes'][0]}" in said


def test_a_file_that_is_there_stays_unless_forced(keep: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.kml"
    path.write_text("mine")
    code, _, said = keep("plots", "export", str(path), "--crs", "EPSG:4326")
    assert (code, path.read_text()) == (1, "mine")
    assert "--force" in said
    assert keep("plots", "export", str(path), "--crs", "EPSG:4326", "--force")[0] == 0
    assert path.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("name", "crs", "said"),
    [("t.kml", "EPSG:5897", "WGS 84 by definition"), ("t.shp", "EPSG:6957", "EPSG:5897"), ("t.odt", "4326", ".gpkg")],
)
def test_wrong_use_ends_with_2(keep: Run, tmp_path: Path, name: str, crs: str, said: str) -> None:
    code, _, told = keep("plots", "export", str(tmp_path / name), "--crs", crs)
    assert code == 2
    assert said in told
