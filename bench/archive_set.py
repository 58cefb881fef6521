"""The province's day that the archive's bench reads: Bạc Liêu's 86 drones, simulated once and kept under ``build/``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from core.archive import FlightRecord
from core.localtime import day_number, day_text
from core.model.coverage import Flight
from core.model.enums import Operation
from core.model.fixtable import FixTable
from core.model.samples import Event
from geo.archivesource import Ports
from geo.evidence import input_hash
from geo.flights import split_flights
from geo.registered_swath import registered_swath
from simulators import scenario as scenarios
from simulators import world
from storage.archive.parquet import open_archive
from storage.registry.repository import SqlRegistry

SCENARIO: Final = "bac-lieu"
HOURS: Final = 8.7
"""So long a day gives the 86 drones 100,000 fixes each."""
FOLDER: Final = Path("build/bench-archive")


@dataclass(frozen=True, slots=True)
class Province:
    """Opens the day's archive and registry, in any process."""

    folder: str

    def __call__(self) -> Ports:
        """Open them."""
        home = Path(self.folder)
        return Ports(open_archive(str(home / "archive")), SqlRegistry(home / "registry.sqlite"))


def made(folder: Path = FOLDER) -> Province:
    """The day, simulated where it is not there yet, or its hashes are of an older kind (a minute or two)."""
    opener = Province(str(folder.absolute()))
    if (folder / "ready").exists() and _is_current(opener):
        return opener
    print("simulating 86 drones' day ...", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ready = world.prepare(msgspec.structs.replace(scenarios.load(SCENARIO), hours=HOURS))
    with closing(opener()) as ports:
        for cooperative in ready.cooperatives:
            ports.registry.add_cooperative(cooperative)
        for device in ready.devices:
            ports.registry.add_device(device)
        for cooperative in ready.cooperatives:
            ports.registry.put_all([p for p in ready.plots if p.cooperative == cooperative.cooperative])
        for part in ready.made():
            for record in _records(ports, part):
                ports.archive.put(record)
    (folder / "ready").write_text(day_text(day_number(ready.start_ms)), encoding="utf-8")
    return opener


def _is_current(opener: Province) -> bool:
    """Whether the first flight has the hash that its fixes have today."""
    with closing(opener()) as ports:
        cooperative = ports.registry.cooperatives()[0].cooperative
        record = ports.archive.read(ports.archive.flights(cooperative, -(2**62), 2**62)[0])
    return input_hash([record.fixes], record.events) == record.input_hash


def day_of(folder: Path = FOLDER) -> str:
    """The local date of the day that was made."""
    return (folder / "ready").read_text(encoding="utf-8")


def _records(ports: Ports, part: world.Made) -> Iterator[FlightRecord]:
    """The flights of one drone's day."""
    events = [it for stream in part.streams for it in _events(stream.samples)]
    for stream in part.streams:
        if not isinstance(stream.samples, FixTable):
            continue
        for span in split_flights(stream.samples, events):
            table = stream.samples.take(span.rows)
            own = tuple(e for e in events if span.start_ms <= e.ts_ms <= span.end_ms)
            told = table.job.labels[int(table.job.codes[0])]
            operation = Operation(int(table.op[0]))
            facts = (span.flight, stream.cooperative, table.device, span.start_ms, span.end_ms, len(table))
            flight = Flight(*facts, operation, told)
            yield FlightRecord(flight, table, own, registered_swath(ports.registry, flight), input_hash([table], own))


def _events(samples: FixTable | Sequence[object]) -> Iterator[Event]:
    if not isinstance(samples, FixTable):
        yield from (it for it in samples if isinstance(it, Event))
