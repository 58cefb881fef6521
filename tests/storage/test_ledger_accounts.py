"""The ledger read by others: pages of a device's window, nothing where there is no ledger."""

from __future__ import annotations

from pathlib import Path

from core.intake import IntakeCommit
from core.model.ledger import Account
from storage.intake.accounts import LedgerAccounts
from storage.intake.sqlite import SqliteIntake


def page(device: str, boot: str, first_ms: int, last_ms: int, *runs: list[int], cooperative: str = "c") -> Account:
    return Account(
        cooperative=cooperative,
        device=device,
        boot=boot,
        received=1,
        stored=1,
        first_ms=first_ms,
        last_ms=last_ms,
        runs=[list(r) for r in runs],
    )


def test_pages_of_all_slots_that_touch_the_window_are_merged_by_boot(tmp_path: Path) -> None:
    path = tmp_path / "intake.sqlite"
    store = SqliteIntake(path)
    store.commit(
        "one", IntakeCommit(todo={}, accounts=[page("d", "b1", 0, 100, [0, 4]), page("d", "b2", 500, 600, [0, 9])])
    )
    store.commit(
        "two", IntakeCommit(todo={}, accounts=[page("d", "b1", 50, 150, [5, 7]), page("e", "b1", 0, 100, [0, 1])])
    )
    store.commit("two", IntakeCommit(todo={}, accounts=[page("d", "b1", 0, 100, [0, 1], cooperative="other")]))
    source = LedgerAccounts(path)
    assert [(a.boot, a.runs) for a in source.of("c", "d", 0, 400)] == [("b1", [[0, 7]])]
    assert [a.boot for a in source.of("c", "d", 150, 500)] == ["b1", "b2"]
    assert not source.of("c", "d", 151, 499)
    store.close()
    assert [a.boot for a in source.of("c", "d", 500, 500)] == ["b2"]
    source.close()


def test_without_a_ledger_there_are_no_pages_and_no_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "intake.sqlite"
    assert not LedgerAccounts(path).of("c", "d", 0, 400)
    assert not list(tmp_path.iterdir())
