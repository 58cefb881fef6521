"""Unknown senders from the shell: listed, adopted, and what they have sent replayed to a real broker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as but
from queue import SimpleQueue
from typing import Any

import pytest

from cli import wiring
from cli.main import DONE, FAILED, WRONG_USE
from core.model.land import DeviceKind
from core.ports import Message
from tests.support.letters import EUI, LETTERS, NATIVE, UPLINK, taken

Run = Callable[..., tuple[int, Any, str]]

ADOPT = ("devices", "adopt", "chirpstack_v4", EUI, "--cooperative", "htx", "--device", "nuoc-1")
OSD = b'{"timestamp": 1763999970000, "data": {"latitude": 9.3, "longitude": 105.7, "elevation": 12.5}}'


def devices(run: Run) -> list[dict[str, Any]]:
    """What is registered now."""
    listed: list[dict[str, Any]] = run("devices", "list", "htx", "--json")[1]["devices"]
    return listed


def test_strangers_are_listed_by_format_and_sender(run: Run) -> None:
    code, document, _ = run("devices", "quarantine", "--json")
    assert code == DONE
    assert [(s["format"], s["sender"], s["messages"], s["topic"]) for s in document["senders"]] == [
        ("native_json", "htx/d9", 1, NATIVE),
        ("chirpstack_v4", EUI, 2, UPLINK),
    ]
    assert document["senders"][1]["first"] == "1970-01-01T00:00:01.000Z"
    assert document["senders"][1]["last"] == "1970-01-01T00:00:02.000Z"
    shown = run("devices", "quarantine")[1]
    assert EUI in shown
    assert "1970-01-01 08:00:01" in shown, "in Asia/Ho_Chi_Minh, which was at UTC+8 then"


def test_an_adopted_sensor_gets_its_letters_back_into_the_broker(run: Run, inbox: SimpleQueue[Message]) -> None:
    code, told, _ = run(*ADOPT, "--name", "Mực nước", "--model", "EM500-SWL", "--json")
    assert code == DONE
    assert told == {"device": "nuoc-1", "cooperative": "htx", "registered": True, "replayed": 2, "waiting": 0}
    assert taken(inbox, 2) == [(UPLINK, b'{"n":1}'), (UPLINK, b'{"n":2}')]
    assert [s["sender"] for s in run("devices", "quarantine", "--json")[1]["senders"]] == ["htx/d9"]
    (device,) = devices(run)
    assert device == {
        "device": "nuoc-1",
        "kind": "sensors",
        "name": "Mực nước",
        "model": "EM500-SWL",
        "foreign": [{"format": "chirpstack_v4", "external": EUI, "valid_from_ms": 0}],
    }
    assert EUI in run("devices", "list", "htx")[1]


def test_a_drone_of_ours_is_adopted_under_its_own_name_only(run: Run, inbox: SimpleQueue[Message]) -> None:
    words = ("devices", "adopt", "native_json", "htx/d9", "--cooperative", "htx", "--device")
    assert run(*words, "d8")[0] == WRONG_USE
    assert run(*words, "d9", "--valid-from", "2026-11-26")[0] == WRONG_USE
    assert devices(run) == []
    assert run(*words, "d9")[0] == DONE
    assert taken(inbox, 1) == [(NATIVE, b"[]")]
    (device,) = devices(run)
    assert (device["kind"], device["foreign"]) == ("drones", []), "its topic says what it is"


def test_a_foreign_sender_of_fixes_is_a_drone(run: Run) -> None:
    with wiring.stores() as stores:
        osd = but(LETTERS[0], topic="thing/product/1581F/osd", payload=OSD, format="dji_cloud", sender="1581F")
        stores.dead_letters.add([osd])
    words = ("devices", "adopt", "dji_cloud", "1581F", "--cooperative", "htx", "--no-replay")
    assert run(*words, "--device", "bay-1")[0] == DONE
    with wiring.stores() as stores:
        assert stores.registry.device("htx", "bay-1").kind is DeviceKind.DRONE


def test_letters_of_another_format_are_left(run: Run, inbox: SimpleQueue[Message]) -> None:
    with wiring.stores() as stores:
        stores.dead_letters.add([but(LETTERS[0], format="chirpstack_v3"), but(LETTERS[0], reason="mapping")])
    assert run(*ADOPT, "--json")[1]["replayed"] == 2
    taken(inbox, 2)
    assert len(run("deadletter", "list", "--sender", EUI, "--pending", "--json")[1]["letters"]) == 2


def test_where_the_broker_is_away_adopting_works_and_the_letters_wait(run: Run) -> None:
    code, told, said = run(*ADOPT, "--json")
    assert (code, told["registered"], told["replayed"], told["waiting"]) == (DONE, True, 0, 2)
    assert f"deadletter replay --sender {EUI}" in said
    assert len(run("deadletter", "list", "--pending", "--sender", EUI, "--json")[1]["letters"]) == 2
    assert run(*ADOPT, "--no-replay", "--json")[1]["registered"] is False, "once more changes nothing"
    assert len(devices(run)) == 1


def test_adopting_may_leave_the_letters_and_say_since_when(run: Run) -> None:
    assert run(*ADOPT, "--no-replay", "--valid-from", "2026-11-26")[0] == DONE
    (device,) = devices(run)
    assert device["foreign"][0]["valid_from_ms"] == 1_795_626_000_000, "midnight in Asia/Ho_Chi_Minh"
    assert run(*ADOPT, "--no-replay", "--valid-from", "2026-11-26T00:00:00Z")[0] == DONE
    assert [it["valid_from_ms"] for it in devices(run)[0]["foreign"]] == [1_795_626_000_000, 1_795_651_200_000]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--cooperative", "khong-co"), FAILED),
        (("--cooperative", "Sai Tên"), WRONG_USE),
        (("--device", "Sai Tên"), WRONG_USE),
        (("--valid-from", "hôm qua"), WRONG_USE),
    ],
)
def test_what_cannot_be_adopted_registers_nothing(run: Run, words: tuple[str, ...], code: int) -> None:
    assert run(*ADOPT, *words)[0] == code
    assert devices(run) == []
    assert len(run("devices", "quarantine", "--json")[1]["senders"]) == 2


def test_a_format_that_nobody_reads_is_wrong_use(run: Run) -> None:
    code, _, said = run("devices", "adopt", "chirpstack", EUI, "--cooperative", "htx", "--device", "nuoc-1")
    assert code == WRONG_USE
    assert "chirpstack_v4" in said


def test_what_is_anothers_already_registers_nothing(run: Run) -> None:
    assert run(*ADOPT, "--no-replay")[0] == DONE
    code, _, said = run(*ADOPT, "--device", "nuoc-2")
    assert code == FAILED
    assert "nuoc-1" in said
    assert [it["device"] for it in devices(run)] == ["nuoc-1"]


def test_a_device_of_the_other_kind_is_not_the_sender(run: Run) -> None:
    run("sensor", "add", "htx", "d9")
    words = ("devices", "adopt", "native_json", "htx/d9", "--cooperative", "htx", "--device", "d9")
    code, _, said = run(*words)
    assert code == FAILED
    assert "sensors" in said
    assert len(run("deadletter", "list", "--pending", "--json")[1]["letters"]) == 4


def test_devices_of_a_cooperative_that_is_not_there_are_a_failure(run: Run) -> None:
    assert devices(run) == []
    assert run("devices", "list", "khong-co")[0] == FAILED
