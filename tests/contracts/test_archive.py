"""What an archive of closed flights keeps: versions, the last bit, tenants apart; in a folder and an object store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.fs as pafs
import pytest

from core.archive import Entry, FlightRecord
from core.errors import ArchiveError, ConfigError, NotFound, StoreUnavailable
from core.localtime import day_window_ms
from core.model.fixtable import FixTable
from core.model.samples import Event
from geo.evidence import input_hash
from storage.archive.files import Bucket, Files, Folder
from storage.archive.parquet import ParquetArchive, open_archive
from tests.support import rectangle
from tests.support.archived import HOUR_MS, HTX, START_MS, awkward, record, switches

ALWAYS = (-(2**62), 2**62)


def _folder(root: Path) -> Files:
    return Folder(root)


def _bucket(root: Path) -> Files:
    """What an object store is to us: a file system of pyarrow."""
    return Bucket(pafs.LocalFileSystem(), str(root))


@pytest.fixture(params=[_folder, _bucket])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> ParquetArchive:
    make: Callable[[Path], Files] = request.param
    return ParquetArchive(make(tmp_path / "archive"))


def files(tmp_path: Path) -> list[Path]:
    return sorted(p for p in tmp_path.rglob("*") if p.is_file() and p.name != ".lock")


def identical(one: FlightRecord, other: FlightRecord) -> bool:
    """Bit by bit, every column."""
    same = (one.flight, one.events, one.swath, one.input_hash) == (
        other.flight,
        other.events,
        other.swath,
        other.input_hash,
    )
    a, b = one.fixes, other.fixes
    for name in FixTable.__dataclass_fields__:
        x, y = getattr(a, name), getattr(b, name)
        if name == "sections":
            pairs = [(getattr(x, n), getattr(y, n)) for n in ("start", "offset_m", "width_m", "on", "flow_lpm")]
            same = same and all(u.tobytes() == v.tobytes() for u, v in pairs)
        elif name in {"boot", "flight", "job"}:
            same = same and x.values() == y.values()
        elif name == "device":
            same = same and x == y
        else:
            same = same and x.dtype == y.dtype and x.tobytes() == y.tobytes()
    return same


def test_what_is_read_is_what_was_written_to_the_last_bit(archive: ParquetArchive) -> None:
    table = awkward()
    kept = record(table, *switches(table), job="đợt 1")
    entry = archive.put(kept)
    got = archive.read(entry, checked=True)
    assert identical(got, kept)
    assert input_hash([got.fixes], got.events) == kept.input_hash
    assert got.boots == ("b1", "b2")


@pytest.mark.parametrize("n", [1, 2])
def test_short_flights_and_constant_columns_come_back(archive: ParquetArchive, n: int) -> None:
    kept = record(awkward(n))
    assert identical(archive.read(archive.put(kept), checked=True), kept)


def test_an_entry_tells_what_the_name_holds(archive: ParquetArchive) -> None:
    kept = record(rectangle.flight("d1", START_MS))
    entry = archive.put(kept)
    assert (entry.cooperative, entry.flight, entry.version) == (HTX, kept.flight.flight, 1)
    assert (entry.start_ms, entry.end_ms, entry.day) == (kept.flight.start_ms, kept.flight.end_ms, "2026-11-20")
    assert entry.digits == kept.input_hash[:12]
    assert entry.digits in entry.path
    assert kept.flight.flight in entry.path
    assert archive.flights(HTX, *ALWAYS) == [entry]


def test_a_flight_after_midnight_in_vietnam_is_filed_under_the_local_day(archive: ParquetArchive) -> None:
    midnight = day_window_ms("2026-11-20")[0]
    assert [archive.put(record(rectangle.flight("d1", at))).day for at in (midnight - 1, midnight)] == [
        "2026-11-19",
        "2026-11-20",
    ]


def test_the_same_again_changes_nothing(archive: ParquetArchive, tmp_path: Path) -> None:
    table = rectangle.flight("d1", START_MS)
    first = archive.put(record(table))
    before = [(p, p.stat().st_mtime_ns, p.read_bytes()) for p in files(tmp_path)]
    assert archive.put(record(table)) == first
    assert [(p, p.stat().st_mtime_ns, p.read_bytes()) for p in files(tmp_path)] == before


def test_late_data_make_a_version_and_the_one_before_stays(archive: ParquetArchive) -> None:
    whole = rectangle.flight("d1", START_MS)
    part = record(whole.take(np.delete(np.arange(len(whole)), 50)), flight="f")
    more = record(whole, flight="f")
    one, two = archive.put(part), archive.put(more)
    assert [e.version for e in archive.versions(HTX, "f")] == [1, 2]
    assert archive.flights(HTX, *ALWAYS) == [two]
    assert len(archive.read(one).fixes) == len(whole) - 1
    assert len(archive.read(two).fixes) == len(whole)
    assert archive.put(part).version == 3


@pytest.mark.parametrize("change", ["job", "height", "swath", "event"])
def test_what_the_input_hash_does_not_cover_makes_a_version_too(archive: ParquetArchive, change: str) -> None:
    table = rectangle.flight("d1", START_MS)
    archive.put(record(table))
    other = {
        "job": record(table, job="J-9"),
        "height": record(table.with_columns(height_m=3.0)),
        "swath": record(table, swath_m=6.5),
        "event": record(table, *switches(table)),
    }[change]
    assert archive.put(other).version == 2
    assert archive.put(other).version == 2


def test_flights_of_a_span_are_those_that_touch_it(archive: ParquetArchive) -> None:
    made = [archive.put(record(rectangle.flight("d1", START_MS + k * 20 * HOUR_MS))) for k in range(5)]
    for first, last in ((0, 0), (1, 3), (2, 4)):
        span = made[first].end_ms, made[last].start_ms
        if first == last:
            span = made[first].start_ms + 1, made[first].start_ms + 1
        assert archive.flights(HTX, *span) == made[first : last + 1]
    assert archive.flights(HTX, made[0].end_ms + 1, made[1].start_ms - 1) == []
    assert archive.flights(HTX, *ALWAYS) == made


def test_a_listing_opens_no_file(archive: ParquetArchive, tmp_path: Path) -> None:
    entry = archive.put(record(rectangle.flight("d1", START_MS)))
    (tmp_path / "archive" / entry.path).write_bytes(b"")
    assert archive.flights(HTX, *ALWAYS) == [entry]


def test_a_withdrawn_flight_is_listed_no_more_and_may_come_back(archive: ParquetArchive) -> None:
    kept = record(rectangle.flight("d1", START_MS))
    first = archive.put(kept)
    gone = archive.withdraw(first)
    assert (gone.version, gone.withdrawn) == (2, True)
    assert archive.flights(HTX, *ALWAYS) == []
    assert len(archive.read(gone).fixes) == 0
    assert archive.withdraw(first) == gone
    assert identical(archive.read(first), kept)
    back = archive.put(kept)
    assert (back.version, archive.flights(HTX, *ALWAYS)) == (3, [back])


NAMES = [
    "../../etc/passwd",
    "..",
    ".",
    "/",
    "a/b",
    "a\\b",
    "đồng-tháp",
    "x" * 200,
    "ế" * 200,
    "a.b-1.v2",
    "%2e%2e",
    "\n",
    "~",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_identifier_climbs_out_of_its_folder(archive: ParquetArchive, tmp_path: Path, name: str) -> None:
    mine = record(rectangle.flight("d1", START_MS), flight=name)
    tenant = record(rectangle.flight("d1", START_MS), cooperative=name, flight="f")
    entries = [archive.put(mine), archive.put(tenant)]
    assert all(p.is_relative_to(tmp_path / "archive") for p in files(tmp_path))
    assert all(len(p.relative_to(tmp_path / "archive").parts) == 3 for p in files(tmp_path))
    assert all(len(part.encode()) < 256 for e in entries for part in e.path.split("/"))
    assert archive.flights(HTX, *ALWAYS) == [entries[0]]
    assert archive.flights(name, *ALWAYS) == [entries[1]]
    assert archive.read(entries[0], checked=True).flight == mine.flight
    assert archive.read(entries[1], checked=True).flight == tenant.flight
    assert archive.versions(HTX, name) == [entries[0]]


def test_long_identifiers_that_begin_alike_are_apart(archive: ParquetArchive) -> None:
    table = rectangle.flight("d1", START_MS)
    entries = [archive.put(record(table, flight="x" * 199 + end)) for end in "ab"]
    assert archive.flights(HTX, *ALWAYS) == entries
    assert [e.version for e in entries] == [1, 1]
    assert [e.flight[-1] for e in entries] == ["a", "b"]


def test_tenants_are_apart(archive: ParquetArchive) -> None:
    table = rectangle.flight("d1", START_MS)
    archive.put(record(table, cooperative="htx-a"))
    other = archive.put(record(table, cooperative="htx-b"))
    assert (other.version, archive.flights("htx-b", *ALWAYS)) == (1, [other])
    assert archive.flights("htx", *ALWAYS) == archive.versions("htx-c", other.flight) == []


def test_an_empty_identifier_is_refused(archive: ParquetArchive) -> None:
    table = rectangle.flight("d1", START_MS)
    with pytest.raises(ValueError, match="empty"):
        archive.put(record(table, cooperative=""))


def test_many_are_read_in_their_order(archive: ParquetArchive) -> None:
    entries = [archive.put(record(rectangle.flight("d1", START_MS + k * HOUR_MS))) for k in range(20)]
    read = list(archive.read_all(entries[::-1]))
    assert [r.flight.flight for r in read] == [e.flight for e in entries[::-1]]


def damage(archive: ParquetArchive, entry: Entry, kept: FlightRecord) -> str | None:
    """What reading says; None where all that is read is what was kept."""
    try:
        got = archive.read(entry, checked=True)
    except ArchiveError as error:
        return str(error)
    assert identical(got, kept)
    return None


def test_a_damaged_file_is_named(archive: ParquetArchive, tmp_path: Path) -> None:
    """Any byte of it: read says so, or nothing that was read has changed."""
    kept = record(awkward(), *switches(awkward()))
    entry = archive.put(kept)
    path = tmp_path / "archive" / entry.path
    whole = path.read_bytes()
    rng = np.random.default_rng(3)
    told = 0
    for at in rng.integers(0, len(whole), 200).tolist():
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        fault = damage(archive, entry, kept)
        assert fault is None or entry.path in fault
        told += fault is not None
    assert told > 150


@pytest.mark.parametrize("keep", [0, 3, 100, -1])
def test_a_file_that_was_cut_is_named(archive: ParquetArchive, tmp_path: Path, keep: int) -> None:
    entry = archive.put(record(rectangle.flight("d1", START_MS)))
    path = tmp_path / "archive" / entry.path
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ArchiveError, match=entry.flight):
        archive.read(entry)


def test_a_file_under_another_name_is_named(archive: ParquetArchive, tmp_path: Path) -> None:
    entries = [archive.put(record(rectangle.flight(f"d{k}", START_MS, lines=k))) for k in (1, 2)]
    one, two = (tmp_path / "archive" / e.path for e in entries)
    one.write_bytes(two.read_bytes())
    with pytest.raises(ArchiveError, match="d1"):
        archive.read(entries[0])


def test_a_damaged_newest_version_does_not_hide_what_is_kept_again(archive: ParquetArchive, tmp_path: Path) -> None:
    kept = record(rectangle.flight("d1", START_MS))
    path = tmp_path / "archive" / archive.put(kept).path
    path.write_bytes(path.read_bytes()[:-20])
    again = archive.put(kept)
    assert again.version == 2
    assert identical(archive.read(again), kept)


def test_what_is_not_there_is_not_found(archive: ParquetArchive, tmp_path: Path) -> None:
    entry = archive.put(record(rectangle.flight("d1", START_MS)))
    (tmp_path / "archive" / entry.path).unlink()
    with pytest.raises(NotFound):
        archive.read(entry)


def test_strange_files_are_passed_over(archive: ParquetArchive, tmp_path: Path) -> None:
    entry = archive.put(record(rectangle.flight("d1", START_MS)))
    for name in ("notes.txt", "x.parquet", "a.1-2.v0.abc.parquet"):
        (tmp_path / "archive" / entry.path).with_name(name).write_text("?")
    assert archive.flights(HTX, *ALWAYS) == [entry]


def test_writers_of_one_flight_count_their_versions(tmp_path: Path) -> None:
    """In a folder, also when they write at once; whatever stands is whole."""
    tables = [rectangle.flight("d1", START_MS).with_columns(hdop=float(k)) for k in range(8)]
    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(lambda t: open_archive(str(tmp_path)).put(record(t, flight="f")), tables))
    assert sorted(e.version for e in entries) == list(range(1, 9))
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = open_archive(str(tmp_path))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("storage.archive.files.os.fsync", full)
        patched.setattr("storage.archive.files._sync", lambda _: None)
        with pytest.raises(StoreUnavailable, match="No space left"):
            archive.put(record(rectangle.flight("d1", START_MS)))
    assert files(tmp_path) == []
    assert archive.flights(HTX, *ALWAYS) == []


def test_any_reader_of_parquet_sees_every_column(archive: ParquetArchive, tmp_path: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = rectangle.flight("d1", START_MS)
    entry = archive.put(record(table))
    seen = pq.read_table(tmp_path / "archive" / entry.path)
    assert {"ts_ms", "lat_deg", "swath_m", "op", "boot", "job"} <= set(seen.column_names)
    assert seen["swath_m"].to_pylist() == pytest.approx(table.swath_m.tolist(), nan_ok=True)
    assert seen["boot"].to_pylist() == table.boot.values()


def test_a_url_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigError, match="CANHDONG_ARCHIVE_URL"):
        open_archive("gopher://x/y")


def test_events_of_the_model_come_back_as_they_are(archive: ParquetArchive) -> None:
    table = rectangle.flight("d1", START_MS)
    events = switches(table)
    got = archive.read(archive.put(record(table, *events))).events
    assert got == events
    assert all(isinstance(e, Event) for e in got)


def test_the_tenth_version_is_newer_than_the_ninth(archive: ParquetArchive) -> None:
    table = rectangle.flight("d1", START_MS)
    entries = [archive.put(record(table.with_columns(speed_mps=float(k)), flight="f")) for k in range(11)]
    assert archive.flights(HTX, *ALWAYS) == [entries[-1]]


def test_a_flight_whose_name_begins_like_another_has_its_own_versions(archive: ParquetArchive) -> None:
    entries = [archive.put(record(rectangle.flight("d1", START_MS), flight=name)) for name in ("f-2", "f")]
    assert [e.version for e in entries] == [1, 1]
    assert archive.versions(HTX, "f") == [entries[1]]


def test_a_flight_past_midnight_touches_the_next_day(archive: ParquetArchive) -> None:
    midnight = day_window_ms("2026-11-20")[0]
    entry = archive.put(record(rectangle.flight("d1", midnight - 5_000)))
    assert archive.flights(HTX, midnight, midnight + 1) == [entry]


@pytest.mark.parametrize(
    "ts_ms",
    [
        START_MS + np.arange(50) * 200,
        START_MS - np.arange(50) * 200,
        np.array([START_MS, START_MS + 200, START_MS + 401]),
        np.array([-(2**63), 2**63 - 1]),
        np.array([-(2**62), 2**62, -(2**62)]),
    ],
)
def test_times_that_rise_evenly_or_not_come_back(archive: ParquetArchive, ts_ms: Any) -> None:
    n = len(ts_ms)
    fixes = FixTable.build(ts_ms, [9.0] * n, [105.0] * n, device="d1", seq=np.arange(n)[::-1] - 1)
    told = replace(record(FixTable.build([START_MS], [9.0], [105.0], device="d1")), fixes=fixes)
    assert identical(archive.read(archive.put(told), checked=True), told)


def test_what_areas_depend_on_is_read_alone(archive: ParquetArchive) -> None:
    kept = record(awkward())
    entry = archive.put(kept)
    got = archive.read(entry, area_only=True)
    beside = ("height_m", "heading_deg", "hdop", "tank_l", "tank_kg", "battery_pct", "height_ref")
    assert all(np.isnan(getattr(got.fixes, name)).all() for name in beside[:-1])
    assert (got.fixes.height_ref == -1).all()
    assert identical(replace(got, fixes=got.fixes.with_columns(**{n: getattr(kept.fixes, n) for n in beside})), kept)
    assert input_hash([got.fixes], got.events) == kept.input_hash
    assert identical(archive.read(entry, area_only=True, checked=True), kept)
