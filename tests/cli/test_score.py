"""`canhdong score` on files of runs whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from simulators.replaying.recording import save_run
from storage.runs import truth_path, write_run
from tests.simulators.scoring.ground import PLANE, field, run, telemetry, truth, worked_lines

LINES, LENGTH_M, SWATH_M = 6, 200.0, 7.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A run whose telemetry lies a metre north of the truth; degrees in files are rounded to a centimetre."""
    path = tmp_path / "day.parquet"
    plots = [field(LINES, LENGTH_M, SWATH_M)]
    shifted = run(*telemetry(LINES, LENGTH_M, SWATH_M, shift_m=1.0), plots)
    write_run(path, shifted, truth(*worked_lines(LINES, LENGTH_M, SWATH_M)))
    return path


def scored(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    assert main(["score", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_document_tells_truth_figures_and_errors_with_their_units(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    told = scored(capsys, str(file))
    assert (told["run"], told["seed"], told["plots"], told["flights"]) == ("test", 1, 1, 1)
    total = told["total"]
    assert total["true"]["net_m2"] == pytest.approx(8_400.0, rel=1e-4)
    assert total["computed"]["net_m2"] == pytest.approx(8_200.0, abs=3.0)
    assert total["error"]["net_m2"] == pytest.approx(-200.0, abs=3.0)
    assert total["error"]["off_target_m2"] == pytest.approx(200.0, abs=3.0)
    assert total["error_pct"]["net"] == pytest.approx(-100.0 / 42.0, abs=0.04)
    assert total["error_pct"]["dose_lpha"] == pytest.approx(0.0, abs=0.1)
    assert total["true"]["mass_kg"] is None, "nothing dry was let go"
    spread = told["error_per_plot"]["net_pct_of_plot"]
    assert spread["median"] == spread["worst"] == pytest.approx(-100.0 / 42.0, abs=0.04)
    assert spread["median_abs"] == pytest.approx(100.0 / 42.0, abs=0.04)
    (job,) = told["jobs"]
    assert (job["cooperative"], job["job"], job["flights"]) == ("htx", "j1", 1)
    (plot,) = job["plots"]
    assert plot["error"]["net_m2"] == pytest.approx(plot["computed"]["net_m2"] - plot["true"]["net_m2"])
    assert plot["error"]["amount_pct"] == pytest.approx(-100.0 / 42.0, abs=0.04)


def test_the_pipelines_side_is_what_area_says(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    told = scored(capsys, str(file))
    assert main(["area", str(file), "--json"]) == 0
    area = json.loads(capsys.readouterr().out)
    for name in ("net_m2", "gross_m2", "overlap_m2", "missed_m2"):
        assert told["total"]["computed"][name] == pytest.approx(area["total"][name], rel=1e-9, abs=1e-6)
    assert told["total"]["computed"]["off_target_m2"] == pytest.approx(area["off_target_m2"], rel=1e-9)


def test_a_run_of_messages_has_the_same_errors(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    lines = file.with_name("night.jsonl")
    plots = [field(LINES, LENGTH_M, SWATH_M)]
    shifted = run(*telemetry(LINES, LENGTH_M, SWATH_M, shift_m=1.0), plots)
    save_run(lines, shifted, truth(*worked_lines(LINES, LENGTH_M, SWATH_M)))
    one, other = (scored(capsys, str(path))["total"]["error"] for path in (file, lines))
    assert one["net_m2"] == pytest.approx(other["net_m2"], abs=3.0)
    assert one["off_target_m2"] == pytest.approx(other["off_target_m2"], abs=3.0)


def test_tables_are_printed_in_both_languages(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert main(["score", str(file)]) == 0
    printed = capsys.readouterr()
    words = " ".join(printed.out.split())
    for text in ("Sai số / Error", "Thực tế", "True ha", "Computed ha", "Trung vị", "Phun chồng / Overlap", " -2.4"):
        assert text in words
    assert words.count("Phun chồng / Overlap") == 2, "in the sums and in the spread"
    assert "1 plots worked in 1 flights" in printed.err


def test_plots_of_a_file_take_the_place_of_the_runs_own(
    capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path
) -> None:
    west = [(5.0, 5.0), (105.0, 5.0), (105.0, 47.0), (5.0, 47.0), (5.0, 5.0)]
    ring = [list(map(float, PLANE.lonlat(x, y))) for x, y in west]  # type: ignore[arg-type]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "geometry": geometry, "properties": {"plot": "west"}}
    plots = tmp_path / "plots.geojson"
    plots.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    told = scored(capsys, str(file), "--plots", str(plots))
    assert [p["plot"] for p in told["jobs"][0]["plots"]] == ["west"]
    assert told["total"]["true"]["net_m2"] == pytest.approx(4_200.0, rel=1e-3)


def test_a_run_without_its_truth_says_what_is_missing(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    truth_path(file).unlink()
    assert main(["score", str(file)]) == 1
    assert "day.truth.parquet" in capsys.readouterr().err


def test_a_file_that_is_no_run_is_refused(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text("nothing\n", encoding="utf-8")
    assert main(["score", str(file)]) == 1
    assert "day.parquet" in capsys.readouterr().err
