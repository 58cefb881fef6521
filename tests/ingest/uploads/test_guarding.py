"""Archives that are refused before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from core.errors import FlightLogError
from ingest.uploads.guarding import Bounds, guard


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": b"0" * (64 << 20)})
    assert path.stat().st_size < 100_000
    with pytest.raises(FlightLogError, match="unpacks to 67,108,864"):
        guard(path, "a.zip")


def test_many_members_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{k}.csv": b"x" for k in range(20)})
    with pytest.raises(FlightLogError, match="holds 20 files"):
        guard(path, "a.zip", Bounds(members=19))


def test_an_archive_within_an_archive_is_refused(tmp_path: Path) -> None:
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("a.csv", "x")
    with pytest.raises(FlightLogError, match=r"another archive, 'b\.ZIP'"):
        guard(zipped(tmp_path / "a.zip", {"b.ZIP": inside.getvalue()}), "a.zip")


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": b"x" * 1000})
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(FlightLogError, match="the zip cannot be read"):
        guard(path, "a.zip")


def test_honest_files_pass(tmp_path: Path) -> None:
    guard(zipped(tmp_path / "a.zip", {"TASKDATA/TASKDATA.XML": b"<x/>" * 1000}), "a.zip")
    plain = tmp_path / "a.csv"
    plain.write_text("device,ts,lat,lon\n")
    guard(plain, "a.csv")
