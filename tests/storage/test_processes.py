"""SQLite files and several processes at once: nothing is lost, nothing is halved."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from core.model.land import Cooperative
from core.model.samples import Fix
from storage.registry.repository import SqlRegistry
from storage.sqlite_file import alone
from storage.telemetry.sqlite import SqliteTelemetry
from tests.storage.children import children

BATCH: Final = 50

_FIXES: Final = """
import sys
from pathlib import Path
from core.model.samples import Fix
from storage.registry.repository import SqlRegistry
from storage.telemetry import rows
from storage.telemetry.sqlite import _FIXES, SqliteTelemetry
path, name = Path(sys.argv[1]), sys.argv[2]

def batch(number, device=name):
    return [Fix(device, number * 1_000 + i, 9.0, 105.0, seq=i) for i in range(50)]
"""
_WRITER: Final = f"""{_FIXES}
print("ready", flush=True)
input()
store = SqliteTelemetry(path)
for number in range(20):
    result = store.write("htx", batch(number) + batch(number, "shared"), 0)
    print(result.stored, result.duplicates, result.conflicts)
store.close()
"""
_ENDLESS: Final = f"""{_FIXES}
store = SqliteTelemetry(path)
print("ready", flush=True)
for number in range(1_000_000):
    store.write("htx", batch(number), 0)
    print(number, flush=True)
"""
_INSIDE: Final = f"""{_FIXES}
store = SqliteTelemetry(path)
store.write("htx", batch(0), 0)
with store._file.transaction() as connection:
    for entry in [rows.fix_entry("htx", fix) for fix in batch(1)]:
        connection.execute(_FIXES.insert, (*entry.key, *entry.content, 0, entry.digest))
    print("ready", flush=True)
    input()
"""
_OPENER: Final = f"""{_FIXES}
from core.model.land import Cooperative
print("ready", flush=True)
for number in range(5):
    input()
    registry = SqlRegistry(path.with_name(f"{{number}}.sqlite"))
    registry.add_cooperative(Cooperative(name, name))
    registry.close()
    telemetry = SqliteTelemetry(path.with_name(f"t{{number}}.sqlite"))
    telemetry.write("htx", batch(0), 0)
    telemetry.close()
    print("done", flush=True)
"""


def batches(store: SqliteTelemetry, device: str) -> dict[int, int]:
    """How many fixes of each batch there are."""
    times = (store.fixes("htx", device, 0, 2**62).ts_ms // 1_000).tolist()
    return {number: times.count(number) for number in set(times)}


def test_two_processes_write_one_file_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.sqlite"
    with children(_WRITER, (path, "a"), (path, "b")) as writers:
        for writer in writers:
            writer.go()
        said = [tuple(map(int, line.split())) for writer in writers for line in writer.rest()]
    assert [sum(column) for column in zip(*said, strict=True)] == [3 * 20 * BATCH, 20 * BATCH, 0]
    with closing(SqliteTelemetry(path)) as store:
        for device in ("a", "b", "shared"):
            assert batches(store, device) == dict.fromkeys(range(20), BATCH)


@pytest.mark.parametrize("after", [0, 3, 17])
def test_a_killed_process_leaves_whole_writes_and_all_that_it_had_confirmed(tmp_path: Path, after: int) -> None:
    path = tmp_path / "telemetry.sqlite"
    with children(_ENDLESS, (path, "a")) as (writer,):
        confirmed = [writer.line() for _ in range(after + 1)] + writer.kill()
    with closing(SqliteTelemetry(path)) as store:
        found = batches(store, "a")
        assert set(found.values()) == {BATCH}
        assert sorted(found) == list(range(len(found)))
        # It may have been killed between the commit and the word about it.
        assert len(found) - len(confirmed) in {0, 1}


def test_a_process_killed_inside_a_write_leaves_nothing_of_it_and_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.sqlite"
    with children(_INSIDE, (path, "a")) as (writer,):
        writer.kill()
    with closing(SqliteTelemetry(path, busy_s=0.1)) as store:
        assert batches(store, "a") == {0: BATCH}
        assert store.write("htx", [Fix("a", 1_000, 9.0, 105.0)], 0).stored == 1


@pytest.mark.parametrize("name", ["0.sqlite", "t0.sqlite"], ids=["registry", "telemetry"])
def test_whoever_opens_a_file_waits_while_another_process_opens_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with children(_OPENER, (tmp_path / "x", "a")) as (opener,):
        with alone(path):
            opener.go()
            waits = f"-> FLOCK  ADVISORY  WRITE {opener.process.pid} "
            while waits not in Path("/proc/locks").read_text():
                assert opener.process.poll() is None
            assert path.stat().st_size == 0
        assert opener.line() == "done"
    assert path.stat().st_size > 0


def test_processes_that_open_an_empty_file_at_the_same_time_all_succeed(tmp_path: Path) -> None:
    names = ("a", "b", "c")
    with children(_OPENER, *[(tmp_path / "x", name) for name in names]) as openers:
        for number in range(5):
            for opener in openers:
                opener.go()
            assert [opener.line() for opener in openers] == ["done"] * 3
            with closing(SqlRegistry(tmp_path / f"{number}.sqlite")) as registry:
                assert registry.cooperatives() == [Cooperative(name, name) for name in names]
            with closing(SqliteTelemetry(tmp_path / f"t{number}.sqlite")) as store:
                assert [fix.device for fix in store.latest_fixes("htx")] == list(names)
        assert [opener.rest() for opener in openers] == [[]] * 3
