"""DeadLetters: what was rejected is kept whole, and read back in order."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.ports import DeadLetter, DeadLetters
from tests.contracts.backends import DEAD_LETTERS, Backend, each
from tests.contracts.samples import RECEIVED


def a_letter(number: int, reason: str = "schema") -> DeadLetter:
    topic = f"canhdong/v1/htx/drones/d{number}/telemetry"
    return DeadLetter(RECEIVED - number, topic, f"payload {number}".encode(), reason, f"không đọc được {number}")


def read(letters: list[DeadLetter]) -> list[DeadLetter]:
    """Letters as they were before they got a number."""
    return [replace(letter, number=0) for letter in letters]


def test_at_first_there_are_none(letters: DeadLetters) -> None:
    letters.add([])
    assert letters.letters() == []
    assert letters.counts() == {}


def test_letters_come_back_whole_in_the_order_of_arrival(letters: DeadLetters) -> None:
    first, second = [a_letter(1), a_letter(2)], [a_letter(3)]
    letters.add(first)
    letters.add(second)
    assert read(letters.letters()) == [*first, *second]
    numbers = [letter.number for letter in letters.letters()]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > 0


def test_the_same_letter_twice_is_two(letters: DeadLetters) -> None:
    letters.add([a_letter(1), a_letter(1)])
    assert read(letters.letters()) == [a_letter(1), a_letter(1)]


def test_letters_are_read_page_by_page(letters: DeadLetters) -> None:
    kept = [a_letter(n) for n in range(7)]
    letters.add(kept)
    seen: list[DeadLetter] = []
    while page := letters.letters(after=seen[-1].number if seen else 0, limit=3):
        assert len(page) <= 3
        seen += page
    assert read(seen) == kept


def test_a_page_holds_a_hundred_unless_told_otherwise(letters: DeadLetters) -> None:
    letters.add([a_letter(n) for n in range(101)])
    assert len(letters.letters()) == 100
    assert letters.letters(limit=0) == []


@pytest.mark.parametrize("payload", [b"", b"\x00\xff\xfe\x00", bytes(range(256)) * 300, "ruộng".encode("utf-16")])
def test_any_bytes_are_kept(letters: DeadLetters, payload: bytes) -> None:
    letters.add([replace(a_letter(1), payload=payload)])
    (letter,) = letters.letters()
    assert letter.payload == payload
    assert type(letter.payload) is bytes


def test_letters_are_counted_by_reason(letters: DeadLetters) -> None:
    letters.add([a_letter(1), a_letter(2, "clock"), a_letter(3)])
    letters.add([a_letter(4, "identity"), a_letter(5)])
    assert letters.counts() == {"schema": 3, "clock": 1, "identity": 1}


@pytest.mark.parametrize("backend", each(DEAD_LETTERS, durable=True))
def test_letters_are_there_after_opening_again(backend: Backend[DeadLetters], tmp_path: Path) -> None:
    with closing(backend.open(tmp_path)) as letters:
        letters.add([a_letter(1)])
    with closing(backend.open(tmp_path)) as letters:
        letters.add([a_letter(2)])
        first, second = letters.letters()
        assert read([first, second]) == [a_letter(1), a_letter(2)]
        assert second.number > first.number
