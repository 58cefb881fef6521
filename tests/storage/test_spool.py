"""The spool: what was appended is there after any crash, in order, once; what is done goes; damage is named."""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError, SpoolFull, StoreUnavailable
from core.ports import Message
from storage.spool.segments import Spool

LIMIT = 1 << 30


def a_message(number: int, *, at: int = 0, size: int = 10) -> Message:
    return Message(f"t/{number}", bytes([number % 256]) * size, 1_764_000_000_000 + at)


@contextmanager
def opened(folder: Path, **known: int) -> Iterator[Spool]:
    spool = Spool(folder, known.pop("limit", LIMIT), **known)
    try:
        yield spool
    finally:
        spool.close()


def topics(spool: Spool, position: int = 0, limit: int = 10**6) -> list[str]:
    return [m.topic for m in spool.read(position, limit, span_ms=10**9).messages]


def test_what_is_appended_is_read_in_order_also_by_the_next_process(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        assert (spool.first, spool.end, spool.depth_bytes) == (0, 0, 0)
        behind = spool.append([a_message(0), a_message(1)])
        assert spool.append([a_message(2)]) == spool.end > behind > 0
        assert topics(spool) == ["t/0", "t/1", "t/2"]
        assert topics(spool, behind) == ["t/2"]
    with opened(tmp_path) as spool:
        assert topics(spool) == ["t/0", "t/1", "t/2"]
        spool.append([a_message(3)])
        assert topics(spool, behind) == ["t/2", "t/3"]


def test_a_message_comes_back_whole(tmp_path: Path) -> None:
    sent = Message("canhdong/v1/htx/drones/bay-số-1/telemetry", bytes(range(256)) * 300, 1_764_000_000_123, repeat=True)
    with opened(tmp_path) as spool:
        spool.append([sent])
        (got,) = spool.read(0, 10).messages
    assert (got.topic, got.payload, got.received_ms, got.repeat) == (sent.topic, sent.payload, sent.received_ms, True)


def test_reading_ends_with_the_limit_the_end_or_a_later_time_always_between_groups(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        ends = [spool.append([a_message(n, at=n * 400), a_message(n + 100, at=n * 400)]) for n in range(6)]
        assert len(spool.read(0, 1).messages) == 2
        assert spool.read(0, 3).position == ends[1]
        assert spool.read(0, 100).position == ends[2], "the fourth group came 1,200 ms after the first"
        assert spool.read(0, 100, until=ends[1]).position == ends[1]
        batch = spool.read(ends[0], 100)
        assert [place for _, place in batch.groups] == [0, 2, 4]
        assert [position for position, _ in batch.groups] == ends[:3]
        assert spool.read(ends[-1], 100).messages == []


def test_segments_that_are_done_are_deleted_and_positions_go_on(tmp_path: Path) -> None:
    with opened(tmp_path, segment_bytes=2_000) as spool:
        ends = [spool.append([a_message(n, size=500)]) for n in range(20)]
        files = len(list(tmp_path.glob("*.spool")))
        assert files >= 4
        spool.release(ends[9])
        assert len(list(tmp_path.glob("*.spool"))) < files
        assert spool.first <= ends[9]
        assert topics(spool, ends[9]) == [f"t/{n}" for n in range(10, 20)]
        spool.release(ends[-1])
        assert spool.append([a_message(99)]) > ends[-1]
    with opened(tmp_path) as spool:
        assert topics(spool, ends[-1]) == ["t/99"]


def test_a_spool_whose_files_are_gone_goes_on_behind_what_was_processed(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.append([a_message(0)])
        spool.advance(12_345)
        assert spool.end == 12_345
        spool.append([a_message(1)])
        assert topics(spool, 12_345) == ["t/1"]


def test_past_the_limit_nothing_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path, limit=1_000) as spool:
        spool.append([a_message(0)])
        with pytest.raises(SpoolFull, match="limit"):
            spool.append([a_message(1, size=2_000)])
        spool.append([a_message(2)])
        assert topics(spool) == ["t/0", "t/2"]


def test_a_disk_that_is_full_takes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    """The kernel's limit on the size of a file stands for a full disk: a write ends in the middle, the next fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(tmp_path) as spool:
        spool.append([a_message(0)])
        resource.setrlimit(resource.RLIMIT_FSIZE, (spool.end + 700, before[1]))
        try:
            with pytest.raises(SpoolFull):
                spool.append([a_message(1, size=5_000)])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        spool.append([a_message(2)])
        assert topics(spool) == ["t/0", "t/2"]
    with opened(tmp_path) as spool:
        assert topics(spool) == ["t/0", "t/2"]


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(ConfigError, match="another ingest"):
        Spool(tmp_path, LIMIT)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match=r"file/spool.*Not a directory"):
        Spool(tmp_path / "file" / "spool", LIMIT)


@given(cut=st.integers(1, 400), junk=st.binary(max_size=60))
def test_what_a_crash_left_half_written_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    with opened(folder) as spool:
        whole = spool.append([a_message(0), a_message(1)])
        spool.append([a_message(2, size=400)])
    (path,) = folder.glob("*.spool")
    os.truncate(path, max(whole, path.stat().st_size - cut))
    with path.open("ab") as file:
        file.write(junk)
    with opened(folder) as spool:
        assert topics(spool) == ["t/0", "t/1"]
        assert spool.end == whole
        spool.append([a_message(3)])
        assert topics(spool) == ["t/0", "t/1", "t/3"]


@pytest.mark.parametrize("at", [0, 5, 30])
def test_damage_in_the_middle_is_named_kept_aside_and_skipped(
    tmp_path: Path, at: int, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as spool:
        first = spool.append([a_message(0)])
        spool.append([a_message(1)])
        spool.append([a_message(2)])
    (path,) = tmp_path.glob("*.spool")
    data = bytearray(path.read_bytes())
    data[first + at] ^= 0xFF
    path.write_bytes(data)
    with opened(tmp_path) as spool, caplog.at_level(logging.ERROR):
        assert topics(spool) == ["t/0", "t/2"]
    assert f"damaged from byte {first}" in caplog.text
    assert path.with_suffix(".damaged").read_bytes() == bytes(data)


def test_one_thread_appends_while_another_reads_and_releases(tmp_path: Path) -> None:
    seen: list[str] = []
    with opened(tmp_path, segment_bytes=3_000) as spool:

        def write() -> None:
            for n in range(300):
                spool.append([a_message(n, size=100)])

        thread = threading.Thread(target=write)
        thread.start()
        position = 0
        while thread.is_alive() or position < spool.end:
            batch = spool.read(position, 7)
            seen += [m.topic for m in batch.messages]
            position = batch.position
            spool.release(position)
        thread.join()
    assert seen == [f"t/{n}" for n in range(300)]
    assert len(list(tmp_path.glob("*.spool"))) <= 2


CHILD = """
import sys
from pathlib import Path
from core.ports import Message
from storage.spool.segments import Spool
spool = Spool(Path(sys.argv[1]), 1 << 30, segment_bytes=20_000)
n = 0
while True:
    spool.append([Message(f"t/{n}", b"x" * 300, 1)])
    print(n, flush=True)
    n += 1
"""


def test_what_was_appended_outlives_a_kill(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = -1
    for line in child.stdout:
        told = int(line)
        if told >= 200:
            child.kill()
            break
    told = max([told, *(int(line) for line in child.stdout.read().split("\n")[:-1])])
    child.stdout.close()
    child.wait()
    with opened(tmp_path) as spool:
        found = topics(spool)
    assert found[: told + 1] == [f"t/{n}" for n in range(told + 1)]
    assert len(found) <= told + 2
