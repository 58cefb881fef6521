"""Plots in and out by command: what is shown before, what is kept, what looks shifted, and which commune it is in."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from shapely import Polygon, box
from shapely.geometry import mapping

from cli import wiring
from cli.main import DONE, FAILED, WRONG_USE, main
from core.localtime import day_window_ms
from core.model.coverage import Flight
from core.model.enums import Operation
from core.model.land import Device, DeviceKind, Plot
from core.model.samples import Fix
from geo.coverage import compute
from land.crs import from_wgs84, transformer
from simulators.plots import rice_plots

Run = Callable[..., tuple[int, str, str]]
LAND = rice_plots("htx", 12)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on a registry of its own in which cooperative ``htx`` is: exit code, stdout, stderr."""
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    command("cooperative", "add", "htx", "--m2-per-cong", "south-large")
    return command


def geojson(path: Path, boundaries: Sequence[Any], names: Sequence[str], **properties: str) -> str:
    features = [
        {"type": "Feature", "properties": {"plot": name, **properties}, "geometry": mapping(boundary)}
        for name, boundary in zip(names, boundaries, strict=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(path)


def shapefile(path: Path, plots: Sequence[Plot], crs: str) -> str:
    """A shapefile of plots in a CRS that it does not state."""
    way = from_wgs84(crs)
    wkb = np.array([shapely.to_wkb(way.geometry(p.boundary)) for p in plots], object)
    names = [np.array([p.plot for p in plots], object)]
    pyogrio.raw.write(str(path), wkb, names, ["plot"], geometry_type="Polygon", crs=crs)
    path.with_suffix(".prj").unlink()
    return str(path)


def shown(run: Run, *argv: str) -> dict[str, Any]:
    _, out, err = run("plots", "import", *argv, "--dry-run", "--json")
    assert out, err
    return dict(json.loads(out))


def test_a_dry_run_needs_no_registry_and_keeps_nothing(run: Run, tmp_path: Path) -> None:
    bow = Polygon([(105.7, 9.28), (105.71, 9.29), (105.71, 9.28), (105.7, 9.29)])
    file = geojson(tmp_path / "p.geojson", [LAND[0].boundary, bow, LAND[1].boundary], ["a", "b", "c"])
    told = shown(run, file)
    assert [(f["feature"], f["plot"], f["status"]) for f in told["features"]] == [
        (1, "a", "ok"),
        (2, "b", "refused"),
        (3, "c", "ok"),
    ]
    first = told["features"][0]
    assert set(first) >= {"feature", "plot", "status", "reason", "lon", "lat", "area_m2", "commune"}
    assert first["area_m2"] == pytest.approx(LAND[0].declared_area_m2, rel=1e-3)
    assert LAND[0].boundary.contains(shapely.Point(first["lon"], first["lat"]))
    assert told["features"][1]["area_m2"] is None
    assert told["features"][1]["reason"]
    assert (
        not (tmp_path / "data" / "registry.sqlite").exists()
        or json.loads(run("plots", "list", "--json")[1])["plots"] == []
    )


def test_a_dry_run_shows_a_table_and_a_map(run: Run, tmp_path: Path) -> None:
    file = geojson(tmp_path / "p.geojson", [p.boundary for p in LAND], [p.plot for p in LAND])
    code, out, err = run("plots", "import", file, "--dry-run", "--map", str(tmp_path / "map.svg"))
    assert code == DONE, err
    assert LAND[0].plot in out
    assert "Diện tích / Area, ha" in out
    assert any(0x2800 < ord(c) <= 0x28FF for c in out)
    assert "nothing was kept" in err
    drawn = (tmp_path / "map.svg").read_text(encoding="utf-8")
    assert drawn.count("<path") == len(LAND)
    assert "12 nhận / taken, 0 từ chối / refused" in drawn


def test_good_plots_are_kept_although_one_is_bad_and_a_change_is_a_version(run: Run, tmp_path: Path) -> None:
    good = [p.boundary for p in LAND[:2]]
    file = geojson(
        tmp_path / "p.geojson", [*good, shapely.LineString([(105.7, 9.28), (105.71, 9.28)])], ["a", "b", "c"]
    )
    code, _, err = run("plots", "import", file, "--source-unit", "31825", "--source-date", "2026-01-05")
    assert code == FAILED
    assert "2 plots" in err
    assert "1 features are refused" in err
    assert "feature 3 is a LineString, not a polygon" in err
    geojson(tmp_path / "p.geojson", [good[0], good[1].buffer(-0.00001)], ["a", "b"], crop="sen")
    assert run("plots", "import", file)[0] == DONE
    with wiring.stores() as stores:
        history = stores.registry.history(Plot, "htx", "b")
        assert [(p.version, p.crop, p.source_unit, p.source_date) for p in history] == [
            (1, "", "31825", "2026-01-05"),
            (2, "sen", "", ""),
        ]


def test_whose_plots_they_are_has_to_be_clear(run: Run, tmp_path: Path) -> None:
    file = geojson(tmp_path / "p.geojson", [LAND[0].boundary], ["a"])
    run("cooperative", "add", "khac")
    code, _, err = run("plots", "import", file)
    assert code == WRONG_USE
    assert "htx, khac" in err
    assert run("plots", "import", file, "--cooperative", "nobody")[0] == FAILED
    assert run("plots", "import", file, "--cooperative", "khac")[0] == DONE
    assert [p["plot"] for p in json.loads(run("plots", "list", "--cooperative", "khac", "--json")[1])["plots"]] == ["a"]
    assert json.loads(run("plots", "list", "--cooperative", "htx", "--json")[1])["plots"] == []


MISTAKES = [
    pytest.param("EPSG:5897", "EPSG:9207", "the central meridian is 105°00', not 104°30'", id="meridian"),
    pytest.param("EPSG:5897", "+lost", "the shift to WGS 84 was left out", id="datum-left-out"),
    pytest.param("EPSG:3405", "EPSG:5897", "UTM", id="utm"),
]


@pytest.mark.parametrize(("truth", "stated", "cause"), MISTAKES)
def test_a_layer_that_lies_elsewhere_than_the_registered_plots_is_refused_and_the_offer_mends_it(
    run: Run, tmp_path: Path, truth: str, stated: str, cause: str
) -> None:
    right = geojson(tmp_path / "right.geojson", [p.boundary for p in LAND], [p.plot for p in LAND])
    assert run("plots", "import", right)[0] == DONE
    if stated == "+lost":  # VN-2000 degrees in a file that says WGS 84, as GeoJSON always does
        way = from_wgs84("EPSG:4756")
        wrong = geojson(tmp_path / "w.geojson", [way.geometry(p.boundary) for p in LAND], [p.plot for p in LAND])
        told: list[str] = []
    else:
        wrong, told = shapefile(tmp_path / "w.shp", LAND, truth), ["--crs", stated]
    code, _, err = run("plots", "import", wrong, *told)
    assert code == FAILED
    assert cause in err
    assert "refused: " in err
    with wiring.stores() as stores:
        assert {p.version for p in stores.registry.plots("htx")} == {1}
    placing = shown(run, wrong, *told, "--cooperative", "htx")["placing"]
    assert placing["status"] == "refused"
    (offer,) = placing["offers"]
    assert offer in err
    assert run("plots", "import", wrong, *shlex.split(offer))[0] == DONE
    with wiring.stores() as stores:
        kept = {p.plot: p for p in stores.registry.plots("htx")}
    for plot in LAND:
        apart = shapely.hausdorff_distance(kept[plot.plot].boundary, plot.boundary) * 111_320.0
        assert apart < 0.001


def test_who_knows_better_may_take_a_layer_unchecked(run: Run, tmp_path: Path) -> None:
    run("plots", "import", geojson(tmp_path / "r.geojson", [p.boundary for p in LAND], [p.plot for p in LAND]))
    wrong = shapefile(tmp_path / "w.shp", LAND, "EPSG:5897")
    assert run("plots", "import", wrong, "--crs", "EPSG:9207")[0] == FAILED
    code, _, err = run("plots", "import", wrong, "--crs", "EPSG:9207", "--unchecked")
    assert (code, "taken unchecked" in err) == (DONE, True)


def test_plots_go_out_and_come_in_again(run: Run, tmp_path: Path) -> None:
    run(
        "plots",
        "import",
        geojson(tmp_path / "p.geojson", [p.boundary for p in LAND], [p.plot for p in LAND], crop="lúa"),
    )
    for name in ("out.gpkg", "out.shp", "out.dxf", "out.csv"):
        code, _, err = run("plots", "export", str(tmp_path / name), "--crs", "EPSG:5897")
        assert code == DONE, err
    for file in ("out.gpkg", "out.shp"):
        assert run("plots", "import", str(tmp_path / file))[0] == DONE
    with wiring.stores() as stores:
        assert {(p.crop, p.version) for p in stores.registry.plots("htx")} == {("lúa", 1)}
    for file in ("out_EPSG5897.dxf", "out_EPSG5897.csv"):  # the .prj beside them tells the CRS
        told = shown(run, str(tmp_path / file), "--cooperative", "htx")
        assert (told["placing"]["status"], {f["status"] for f in told["features"]}) == ("ok", {"ok"})
        assert {f["plot"] for f in told["features"]} == {p.plot for p in LAND}


@pytest.fixture
def divided(run: Run, tmp_path: Path) -> Run:
    """Two communes of today's Cà Mau whose common border cuts between plots, and the plots."""
    west, south, east, north = shapely.total_bounds([p.boundary for p in LAND])
    middle = (west + east) / 2.0
    halves = [box(west - 0.1, south - 0.1, middle, north + 0.1), box(middle, south - 0.1, east + 0.1, north + 0.1)]
    path = tmp_path / "xa.geojson"
    names = ["Phường Bạc Liêu", "Phường Vĩnh Trạch"]
    features = [
        {"type": "Feature", "properties": {"ten": name}, "geometry": mapping(half)}
        for name, half in zip(names, halves, strict=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    run("registry", "init")
    told = ["admin", "import", str(path), "--on", "2025-07-01", "--name-column", "ten", "--in", "96"]
    assert run(*told)[0] == DONE
    run("plots", "import", geojson(tmp_path / "p.geojson", [p.boundary for p in LAND], [p.plot for p in LAND]))
    return run


def test_a_plot_is_in_the_commune_whose_polygon_holds_it(divided: Run) -> None:
    plots = json.loads(divided("plots", "list", "--json")[1])["plots"]
    west, _, east, _ = shapely.total_bounds([p.boundary for p in LAND])
    for plot in plots:
        inside = shapely.from_wkt(plot["boundary"]).representative_point()
        name = "Phường Bạc Liêu" if inside.x < (west + east) / 2.0 else "Phường Vĩnh Trạch"
        assert (plot["commune_name"], plot["commune_by"]) == (name, "polygon")
    assert {p["commune_name"] for p in plots} == {"Phường Bạc Liêu", "Phường Vĩnh Trạch"}
    before = json.loads(divided("plots", "list", "--on", "2025-06-30", "--json")[1])["plots"]
    assert {p["commune"] for p in before} == {None}


def test_a_layer_outside_the_commune_that_is_named_is_refused(divided: Run, tmp_path: Path) -> None:
    wrong = shapefile(tmp_path / "w.shp", LAND, "EPSG:5897")
    divided("cooperative", "add", "moi")
    told = ["--cooperative", "moi", "--commune", "31825"]
    code, _, err = divided("plots", "import", wrong, "--crs", "EPSG:9207", *told)
    assert code == FAILED
    assert "105°00" in err
    assert divided("plots", "import", wrong, "--crs", "EPSG:5897", *told)[0] == DONE
    assert (
        divided("plots", "import", wrong, "--crs", "EPSG:5897", "--commune", "32002", "--cooperative", "moi")[0]
        == WRONG_USE
    )


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--name-column", "ten"], "give --in"),
        (["--name-column", "ten", "--in", "52"], "0 units of level commune in 52"),
        (["--code", "31825"], "holds 2"),
        (["--code-column", "ten"], "Phường Bạc Liêu"),
        (["--code-column", "ma"], "no column"),
    ],
)
def test_boundaries_that_tell_no_unit_are_refused(divided: Run, tmp_path: Path, argv: list[str], words: str) -> None:
    code, _, err = divided("admin", "import", str(tmp_path / "xa.geojson"), "--on", "2025-07-01", *argv)
    assert code in {FAILED, WRONG_USE}
    assert words in err


@pytest.mark.parametrize(
    ("record", "commune", "words"),
    [
        (("31825", "2025-06-30"), "31825", ""),
        (("31825", "2026-02-01"), "31825", ""),
        (("Phường 1, thành phố Bạc Liêu", "2025-06-30"), None, "may be any of"),
        (("32017", "2025-06-30"), None, "may be any of: "),
        (("31825", "2012-05-20"), None, "begins on 2025-03-01"),
        (("31825", ""), None, "needs a date"),
        (("Xã Không Có", "2025-06-30"), None, "no commune is called"),
        (("", ""), None, "names no commune"),
    ],
    ids=["merged", "new", "name-of-many", "split", "before-the-table", "no-date", "unknown", "nothing"],
)
def test_a_record_tells_the_commune_where_no_polygon_does(
    run: Run, tmp_path: Path, record: tuple[str, str], commune: str | None, words: str
) -> None:
    """31825 was Ward 1 of the town of Bạc Liêu, and is the new ward Bạc Liêu; 32017, Ward 6 of Cà Mau, was split."""
    file = geojson(tmp_path / "p.geojson", [LAND[0].boundary], ["a"])
    unit, day = record
    told = (["--source-unit", unit] if unit else []) + (["--source-date", day] if day else [])
    assert run("plots", "import", file, *told)[0] == DONE
    (plot,) = json.loads(run("plots", "list", "--json")[1])["plots"]
    assert plot["commune"] == commune
    assert words in plot["commune_words"]
    if commune is None:
        assert "không chắc chắn / uncertain" in run("plots", "list")[1]
    else:
        assert plot["commune_name"] == "Phường Bạc Liêu"


def test_a_boundary_that_was_wrong_is_corrected_since_a_day(run: Run, tmp_path: Path) -> None:
    """Flights before that day stay on the old boundary, later ones can be computed on the corrected one."""
    file = geojson(tmp_path / "p.geojson", [LAND[0].boundary], ["a"])
    assert run("plots", "import", file)[0] == DONE
    corrected = geojson(tmp_path / "q.geojson", [LAND[0].boundary.buffer(-0.00003)], ["a"])
    assert run("plots", "import", corrected, "--since", "2026-03-01")[0] == DONE
    since_ms = day_window_ms("2026-03-01")[0]
    with wiring.stores() as stores:
        (before,) = stores.registry.plots("htx", at_ms=since_ms - 1)
        (after,) = stores.registry.plots("htx", at_ms=since_ms)
    assert (before.version, after.version, after.valid_from_ms) == (1, 2, since_ms)


def test_the_crs_is_demanded_and_a_withdrawn_one_refused(run: Run, tmp_path: Path) -> None:
    file = shapefile(tmp_path / "w.shp", LAND, "EPSG:5897")
    assert "states no CRS" in run("plots", "import", file)[2]
    assert "use EPSG:5897" in run("plots", "import", file, "--crs", "6957")[2]
    assert "name it with --crs" in run("plots", "import", file, "--datum", "once-more")[2]
    assert transformer("EPSG:5897").vn2000


def test_a_layer_that_lies_beside_where_drones_sprayed_is_refused(run: Run, tmp_path: Path) -> None:
    """A new cooperative without plots has flown twelve plots already, and others in a village 30 km away."""
    drone = Device("d1", "htx", DeviceKind.DRONE)
    fixes, flights = [], []
    start_ms = 1_790_000_000_000
    for number, plot in enumerate(LAND):
        for shift in (0.0, 0.3):
            inside = shapely.segmentize(plot.boundary.buffer(-0.00003), 0.00005)
            points = shapely.get_coordinates(inside) + np.array([shift, 0.0])
            begin_ms = start_ms + (2 * number + (shift > 0.0)) * 1_000_000
            some = [
                Fix("d1", begin_ms + at * 200, lat, lon, seq=at, boot=f"b{begin_ms}", op=Operation.SPRAY, on=True)
                for at, (lon, lat) in enumerate(points.tolist())
            ]
            fixes += some
            end_ms = some[-1].ts_ms
            flights.append(Flight(f"f{begin_ms}", "htx", "d1", begin_ms, end_ms, len(some), Operation.SPRAY))
    with wiring.stores() as stores:
        stores.registry.put(drone)
        stores.telemetry.write("htx", fixes, start_ms)
        stores.registry.save_flights(
            "htx", "d1", start_ms, start_ms + 10**9, [(f, compute(f.flight, [], []).coverage) for f in flights]
        )
    way = from_wgs84("EPSG:4756")
    wrong = geojson(tmp_path / "w.geojson", [way.geometry(p.boundary) for p in LAND], [p.plot for p in LAND])
    code, _, err = run("plots", "import", wrong)
    assert code == FAILED
    assert "sprayed points" in err
    assert "the shift to WGS 84 was left out" in err
    right = geojson(tmp_path / "r.geojson", [p.boundary for p in LAND], [p.plot for p in LAND])
    assert run("plots", "import", right)[0] == DONE


def test_a_layer_is_judged_as_it_was_read_whatever_its_records_say_of_their_sources(run: Run, tmp_path: Path) -> None:
    """An export of ours tells of each plot in which CRS its record was; the layer itself is in one."""
    run("plots", "import", geojson(tmp_path / "r.geojson", [p.boundary for p in LAND], [p.plot for p in LAND]))
    way = from_wgs84("EPSG:4756")
    sources = ["EPSG:5897", "EPSG:9207"] * 6
    features = [
        {
            "type": "Feature",
            "properties": {"plot": p.plot, "source_crs": s},
            "geometry": mapping(way.geometry(p.boundary)),
        }
        for p, s, g in zip(LAND, sources, [way.geometry(p.boundary) for p in LAND], strict=True)
    ]
    wrong = tmp_path / "w.geojson"
    wrong.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    code, _, err = run("plots", "import", str(wrong))
    assert code == FAILED
    assert "read in WGS 84 the plots lie 225 m" in err
    assert "the shift to WGS 84 was left out" in err
