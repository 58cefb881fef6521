"""What every reader of logs must keep to, run on the files of every format."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from core.errors import FlightLogError
from core.model.enums import FixQuality, HeightRef, Mode, Operation
from core.model.fixtable import FixTable
from core.model.flightlog import FlightLog, LogFile
from core.model.land import DeviceKind
from ingest.flightlogs import HEAD_BYTES, read_log, readers
from ingest.topics import device_topic
from tests.ingest.flightlogs.samples import DAMAGED, SAMPLES, Damaged, Sample

EARLIEST_MS, LATEST_MS = 946_684_800_000, 4_102_444_800_000  # 2000 (no date told) to 2100
PLAUSIBLE = {
    "height_m": (-500.0, 9_000.0),
    "speed_mps": (0.0, 120.0),
    "heading_deg": (0.0, 360.0),
    "hdop": (0.0, 100.0),
    "flow_lpm": (0.0, 1_000.0),
    "swath_m": (0.0, 60.0),
    "battery_pct": (0.0, 100.0),
}
COLUMNS = ["ts_ms", "lat_deg", "lon_deg", "on", "quality", "mode", "op", *PLAUSIBLE]

sampled = pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sample], LogFile]:
    """Read each sample once for all tests: the real ones take a second."""
    return cache(lambda sample: read_log(sample.make(tmp_path_factory.mktemp("sample"))))


@pytest.fixture
def file(sample: Sample, read_once: Callable[[Sample], LogFile]) -> LogFile:
    return read_once(sample)


def fixes(file: LogFile) -> list[FixTable]:
    return [log.fixes for log in file.logs if len(log.fixes)]


def test_every_reader_has_good_and_damaged_files() -> None:
    formats = {reader.FORMAT for reader in readers()}
    assert {sample.format for sample in SAMPLES} == formats
    assert {damaged.format for damaged in DAMAGED} == formats


@sampled
def test_exactly_one_reader_knows_the_file(sample: Sample, tmp_path: Path) -> None:
    path = sample.make(tmp_path)
    head = path.read_bytes()[:HEAD_BYTES]
    assert [reader.FORMAT for reader in readers() if reader.sniff(head, path)] == [sample.format]


@sampled
def test_the_file_tells_its_format(sample: Sample, file: LogFile) -> None:
    assert file.format == sample.format
    assert file.logs


@sampled
def test_fixes_and_rejected_rows_are_counted(sample: Sample, file: LogFile) -> None:
    if sample.fixes >= 0:
        assert sum(len(log.fixes) for log in file.logs) == sample.fixes
        assert sum(sum(log.rejected.values()) for log in file.logs) == sample.rejected
    assert all(n > 0 and re.fullmatch(r"[a-z-]+", reason) for log in file.logs for reason, n in log.rejected.items())


@sampled
def test_logs_without_fixes_say_why(sample: Sample, file: LogFile) -> None:
    assert all(log.problems for log in file.logs if not len(log.fixes))


@sampled
def test_times_are_utc_and_do_not_fall_in_silence(sample: Sample, file: LogFile) -> None:
    for log in file.logs:
        times = log.fixes.ts_ms
        assert ((times >= EARLIEST_MS) & (times < LATEST_MS)).all()
        if (np.diff(times) < 0).any():
            assert any("time" in problem or "clock" in problem for problem in log.problems)


@sampled
def test_positions_are_on_earth(sample: Sample, file: LogFile) -> None:
    for table in fixes(file):
        assert (np.abs(table.lat_deg) <= 90.0).all()
        assert (np.abs(table.lon_deg) <= 180.0).all()
        assert not ((np.abs(table.lat_deg) < 1e-3) & (np.abs(table.lon_deg) < 1e-3)).any()
        assert not (table.quality == FixQuality.NONE).any()


@sampled
def test_quantities_are_in_the_models_units(sample: Sample, file: LogFile) -> None:
    for table in fixes(file):
        for name, (low, high) in PLAUSIBLE.items():
            told = getattr(table, name)[~np.isnan(getattr(table, name))]
            assert ((told >= low) & (told <= high)).all(), name
        if not np.isnan(table.height_m).all():
            assert not (table.height_ref == HeightRef.UNKNOWN).all() or sample.format in {"dji-agras", "xag"}
        for name, kind in {"quality": FixQuality, "op": Operation, "mode": Mode, "height_ref": HeightRef}.items():
            assert set(np.unique(getattr(table, name)).tolist()) <= {int(member) for member in kind}


@sampled
def test_nothing_is_on_where_the_log_does_not_tell(sample: Sample, file: LogFile) -> None:
    for log in file.logs:
        if any("does not tell when the implement was on" in problem for problem in (*file.problems, *log.problems)):
            assert not log.fixes.on.any()
            assert set(log.fixes.op.tolist()) <= {Operation.UNKNOWN}


@sampled
def test_devices_can_stand_in_a_topic(sample: Sample, file: LogFile) -> None:
    for log in file.logs:
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", log.device)
        assert device_topic("htx", DeviceKind.DRONE, f"replay-{log.device}", "telemetry")
        assert log.fixes.device == log.device
        assert {event.device for event in log.events} <= {log.device}


@sampled
def test_events_belong_to_the_log(sample: Sample, file: LogFile) -> None:
    for log in file.logs:
        times = [event.ts_ms for event in log.events]
        assert times == sorted(times)
        assert all(EARLIEST_MS <= t < LATEST_MS for t in times)


@sampled
def test_names_are_unique_and_machine_totals_are_numbers(sample: Sample, file: LogFile) -> None:
    names = [log.name for log in file.logs]
    assert len(set(names)) == len(names)
    for log in file.logs:
        assert all(np.isfinite(value) for value in log.machine.values())


@sampled
def test_reading_twice_gives_the_same(sample: Sample, file: LogFile, tmp_path: Path) -> None:
    again = read_log(sample.make(tmp_path))
    assert [_told(log) for log in again.logs] == [_told(log) for log in file.logs]
    assert again.problems == file.problems
    for ours, theirs in zip(again.logs, file.logs, strict=True):
        for name in COLUMNS:
            np.testing.assert_array_equal(getattr(ours.fixes, name), getattr(theirs.fixes, name))


def _told(log: FlightLog) -> tuple[object, ...]:
    return log.name, log.device, log.events, dict(log.rejected), dict(log.machine), log.problems


@pytest.mark.parametrize("damaged", DAMAGED, ids=lambda d: d.name)
def test_damage_is_named_by_place_and_cause(damaged: Damaged, tmp_path: Path) -> None:
    path = damaged.make(tmp_path)
    try:
        file = read_log(path)
    except FlightLogError as error:
        said = [str(error)] if str(path) in str(error) else ["the error does not name the file"]
    else:
        said = [*file.problems, *(problem for log in file.logs for problem in log.problems)]
    assert any(re.search(damaged.says, text) for text in said), said


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.made], ids=lambda s: s.name)
def test_any_damage_gives_a_log_or_an_error_of_ours(sample: Sample, tmp_path: Path) -> None:
    path = sample.make(tmp_path)
    (reader,) = [r for r in readers() if sample.format == r.FORMAT]
    whole = path.read_bytes()
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 2, 20])):
            i = chance.randrange(len(data))
            data[i : i + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        path.write_bytes(data[: chance.choice([len(data), chance.randrange(len(data))])])
        with suppress(FlightLogError):
            reader.read(path)
