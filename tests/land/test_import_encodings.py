"""Texts of old attribute tables, and numbers with commas."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.land import Plot
from land import encodings, numbers
from land.export import export_plots
from land.fieldfile import examine
from tests.golden.land import files
from tests.golden.land.files import TM3, A, B, ring_of

NAMES = ["Thửa ruộng ông Nguyễn Văn Đức", "Ấp Bình Hòa, xã Vĩnh Mỹ"]
# The same two names, typed as bytes from the tables of TCVN3 and VNI.
TCVN3 = [b"Th\xf6a ru\xe9ng \xabng Nguy\xd4n V\xa8n \xa7\xf8c", b"\xcap B\xd7nh H\xdfa, x\xb7 V\xdcnh M\xfc"]
VNI = [
    b"Th\xf6\xfba ruo\xe4ng o\xe2ng Nguye\xe3n Va\xean \xd1\xf6\xf9c",
    b"A\xc1p B\xecnh Ho\xf8a, xa\xf5 V\xf3nh My\xf5",
]


def _cp1258(text: str) -> bytes:
    """Windows-1258: letters with their circumflex or horn, tones as combining marks."""
    made = b""
    for letter in text:
        try:
            made += letter.encode("cp1258")
        except UnicodeEncodeError:
            tones = "\u0300\u0301\u0303\u0309\u0323"
            marks = unicodedata.normalize("NFD", letter)
            tone = next(m for m in marks if m in tones)
            bare = unicodedata.normalize("NFC", "".join(m for m in marks if m != tone))
            made += bare.encode("cp1258") + tone.encode("cp1258")
    return made


ENCODED = {"tcvn3": TCVN3, "vni": VNI, "cp1258": [_cp1258(n) for n in NAMES], "utf-8": [n.encode() for n in NAMES]}
SAID = {"tcvn3": "TCVN3 (ABC)", "vni": "VNI", "cp1258": "Windows-1258"}
CAPITAL = {"tcvn3": "ấp Bình Hòa, xã Vĩnh Mỹ"}
"""TCVN3 has no capitals with a tone: a capital font shows them."""


def _shapefile(folder: Path, cells: list[bytes], area: bytes = b"1", kind: str = "C") -> Path:
    fields = [("TEN", "C", 60), ("AREA_M2", kind, 12)]
    return files.shapefile(
        folder / "t.shp", [ring_of(A)[::-1], ring_of(B)[::-1]], fields, [(cell, area) for cell in cells]
    )


@pytest.mark.parametrize("encoding", list(ENCODED))
def test_shapefiles_are_recognised_by_their_words(tmp_path: Path, encoding: str) -> None:
    found = examine(_shapefile(tmp_path, ENCODED[encoding]), plot_id="ten", crs="EPSG:4326")
    assert [f.plot for f in found.features] == [NAMES[0], CAPITAL.get(encoding, NAMES[1])]
    said = (f"t.shp: texts are in {SAID[encoding]}, recognised by their words",) if encoding in SAID else ()
    assert found.problems == said


@pytest.mark.parametrize("label", ["1252", "UTF-8", "ISO-8859-1", "nonsense"])
def test_a_wrong_cpg_is_not_believed(tmp_path: Path, label: str) -> None:
    path = _shapefile(tmp_path, TCVN3)
    path.with_suffix(".cpg").write_text(label)
    assert examine(path, plot_id="ten", crs="EPSG:4326").features[0].plot == NAMES[0]


def test_the_encoding_asked_for_wins(tmp_path: Path) -> None:
    found = examine(_shapefile(tmp_path, [b"Gr\xf6\xdfe", b"H\xf6ri"]), plot_id="ten", crs="EPSG:4326")
    assert [f.plot for f in found.features] == ["Größe", "Höri"]
    found = examine(_shapefile(tmp_path, [b"H\xb9", b"H\xb9 B"]), plot_id="ten", crs="EPSG:4326", encoding="ABC")
    assert [f.plot for f in found.features] == ["Hạ", "Hạ B"]
    assert found.problems == ("t.shp: texts are in TCVN3 (ABC), as asked",)


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "cp1258"])
def test_tables_of_vertices_too(tmp_path: Path, encoding: str) -> None:
    rows = [b"plot;lon;lat", *(ENCODED[encoding][0] + f";{x};{y}".encode() for x, y in ring_of(A))]
    path = tmp_path / "t.csv"
    path.write_bytes(b"\n".join(rows))
    found = examine(path, crs="EPSG:4326")
    assert found.features[0].plot == NAMES[0]
    assert found.problems == (f"t.csv: its texts are in {SAID[encoding]}",)


def test_mapinfo_in_tcvn3(tmp_path: Path) -> None:
    utm = 'Earth Projection 8, 104, "m", 105, 0, 0.9996, 500000, 0'
    found = examine(files.mapinfo(tmp_path / "t.mif", utm, plot=TCVN3[0].decode("cp1252")[:20]))
    assert found.features[0].plot == NAMES[0][:20].strip()


@pytest.mark.parametrize("name", ["t.mif", "t.tab"])
def test_mapinfo_that_says_utf8_is_believed(tmp_path: Path, name: str) -> None:
    """Letters that Windows-1252 has too, and that TCVN3 would make other Vietnamese words of."""
    made = export_plots([Plot("Xã", A, name="lúa")], tmp_path / name, "EPSG:4326")
    found = examine(made.path)
    assert [(p.plot, p.name) for p in found.plots] == [("Xã", "lúa")]
    assert found.problems == ()


def test_mapinfo_that_says_windows_1258(tmp_path: Path) -> None:
    utm = 'Earth Projection 8, 104, "m", 105, 0, 0.9996, 500000, 0'
    path = files.mapinfo(tmp_path / "t.mif", utm)
    path.write_text(path.read_text().replace("WindowsLatin1", "WindowsVietnamese"))
    path.with_suffix(".mid").write_bytes(b'"%s"\n' % ENCODED["cp1258"][1])
    assert [f.plot for f in examine(path).features] == [NAMES[1]]


@pytest.mark.parametrize("word", ["Xã", NAMES[0]])
def test_a_drawing_in_utf8(tmp_path: Path, word: str) -> None:
    path = files.drawing(
        tmp_path / "t.dxf", files.polyline("A", TM3, closed=True), files.text(word, 579_450, 1_026_850)
    )
    found = examine(path, crs="EPSG:5897")
    assert [f.plot for f in found.features] == [word]


@pytest.mark.parametrize(("cell", "kind"), [(b"2499,2", "C"), (b"2499,2", "N"), (b"2.499,2", "C")])
def test_declared_areas_with_a_decimal_comma(tmp_path: Path, cell: bytes, kind: str) -> None:
    found = examine(_shapefile(tmp_path, [b"a", b"b"], cell, kind), crs="EPSG:4326")
    assert [p.declared_area_m2 for p in found.plots] == [2499.2, 2499.2]


def test_decimals_that_a_numeric_column_does_not_declare(tmp_path: Path) -> None:
    found = examine(_shapefile(tmp_path, [b"a", b"b"], b"2499.2", "N"), crs="EPSG:4326")
    assert [p.declared_area_m2 for p in found.plots] == [2499.2, 2499.2]


def test_whole_numbers_of_a_numeric_column_stay_whole(tmp_path: Path) -> None:
    found = examine(_shapefile(tmp_path, [b"a", b"b"], b"9007199254", "N"), plot_id="area_m2", crs="EPSG:4326")
    assert [f.plot for f in found.features] == ["9007199254", "9007199254-2"]


@pytest.mark.parametrize("cell", [b"Caf\xe9", b"Aub\xe9"])
def test_a_letter_cut_in_two_is_no_proof_of_utf8(tmp_path: Path, cell: bytes) -> None:
    found = examine(_shapefile(tmp_path, [cell, b"b"]), plot_id="ten", crs="EPSG:4326")
    assert "\ufffd" not in found.features[0].plot


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["7.942,39", "1.234"], [7942.39, 1234.0]),
        (["2.606.672"], [2606672.0]),
        (["2499,2"], [2499.2]),
        (["1,234.5", "2,000"], [1234.5, 2000.0]),
        (["1 026 862.337"], [1026862.337]),
        (["1026800,0", "1027000.0"], [1026800.0, 1027000.0]),
        (["0.5", "7.942"], [0.5, 7.942]),
        (["", "x", "inf", "nan", "1_0"], [np.nan] * 5),
    ],
)
def test_numbers_as_people_write_them(texts: list[str], values: list[float]) -> None:
    np.testing.assert_array_equal(numbers.column(texts), values)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_plain_numbers_stay(values: list[float]) -> None:
    np.testing.assert_allclose(numbers.column([f"{v:.6f}" for v in values]), values, atol=1e-6)


@given(st.binary(max_size=60))
def test_any_bytes_decode(raw: bytes) -> None:
    for name in ("tcvn3", "vni"):
        assert isinstance(encodings.decode(raw, name), str)
    assert encodings.recognised([raw]) in {*encodings.NAMES}
