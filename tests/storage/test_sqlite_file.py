"""What is the same of every SQLite file: private, durable, and honest about what it cannot do."""

from __future__ import annotations

import resource
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from core.errors import StoreUnavailable
from core.model.land import Cooperative
from core.model.samples import Reading
from core.ports import DeadLetter
from storage.deadletters.sqlite import SqliteDeadLetters
from storage.registry.repository import SqlRegistry
from storage.sqlite_file import BUSY_S, SqliteFile
from storage.telemetry.sqlite import SqliteTelemetry
from tests.storage.children import children

SCHEMA: Final = "CREATE TABLE IF NOT EXISTS t (x INTEGER PRIMARY KEY)"


@dataclass(frozen=True, slots=True)
class Kind:
    """A store in a file: how to open it, to write one thing, and to count what is there."""

    open: Callable[..., Any]
    write: Callable[[Any, int], object]
    count: Callable[[Any], int]


KINDS: Final = {
    "telemetry": Kind(
        SqliteTelemetry,
        lambda store, n: store.write("htx", [Reading("s1", n, "temperature", 31.5)], 0),
        lambda store: len(store.readings("htx", "s1", 0, 2**62)),
    ),
    "registry": Kind(
        SqlRegistry,
        lambda store, n: store.add_cooperative(Cooperative(f"htx-{n}", "x" * 200)),
        lambda store: len(store.cooperatives()),
    ),
    "deadletters": Kind(
        SqliteDeadLetters,
        lambda store, n: store.add([DeadLetter(n, "topic", b"payload", "schema", "message")]),
        lambda store: len(store.letters(limit=10**6)),
    ),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Somebody else is writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_is_private_and_its_folder_is_made(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "it.sqlite"
    with closing(kind.open(path)) as store:
        kind.write(store, 1)
        assert {file.name: mode(file) for file in path.parent.iterdir()} == {
            file.name: 0o600 for file in path.parent.iterdir()
        }
        assert path.with_name("it.sqlite-wal").exists()


@pytest.mark.parametrize("name", ["a b.sqlite", "50%.sqlite", "what?mode=ro#x", "ruộng.sqlite", ":memory:"])
def test_a_file_may_have_any_name(kind: Kind, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(kind.open(Path(name))) as store:
        kind.write(store, 1)
    with closing(kind.open(tmp_path / name)) as store:
        assert kind.count(store) == 1


def test_a_locked_file_is_unavailable_soon_and_takes_the_write_afterwards(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "it.sqlite"
    with closing(kind.open(path, busy_s=0.05)) as store:
        kind.write(store, 1)
        begun_s = time.monotonic()
        with locked(path):
            with pytest.raises(StoreUnavailable, match=r"it\.sqlite: database is locked"):
                kind.write(store, 2)
            assert kind.count(store) == 1
        assert time.monotonic() - begun_s < BUSY_S / 2
        kind.write(store, 2)
        assert kind.count(store) == 2


def test_opening_a_locked_file_is_unavailable_soon(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "it.sqlite"
    kind.open(path).close()
    with locked(path), pytest.raises(StoreUnavailable, match=r"it\.sqlite: database is locked"):
        kind.open(path, busy_s=0.05)


def test_a_file_that_is_no_database_is_unavailable(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "it.sqlite"
    path.write_bytes(b"no database at all " * 1_000)
    with pytest.raises(StoreUnavailable, match=r"it\.sqlite: file is not a database"):
        kind.open(path)


def test_a_damaged_file_is_unavailable(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "it.sqlite"
    with closing(kind.open(path)) as store:
        for n in range(100):
            kind.write(store, n)
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xa5" * (len(content) - 100))
    with pytest.raises(StoreUnavailable, match=r"it\.sqlite: "), closing(kind.open(path)) as store:
        kind.count(store)


@pytest.mark.parametrize("folder", ["file", "/proc", "/proc/self"], ids=["under-a-file", "kernel", "kernel-deeper"])
def test_a_folder_that_cannot_be_written_is_unavailable(kind: Kind, folder: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    path = tmp_path / folder / "it.sqlite"
    with pytest.raises(StoreUnavailable, match=r"it\.sqlite: "):
        kind.open(path)


def test_a_path_that_is_a_folder_is_unavailable(kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=str(tmp_path)):
        kind.open(tmp_path)


def test_a_folder_that_vanished_is_unavailable(tmp_path: Path) -> None:
    """The first connection is in use, so that the second thread needs one of its own."""
    file = SqliteFile(tmp_path / "gone" / "it.sqlite", SCHEMA)
    with closing(file), ThreadPoolExecutor(1) as pool, file.reading():
        (tmp_path / "gone").rename(tmp_path / "elsewhere")
        error = pool.submit(_failure, file).result()
    assert error is not None
    assert str(tmp_path / "gone" / "it.sqlite") in error


def _failure(file: SqliteFile) -> str | None:
    try:
        with file.reading():
            return None
    except StoreUnavailable as error:
        return str(error)


_FULL: Final = """
import resource, sys
from pathlib import Path
from core.errors import StoreUnavailable
from tests.storage.test_sqlite_file import KINDS
kind = KINDS[sys.argv[2]]
store = kind.open(Path(sys.argv[1]))
print("ready", flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
written = 0
try:
    while True:
        kind.write(store, written)
        written += 1
except StoreUnavailable as error:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    kind.write(store, written)
    print(written, error)
"""


@pytest.mark.parametrize("name", KINDS)
def test_a_full_disk_is_unavailable_and_what_was_confirmed_stays(name: str, tmp_path: Path) -> None:
    """The limit of a file's size stands for the disk's: SQLite meets the same failing system call."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    path = tmp_path / "it.sqlite"
    with children(_FULL, (path, name)) as (child,):
        (said,) = child.rest()
    written, _, message = said.partition(" ")
    assert message.startswith(f"{path}: ")
    kind = KINDS[name]
    with closing(kind.open(path)) as store:
        assert kind.count(store) == int(written) + 1


def test_a_closed_file_says_so(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "it.sqlite", SCHEMA)
    with file.reading() as connection:
        file.close()
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")
    with pytest.raises(StoreUnavailable, match="closed"), file.transaction():
        pytest.fail("it was lent a connection")


def test_the_log_is_written_ahead_and_every_commit_synced(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "it.sqlite", SCHEMA)
    with closing(file), file.transaction() as first, file.reading() as second:
        assert first is not second
        for connection in (first, second):
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_reader_sees_one_state_while_another_thread_writes(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "it.sqlite", SCHEMA)
    with closing(file), ThreadPoolExecutor(1) as pool, file.reading() as reader:
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)
        pool.submit(_insert, file, 1).result()
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)


def _insert(file: SqliteFile, *values: int) -> None:
    with file.transaction() as connection:
        for x in values:
            connection.execute("INSERT INTO t VALUES (?)", (x,))


def test_what_failed_is_undone_and_a_fault_of_ours_is_not_called_an_outage(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "it.sqlite", SCHEMA)
    with closing(file):
        _insert(file, 1)
        with pytest.raises(sqlite3.IntegrityError):
            _insert(file, 2, 1)
        _insert(file, 3)
        with file.reading() as connection:
            assert connection.execute("SELECT x FROM t").fetchall() == [(1,), (3,)]


def test_threads_that_come_and_go_leave_no_connections_behind(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "it.sqlite", SCHEMA)
    with closing(file):
        for x in range(50):
            thread = threading.Thread(target=_insert, args=(file, x))
            thread.start()
            thread.join()
        assert len(file._idle) == 1


def test_opening_a_file_again_keeps_the_locks_that_this_process_holds(tmp_path: Path) -> None:
    """Closing any descriptor of a file drops all POSIX locks of the process on it: opening again must not do that."""
    path = tmp_path / "it.sqlite"
    with closing(SqliteFile(path, SCHEMA)) as first:
        _insert(first, 1)
        before = _locks(path)
        assert before
        with closing(SqliteFile(path, SCHEMA)):
            assert before <= _locks(path)


def _locks(path: Path) -> set[str]:
    """What the kernel says of this file's locks: kind, mode and range."""
    inode = f":{path.stat().st_ino} "
    return {line.split(":", 1)[1] for line in Path("/proc/locks").read_text().splitlines() if inode in line}
