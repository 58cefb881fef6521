"""Turns: one of a kind at a time, others beside it, and nothing is left behind."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.conditional import Kept, Made
from api.turns import Turns

PATIENCE_S = 30.0


def test_an_answer_that_many_ask_for_at_once_is_made_once() -> None:
    kept, begun, go = Kept(), threading.Event(), threading.Event()
    made: list[str] = []

    def make() -> Made:
        made.append("x")
        begun.set()
        assert go.wait(PATIENCE_S)
        return Made(b"text")

    with ThreadPoolExecutor(5) as pool:
        answers = [pool.submit(kept.get, "tag", make) for _ in range(5)]
        assert begun.wait(PATIENCE_S)
        assert kept.get("another", lambda: Made(b"other")).body == b"other", "others do not wait"
        go.set()
        assert [it.result(PATIENCE_S).body for it in answers] == [b"text"] * 5
    assert made == ["x"]


def test_whoever_fails_lets_the_next_one_try() -> None:
    kept = Kept()

    def fail() -> Made:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.get("tag", fail)
    assert kept.get("tag", lambda: Made(b"text")).body == b"text"


def test_locks_live_as_long_as_they_are_used() -> None:
    turns: Turns[str] = Turns()
    with turns.of("a"), turns.of("b"):
        assert set(turns._known) == {"a", "b"}
    assert not turns._known
