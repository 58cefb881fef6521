"""What is remembered holds for one revision, and no longer; memory is bounded."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from api.remembered import AtRevision, NotAtHand, Remembered
from core.errors import NotFound, StoreUnavailable


@dataclass
class Words:
    """A store of words that counts how often it is asked."""

    revision_is_near: bool = True
    number: int = 1
    away: bool = False
    known: dict[str, int] = field(default_factory=lambda: {"a": 1})
    asked: int = 0

    def revision(self) -> str:
        if self.away:
            raise StoreUnavailable("away")
        return str(self.number)

    def put(self, word: str, value: int) -> None:
        self.known[word] = value
        self.number += 1

    def look_up(self, word: str) -> int:
        self.asked += 1
        if word not in self.known:
            raise NotFound(word)
        return self.known[word]


def test_a_word_is_asked_once_for_as_long_as_nothing_changes() -> None:
    words = Words()
    remembered = Remembered(words, words.look_up)
    assert [remembered.get("a") for _ in range(3)] == [1, 1, 1]
    assert words.asked == 1
    words.put("a", 2)
    assert [remembered.get("a") for _ in range(3)] == [2, 2, 2]
    assert words.asked == 2


def test_what_does_not_exist_is_asked_again() -> None:
    words = Words()
    remembered = Remembered(words, words.look_up)
    for _ in range(2):
        with pytest.raises(NotFound):
            remembered.get("b")
    assert words.asked == 2


def test_at_hand_is_only_what_is_remembered_and_near() -> None:
    words = Words()
    remembered = Remembered(words, words.look_up)
    with pytest.raises(NotAtHand):
        remembered.at_hand("a")
    remembered.get("a")
    assert (remembered.at_hand("a"), words.asked) == (1, 1)
    words.put("b", 2)
    with pytest.raises(NotAtHand):
        remembered.at_hand("a")
    far = Words(revision_is_near=False)
    distant = Remembered(far, far.look_up)
    distant.get("a")
    with pytest.raises(NotAtHand):
        distant.at_hand("a")
    assert (distant.get("a"), far.asked) == (1, 1)


def test_a_store_that_does_not_tell_its_revision_is_asked_itself() -> None:
    words = Words()
    remembered = Remembered(words, words.look_up)
    remembered.get("a")
    words.away = True
    assert (remembered.get("a"), words.asked) == (1, 2)
    with pytest.raises(NotAtHand):
        remembered.at_hand("a")


def test_what_was_looked_up_before_a_change_is_not_kept_after_it() -> None:
    known: AtRevision[str, int] = AtRevision(10)
    assert known.get("1", "a") is None
    assert known.get("2", "a") is None, "somebody else has seen the next revision"
    known.put("1", "a", 7)
    assert (known.get("2", "a"), known.get("1", "a")) == (None, None)


def test_what_was_unused_the_longest_goes_first_and_what_is_too_large_never_comes() -> None:
    known: AtRevision[str, str] = AtRevision(10)
    known.get("1", "")
    for word in "abc":
        known.put("1", word, word.upper(), 4 if word == "c" else 3)
    assert [known.get("1", it) for it in "abc"] == ["A", "B", "C"]
    known.get("1", "a")
    known.put("1", "d", "D", 3)
    assert [known.get("1", it) for it in "abcd"] == ["A", None, "C", "D"]
    known.put("1", "e", "E", 11)
    assert [known.get("1", it) for it in "acde"] == ["A", "C", "D", None]
