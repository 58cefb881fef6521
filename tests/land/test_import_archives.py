"""Zips within their limits."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core.errors import FieldFileError
from land.archives import Limits, check, unpack
from land.fieldfile import examine
from tests.golden.land import files
from tests.golden.land.files import A, geojson

WANTED = frozenset({".geojson"})


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_only_what_is_wanted_is_unpacked(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"x/p.geojson": b"1", "big.pdf": b"2", "__MACOSX/p.geojson": b"3"})
    made = unpack(path, tmp_path / "out", WANTED)
    assert {name: file.read_bytes() for name, file in made.files.items()} == {"x/p.geojson": b"1"}
    assert made.aside == ["big.pdf"]
    assert [p.name for p in (tmp_path / "out").rglob("*") if p.is_file()] == ["p.geojson"]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(total_b=1 << 20), "unpacks to more than 1 MB"),
        (Limits(members=1), "holds more than 1 members"),
        (Limits(ratio=10.0, ratio_from_b=1 << 20), "more than 10 times its size"),
    ],
)
def test_limits(tmp_path: Path, limits: Limits, said: str) -> None:
    path = _zip(tmp_path / "a.zip", {"p.geojson": bytes(3 << 20), "q.geojson": b"1"})
    with pytest.raises(FieldFileError, match=said):
        unpack(path, tmp_path / "out", WANTED, limits)
    with pytest.raises(FieldFileError, match=said):
        check(path, limits)


def test_limits_count_over_all_zips_inside(tmp_path: Path) -> None:
    inner = _zip(tmp_path / "i.zip", {"p.geojson": bytes(700 << 10)}).read_bytes()
    path = _zip(tmp_path / "a.zip", {"1.zip": inner, "2.zip": inner})
    assert len(unpack(path, tmp_path / "out", WANTED).files) == 2
    with pytest.raises(FieldFileError, match=r"a.zip/1.zip: unpacks to more than 1 MB"):
        unpack(path, tmp_path / "again", WANTED, Limits(total_b=1 << 20))


@pytest.mark.parametrize(
    "name", ["../p.geojson", "/etc/p.geojson", "a/../../p.geojson", "..\\p.geojson", "C:\\p.geojson"]
)
def test_no_path_leads_outside(tmp_path: Path, name: str) -> None:
    path = _zip(tmp_path / "a.zip", {name: b"1"})
    with pytest.raises(FieldFileError, match="leads outside"):
        unpack(path, tmp_path / "out", WANTED)
    assert not list(tmp_path.rglob("*.geojson"))


def test_damaged_members_are_named(tmp_path: Path) -> None:
    path = files.zipped(tmp_path / "a.zip", geojson(tmp_path / "p.geojson", [A]))
    content = bytearray(path.read_bytes())
    content[60:70] = b"\0" * 10
    path.write_bytes(bytes(content))
    with pytest.raises(FieldFileError, match=r"a.zip: p.geojson cannot be unpacked"):
        examine(path)


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    path = files.zipped(tmp_path / "a.zip", geojson(tmp_path / "p.geojson", [A]))
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    path.write_bytes(content[: directory + 8] + b"\x01" + content[directory + 9 :])
    with pytest.raises(FieldFileError, match="encrypted"):
        examine(path)


def test_nothing_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.zipped(tmp_path / "a.zip", geojson(tmp_path / "p.geojson", [A]))
    there = tmp_path / "temporary"
    there.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(there))
    assert len(examine(path).plots) == 1
    assert not list(there.iterdir())
