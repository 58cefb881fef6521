"""Logs handed in and files taken out on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.main import main
from ingest.flightlogs import read_log
from tests.support import rectangle
from tests.support.archived import START_MS
from tests.support.exporting import HTX, farm
from tests.support.handing_in import as_csv


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(folder))
    farm(folder).close()
    return folder


def run(capsys: pytest.CaptureFixture[str], *args: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(list(args)) == code
    return capsys.readouterr().out


def test_a_log_comes_in_is_exported_and_is_taken_back(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = rectangle.flight("d1", START_MS)
    path = as_csv(tmp_path / "card.csv", table)
    told = json.loads(run(capsys, "upload", str(path), "--here", "--json"))
    (file,) = told["files"]
    assert (told["cooperative"], file["number"], file["logs"][0]["outcome"]) == (HTX, 1, "added")
    assert file["flights"][0]["net_m2"] == pytest.approx(rectangle.AREA_M2, rel=1e-3)
    again = json.loads(run(capsys, "upload", str(path), "--here", "--json"))
    assert again["files"][0]["same_as"] == 1
    out = tmp_path / "out.zip"
    run(capsys, "export", "fixes", str(out), "--format", "isoxml")
    assert [len(log.fixes) for log in read_log(out).logs] == [len(table)]
    run(capsys, "export", "coverage", str(tmp_path / "c.geojson"), "--kind", "covered", "--kind", "missed")
    assert len(json.loads((tmp_path / "c.geojson").read_text())["features"]) == 2
    assert "d1  added: 246 of 246" in run(capsys, "uploads", "list")
    run(capsys, "uploads", "undo", "1", "--here")
    assert json.loads(run(capsys, "uploads", "list", "--json"))[0]["undone"]
    run(capsys, "export", "fixes", str(tmp_path / "empty.csv"))
    assert len((tmp_path / "empty.csv").read_text().splitlines()) == 1


def test_a_bad_file_does_not_hide_a_good_one(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = as_csv(tmp_path / "good.csv", rectangle.flight("d1", START_MS))
    bad = tmp_path / "bad.csv"
    bad.write_text("nothing of a log")
    told = json.loads(run(capsys, "upload", str(bad), str(good), "--here", "--json", code=1))
    assert "bad.csv" in told["files"][0]["error"]
    assert told["files"][1]["number"] == 1


def test_a_file_is_not_replaced_unasked(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "a.csv"
    there.write_text("mine")
    run(capsys, "export", "fixes", str(there), code=1)
    assert there.read_text() == "mine"
    run(capsys, "export", "fixes", str(there), "--force")
    assert there.read_text() != "mine"
    run(capsys, "export", "fixes", str(tmp_path / "a.dwg"), code=2)
    run(capsys, "export", "fixes", str(tmp_path / "a.zip"), code=2)
    assert sorted(it.name for it in tmp_path.iterdir()) == ["a.csv", "data"]
