"""Uploads laid over telemetry: whatever the gaps, whatever the window."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.merging import GAP_MS, composed, fills, gap_ms, margin_ms
from core.model.fixtable import FixTable
from core.uploads import Outcome, UploadedFixes

N = 120
STEP_MS = 1_000
GAPS = st.lists(st.tuples(st.integers(0, N - 1), st.integers(1, 40)), max_size=4)


def table(rows: list[int], **more: object) -> FixTable:
    ts_ms = np.array(rows, np.int64) * STEP_MS + 1_700_000_000_000
    return FixTable.build(ts_ms, 9.2 + np.array(rows) * 1e-5, np.full(len(rows), 105.7), device="d1", **more)


def kept(gaps: list[tuple[int, int]]) -> list[int]:
    gone = {k for first, length in gaps for k in range(first, first + length)}
    return [k for k in range(N) if k not in gone]


def upload(number: int, fixes: FixTable, outcome: Outcome = Outcome.MERGED) -> UploadedFixes:
    return UploadedFixes(number, 0, outcome, fixes)


@given(GAPS)
def test_a_whole_log_fills_every_gap_and_nothing_else(gaps: list[tuple[int, int]]) -> None:
    there = table(kept(gaps), seq=1)
    made, origin = composed(there, [upload(1, table(list(range(N))))])
    assert (np.diff(made.ts_ms) > 0).all()
    assert np.array_equal(made.take(origin == 0).ts_ms, there.ts_ms)
    steps = np.diff(made.ts_ms)
    assert not len(steps) or steps.max() <= max(GAP_MS, STEP_MS)
    again, _ = composed(made, [upload(2, table(list(range(N))))])
    assert len(again) == len(made)


@settings(max_examples=60)
@given(GAPS, GAPS, GAPS, st.integers(0, N), st.integers(0, N))
def test_a_window_is_the_part_of_the_whole(
    first: list[tuple[int, int]], second: list[tuple[int, int]], third: list[tuple[int, int]], a: int, b: int
) -> None:
    there = table(kept(first), flight="F1", boot="b1")
    uploads = [upload(1, table(kept(second))), upload(2, table(kept(third)))]
    whole, whole_origin = composed(there, uploads)
    start_ms, end_ms = sorted((a * STEP_MS + 1_700_000_000_000, b * STEP_MS + 1_700_000_000_000))
    margin = margin_ms(uploads)
    near = there.take((there.ts_ms >= start_ms - margin) & (there.ts_ms <= end_ms + margin))
    part, part_origin = composed(near, uploads)
    inside, cut = ((t.ts_ms >= start_ms) & (t.ts_ms <= end_ms) for t in (whole, part))
    assert np.array_equal(whole.ts_ms[inside], part.ts_ms[cut])
    assert np.array_equal(whole_origin[inside], part_origin[cut])
    assert whole.flight.take(inside).values() == part.flight.take(cut).values()


def test_filled_fixes_belong_to_the_flight_around_them() -> None:
    there = table([0, 1, 2, 20, 21], flight=["A", "A", "A", "B", "B"], boot="b1")
    made, origin = composed(there, [upload(7, table(list(range(22)), flight="X", boot="y"))])
    filled = made.take(origin == 7)
    assert filled.flight.values() == ["A"] * 9 + ["B"] * 8
    assert set(filled.boot.values()) == {"b1"}


def test_a_log_alone_keeps_what_it_says() -> None:
    made, _ = composed(FixTable.empty("d1"), [upload(1, table([0, 1], flight="X", boot="y"), Outcome.ADDED)])
    assert made.flight.values() == ["X", "X"]
    assert made.boot.values() == ["y", "y"]


def test_slow_telemetry_is_filled_only_where_the_log_is_faster() -> None:
    slow = np.arange(0, 60_000, 10_000)
    fast = np.arange(0, 60_000, 1_000)
    assert fills(slow, fast, gap_ms(fast), 500.0).sum() == 54
    assert fills(slow, slow + 100, gap_ms(slow), 5_000.0).sum() == 0
