"""Ingest's own memory: a commit is whole, what waits to be published waits, a lease has one holder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.intake import IntakeCommit
from core.model.ledger import Account, Activity, DayAccount, DeviceClock
from storage.intake.sqlite import SqliteIntake

CLOSED = ("canhdong/v1/htx/flights/closed", b"{}")


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[SqliteIntake]:
    with closing(SqliteIntake(tmp_path / "intake.sqlite")) as it:
        yield it


def a_commit(**known: object) -> IntakeCommit:
    return IntakeCommit(**({"todo": {"slot-0": [(0, 90), (120, -1)]}} | known))  # type: ignore[arg-type]


def test_a_new_spool_is_still_to_be_done_from_its_begin(intake: SqliteIntake) -> None:
    assert intake.todo("slot-0") == [(0, -1)]
    assert intake.slots() == []
    assert intake.totals("slot-0") == {}


def test_a_commit_is_there_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "intake.sqlite"
    account = Account(cooperative="htx", device="d1", boot="b1", received=2, runs=[[0, 1]], last_received_ms=5)
    day = DayAccount(cooperative="htx", device="d1", day="2026-11-26", received=2)
    clock = DeviceClock(cooperative="htx", device="d1", offset_ms=-3, state="ahead")
    with closing(SqliteIntake(path)) as it:
        it.commit(
            "slot-0",
            a_commit(
                at_ms=7, accounts=[account], days=[day], clocks=[clock], totals={"stored": 2}, memory={"c": {"a": "1"}}
            ),
        )
    with closing(SqliteIntake(path)) as it:
        assert it.todo("slot-0") == [(0, 90), (120, -1)]
        assert it.totals("slot-0") == {"stored": 2}
        assert it.slots() == ["slot-0"]
        assert it.account("slot-0", "htx", "d1", "b1") == account
        assert it.account("slot-1", "htx", "d1", "b1") is None
        assert it.day("slot-0", "htx", "d1", "2026-11-26") == day
        assert it.clock("htx", "d1") == clock
        assert it.memory("c") == {"a": "1"}
        assert it.accounts("htx") == it.accounts("htx", "d1") == [account]
        assert it.accounts("htx", "d2") == it.accounts("khac") == it.accounts("htx", since_ms=6) == []
        assert it.days_since("htx", 7) == ["2026-11-26"]
        assert it.days_since("htx", 8) == it.days_since("khac", 0) == []


def test_a_commit_that_fails_changes_nothing(intake: SqliteIntake) -> None:
    intake.commit("slot-0", a_commit(totals={"stored": 1}))
    bad = a_commit(todo={"slot-0": [(500, -1)]}, totals={"stored": 2}, letters=[("topic", object())])
    with pytest.raises(Exception, match="type 'object' is not supported"):
        intake.commit("slot-0", bad)
    assert intake.todo("slot-0") == [(0, 90), (120, -1)]
    assert intake.totals("slot-0") == {"stored": 1}


def test_a_sessions_memory_is_replaced_as_a_whole(intake: SqliteIntake) -> None:
    intake.commit("slot-0", a_commit(memory={"sparkplug_b": {"g/n": "1", "g/n/d": "2"}, "other": {"x": "y"}}))
    intake.commit("slot-0", a_commit(memory={"sparkplug_b": {"g/n": "3"}}))
    assert intake.memory("sparkplug_b") == {"g/n": "3"}
    assert intake.memory("other") == {"x": "y"}


def test_activity_leads_to_letters_that_wait_until_they_are_sent(intake: SqliteIntake) -> None:
    marks = [(1, "b1", -1), (2, "b1", 4)]
    intake.commit(
        "slot-0", a_commit(activity=[Activity("htx", f"d{n}", marks) for n in range(3)], letters=[("t", b"1")])
    )
    (first, activity), (second, _) = intake.activity(2)
    assert activity == Activity("htx", "d0", marks)
    intake.watched(second, [CLOSED])
    assert [a.device for _, a in intake.activity(10)] == ["d2"]
    assert second > first
    outbox = intake.outbox(10)
    assert [letter[1:] for letter in outbox] == [("t", b"1"), CLOSED]
    intake.sent([outbox[0][0]])
    assert [letter[1:] for letter in intake.outbox(10)] == [CLOSED]


HOLDER = """
import sys
from pathlib import Path
from storage.intake.sqlite import SqliteIntake
print(SqliteIntake(Path(sys.argv[1])).lease("slot-0"), flush=True)
sys.stdin.read()
"""


def test_a_lease_has_one_holder_and_a_killed_process_lets_go(intake: SqliteIntake, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "intake.sqlite")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not intake.free("slot-0")
        assert not intake.lease("slot-0")
        assert intake.free("slot-1")
        other.kill()
    assert intake.free("slot-0")
    assert intake.lease("slot-0")
    assert intake.lease("slot-0")
    assert not intake.free("slot-0")


def test_a_closed_store_lets_its_leases_go(tmp_path: Path) -> None:
    path = tmp_path / "intake.sqlite"
    with closing(SqliteIntake(path)) as first:
        assert first.lease("closing")
    with closing(SqliteIntake(path)) as second:
        assert second.lease("closing")
    with pytest.raises(StoreUnavailable):
        second.todo("slot-0")
