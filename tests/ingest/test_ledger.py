"""The ledger: every sample is counted once, gaps are exact, pages outlive the process, clocks are judged."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.intake import IntakeCommit
from core.model.enums import EventKind
from core.model.ledger import MOST_RUNS, Account, merged
from core.model.samples import Event, Fix, Reading
from core.ports import Sample, Verdict
from ingest.ledger import CLOCK_WINDOW_MS, Counts, Ledger, activity_of
from ingest.pipeline import Rejection, Share
from storage.intake.sqlite import SqliteIntake
from tests.ingest.samples import COOPERATIVE, DRONE, T0, a_fix, an_event

NO_VERDICTS: Mapping[int, Verdict] = {}


@pytest.fixture
def intake(tmp_path: Path) -> SqliteIntake:
    return SqliteIntake(tmp_path / "intake.sqlite")


def entered(
    ledger: Ledger,
    *samples: Sample,
    verdicts: Mapping[int, Verdict] = NO_VERDICTS,
    rejections: tuple[Rejection, ...] = (),
    flagged: tuple[int, ...] = (),
    delay_ms: int = 500,
) -> Counts:
    """Enter samples, each in a message of its own that came ``delay_ms`` after its time."""
    share = Share(list(samples), list(range(len(samples))), list(flagged), list(rejections))
    return ledger.apply(COOPERATIVE, share, verdicts, [s.ts_ms + delay_ms for s in samples])


def committed(ledger: Ledger, intake: SqliteIntake, slot: str = "s") -> list[str]:
    accounts, days, clocks, health = ledger.changes()
    intake.commit(slot, IntakeCommit(todo={}, accounts=accounts, days=days, clocks=clocks))
    return [h.state for h in health]


def pages(intake: SqliteIntake) -> list[Account]:
    return intake.accounts(COOPERATIVE)


def test_a_boot_has_a_page_with_what_came_and_what_is_missing(intake: SqliteIntake) -> None:
    ledger = Ledger(intake, "s")
    counts = entered(ledger, *[a_fix(n, seq=n, boot="b1") for n in (0, 1, 2, 5, 6, 9)])
    assert counts == Counts(received=6, stored=6)
    committed(ledger, intake)
    (page,) = pages(intake)
    assert (page.device, page.boot, page.received, page.stored) == (DRONE, "b1", 6, 6)
    assert (page.expected, page.missing, page.gaps) == (10, 4, [[3, 4], [7, 8]])
    assert (page.first_ms, page.last_ms) == (T0, T0 + 9_000)
    assert (page.first_received_ms, page.last_received_ms) == (T0 + 500, T0 + 9_500)


def test_late_fixes_fill_their_gap_and_are_counted_as_late(intake: SqliteIntake) -> None:
    ledger = Ledger(intake, "s")
    entered(ledger, a_fix(0, seq=0), a_fix(3, seq=3))
    assert entered(ledger, a_fix(1, seq=1), a_fix(2, seq=2), delay_ms=60_001).late == 2
    committed(ledger, intake)
    (page,) = pages(intake)
    assert (page.missing, page.late, page.runs) == (0, 2, [[0, 3]])
    (day,) = intake.days(COOPERATIVE, "2000-01-01", "2100-01-01")
    assert (day.seqs, day.span, day.live, day.stored) == (4, 4, 2, 4)


def test_boots_devices_and_days_have_pages_of_their_own(intake: SqliteIntake) -> None:
    ledger = Ledger(intake, "s")
    entered(
        ledger,
        a_fix(0, seq=7, boot="b1"),
        a_fix(1, seq=0, boot="b2"),
        a_fix(2, seq=8, boot="b1"),
        a_fix(86_400, seq=1, boot="b2"),
        a_fix(3, seq=0, device="d2", boot="b1"),
        an_event(4, EventKind.LANDING),
        Reading("s1", T0, "rain", 1.0),
        Reading("s1", T0, "level", 1.0),
    )
    committed(ledger, intake)
    assert {(p.device, p.boot): (p.received, p.runs) for p in pages(intake)} == {
        (DRONE, "b1"): (3, [[7, 8]]),
        (DRONE, "b2"): (2, [[0, 1]]),
        ("d2", "b1"): (1, [[0, 0]]),
        ("s1", ""): (2, []),
    }
    days = intake.days(COOPERATIVE, "2000-01-01", "2100-01-01")
    assert sorted((d.device, d.stored) for d in days) == [(DRONE, 1), (DRONE, 4), ("d2", 1), ("s1", 2)]


def test_the_day_of_a_sample_is_the_local_one_of_its_own_time(intake: SqliteIntake) -> None:
    ledger = Ledger(intake, "s")
    midnight_ms = 1_764_003_600_000  # 2025-11-24 17:00 UTC: midnight in Asia/Ho_Chi_Minh
    entered(ledger, Fix(DRONE, midnight_ms - 1, 9.0, 105.0, seq=0), Fix(DRONE, midnight_ms, 9.0, 105.0, seq=1))
    committed(ledger, intake)
    days = intake.days(COOPERATIVE, "2000-01-01", "2100-01-01")
    assert [(d.day, d.stored) for d in days] == [("2025-11-24", 1), ("2025-11-25", 1)]


def test_verdicts_of_the_store_are_entered(intake: SqliteIntake) -> None:
    ledger = Ledger(intake, "s")
    entered(ledger, a_fix(0, seq=0), a_fix(1, seq=1))
    counts = entered(
        ledger,
        a_fix(0, seq=0),
        a_fix(1, seq=1, speed_mps=9.0),
        a_fix(2, seq=2),
        a_fix(3, seq=3),
        verdicts={0: Verdict.DUPLICATE, 1: Verdict.CONFLICT, 3: Verdict.REFUSED},
        rejections=(Rejection(DRONE, "range", T0, a_fix(4, seq=4)), Rejection(DRONE, "schema", T0)),
        flagged=(2,),
    )
    assert counts == Counts(received=6, stored=1, duplicates=1, conflicts=1, rejected=3)
    committed(ledger, intake)
    page = merged(p for p in pages(intake) if p.boot == "b1")
    assert (page.received, page.stored, page.duplicates, page.conflicts, page.rejected) == (7, 3, 1, 1, 2)
    assert page.missing == 0, "what was rejected has come"
    days = intake.days(COOPERATIVE, "2000-01-01", "2100-01-01")
    assert sum(d.flagged for d in days) == 1
    assert sum(d.rejected for d in days) == 3


def test_what_was_written_before_a_crash_is_counted_once(intake: SqliteIntake) -> None:
    """The store knows the samples, the pages do not: the batch was written, but not committed."""
    samples: list[Sample] = [
        a_fix(0, seq=0),
        a_fix(0, seq=0),
        an_event(1, EventKind.ARM),
        Reading("s1", T0, "rain", 1.0),
    ]
    said = dict.fromkeys(range(4), Verdict.DUPLICATE)
    ledger = Ledger(intake, "s")
    ledger.again = True
    assert entered(ledger, *samples, verdicts=said) == Counts(received=4, stored=3, duplicates=1)
    assert entered(ledger, *samples, verdicts=said) == Counts(received=4, duplicates=4)
    ledger = Ledger(intake, "s")
    assert entered(ledger, *samples, verdicts=said) == Counts(received=4, duplicates=4)


def test_pages_are_taken_up_again_after_a_restart(intake: SqliteIntake) -> None:
    ledger = Ledger(intake, "s")
    entered(ledger, a_fix(0, seq=0), Reading("s1", T0, "rain", 1.0))
    committed(ledger, intake)
    ledger = Ledger(intake, "s")
    entered(ledger, a_fix(2, seq=2), Reading("s1", T0 + 1, "rain", 1.0))
    committed(ledger, intake)
    assert [(p.received, p.gaps) for p in pages(intake)] == [(2, [[1, 1]]), (2, [])]


def test_what_was_not_committed_is_forgotten(intake: SqliteIntake) -> None:
    entered(Ledger(intake, "s"), a_fix(0, seq=0))
    assert pages(intake) == []


def test_two_slots_share_a_boot_and_a_number_in_both_is_a_duplicate(intake: SqliteIntake) -> None:
    for slot, numbers in (("slot-0", (0, 2, 4, 5)), ("slot-1", (1, 3, 5))):
        ledger = Ledger(intake, slot)
        entered(ledger, *[a_fix(n, seq=n) for n in numbers])
        committed(ledger, intake, slot)
    (page,) = pages(intake)
    assert (page.received, page.stored, page.duplicates, page.missing) == (7, 6, 1, 0)
    (day,) = intake.days(COOPERATIVE, "2000-01-01", "2100-01-01")
    assert day.received == 7


def test_a_clock_that_runs_ahead_or_was_never_set_is_told_once_and_its_end_too(intake: SqliteIntake) -> None:
    ledger = Ledger(intake, "s")
    entered(ledger, a_fix(0, seq=0))
    early = Rejection(DRONE, "clock", T0 + 1_000, a_fix(3_600, seq=1))
    unset = Rejection(DRONE, "clock", T0 + 1_000, replace(a_fix(0, seq=2), ts_ms=12_345))
    entered(ledger, rejections=(early, early))
    assert committed(ledger, intake) == ["ahead"]
    entered(ledger, rejections=(early,))
    assert committed(ledger, intake) == []
    entered(ledger, rejections=(unset,))
    assert committed(ledger, intake) == ["unset"]
    ledger = Ledger(intake, "s")
    entered(ledger, a_fix(5, seq=3))
    assert committed(ledger, intake) == ["ok"]
    assert intake.clocks(COOPERATIVE)[0].state == "ok"


def test_a_clock_that_is_behind_is_known_by_its_smallest_delay_and_its_data_are_not_late(intake: SqliteIntake) -> None:
    ledger = Ledger(intake, "s")
    behind_ms = 1_800_000
    assert entered(ledger, a_fix(0, seq=0), delay_ms=behind_ms + 900).late == 1
    assert entered(ledger, a_fix(60, seq=1), delay_ms=behind_ms + 200).late == 1
    after_s = CLOCK_WINDOW_MS / 1_000 + 120
    counts = entered(ledger, a_fix(after_s, seq=2), delay_ms=behind_ms + 400)
    assert committed(ledger, intake) == ["behind"]
    assert counts.late == 0
    assert intake.clocks(COOPERATIVE)[0].offset_ms == behind_ms + 200
    assert entered(ledger, a_fix(after_s + 1, seq=3), delay_ms=behind_ms + 90_000).late == 1


def test_a_backlog_alone_does_not_make_a_clock_wrong(intake: SqliteIntake) -> None:
    ledger = Ledger(intake, "s")
    entered(ledger, *[a_fix(n, seq=n) for n in range(3)], delay_ms=2_400_000)
    entered(ledger, a_fix(10, seq=3), delay_ms=300)
    assert committed(ledger, intake) == []


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_runs_are_the_set_of_numbers_in_any_order(numbers: list[int]) -> None:
    page = Account(cooperative="c", device="d")
    for n in numbers:
        page.add(n)
    assert {n for first, last in page.runs for n in range(first, last + 1)} == set(numbers)
    assert page.runs == sorted(page.runs)
    assert all(after[0] > before[1] + 1 for before, after in zip(page.runs, page.runs[1:], strict=False))
    assert page.missing == len(set(range(min(numbers), max(numbers) + 1)) - set(numbers))
    assert all(page.has(n) == (n in numbers) for n in range(-1, 42))


def test_a_device_that_counts_at_random_does_not_fill_the_memory() -> None:
    page = Account(cooperative="c", device="d")
    for n in range(0, 4 * MOST_RUNS, 2):
        page.add(n)
    assert len(page.runs) == MOST_RUNS


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.sampled_from(["fix", "event"]), st.sampled_from(["d1", "d2"])), max_size=30
    )
)
def test_activity_keeps_the_ends_of_every_stretch_and_all_events(moments: list[tuple[int, str, str]]) -> None:
    samples: list[Sample] = [
        a_fix(s, device=d) if what == "fix" else Event(d, T0 + s * 1_000, EventKind.LANDING, "b1")
        for s, what, d in moments
    ]
    for activity in activity_of(COOPERATIVE, samples):
        mine = [s for s in samples if s.device == activity.device]
        times = [mark[0] for mark in activity.marks]
        assert min(times) == min(s.ts_ms for s in mine)
        assert max(times) == max(s.ts_ms for s in mine)
        assert sum(kind >= 0 for _, _, kind in activity.marks) == sum(isinstance(s, Event) for s in mine)
        fixes = sorted(s.ts_ms for s in mine if isinstance(s, Fix))
        for before, after in pairwise(fixes):
            if after - before > 60_000:
                assert {before, after} <= set(times)
