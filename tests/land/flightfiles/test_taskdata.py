"""ISOXML time logs that our own reader reads back: the same fixes, and the same sprayed area."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from cli.wiring import exporters
from core.exports import Exporter, FlightPiece, Order, Subject
from core.model.coverage import Flight
from core.model.enums import FixQuality, Operation
from core.model.fixtable import FixTable, SectionColumns
from core.model.flightlog import FlightLog, LogFile
from core.model.land import Plot
from geo.coverage import compute
from ingest.flightlogs import read_log
from land.flightfiles.frames import frame
from land.flightfiles.taskdata import stream
from tests.support import rectangle
from tests.support.archived import START_MS

TOLERANCE = 1e-3


def order(*tables: FixTable, size: int = 0, swath_m: float = float("nan")) -> Order:
    """An order of flights, each cut into pieces of some rows (0: whole)."""
    pieces: list[FlightPiece] = []
    for table in tables:
        op = Operation(int(table.op[0]))
        told = Flight(f"{table.device}-{table.ts_ms[0]}", "htx", table.device, int(table.ts_ms[0]), 0, len(table), op)
        flight = replace(told, end_ms=int(table.ts_ms[-1]))
        step = size or len(table)
        cuts = list(range(0, len(table), step))
        pieces += [
            FlightPiece(flight, table.take(slice(k, k + step)), swath_m, first=k == 0, last=k == cuts[-1]) for k in cuts
        ]
    return Order(Subject.FIXES, "x", (), iter(()), iter(pieces), frame("EPSG:4326", 105.7))


def written(path: Path, asked: Order) -> LogFile:
    path.write_bytes(b"".join(stream(asked)))
    return read_log(path)


def one(path: Path, table: FixTable, **more: float) -> FlightLog:
    (log,) = written(path, order(table, size=int(more.get("size", 0)), swath_m=more.get("swath_m", float("nan")))).logs
    return log


def net_m2(table: FixTable, plot: Plot) -> float:
    return compute("x", [table], [plot]).coverage.plots[0].net_m2


def test_the_exporter_is_among_all_formats() -> None:
    it: Exporter = exporters().formats["isoxml"]
    assert it.stream is stream


@pytest.mark.parametrize("size", [0, 7])
def test_fixes_come_back(tmp_path: Path, size: int) -> None:
    table = rectangle.flight("d1", START_MS)
    log = one(tmp_path / "a.zip", table, size=size)
    assert log.device == "d1"
    assert np.array_equal(log.fixes.ts_ms, table.ts_ms)
    assert np.abs(log.fixes.lat_deg - table.lat_deg).max() <= 0.5e-7 + 1e-12
    assert np.abs(log.fixes.lon_deg - table.lon_deg).max() <= 0.5e-7 + 1e-12
    assert np.array_equal(log.fixes.on, table.on)
    assert set(log.fixes.quality.tolist()) == {FixQuality.RTK}
    assert set(log.fixes.op.tolist()) == {Operation.SPRAY}
    assert np.allclose(log.fixes.swath_m, table.swath_m)
    assert np.allclose(log.fixes.flow_lpm[table.on], table.flow_lpm[table.on], rtol=1e-6)
    assert not log.problems
    assert not log.rejected


def test_the_sprayed_area_is_the_same(tmp_path: Path) -> None:
    plot, table = rectangle.plot("htx"), rectangle.flight("d1", START_MS)
    log = one(tmp_path / "a.zip", table)
    assert net_m2(log.fixes, plot) == pytest.approx(net_m2(table, plot), rel=TOLERANCE)
    assert net_m2(log.fixes, plot) == pytest.approx(rectangle.AREA_M2, rel=TOLERANCE)


def test_the_drones_own_width_counts_where_fixes_tell_none(tmp_path: Path) -> None:
    table = rectangle.flight("d1", START_MS).with_columns(swath_m=np.nan)
    log = one(tmp_path / "a.zip", table, swath_m=rectangle.SWATH_M)
    assert net_m2(log.fixes, rectangle.plot("htx")) == pytest.approx(rectangle.AREA_M2, rel=TOLERANCE)


def sectioned(count: int, seed: int = 3) -> FixTable:
    """The rectangle with sections of one width, of which some are off by turns."""
    table = rectangle.flight("d1", START_MS)
    width = rectangle.SWATH_M / count
    middles = (np.arange(count) - (count - 1) / 2.0) * width
    states = np.random.default_rng(seed).random((len(table), count)) < 0.7
    states &= table.on[:, None]
    states[table.on, 0] = True
    grid = SectionColumns.grid(states, np.round(middles, 3), np.full(count, round(width, 3)))
    return table.with_columns(sections=grid)


@pytest.mark.parametrize("count", [2, 7, 20])
@pytest.mark.parametrize("size", [0, 11])
def test_sections_come_back(tmp_path: Path, count: int, size: int) -> None:
    table, plot = sectioned(count), rectangle.plot("htx")
    log = one(tmp_path / "a.zip", table, size=size)
    assert np.array_equal(log.fixes.sections.on, table.sections.on)
    assert np.allclose(log.fixes.sections.offset_m, table.sections.offset_m, atol=5e-4)
    assert np.allclose(log.fixes.sections.width_m, table.sections.width_m, atol=5e-4)
    assert net_m2(table, plot) < 0.9 * rectangle.AREA_M2
    assert net_m2(log.fixes, plot) == pytest.approx(net_m2(table, plot), rel=TOLERANCE)


def test_several_flights_of_several_drones(tmp_path: Path) -> None:
    hour_ms = 3_600_000
    tables = [
        rectangle.flight("d1", START_MS),
        sectioned(4).with_columns(device="d2"),
        rectangle.flight("d1", START_MS + hour_ms).with_columns(op=Operation.SPREAD, flow_lpm=np.nan, rate_kgpm=3.5),
    ]
    made = written(tmp_path / "a.zip", order(*tables, size=50))
    assert [(log.device, len(log.fixes)) for log in made.logs] == [(t.device, len(t)) for t in tables]
    spread = made.logs[2].fixes
    assert set(spread.op.tolist()) == {Operation.SPREAD}
    assert np.allclose(spread.rate_kgpm[spread.on], 3.5)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        root = ET.fromstring(archive.read("TASKDATA/TASKDATA.XML"))  # noqa: S314 - our own
    assert root.get("VersionMajor") == "4"
    parts = [it.get("A") for it in root.iter("DET")]
    assert len(parts) == len(set(parts))
    assert len(root.findall("TSK")) == 3
