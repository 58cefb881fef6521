"""Dead letters from the shell: shown, chosen, and replayed; one is marked when the broker has it, and not before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from dataclasses import replace as but
from queue import SimpleQueue
from typing import Any

import pytest

from cli import letters, wiring
from cli.main import DONE, FAILED, WRONG_USE
from core.errors import BrokerUnavailable
from core.ports import Message
from messaging.settlements import Pending
from tests.support.fakes import FakeBus, FakeDeadLetters
from tests.support.letters import EUI, LETTERS, NATIVE, UPLINK, taken

Run = Callable[..., tuple[int, Any, str]]


@dataclass
class MoodyBus(FakeBus):
    """A broker that has taken the first ``takes`` messages, refuses what is in ``refuses``, and may throw us out."""

    takes: int = 10**9
    refuses: tuple[bytes, ...] = ()
    gone_after: int = 10**9
    under_way: list[Pending] = field(default_factory=list)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> Pending:  # type: ignore[override]
        if len(self.under_way) >= self.gone_after:
            raise BrokerUnavailable("it is gone")
        delivery = Pending(topic)
        if len(self.under_way) < self.takes:
            delivery.settle(((0x87, "not authorized") if payload in self.refuses else (0, "well"),))
        self.under_way.append(delivery)
        return delivery


@pytest.fixture
def kept() -> FakeDeadLetters:
    found = FakeDeadLetters()
    found.add(LETTERS)
    return found


def pending(kept: FakeDeadLetters) -> list[int]:
    return [letter.number for letter in kept.letters(pending=True)]


def test_what_the_broker_has_not_acknowledged_is_not_marked(kept: FakeDeadLetters) -> None:
    told = letters.send(kept, [1, 2, 3, 4], MoodyBus(takes=2), ack_s=0.05)
    assert (told.done, told.chosen) == (2, 4)
    assert "not acknowledged" in told.fault
    assert pending(kept) == [3, 4]


def test_what_it_had_before_it_went_away_is_marked(kept: FakeDeadLetters) -> None:
    told = letters.send(kept, [1, 2, 3, 4], MoodyBus(gone_after=3))
    assert told == letters.Replay(3, 4, "it is gone")
    assert pending(kept) == [4]


def test_a_letter_that_it_refuses_does_not_keep_the_others_back(kept: FakeDeadLetters) -> None:
    kept.add([but(LETTERS[0], payload=b"last")])
    told = letters.send(kept, [1, 2, 3, 4, 5], MoodyBus(refuses=(b"[]",)))
    assert told.done == 4
    assert "not authorized" in told.fault
    assert pending(kept) == [3]


def test_a_broker_that_answers_nothing_is_given_one_time_for_all(kept: FakeDeadLetters) -> None:
    kept.add([LETTERS[0]] * 2_000)
    # a time of its own for each of five hundred would be longer than a test may take
    told = letters.send(kept, letters.waiting(kept), bus := MoodyBus(takes=0), ack_s=0.3)
    assert (told.done, len(bus.under_way)) == (0, letters.AT_ONCE)


def test_those_that_wait_are_found_page_by_page(kept: FakeDeadLetters) -> None:
    kept.add([but(LETTERS[0], format="ttn_v3"), *[LETTERS[0]] * 1_200])
    assert letters.waiting(kept) == list(range(1, 1_206))
    assert letters.waiting(kept, sender=EUI, form="ttn_v3") == [5]
    assert letters.waiting(kept, 3, reason="identity") == [1, 2, 3]
    assert letters.waiting(kept, 0) == []
    kept.replayed([1, 3], 9)
    assert letters.waiting(kept, 2) == [2, 4]


def test_a_list_may_be_of_a_reason_or_a_sender_or_of_those_that_wait(run: Run) -> None:
    def numbers(*words: str) -> list[int]:
        return [letter["number"] for letter in run("deadletter", "list", *words, "--json")[1]["letters"]]

    assert numbers() == [1, 2, 3, 4]
    assert numbers("--reason", "schema") == [4]
    assert numbers("--sender", "htx/d9") == [3, 4]
    assert numbers("--sender", "htx/d9", "--reason", "identity") == [3]
    assert numbers("--after", "1", "--limit", "2") == [2, 3]
    with wiring.stores() as stores:
        stores.dead_letters.replayed([1], 5_000)
    assert numbers("--pending") == [2, 3, 4]
    first = run("deadletter", "list", "--json")[1]["letters"][0]
    assert (first["format"], first["sender"], first["replayed"]) == ("chirpstack_v4", EUI, "1970-01-01T00:00:05.000Z")


def test_a_letter_is_shown_whole(run: Run) -> None:
    code, document, _ = run("deadletter", "show", "4", "--json")
    assert (code, document["reason"], document["payload"]) == (DONE, "schema", "\\xff{")
    assert document["payload_base64"] == "/3s="
    shown = run("deadletter", "show", "4")[1]
    assert "hỏng" in shown
    assert "hex ff 7b" in shown
    assert '{"n":1}' in run("deadletter", "show", "1")[1]
    assert run("deadletter", "show", "99")[0] == FAILED


def test_what_a_device_says_does_not_steer_the_terminal(run: Run) -> None:
    with wiring.stores() as stores:
        bad = but(LETTERS[0], payload="\x1b[2Jruộng".encode(), message="\x1b]0;x\x07", sender="\x1b[1mlạ")
        stores.dead_letters.add([bad])
    for words in (("deadletter", "show", "5"), ("deadletter", "list"), ("devices", "quarantine")):
        code, printed, _ = run(*words)
        assert code == DONE
        assert "\\x1b[1mlạ" in printed
        assert "\x1b" not in printed


def test_letters_are_replayed_by_number_reason_or_all_and_only_once(run: Run, inbox: SimpleQueue[Message]) -> None:
    assert run("deadletter", "replay", "4", "4", "--json")[1] == {"replayed": 1}
    assert taken(inbox, 1) == [(NATIVE, b"\xff{")]
    assert run("deadletter", "replay", "--reason", "identity", "--limit", "1", "--json")[1] == {"replayed": 1}
    assert taken(inbox, 1) == [(UPLINK, b'{"n":1}')]
    assert run("deadletter", "replay", "--sender", "htx/d9", "--json")[1] == {"replayed": 1}
    assert taken(inbox, 1) == [(NATIVE, b"[]")]
    assert run("deadletter", "replay", "--all", "--json")[1] == {"replayed": 1}
    assert taken(inbox, 1) == [(UPLINK, b'{"n":2}')]
    assert run("deadletter", "replay", "--all", "--json")[1] == {"replayed": 0}
    assert run("deadletter", "list", "--json")[1]["letters"][0]["replayed"] is not None


@pytest.mark.parametrize("words", [(), ("4", "--all"), ("--all", "--reason", "schema"), ("4", "--sender", "a")])
def test_what_is_replayed_must_be_said_in_one_way(run: Run, words: tuple[str, ...]) -> None:
    assert run("deadletter", "replay", *words)[0] == WRONG_USE


def test_a_letter_that_is_not_there_stops_a_replay_before_it_begins(run: Run, inbox: SimpleQueue[Message]) -> None:
    code, _, said = run("deadletter", "replay", "1", "99")
    assert (code, taken(inbox, 0)) == (FAILED, [])
    assert "99" in said


def test_a_broker_that_is_away_marks_nothing(run: Run) -> None:
    code, told, said = run("deadletter", "replay", "--all", "--json")
    assert (code, told) == (FAILED, {"replayed": 0})
    assert "0 of 4" in said
    assert "no broker answers" in said
    assert len(run("deadletter", "list", "--pending", "--json")[1]["letters"]) == 4
