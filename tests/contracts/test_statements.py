"""Issued statements: numbered, never changed, one cooperative's own, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Conflict, NotFound
from core.statement import Issued, StatementKind, Subject
from storage.registry.repository import SqlRegistry
from tests.contracts.samples import OTHER, C

SUBJECT = Subject(StatementKind.JOB, C, "J-1", "2026-11-20", "2026-11-20")
FIRST = Issued(SUBJECT, 1, "a" * 64, 1_795_000_000_123, '{"net_m2": 8400.01, "name": "Thửa số 1"}')


def test_a_statement_comes_back_to_the_last_byte(kept: SqlRegistry) -> None:
    kept.issue(FIRST)
    assert kept.issued(SUBJECT) == FIRST


def test_the_newest_stands_and_the_old_ones_stay(kept: SqlRegistry) -> None:
    second = replace(FIRST, version=2, digest="b" * 64)
    kept.issue(FIRST)
    kept.issue(second)
    assert kept.issued(SUBJECT) == second
    assert kept.issued(SUBJECT, 1) == FIRST
    with pytest.raises(NotFound, match="no statement 3"):
        kept.issued(SUBJECT, 3)


def test_a_number_is_given_once(kept: SqlRegistry) -> None:
    kept.issue(FIRST)
    with pytest.raises(Conflict, match="number it anew"):
        kept.issue(replace(FIRST, digest="b" * 64))
    assert kept.issued(SUBJECT) == FIRST


@pytest.mark.parametrize(
    "other",
    [
        replace(SUBJECT, kind=StatementKind.PLOT),
        replace(SUBJECT, cooperative=OTHER.cooperative),
        replace(SUBJECT, name="j-1"),
        replace(SUBJECT, first_day="2026-11-19"),
        replace(SUBJECT, last_day="2026-11-21"),
    ],
)
def test_subjects_are_told_apart(kept: SqlRegistry, other: Subject) -> None:
    kept.issue(FIRST)
    with pytest.raises(NotFound):
        kept.issued(other)
    kept.issue(replace(FIRST, subject=other))
    assert kept.issued(other).subject == other


def test_they_are_listed_by_number_and_cooperative(kept: SqlRegistry) -> None:
    mine = [replace(FIRST, version=k) for k in (1, 2, 3)]
    for it in mine:
        kept.issue(it)
        kept.issue(replace(it, subject=replace(SUBJECT, cooperative=OTHER.cooperative)))
    first = kept.all_issued(C, limit=2)
    assert [it for _, it in first] == mine[:2]
    assert [it for _, it in kept.all_issued(C, after=first[-1][0])] == mine[2:]


def test_nobody_issues_for_an_unknown_cooperative(kept: SqlRegistry) -> None:
    with pytest.raises(NotFound):
        kept.issue(replace(FIRST, subject=replace(SUBJECT, cooperative="nobody")))
