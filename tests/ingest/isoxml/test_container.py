"""Folders, zips and single files, in any case, healthy and hostile."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core.errors import FlightLogError
from ingest.isoxml import container
from ingest.isoxml.container import holds_taskdata, open_bundle
from tests.ingest.isoxml.builder import as_folder, as_zip, taskdata

FILES: dict[str, str | bytes] = {
    "A/TaskData.xml": taskdata(),
    "A/tlg00001.bin": b"1",
    "A/Tlg00001.xml": "<TIM/>",
    "A/photo.jpg": b"no",
    "other/TLG00002.BIN": b"2",
}


@pytest.mark.parametrize("kind", ["zip", "folder", "inner", "file"])
def test_names_in_any_case_at_any_depth(tmp_path: Path, kind: str) -> None:
    folder = as_folder(tmp_path / "set", FILES)
    paths = {
        "zip": as_zip(tmp_path / "set.zip", FILES),
        "folder": folder,
        "inner": folder / "A",
        "file": folder / "A" / "TaskData.xml",
    }
    bundle = open_bundle(paths[kind])
    assert sorted(bundle.files) == ["TASKDATA.XML", "TLG00001.BIN", "TLG00001.XML"]
    assert bundle.problems == ()
    assert holds_taskdata(paths[kind]) == (kind != "file")


def test_backslashes_between_folders(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("TASKDATA")
        info.filename = "TASKDATA\\TASKDATA.XML"
        archive.writestr(info, taskdata())
    assert list(open_bundle(path).files) == ["TASKDATA.XML"]


def test_junk_before_a_zip(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "set.zip", FILES, before=bytes(500))
    assert "TLG00001.BIN" in open_bundle(path).files


def test_what_is_no_zip_is_refused_by_name_and_cause(tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    path.write_bytes(b"this is no zip")
    with pytest.raises(FlightLogError, match=r"bad\.zip: not a readable zip: File is not a zip file"):
        open_bundle(path)
    assert not holds_taskdata(path)


@pytest.mark.parametrize("make", [as_zip, as_folder])
def test_a_set_without_task_data(tmp_path: Path, make: object) -> None:
    files: dict[str, str | bytes] = {"readme.xml": "<a/>"}
    path = as_zip(tmp_path / "x.zip", files) if make is as_zip else as_folder(tmp_path / "x", files)
    with pytest.raises(FlightLogError, match=r"holds no TASKDATA\.XML"):
        open_bundle(path)
    assert not holds_taskdata(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FlightLogError, match="no such file"):
        open_bundle(tmp_path / "none.zip")


def test_the_outermost_of_two_sets_is_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a/b/TASKDATA.XML": taskdata(), "c/TASKDATA.XML": taskdata(), "c/TLG1.BIN": b""}
    bundle = open_bundle(as_zip(tmp_path / "x.zip", files))
    assert "TLG1.BIN" in bundle.files
    assert bundle.problems == ("only c/TASKDATA.XML is read, of 2",)


def test_two_files_of_one_name(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"TASKDATA.XML": taskdata(), "TLG1.BIN": b"1", "tlg1.bin": b"2"}
    bundle = open_bundle(as_zip(tmp_path / "x.zip", files))
    assert bundle.files["TLG1.BIN"] == b"1"
    assert bundle.problems == ("tlg1.bin: a second file of that name, not read",)


def test_bombs_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_FILE_BYTES", 1_000)
    bundle = open_bundle(as_zip(tmp_path / "x.zip", {"TASKDATA.XML": taskdata(), "TLG00001.BIN": bytes(1_000_000)}))
    assert bundle.problems == ("TLG00001.BIN: not readable: larger than 1,000 bytes",)
    with pytest.raises(FlightLogError, match=r"TASKDATA\.XML: larger than 1,000 bytes"):
        open_bundle(as_zip(tmp_path / "y.zip", {"TASKDATA.XML": bytes(2_000)}))


def test_a_damaged_member_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("TASKDATA.XML", taskdata())
        archive.writestr("TLG00001.BIN", b"0123456789")
    path.write_bytes(path.read_bytes().replace(b"0123456789", b"0123456780"))
    (problem,) = open_bundle(path).problems
    assert problem.startswith("TLG00001.BIN: not readable: Bad CRC-32")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "x.zip", {"TASKDATA.XML": taskdata()})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(FlightLogError, match=r"TASKDATA\.XML: it is encrypted"):
        open_bundle(path)
