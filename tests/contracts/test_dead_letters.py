"""DeadLetters: what was rejected is kept whole, and read back in order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import NotFound
from core.ports import DeadLetter, DeadLetters
from storage.deadletters.sqlite import SqliteDeadLetters
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


def test_of_letters_with_the_same_origin_the_first_is_kept(letters: DeadLetters) -> None:
    letters.add([replace(a_letter(1), origin="slot-0@17.0"), replace(a_letter(2), origin="slot-0@17.1")])
    letters.add([replace(a_letter(3), origin="slot-0@17.0"), replace(a_letter(4), origin="slot-0@99.0")])
    assert [letter.message[-1] for letter in letters.letters()] == ["1", "2", "4"]


def test_one_letter_is_read_by_its_number(letters: DeadLetters) -> None:
    letters.add([a_letter(1), replace(a_letter(2), format="senml", sender="urn:dev:1", origin="x")])
    number = letters.letters()[1].number
    assert read([letters.letter(number)]) == [replace(a_letter(2), format="senml", sender="urn:dev:1", origin="x")]
    with pytest.raises(NotFound):
        letters.letter(number + 1)


def test_letters_are_chosen_by_reason_sender_and_whether_they_were_replayed(letters: DeadLetters) -> None:
    letters.add([replace(a_letter(n, reason), sender=sender) for n, reason, sender in _SOME])
    first, second, third = letters.letters()
    assert letters.letters(reason="clock") == [third]
    assert letters.letters(sender="a") == [first, third]
    assert letters.letters(reason="schema", sender="a") == [first]
    letters.replayed([first.number], 5_000)
    assert [letter.number for letter in letters.letters(pending=True)] == [second.number, third.number]
    assert letters.letter(first.number).replayed_ms == 5_000
    assert letters.letters(first.number, pending=True, limit=1) == [second]


def test_strangers_are_the_senders_whose_letters_wait(letters: DeadLetters) -> None:
    of = [("chirpstack_v4", "24e1", 5), ("chirpstack_v4", "24e1", 3), ("native_json", "htx/d9", 1)]
    letters.add([replace(a_letter(n, "identity"), format=form, sender=sender) for form, sender, n in of])
    letters.add([replace(a_letter(9), sender="htx/d1")])
    assert [(s.sender, s.letters, s.first_ms, s.last_ms) for s in letters.strangers()] == [
        ("htx/d9", 1, RECEIVED - 1, RECEIVED - 1),
        ("24e1", 2, RECEIVED - 5, RECEIVED - 3),
    ]
    assert letters.strangers()[1].topic == a_letter(3).topic
    letters.replayed([letter.number for letter in letters.letters(sender="24e1")], 1)
    assert [s.sender for s in letters.strangers()] == ["htx/d9"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_a_strangers_topic_is_where_it_was_last_heard(letters: DeadLetters, order: tuple[int, ...]) -> None:
    topics = ("newest", "middle", "oldest")  # by name the last heard is neither the first nor the last
    heard = [replace(a_letter(n, "identity"), topic=topics[n], format="senml", sender="urn:dev:1") for n in order]
    letters.add([*heard, replace(a_letter(-1), format="senml", sender="urn:dev:1")])
    (stranger,) = letters.strangers()
    assert (stranger.topic, stranger.letters) == ("newest", 3)


def test_a_stranger_is_a_sender_of_one_format(letters: DeadLetters) -> None:
    of = [("senml", "24e1"), ("ttn_v3", "24e1"), ("ttn_v3", "24e2")]
    heard = [replace(a_letter(n, "identity"), format=form, sender=sender) for n, (form, sender) in enumerate(of)]
    letters.add(heard)
    assert [(s.format, s.sender, s.topic) for s in letters.strangers()] == [
        (it.format, it.sender, it.topic) for it in heard
    ]


def test_a_number_that_no_letter_has_is_not_marked(letters: DeadLetters) -> None:
    letters.add([a_letter(1)])
    letters.replayed([0, 99], 5_000)
    letters.replayed([], 5_000)
    assert len(letters.letters(pending=True)) == 1


_SOME = [(1, "schema", "a"), (2, "schema", "b"), (3, "clock", "a")]


@pytest.mark.parametrize("backend", each(DEAD_LETTERS, durable=True))
def test_letters_are_there_after_opening_again(backend: Backend[DeadLetters], tmp_path: Path) -> None:
    with closing(backend.open(tmp_path)) as letters:
        letters.add([a_letter(1)])
    with closing(backend.open(tmp_path)) as letters:
        letters.add([a_letter(2)])
        first, second = letters.letters()
        assert read([first, second]) == [a_letter(1), a_letter(2)]
        assert second.number > first.number


def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "old.sqlite")
    old.execute(
        "CREATE TABLE letters (number INTEGER PRIMARY KEY AUTOINCREMENT, received_ms INTEGER NOT NULL, "
        "topic TEXT NOT NULL, payload BLOB NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL)"
    )
    old.execute("INSERT INTO letters VALUES (7, 1, 't', x'00', 'schema', 'cũ')")
    old.commit()
    old.close()
    for _ in range(2):
        with closing(SqliteDeadLetters(tmp_path / "old.sqlite")) as letters:
            assert letters.letter(7) == DeadLetter(1, "t", b"\x00", "schema", "cũ", number=7)
    with closing(SqliteDeadLetters(tmp_path / "old.sqlite")) as letters:
        letters.add([a_letter(1)])
        letters.replayed([7], 5_000)
        assert [(letter.number, letter.replayed_ms) for letter in letters.letters()] == [(7, 5_000), (8, 0)]
