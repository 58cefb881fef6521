"""Records for the archive, and a season of flights in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.archive import FlightRecord
from core.localtime import day_window_ms
from core.model.coverage import Flight
from core.model.enums import EventKind, Operation
from core.model.fixtable import FixTable, SectionColumns
from core.model.fleet import Swath, SwathSource
from core.model.land import Cooperative
from core.model.samples import Event
from geo.archivesource import Ports
from geo.evidence import input_hash
from storage.archive.parquet import open_archive
from storage.registry.repository import SqlRegistry
from tests.support import rectangle

START_MS = day_window_ms("2026-11-20")[0] + 6 * 3_600_000
HOUR_MS = 3_600_000
HTX = "htx-a"


def record(
    fixes: FixTable, *events: Event, cooperative: str = HTX, flight: str = "", job: str = "", swath_m: float = 7.0
) -> FlightRecord:
    """A record of some fixes."""
    start_ms, end_ms = int(fixes.ts_ms[0]), int(fixes.ts_ms[-1])
    name = flight or f"{fixes.device}-{start_ms}"
    told = Flight(name, cooperative, fixes.device, start_ms, end_ms, len(fixes), Operation.SPRAY, job)
    return FlightRecord(told, fixes, events, Swath(swath_m, SwathSource.MODEL), input_hash([fixes], events))


def awkward(n: int = 300, seed: int = 7) -> FixTable:
    """Fixes that no rounding would survive: any bits, unknown values, sections of changing number, many texts."""
    rng = np.random.default_rng(seed)
    table = FixTable.build(
        START_MS + np.arange(n) * 200,
        9.2 + rng.normal(0.0, 1e-4, n),
        105.7 + rng.normal(0.0, 1e-4, n),
        device="d1",
        seq=np.arange(n)[::-1].copy(),
        speed_mps=rng.normal(5.0, 1.0, n) / 3.0,
        flow_lpm=np.where(rng.random(n) < 0.3, np.nan, rng.normal(4.0, 1.0, n)),
        height_m=-0.0,
        hdop=np.where(rng.random(n) < 0.5, 0.1 + 0.2, np.inf),
        quality=rng.integers(-1, 5, n).astype(np.int8),
        on=rng.random(n) < 0.6,
        boot=[("b1", "b2", "")[k] for k in rng.integers(0, 3, n).tolist()],
        job=["đợt 1", *["J-2"] * (n - 1)],
    )
    counts = rng.integers(0, 4, n)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    k = int(start[-1])
    sections = SectionColumns(start, rng.normal(0, 3, k), rng.random(k), rng.random(k) < 0.5, np.full(k, np.nan))
    return table.with_columns(sections=sections)


def switches(table: FixTable) -> tuple[Event, ...]:
    """An event of every kind."""
    return tuple(Event(table.device, START_MS + 10 * k + 1, kind, "b1") for k, kind in enumerate(EventKind))


@dataclass(frozen=True)
class Farm:
    """Opens an archive and a registry in a folder: in any process."""

    folder: Path

    def __call__(self) -> Ports:
        registry = SqlRegistry(self.folder / "data" / "registry.sqlite")
        return Ports(open_archive(str(self.folder / "data" / "archive")), registry)

    def made(self) -> Ports:
        """The ports of a new farm with the rectangle as its one plot."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        ports = self()
        ports.registry.add_cooperative(Cooperative(HTX, HTX))
        ports.registry.put_plot(rectangle.plot(HTX))
        return ports


def season(jobs: Sequence[str] = ("J-1", "J-1", "", "J-2", "J-2")) -> list[FlightRecord]:
    """Flights over the rectangle, an hour apart, by two drones: whole and half ones, some of the same job."""
    made = []
    for k, job in enumerate(jobs):
        table = rectangle.flight(f"d{k % 2 + 1}", START_MS + k * HOUR_MS, lines=rectangle.LINES - k % 3)
        made.append(record(table.with_columns(job=[job] * len(table)), job=job))
    return made
