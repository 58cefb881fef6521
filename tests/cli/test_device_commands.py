"""Unknown senders and dead letters from the shell: listed, adopted, replayed to a real broker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from cli.main import DONE, FAILED, WRONG_USE, main
from core.ports import DeadLetter, Message
from messaging.address import parse_url
from messaging.subscriber import Subscriber
from storage.deadletters.sqlite import SqliteDeadLetters
from tests.support.processes import free_port
from tests.support.servers import BROKERS, running_broker

EUI = "24e124136b316231"
UPLINK = f"application/1/device/{EUI}/event/up"
NATIVE = "canhdong/v1/htx/drones/d9/telemetry"

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on a data folder of the test's own; JSON is read."""
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CANHDONG_MQTT_URL", f"mqtt://127.0.0.1:{free_port()}")

    def run(*words: str) -> tuple[int, Any, str]:
        code = main(words)
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if "--json" in words and printed.out else printed.out, printed.err

    run("cooperative", "add", "htx")
    letters = [
        DeadLetter(1_000, UPLINK, b'{"n":1}', "identity", "lạ", format="chirpstack_v4", sender=EUI),
        DeadLetter(2_000, UPLINK, b'{"n":2}', "identity", "lạ", format="chirpstack_v4", sender=EUI),
        DeadLetter(3_000, NATIVE, b"[]", "identity", "lạ", format="native_json", sender="htx/d9"),
        DeadLetter(4_000, NATIVE, b"\xff{", "schema", "hỏng", format="native_json", sender="htx/d9"),
    ]
    with closing(SqliteDeadLetters(tmp_path / "data" / "deadletters.sqlite")) as kept:
        kept.add(letters)
    return run


@pytest.fixture(params=BROKERS)
def inbox(
    request: pytest.FixtureRequest, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SimpleQueue[Message]]:
    """What a broker that the commands are told of delivers."""
    found: SimpleQueue[Message] = SimpleQueue()
    with running_broker(request.param, tmp_path / "broker") as port:
        monkeypatch.setenv("CANHDONG_MQTT_URL", f"mqtt://127.0.0.1:{port}")
        subscriber = Subscriber(parse_url(f"mqtt://127.0.0.1:{port}"), "watch", persistent=False)
        subscriber.subscribe(["#"], found.put)
        yield found
        subscriber.close()


def taken(inbox: SimpleQueue[Message], count: int) -> list[tuple[str, bytes]]:
    got = [inbox.get(timeout=10.0) for _ in range(count)]
    with pytest.raises(Empty):
        inbox.get(timeout=0.1)
    return sorted((m.topic, m.payload) for m in got)


def test_strangers_are_listed_by_format_and_sender(run: Run) -> None:
    code, document, _ = run("devices", "quarantine", "--json")
    assert code == DONE
    assert [(s["format"], s["sender"], s["messages"]) for s in document["senders"]] == [
        ("native_json", "htx/d9", 1),
        ("chirpstack_v4", EUI, 2),
    ]
    assert document["senders"][1]["first"] == "1970-01-01T00:00:01.000Z"
    assert EUI in run("devices", "quarantine")[1]


def test_an_adopted_sensor_gets_its_letters_back_into_the_broker(run: Run, inbox: SimpleQueue[Message]) -> None:
    code, document, _ = run(
        "devices", "adopt", "chirpstack_v4", EUI, "--cooperative", "htx", "--device", "nuoc-1", "--json"
    )
    assert (code, document["registered"], document["replayed"]) == (DONE, True, 2)
    assert taken(inbox, 2) == [(UPLINK, b'{"n":1}'), (UPLINK, b'{"n":2}')]
    assert [s["sender"] for s in run("devices", "quarantine", "--json")[1]["senders"]] == ["htx/d9"]
    (device,) = run("devices", "list", "htx", "--json")[1]["devices"]
    assert (device["device"], device["kind"]) == ("nuoc-1", "sensors")
    assert device["foreign"] == [{"format": "chirpstack_v4", "external": EUI, "valid_from_ms": 0}]


def test_a_drone_of_ours_is_adopted_under_its_own_name_only(run: Run, inbox: SimpleQueue[Message]) -> None:
    words = ("devices", "adopt", "native_json", "htx/d9", "--cooperative", "htx", "--kind", "drones", "--device")
    assert run(*words, "d8")[0] == WRONG_USE
    assert run(*words, "d9")[0] == DONE
    assert taken(inbox, 1) == [(NATIVE, b"[]")]
    assert run("devices", "list", "htx", "--json")[1]["devices"][0]["foreign"] == []


def test_where_the_broker_is_away_adopting_works_and_the_letters_wait(run: Run) -> None:
    code, _, said = run("devices", "adopt", "chirpstack_v4", EUI, "--cooperative", "htx", "--device", "nuoc-1")
    assert code == DONE
    assert "deadletter replay --sender" in said
    assert len(run("deadletter", "list", "--pending", "--sender", EUI, "--json")[1]["letters"]) == 2


def test_adopting_may_leave_the_letters_and_say_since_when(run: Run) -> None:
    words = ("devices", "adopt", "chirpstack_v4", EUI, "--cooperative", "htx", "--device", "nuoc-1", "--no-replay")
    assert run(*words, "--valid-from", "2026-11-26")[0] == DONE
    (device,) = run("devices", "list", "htx", "--json")[1]["devices"]
    assert device["foreign"][0]["valid_from_ms"] == 1_795_626_000_000, "midnight in Asia/Ho_Chi_Minh"
    assert run(*words, "--valid-from", "hôm qua")[0] == WRONG_USE


@pytest.mark.parametrize("cooperative", ["khong-co", "Sai Tên"])
def test_an_unknown_cooperative_adopts_nothing(run: Run, cooperative: str) -> None:
    words = ("devices", "adopt", "chirpstack_v4", EUI, "--cooperative", cooperative, "--device", "nuoc-1")
    assert run(*words)[0] == FAILED
    assert len(run("devices", "quarantine", "--json")[1]["senders"]) == 2


def test_a_letter_is_shown_whole(run: Run) -> None:
    code, document, _ = run("deadletter", "show", "4", "--json")
    assert (code, document["reason"], document["payload"]) == (DONE, "schema", "\\xff{")
    assert document["payload_base64"] == "/3s="
    assert "hỏng" in run("deadletter", "show", "4")[1]
    assert run("deadletter", "show", "99")[0] == FAILED


def test_letters_are_replayed_by_number_reason_or_all_and_only_once(run: Run, inbox: SimpleQueue[Message]) -> None:
    assert run("deadletter", "replay", "4", "--json")[1] == {"replayed": 1}
    assert taken(inbox, 1) == [(NATIVE, b"\xff{")]
    assert run("deadletter", "replay", "--reason", "identity", "--limit", "1", "--json")[1] == {"replayed": 1}
    taken(inbox, 1)
    assert run("deadletter", "replay", "--all", "--json")[1] == {"replayed": 2}
    taken(inbox, 2)
    assert run("deadletter", "replay", "--all", "--json")[1] == {"replayed": 0}
    assert run("deadletter", "list", "--json")[1]["letters"][0]["replayed"] is not None


@pytest.mark.parametrize("words", [(), ("4", "--all"), ("--all", "--reason", "schema")])
def test_what_is_replayed_must_be_said_in_one_way(run: Run, words: tuple[str, ...]) -> None:
    assert run("deadletter", "replay", *words)[0] == WRONG_USE


def test_a_broker_that_is_away_marks_nothing(run: Run) -> None:
    assert run("deadletter", "replay", "--all")[0] == FAILED
    assert len(run("deadletter", "list", "--pending", "--json")[1]["letters"]) == 4
