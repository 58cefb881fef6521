"""Correct, complete, clean, live: what the scores say, and what is not known."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.ledger import DayAccount
from ingest.quality import quality, together, values

MINUTE = 60_000


def a_day(**known: int) -> DayAccount:
    return DayAccount(cooperative="htx", device="d1", day="2026-11-26", **known)


def test_a_faultless_day_scores_one() -> None:
    it = quality(a_day(received=100, stored=100, live=100, seqs=100, span=100))
    assert (it.correct, it.complete, it.clean, it.live) == (1.0, 1.0, 1.0, 1.0)


def test_each_fault_lowers_its_own_score() -> None:
    it = quality(
        a_day(received=100, stored=80, rejected=10, conflicts=5, duplicates=5, flagged=8, live=45, seqs=90, span=120)
    )
    assert it.correct == 0.85
    assert it.complete == 0.75
    assert it.clean == 0.9
    assert it.live == 0.5


def test_of_an_empty_day_nothing_is_known() -> None:
    it = quality(a_day())
    assert all(math.isnan(score) for score in (it.correct, it.complete, it.clean, it.live))
    assert values(it) == {"received": 0.0, "stored": 0.0, "had": 0.0, "expected": 0.0}


@pytest.mark.parametrize(
    ("minutes", "had", "expected"),
    [
        ([0, 10, 20, 30], 4, 4),
        ([0, 10, 30, 40, 60], 5, 7),
        ([30, 0, 10, 10, 20], 4, 4),
        ([0, 10, 21, 29, 40], 5, 5),
        ([0, 10], 0, 0),
        ([], 0, 0),
    ],
)
def test_a_sensor_is_expected_at_its_usual_step(minutes: list[int], had: int, expected: int) -> None:
    it = quality(a_day(received=5, stored=5, live=5), [minute * MINUTE for minute in minutes])
    assert (it.had, it.expected) == (had, expected)


def test_a_cooperative_is_all_its_samples_together() -> None:
    days = [
        a_day(received=100, stored=100, live=100, seqs=100, span=100),
        a_day(received=300, stored=150, rejected=150, live=75, seqs=50, span=100),
    ]
    it = together(days, [quality(day) for day in days])
    assert (it.correct, it.complete, it.clean, it.live) == (250 / 400, 0.75, 1.0, 175 / 250)


@given(st.lists(st.integers(0, 1_000), min_size=8, max_size=8), st.lists(st.integers(0, 10**9), max_size=20))
def test_scores_lie_between_nothing_and_all(numbers: list[int], reports: list[int]) -> None:
    names = ("received", "stored", "rejected", "conflicts", "flagged", "live", "seqs", "span")
    it = quality(a_day(**dict(zip(names, numbers, strict=True))), reports)
    assert all(math.isnan(score) or 0.0 <= score <= 1.0 for score in (it.correct, it.complete, it.clean, it.live))
