"""GDAL reads every collection, in longitude and latitude and in a zone of VN-2000, and finds the same ground."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pyogrio.raw
import pytest
import shapely
import uvicorn
from shapely.geometry import shape

from api.ogc.collections import COLLECTIONS
from land.crs import transformer
from storage.registry.repository import SqlRegistry
from tests.api.ogc.conftest import MINE, OTHER, Named, app_of
from tests.api.ogc.test_features import TM3, geodesic_m2
from tests.support.processes import free_port, wait_for
from tests.support.servers import require_server

NAMES = [it.identifier for it in COLLECTIONS]
AREAL = ["plots", "coverage", "missed", "swaths"]


@pytest.fixture(scope="module")
def address(registry: SqlRegistry) -> Iterator[str]:
    """A running server whose collections are open."""
    require_server("ogr2ogr")
    port = free_port()
    app = app_of(registry, Named(open=NAMES, every=[MINE, OTHER]))
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="warning"))
    thread = Thread(target=server.run, name="ogc")
    thread.start()
    try:
        wait_for(lambda: server.started, "the server")
        yield f"OAPIF:http://127.0.0.1:{port}/ogc"
    finally:
        server.should_exit = True
        thread.join()


def run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fetched(address: str, name: str, file: Path, *options: str) -> list[dict[str, Any]]:
    run("ogr2ogr", "-f", "GeoJSONSeq", "-lco", "COORDINATE_PRECISION=12", *options, str(file), address, name)
    return [json.loads(line.strip("\x1e\n")) for line in file.read_text().splitlines() if line.strip("\x1e\n")]


def test_every_collection_is_listed(address: str) -> None:
    listed = run("ogrinfo", "-ro", address)
    assert all(f": {name}" in listed for name in NAMES), listed


@pytest.mark.parametrize("name", NAMES)
def test_a_collection_is_downloaded_whole(address: str, name: str, registry: SqlRegistry, tmp_path: Path) -> None:
    found = fetched(address, name, tmp_path / "plain.geojsonl", "-oo", "PAGE_SIZE=7")
    told = run("ogrinfo", "-ro", "-so", address, name)
    assert f"Feature Count: {len(found)}" in told
    assert found
    assert all(f["geometry"] is not None for f in found)


@pytest.mark.parametrize("name", AREAL)
def test_downloaded_into_vn2000_the_ground_keeps_its_area(address: str, name: str, tmp_path: Path) -> None:
    plain = fetched(address, name, tmp_path / "plain.geojsonl")
    file = tmp_path / "zone.gpkg"
    run("ogr2ogr", "-t_srs", "EPSG:5897", str(file), address, name)
    zone = pyogrio.raw.read(file, columns=[])[2]
    _same_ground(plain, shapely.from_wkb(zone).tolist())


@pytest.mark.parametrize("name", AREAL)
def test_asked_for_in_vn2000_the_ground_keeps_its_area(address: str, name: str, tmp_path: Path) -> None:
    """With pyogrio's GDAL, which can ask the server for another system; in a process of its own, as it never waits."""
    plain = fetched(address, name, tmp_path / "plain.geojsonl")
    script = (
        "import sys, pyogrio.raw\n"
        "told, _, shapes, _ = pyogrio.raw.read(sys.argv[1], layer=sys.argv[2], columns=[], CRS=sys.argv[3])\n"
        "print(told['crs'])\n"
        "for one in shapes: print(one.hex())"
    )
    crs, *zone = run(sys.executable, "-c", script, address, name, TM3).splitlines()
    assert "5897" in crs
    _same_ground(plain, [shapely.from_wkb(one) for one in zone])


def _same_ground(plain: list[dict[str, Any]], zone: list[Any]) -> None:
    assert len(zone) == len(plain) > 0
    way = transformer("EPSG:5897")
    for one, other in zip(plain, zone, strict=True):
        assert other.bounds[0] > 1_000.0
        assert geodesic_m2(way.geometry(other)) == pytest.approx(
            geodesic_m2(shape(one["geometry"])), rel=1e-6, abs=1e-3
        )
