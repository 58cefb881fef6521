"""Old days are written anew, and are what the service wrote; from the archive where it has the flight."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.archive import FlightArchive
from core.localtime import day_window_ms
from core.model.context import Alert, AlertKind
from core.model.coverage import Flight
from core.model.land import Device, DeviceKind
from core.rollup import DATABASE
from geo.archiving import archived
from geo.figures.backfill import PROVINCE, ArchiveFirst, Part, parts_of, written
from geo.figures.drone_minute import Flown
from geo.figures.following import FiguresFollower, from_store
from geo.parameters import Parameters
from storage.archive.parquet import open_archive
from storage.telemetry.sqlite import SqliteTelemetry
from tests.geo.figures.conftest import ALWAYS, DAY, DRONE, HTX, MINUTE_MS, START_MS, Farm
from tests.support.fakes import FakeTelemetryStore

MEASUREMENTS = ("flight", "coverage", "drone_minute", "alert")
OUTSIDE = Alert(AlertKind.OUTSIDE_PLOT, True, START_MS + 5_000, 105.7, 9.28, "", "", 3.5, 2.0, "m")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[FlightArchive]:
    with closing(open_archive(str(tmp_path / "archive"))) as it:
        yield it


def never(flight: Flight) -> Flown:
    raise AssertionError(f"{flight.flight} was read elsewhere")


def flown(farm: Farm, archive: FlightArchive) -> None:
    """Two flights with an alert, kept, followed and archived."""
    farm.measure()
    farm.registry.note_alert(HTX, DRONE, "f", OUTSIDE)
    for start_ms in (START_MS, START_MS + 20 * MINUTE_MS):
        farm.fly(start_ms)
        done = farm.follow(start_ms)
        window = done.start_ms, done.end_ms
        archived(archive, farm.store, farm.registry, HTX, DRONE, window, done.results)
    farm.compliance().refresh([DAY])


def refill(farm: Farm, sink: object, archive: FlightArchive) -> FiguresFollower:
    known = farm.registry
    return FiguresFollower(sink, known, known, known, ArchiveFirst(archive, never), Parameters())  # type: ignore[arg-type]


def test_an_empty_store_gets_what_the_service_wrote(farm: Farm, archive: FlightArchive, tmp_path: Path) -> None:
    flown(farm, archive)
    with closing(SqliteTelemetry(tmp_path / "anew.sqlite")) as anew:
        parts = parts_of([DAY], [HTX])
        told = list(written(parts, [], refill(farm, anew, archive), farm.compliance(anew)))
        assert told == [(Part(DAY, HTX), 2), (Part(DAY, PROVINCE), 2)]
        for name in MEASUREMENTS:
            rows = anew.figures(HTX, name, *ALWAYS)
            assert rows
            assert rows == farm.rows(name), name
        assert anew.figures(DATABASE, "compliance", *ALWAYS) == farm.store.figures(DATABASE, "compliance", *ALWAYS)


def test_rows_of_flights_that_are_no_more_are_found_without_any_flight(farm: Farm, archive: FlightArchive) -> None:
    flown(farm, archive)
    flights = farm.registry.flights(HTX, *ALWAYS)
    farm.registry.save_flights(HTX, DRONE, START_MS, flights[0].end_ms, [])
    assert refill(farm, farm.store, archive).refresh(HTX, *day_window_ms(DAY)) == 0
    for name in MEASUREMENTS[:3]:
        assert farm.rows(name) == [], name
    assert len(farm.rows("alert")) == 1, "an alert was raised, whatever became of its flight"


def test_parts_that_are_done_are_left_out(quick: Farm, archive: FlightArchive) -> None:
    flown(quick, archive)
    anew = FakeTelemetryStore()
    parts = parts_of(["2026-11-19", DAY], [HTX, "htx-b"])
    assert [it.cooperative for it in parts] == [HTX, "htx-b", PROVINCE] * 2
    done = parts[:3]
    told = list(written(parts, done, refill(quick, anew, archive), quick.compliance(anew)))
    assert [it for it, _ in told] == parts[3:]
    assert list(written(parts, parts, refill(quick, anew, archive), quick.compliance(anew))) == []


def test_a_flight_over_midnight_is_told_once_and_whole(quick: Farm, archive: FlightArchive) -> None:
    start_ms = day_window_ms(DAY)[0] - 100_500
    quick.fly(start_ms)
    quick.computed(start_ms)
    (flight,) = quick.registry.flights(HTX, *ALWAYS)
    archived(archive, quick.store, quick.registry, HTX, DRONE, (start_ms, flight.end_ms),
             [(it.flight, it.coverage) for it in quick.registry.device_results(HTX, DRONE, *ALWAYS)])  # fmt: skip
    parts = parts_of(["2026-11-19", DAY], [HTX])
    sink = FakeTelemetryStore()
    for _ in range(2):
        list(written(parts, [], refill(quick, sink, archive), quick.compliance(sink)))
        assert len(sink.figures(HTX, "flight", *ALWAYS)) == 1
        minutes = sink.figures(HTX, "drone_minute", *ALWAYS)
        assert sum(float(it.values["fixes"]) for it in minutes) == flight.fixes
        assert {it.values["stands"] for it in minutes} == {1.0}


def test_what_the_archive_has_not_or_has_damaged_is_read_elsewhere(
    quick: Farm, archive: FlightArchive, tmp_path: Path
) -> None:
    flown(quick, archive)
    otherwise = from_store(quick.store)
    reader = ArchiveFirst(archive, otherwise)
    first = min(quick.registry.flights(HTX, *ALWAYS), key=lambda it: it.start_ms)
    assert np.array_equal(reader(first).fixes.ts_ms, otherwise(first).fixes.ts_ms)
    assert len(reader(replace(first, end_ms=first.end_ms + 1)).fixes) == first.fixes
    grown = replace(first, fixes=first.fixes + 1)
    with pytest.raises(AssertionError, match="read elsewhere"):
        ArchiveFirst(archive, never)(grown)
    (entry,) = archive.versions(HTX, first.flight)
    file = tmp_path / "archive" / entry.path
    file.write_bytes(file.read_bytes()[:1_000])
    assert len(reader(first).fixes) == first.fixes


def test_a_device_that_is_out_of_use_is_told_all_the_same(quick: Farm, archive: FlightArchive) -> None:
    flown(quick, archive)
    quick.registry.retire(Device, HTX, DRONE)
    anew = FakeTelemetryStore()
    assert refill(quick, anew, archive).refresh(HTX, *day_window_ms(DAY)) == 2
    assert DeviceKind.DRONE is quick.registry.record(Device, HTX, DRONE).kind
