"""Live data first, old data beside it, every message once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ports import Message
from ingest import lanes
from ingest.lanes import Lanes, Work
from storage.spool.segments import Spool

NOW = 1_764_000_000_000


def a_message(number: int, *, ago_s: float = 0.0, size: int = 10) -> Message:
    return Message(f"t/{number}", b"x" * size, NOW - int(ago_s * 1_000))


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    it = Spool(tmp_path, 1 << 30)
    yield it
    it.close()


def topics(work: Work | None) -> list[str]:
    return [m.topic for m in work.messages] if work is not None else []


def drained(it: Lanes) -> list[str]:
    """What comes in turns, live and old, until nothing is left."""
    found: list[str] = []
    while it.pending_bytes:
        for work in (it.live(50, NOW), it.old(50)):
            if work is not None:
                found += topics(work)
                it.finish(work)
    return found


def test_what_was_handed_over_is_not_read_from_the_disk(spool: Spool) -> None:
    it = Lanes("slot-0", spool, [(0, -1)])
    group = [a_message(0), a_message(1)]
    it.hand_over(0, spool.append(group), group)
    work = it.live(10, NOW)
    assert work is not None
    assert work.messages[0] is group[0]
    assert [work.position(0), work.position(1)] == [0, 1]
    it.finish(work)
    assert it.live(10, NOW) is None
    assert it.todo == [(spool.end, -1)]


def test_after_a_restart_the_disk_is_read_from_where_it_was_left(spool: Spool) -> None:
    first = spool.append([a_message(0)])
    spool.append([a_message(1)])
    it = Lanes("slot-0", spool, [(first, -1)])
    assert it.known_end == spool.end
    work = it.live(10, NOW)
    assert topics(work) == ["t/1"]
    assert work is not None
    assert work.position(0) == first


def test_where_it_has_fallen_behind_live_data_jumps_the_queue(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "BEHIND_BYTES", 500)
    for n in range(20):
        spool.append([a_message(n, ago_s=3_600 - n * 5, size=100)])
    it = Lanes("slot-0", spool, [(0, -1)])
    assert it.live(5, NOW) is None
    assert len(it.todo) == 2
    group = [a_message(99)]
    it.hand_over(spool.end, spool.append(group), group)
    assert topics(it.live(5, NOW)) == ["t/99"]
    old = it.old(5)
    assert topics(old) == ["t/0"]
    assert old is not None
    it.finish(old)
    assert it.first > 0
    assert it.age_s(NOW) > 3_000
    assert sorted(drained(it)) == sorted(["t/99", *(f"t/{n}" for n in range(1, 20))])
    assert it.todo == [(spool.end, -1)]
    assert it.age_s(NOW) == 0.0


def test_what_stands_in_order_drains_in_order(spool: Spool) -> None:
    for n in range(30):
        spool.append([a_message(n)])
    assert drained(Lanes("slot-0", spool, [(0, -1)])) == [f"t/{n}" for n in range(30)]


@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=12),
    handed=st.lists(st.booleans(), min_size=12, max_size=12),
    early=st.integers(0, 12),
)
def test_every_message_comes_once_whether_from_memory_or_disk(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], handed: list[bool], early: int
) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool"), 1 << 30)
    it = Lanes("slot-0", spool, [(0, -1)])
    found: list[str] = []
    number = 0
    for at, (size, by_hand) in enumerate(zip(sizes, handed, strict=False)):
        group = [a_message(number + n) for n in range(size)]
        number += size
        begin = spool.end
        end = spool.append(group)
        if by_hand:
            it.hand_over(begin, end, group)
        if at >= early and (work := it.live(3, NOW)) is not None:
            found += topics(work)
            it.finish(work)
    found += drained(it)
    spool.close()
    assert found == [f"t/{n}" for n in range(number)]
