"""Good files of every format: the plots, their names and areas."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import shapely
from pyproj import CRS, Transformer
from shapely import MultiPolygon, Polygon

from core.errors import ConfigError
from land.crs import transformer
from land.fieldfile import Examined, examine
from tests.golden.land import files
from tests.golden.land.files import TM3, A, B, C, geojson, ring_of

HECTARE_M2 = 10_000.45


def _plots(found: Examined) -> list[str]:
    assert all(f.status == "ok" for f in found.features), found.said()
    return [f.plot for f in found.features]


def _is_the_hectare(found: Examined) -> None:
    (feature,) = found.features
    assert feature.area_m2 == pytest.approx(HECTARE_M2, abs=0.05)
    east, north = transformer("EPSG:5897").lonlat([579_450], [1_026_850])
    assert (feature.lon, feature.lat) == pytest.approx((east[0], north[0]), abs=1e-6)


def _vertex_rows(sep: str, *, comma: bool = False) -> list[str]:
    def number(value: float) -> str:
        return f"{value:.3f}".replace(".", ",") if comma else f"{value:.3f}"

    return [sep.join(["15", str(i), number(y), number(x)]) for i, (x, y) in enumerate([*TM3, TM3[0]], 1)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sep", [";", "\t", ","])
def test_vertices_as_land_offices_print_them(tmp_path: Path, sep: str, encoding: str) -> None:
    header = sep.join(["Số thửa", "Số hiệu điểm", "X (m)", "Y (m)"])
    rows = ["BẢNG LIỆT KÊ TỌA ĐỘ GÓC RANH", "", header, *_vertex_rows(sep, comma=sep != ",")]
    found = examine(files.table(tmp_path / "thua.csv", *rows, encoding=encoding), crs="EPSG:5897")
    assert _plots(found) == ["15"]
    _is_the_hectare(found)


def test_a_heading_over_two_rows_and_merged_cells(tmp_path: Path) -> None:
    rows = [
        "Thửa;STT;Toạ độ;",
        ";;X(m);Y(m)",
        *("7;1;1.026.800,000;579.400,000", ";2;1.026.800,000;579.500,000", ";3;1.026.900,000;579.500,000"),
        *("8;1;1.026.800,000;579.600,000", ";2;1.026.800,000;579.700,000", ";3;1.026.900,000;579.700,000"),
    ]
    found = examine(files.table(tmp_path / "t.txt", *rows), crs="5897")
    assert _plots(found) == ["7", "8"]
    assert [f.area_m2 for f in found.features] == pytest.approx([HECTARE_M2 / 2.0] * 2, abs=0.1)


def test_vertices_with_rings(tmp_path: Path) -> None:
    outer, inner = ring_of(A), ring_of(A.buffer(-0.0003, join_style="mitre"))
    rows = ["plot,ring,lon,lat"]
    rows += [f"p,{ring},{x},{y}" for ring, points in ((1, outer), (2, inner), (3, ring_of(B))) for x, y in points]
    found = examine(files.table(tmp_path / "t.csv", *rows), crs="EPSG:4326")
    (made,) = found.plots
    assert isinstance(made.boundary, MultiPolygon)
    assert shapely.equals(made.boundary, MultiPolygon([Polygon(outer, [inner]), B]))


def test_axes_can_be_asked_for(tmp_path: Path) -> None:
    rows = ["STT;X;Y", *(f"{i};{x};{y}" for i, (x, y) in enumerate(TM3, 1))]
    _is_the_hectare(examine(files.table(tmp_path / "t.csv", *rows), crs="EPSG:5897", axes="xy"))
    swapped = geojson(tmp_path / "p.geojson", [shapely.transform(A, lambda c: c[:, ::-1])])
    assert shapely.equals(examine(swapped, axes="yx").plots[0].boundary, A)


def test_columns_of_other_crs_are_x_east(tmp_path: Path) -> None:
    rows = [
        "id,X,Y",
        *(f"{i},{x},{y}" for i, (x, y) in enumerate([(300_000, 1e6), (300_100, 1e6), (300_100, 1e6 + 100)])),
    ]
    found = examine(files.table(tmp_path / "t.csv", *rows), crs="EPSG:32648")
    assert found.features[0].area_m2 == pytest.approx(5_000, rel=0.002)


def test_wkt_in_any_table(tmp_path: Path) -> None:
    rows = ["# exported", "so thua;dien_tich_m2;geom", f'9;"12.161,5";{A.wkt}', f"10;;{B.wkt}"]
    found = examine(files.table(tmp_path / "t.txt", *rows), crs="EPSG:4326", plot_id="so_thua")
    assert _plots(found) == ["9", "10"]
    assert found.plots[0].declared_area_m2 == 12_161.5


def test_drawings(tmp_path: Path) -> None:
    shifted = [(x + 200, y) for x, y in TM3]
    path = files.drawing(
        tmp_path / "t.dxf",
        files.polyline("A1", TM3, closed=True),
        files.polyline("A2", [*shifted, shifted[0]], closed=False),
        files.text("27", 579_450, 1_026_850),
        files.text("LUC", 579_460, 1_026_860),
    )
    found = examine(path, crs="EPSG:5897")
    assert _plots(found) == ["27", "A2"]
    assert [f.area_m2 for f in found.features] == pytest.approx([HECTARE_M2] * 2, abs=0.1)


def test_mapinfo(tmp_path: Path) -> None:
    utm = 'Earth Projection 8, 104, "m", 105, 0, 0.9996, 500000, 0'
    found = examine(files.mapinfo(tmp_path / "t.mif", utm, plot="Ruộng".encode("cp1252", "replace").decode()))
    assert [f.status for f in found.features] == ["ok"]
    plan = files.mapinfo(tmp_path / "n.mif", 'NonEarth Units "m" Bounds (0, 0) (3000000, 3000000)')
    _is_the_hectare(examine(plan, crs="EPSG:5897"))
    tab = files.written(tmp_path / "t.tab", [Polygon(TM3)], "EPSG:32648", "MapInfo File", plot=["x"])
    assert _plots(examine(tab)) == ["x"]


def test_kml_and_kmz(tmp_path: Path) -> None:
    both = f"<MultiGeometry>{files.kml_polygon(A)}{files.kml_polygon(B)}</MultiGeometry>"
    path = files.kml(tmp_path / "p.kml", ("Ruộng 1", files.kml_polygon(C)), ("Ruộng 2", both))
    for file in (path, files.zipped(tmp_path / "p.kmz", path)):
        found = examine(file)
        assert _plots(found) == ["Ruộng 1", "Ruộng 2"]
        assert shapely.equals(found.plots[1].boundary, MultiPolygon([A, B]))
        assert not found.plots[0].boundary.has_z


def test_task_data_and_its_zip(tmp_path: Path) -> None:
    hole = ring_of(A.buffer(-0.0003, join_style="mitre"))
    path = files.taskdata(
        tmp_path / "TASKDATA.XML", files.part_field("PFD1", (1, ring_of(A)), (2, hole), name="Ruộng", declared="7800")
    )
    for file in (path, files.zipped(tmp_path / "t.zip", path), tmp_path):
        found = examine(file)
        (made,) = found.plots
        assert (made.plot, made.name, made.declared_area_m2) == ("PFD1", "Ruộng", 7_800.0)
        assert shapely.equals(made.boundary, Polygon(ring_of(A), [hole]))


def test_a_part_field_is_called_by_its_code_where_no_other_has_it(tmp_path: Path) -> None:
    path = files.taskdata(
        tmp_path / "TASKDATA.XML",
        files.part_field("PFD1", (1, ring_of(A)), code="thua-12", name="Ruộng"),
        files.part_field("PFD2", (1, ring_of(B)), code="0", name="Vườn"),
        files.part_field("PFD3", (1, ring_of(C)), code="0", name="PFD3"),
    )
    found = examine(path)
    assert [(p.plot, p.name) for p in found.plots] == [("thua-12", "Ruộng"), ("PFD2", "Vườn"), ("PFD3", "")]


def test_layers_number_their_features_on(tmp_path: Path) -> None:
    one = files.written(tmp_path / "a.shp", [A, B], "EPSG:4326", plot=["a", "b"])
    two = files.written(tmp_path / "b.shp", [C], "EPSG:4326", plot=["c"])
    path = files.zipped(tmp_path / "z.zip", *files.shapefile_parts(one), *files.shapefile_parts(two))
    found = examine(path)
    assert [(f.feature, f.layer, f.plot) for f in found.features] == [
        (1, "z.zip/a.shp", "a"),
        (2, "z.zip/a.shp", "b"),
        (3, "z.zip/b.shp", "c"),
    ]


def test_a_zip_in_a_zip(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(geojson(tmp_path / "p.geojson", [A]), "sub/p.geojson")
    path = files.zipped(tmp_path / "z.zip", inner__zip=inner.getvalue(), readme__txt=b"x")
    found = examine(path)
    assert found.features[0].layer == "z.zip/inner.zip/sub/p.geojson"
    assert found.problems == ("z.zip: not read: readme.txt",)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::5897", "EPSG:5897"])
def test_the_old_crs_member_of_geojson(tmp_path: Path, name: str) -> None:
    found = examine(geojson(tmp_path / "p.geojson", [Polygon(TM3)], crs=name))
    _is_the_hectare(found)
    assert not found.problems


def test_crs84_is_degrees(tmp_path: Path) -> None:
    assert _plots(examine(geojson(tmp_path / "p.geojson", [A], crs="urn:ogc:def:crs:OGC:1.3:CRS84"))) == ["1"]


def test_a_property_called_crs_says_nothing_of_the_file(tmp_path: Path) -> None:
    told: list[dict[str, object]] = [{"id": 1, "crs": None}, {"id": 2, "crs": {"type": "name", "properties": {}}}]
    assert _plots(examine(geojson(tmp_path / "p.geojson", [A, B], *told))) == ["1", "2"]


def test_the_given_crs_may_repeat_the_stated_one(tmp_path: Path) -> None:
    path = files.written(tmp_path / "t.shp", [Polygon(TM3)], CRS(5897).to_wkt("WKT1_ESRI"), plot=["t"])
    found = examine(path, crs="EPSG:5897")
    _is_the_hectare(found)
    assert not found.problems


def test_wrong_orientation_and_heights_are_put_right_in_silence(tmp_path: Path) -> None:
    reverse = shapely.force_3d(Polygon(ring_of(A)[::-1]), 5.0)
    found = examine(geojson(tmp_path / "p.geojson", [reverse]))
    assert _plots(found) == ["1"]
    made = found.plots[0].boundary
    assert isinstance(made, Polygon)
    assert made.exterior.is_ccw
    assert not made.has_z


def test_cadastral_reference_needs_parcel_and_sheet(tmp_path: Path) -> None:
    told: list[dict[str, object]] = [{"Số thửa": 12, "Số tờ": 5}, {"Số thửa": 13, "Số tờ": None}]
    found = examine(geojson(tmp_path / "p.geojson", [A, B], *told))
    assert [(p.plot, p.cadastral) for p in found.plots] == [("12", "thửa 12, tờ 5"), ("13", "")]


def test_a_crs_that_is_not_usable_is_an_error_of_the_argument(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        examine(geojson(tmp_path / "p.geojson", [A]), crs="EPSG:1")


def test_areas_are_geodesic(tmp_path: Path) -> None:
    # A square of 10,000 m² in the plane of TM-3 105° at Bạc Liêu (design/domain.md, 1.3).
    move = Transformer.from_crs("EPSG:5897", "EPSG:4756", always_xy=True)
    square = Polygon([move.transform(x, y) for x, y in TM3])
    found = examine(files.written(tmp_path / "t.gpkg", [square], "EPSG:4756"))
    assert found.features[0].area_m2 == pytest.approx(10_000.466, abs=0.05)
