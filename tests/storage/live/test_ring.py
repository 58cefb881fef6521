"""The ring of live events: one order for all processes, nothing resumed from where something may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.live import LiveDraft, LiveKind
from storage.live import ring as module
from storage.live.ring import SqliteRing

NOW_MS = 1_795_300_000_000
ALERT = LiveDraft("htx-a", LiveKind.ALERT, "d1/in-buffer/pond", 1_000, '{"raised":true}')
PLACE = LiveDraft("htx-a", LiveKind.POSITION, "d1", 1_000, '{"n":1}', pace_ms=1_000)


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[SqliteRing]:
    with closing(SqliteRing(tmp_path / "live.sqlite")) as it:
        it.begin(NOW_MS)
        yield it


def bodies(ring: SqliteRing, cooperative: str = "htx-a") -> list[str]:
    return [event.body for event in ring.state(cooperative, NOW_MS).events]


def test_processes_that_hear_the_same_tell_it_once_in_one_order(ring: SqliteRing, tmp_path: Path) -> None:
    with closing(SqliteRing(tmp_path / "live.sqlite")) as other:
        other.begin(NOW_MS + 100)
        start = ring.head()
        ring.add([ALERT], NOW_MS + 200)
        other.add([ALERT, replace(ALERT, cooperative="htx-b")], NOW_MS + 300)
        ring.add([replace(ALERT, cooperative="htx-b")], NOW_MS + 400)
        assert ring.since(start, 10) == other.since(start, 10)
        assert [event.cooperative for event in ring.since(start, 10)] == ["htx-a", "htx-b"]
        assert ring.epoch == other.epoch


def test_a_cooperative_is_told_its_own_only(ring: SqliteRing) -> None:
    start = ring.head()
    ring.add([ALERT, replace(ALERT, cooperative="htx-b", body='{"b":1}')], NOW_MS)
    assert [event.body for event in ring.replay("htx-b", start, 10) or []] == ['{"b":1}']
    assert bodies(ring, "htx-b") == ['{"b":1}']
    assert bodies(ring, "htx-c") == []


def test_a_place_is_told_once_a_second_and_never_goes_back(ring: SqliteRing) -> None:
    start = ring.head()
    later = replace(PLACE, ts_ms=1_400, body='{"n":2}')
    assert ring.add([PLACE], NOW_MS) == []
    assert ring.add([later], NOW_MS + 400) == [later]
    assert ring.add([later], NOW_MS + 1_000) == []
    assert ring.add([replace(PLACE, ts_ms=900, body='{"n":0}')], NOW_MS + 5_000) == []
    assert [event.body for event in ring.since(start, 10)] == ['{"n":1}', '{"n":2}']
    assert bodies(ring) == ['{"n":2}']


def test_an_alert_stands_until_it_is_over(ring: SqliteRing) -> None:
    ring.add([ALERT], NOW_MS)
    assert bodies(ring) == ['{"raised":true}']
    ring.add([replace(ALERT, ts_ms=2_000, body='{"raised":false}', over=True)], NOW_MS + 100)
    assert bodies(ring) == []


def test_what_stood_yesterday_stands_no_more(ring: SqliteRing) -> None:
    ring.add([ALERT], NOW_MS)
    assert ring.state("htx-a", NOW_MS + module.STANDS_MS).events == ()


def test_nobody_goes_on_from_a_number_that_was_never_given(ring: SqliteRing) -> None:
    assert ring.replay("htx-a", ring.head() + 1, 10) is None


def test_nobody_goes_on_after_more_than_it_can_be_told(ring: SqliteRing) -> None:
    start = ring.head()
    ring.add([replace(ALERT, ts_ms=n) for n in range(3)], NOW_MS)
    assert ring.replay("htx-a", start, 2) is None
    assert len(ring.replay("htx-a", start, 3) or []) == 3


def test_old_events_go_and_nobody_goes_on_from_before_them(ring: SqliteRing) -> None:
    start = ring.head()
    ring.add([ALERT], NOW_MS)
    kept = ring.head()
    ring.add([replace(ALERT, ts_ms=2_000)], NOW_MS + module.KEPT_MS + 1)
    assert ring.replay("htx-a", start, 10) is None
    assert len(ring.replay("htx-a", kept, 10) or []) == 1


def test_after_a_time_when_nobody_listened_all_start_anew(ring: SqliteRing, tmp_path: Path) -> None:
    ring.add([ALERT], NOW_MS)
    before = ring.head()
    ring.end()
    with closing(SqliteRing(tmp_path / "live.sqlite")) as later:
        later.begin(NOW_MS + 500)
        assert later.epoch == ring.epoch
        assert later.replay("htx-a", before, 10) is None
        assert later.state("htx-a", NOW_MS + 500).events == ()


def test_a_second_process_disturbs_nobody(ring: SqliteRing, tmp_path: Path) -> None:
    ring.add([ALERT], NOW_MS)
    before = ring.head()
    with closing(SqliteRing(tmp_path / "live.sqlite")) as other:
        other.begin(NOW_MS + 500)
        assert other.replay("htx-a", before, 10) == []


def test_a_closed_ring_says_so(tmp_path: Path) -> None:
    ring = SqliteRing(tmp_path / "live.sqlite")
    ring.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        ring.add([ALERT], NOW_MS)
