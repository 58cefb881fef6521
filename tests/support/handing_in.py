"""Logs that are handed in: files of fixes, with and without gaps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cli.logs import read_uploaded
from core.exportrows import FIXES, fix_rows
from core.exports import FlightPiece, Order, Subject
from core.model.coverage import Flight
from core.model.fixtable import FixTable
from core.uploads import NobodyAsked
from ingest.uploads.desk import Uploading
from land.flightfiles import csvfile, taskdata
from land.flightfiles.frames import frame
from tests.support.exporting import Farm
from tests.support.fakes import FakeClock


def desk(farm: Farm, now_ms: int, asker: NobodyAsked | None = None) -> Uploading:
    """Where logs are handed in."""
    clock = FakeClock(now_ms)
    return Uploading(farm.registry, farm.store, farm.registry, clock, read_uploaded, asker or NobodyAsked())


def as_csv(path: Path, table: FixTable) -> Path:
    """A table of fixes of the native names."""
    path.write_bytes(b"".join(csvfile.stream(_order(table))))
    return path


def as_task(path: Path, table: FixTable) -> Path:
    """Task data with a time log of the fixes."""
    path.write_bytes(b"".join(taskdata.stream(_order(table))))
    return path


def many_fixes(path: Path, n: int, start_ms: int) -> Path:
    """A table of Parquet with so many fixes of the drone ``d1``, ten a second, in several row groups."""
    noise = np.random.default_rng(n)
    rows = np.arange(n)
    columns = {
        "device": pa.array(["d1"]).take(pa.array(np.zeros(n, np.int32))),
        "ts": start_ms + rows * 100,
        "seq": rows,
        "lat": 9.28 + 1e-7 * np.cumsum(noise.integers(-5, 6, n)),
        "lon": 105.72 + 1e-7 * np.cumsum(noise.integers(-5, 6, n)),
        "on": rows // 50 % 2 == 1,
    }
    columns |= {name: noise.normal(5.0, 0.1, n) for name in ("height_m", "speed_mps", "flow_lpm", "swath_m", "tank_l")}
    pq.write_table(pa.table(columns), path, row_group_size=1 << 17)
    return path


def _order(table: FixTable) -> Order:
    times = table.ts_ms
    piece = FlightPiece(Flight("", "", table.device, int(times[0]), int(times[-1]), len(table)), table)
    rows: Iterator[FlightPiece] = iter((piece,))
    return Order(Subject.FIXES, "x", FIXES, map(fix_rows, rows), iter((piece,)), frame("EPSG:4326", 105.7))


def without(table: FixTable, first: int, last: int) -> FixTable:
    """The fixes but for some rows, as a radio that is away leaves them."""
    rows = np.arange(len(table))
    return table.take((rows < first) | (rows > last))


def silent(table: FixTable) -> FixTable:
    """The fixes as a plain logger knows them: no sequence, no boot."""
    return table.with_columns(seq=-1, boot="")
