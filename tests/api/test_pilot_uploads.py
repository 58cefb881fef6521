"""Pilots hand in logs of their cooperative's flights and take back their own; all else they only read."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.accounts import KEY_SCOPES, SCOPES, Role, Scope
from tests.api.conftest import START_MS, Village
from tests.support import rectangle
from tests.support.archived import HOUR_MS
from tests.support.handing_in import as_csv, silent

UPLOADS = "/v1/cooperatives/htx-a/uploads"


def log(folder: Path, days: int) -> bytes:
    """A log of a flight of another day, which nobody has told before."""
    return as_csv(folder / "card.csv", silent(rectangle.flight("d1", START_MS - days * 24 * HOUR_MS))).read_bytes()


def hand_in(client: TestClient, content: bytes) -> tuple[int, int]:
    """The status, and the number of the upload."""
    answer = client.post(UPLOADS, params={"file": "card.csv", "device": "d1"}, content=content)
    return answer.status_code, answer.json().get("number", 0)


def test_the_table_of_rights() -> None:
    assert SCOPES[Role.PILOT] == {Scope.READ, Scope.UPLOAD}
    assert SCOPES[Role.MANAGER] == {Scope.READ, Scope.UPLOAD, Scope.WRITE}
    assert SCOPES[Role.OFFICER] == {Scope.READ}
    assert Scope.AUDIT not in KEY_SCOPES


def test_a_pilot_hands_in_a_log_and_takes_it_back(village: Village, tmp_path: Path) -> None:
    pilot = village.api.client(village.api.bearer(village.people["pilot-a"]))
    status, number = hand_in(pilot, log(tmp_path, 4))
    assert status == 201
    assert pilot.get(f"{UPLOADS}/{number}").json()["account"] == "pilot-a"
    assert pilot.post(f"{UPLOADS}/{number}/compute").status_code == 200
    assert pilot.post(f"{UPLOADS}/{number}/undo").status_code == 200
    done = [(it.actor, it.action) for it in village.api.accounts.audit("htx-a")[:2]]
    assert done == [("pilot-a", "took an upload back"), ("pilot-a", "uploaded")]


def test_a_pilot_leaves_what_others_handed_in(village: Village, tmp_path: Path) -> None:
    manager = village.api.client(village.api.key("manager-a", Scope.READ, Scope.WRITE))
    status, number = hand_in(manager, log(tmp_path, 5))
    assert status == 201
    pilot = village.api.client(village.api.bearer(village.people["pilot-a"]))
    for what in ("undo", "compute"):
        assert pilot.post(f"{UPLOADS}/{number}/{what}").status_code == 403
    assert pilot.get(f"{UPLOADS}/{number}").json()["undone"] is None
    assert pilot.post(f"{UPLOADS}/4711/undo").status_code == 404
    assert manager.post(f"{UPLOADS}/{number}/undo").status_code == 200


def test_a_manager_takes_back_what_a_pilot_handed_in(village: Village, tmp_path: Path) -> None:
    pilot = village.api.client(village.api.key("pilot-a", Scope.READ, Scope.UPLOAD))
    status, number = hand_in(pilot, log(tmp_path, 6))
    assert status == 201
    manager = village.api.client(village.api.key("manager-a", Scope.READ, Scope.WRITE))
    assert manager.post(f"{UPLOADS}/{number}/undo").status_code == 200


@pytest.mark.parametrize(
    ("account", "scopes", "status"),
    [
        ("pilot-a", (Scope.READ,), 403),
        ("pilot-a", (Scope.READ, Scope.WRITE), 403),
        ("manager-a", (Scope.READ,), 403),
        ("officer", (Scope.READ, Scope.UPLOAD, Scope.WRITE), 403),
        ("manager-b", (Scope.READ, Scope.UPLOAD, Scope.WRITE), 404),
    ],
)
def test_who_may_not_hands_nothing_in(
    village: Village, tmp_path: Path, account: str, scopes: tuple[Scope, ...], status: int
) -> None:
    client = village.api.client(village.api.key(account, *scopes))
    assert hand_in(client, log(tmp_path, 7))[0] == status


def test_the_right_to_upload_is_no_right_to_change(village: Village) -> None:
    for account in ("pilot-a", "manager-a"):
        client = village.api.client(village.api.key(account, Scope.READ, Scope.UPLOAD))
        body = {"member": "x", "name": "x"}
        assert client.post("/v1/cooperatives/htx-a/members", json=body).status_code == 403
