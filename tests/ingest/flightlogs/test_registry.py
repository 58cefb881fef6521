"""Finding the reader of a file, and refusing what is none."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core.errors import FlightLogError
from ingest.flightlogs import read_log, readers
from tests.ingest.flightlogs.makers import text, ulog

FILM = "1\n00:00:00,000 --> 00:00:00,033\nXin chào\n\n"


def test_readers_are_found_by_name() -> None:
    assert {"airdata-csv", "ardupilot-dataflash", "gpx", "mavlink-tlog", "px4-ulog", "dji-agras", "xag"} <= {
        reader.FORMAT for reader in readers()
    }
    for reader in readers():
        assert all(ending.startswith(".") and ending == ending.lower() for ending in reader.EXTENSIONS)
        assert len({r.FORMAT for r in readers()}) == len(readers())


def test_asking_for_the_readers_does_not_load_their_libraries() -> None:
    code = (
        "import sys; from ingest.flightlogs import readers; readers();"
        "print([m for m in ('pymavlink', 'pyulog', 'gpxpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("missing", "name", "data"),
    [
        ("pyulog", "f.ulg", bytes(ulog.flight().data)),
        ("gpxpy", "f.gpx", text.gpx([[2]]).encode()),
        ("defusedxml", "f.gpx", text.gpx([[2]]).encode()),
    ],
)
def test_a_missing_package_is_named_when_its_format_is_met(
    tmp_path: Path, missing: str, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "f.csv").write_text(text.airdata(), encoding="utf-8")
    code = f"""
import sys
from pathlib import Path
sys.modules[{missing!r}] = None
from core.errors import FlightLogError
from ingest.flightlogs import read_log
print(read_log(Path({str(tmp_path / "f.csv")!r})).format)
try:
    read_log(Path({str(tmp_path / name)!r}))
except FlightLogError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "airdata-csv" in done.stdout
    assert f"needs {missing}: pip install 'canhdong[logs]'" in done.stdout


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("none.bin", None, "no such file"),
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b"\n\n  \n", "unknown format; known are .*airdata-csv"),
        ("film.SRT", FILM.encode(), r"unknown format; .*dji-srt \(\.srt\), .*gpx \(\.gpx\)"),
        ("bad.csv", b"a,b\n1,2\n", "unknown format"),
        ("noise.bin", random.Random(1).randbytes(5_000), "unknown format"),  # noqa: S311 - no secret
        ("noise.zip", b"PK\x03\x04" + b"\0" * 100, "not a readable zip|the zip cannot be read"),
    ],
)
def test_what_is_no_log_is_refused(tmp_path: Path, name: str, data: bytes | None, message: str) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(FlightLogError, match=message) as raised:
        read_log(path)
    assert str(path) in str(raised.value)


def test_a_folder_without_task_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(FlightLogError, match=str(tmp_path)):
        read_log(tmp_path)


def test_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FlightLogError, match="neither a file nor a folder"):
        read_log(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text.airdata(), encoding="utf-8")
    path.chmod(0)
    with pytest.raises(FlightLogError, match="Permission denied"):
        read_log(path)


def test_a_log_in_a_zip_is_read(tmp_path: Path) -> None:
    path = tmp_path / "flight.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/flight.csv", text.airdata())
        archive.writestr("export/readme.txt", "hello")
    file = read_log(path)
    assert (file.format, file.logs[0].name, len(file.logs[0].fixes)) == ("airdata-csv", "flight", 20)


def test_errors_in_a_zip_name_the_zip(tmp_path: Path) -> None:
    path = tmp_path / "flight.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/flight.gpx", "<gpx><trk></trk></gpx>")
    with pytest.raises(FlightLogError, match=r"flight\.zip: a/flight\.gpx: holds no track point"):
        read_log(path)


@pytest.mark.parametrize("names", [[], ["a.csv", "b.gpx"], ["a.txt", "b.pdf"]])
def test_a_zip_of_something_else_tells_what_it_holds(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/", "")
        for name in names:
            archive.writestr(name, "x")
    with pytest.raises(FlightLogError, match=", ".join(names) or "nothing|cannot be read"):
        read_log(path)


def test_a_zip_in_a_zip_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.zip", "x")
    with pytest.raises(FlightLogError, match=r"inner\.zip"):
        read_log(path)


def test_an_encrypted_or_broken_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flight.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("flight.csv", text.airdata())
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(FlightLogError, match="Bad CRC-32"):
        read_log(path)
    for flags in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[flags] |= 1
    path.write_bytes(data)
    with pytest.raises(FlightLogError, match="encrypted"):
        read_log(path)
