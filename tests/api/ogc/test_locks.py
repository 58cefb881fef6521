"""The part inside the whole application: who may see what, and what is written down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import Locks
from api.ogc.collections import COLLECTIONS
from core.accounts import Role
from storage.registry.repository import SqlRegistry
from tests.api.ogc.conftest import MINE, OTHER, registered
from tests.support.fakes import FakeClock
from tests.support.people import Api, running_api

PAGES = ("", "/", "/api", "/conformance", "/collections", *(f"/collections/{it.identifier}" for it in COLLECTIONS))
DATA = [f"/collections/{it.identifier}/items" for it in COLLECTIONS]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path, FakeClock(), Locks(ogc_public=frozenset({"sites"}))) as it:
        assert isinstance(it.registry, SqlRegistry)
        registered(it.registry)
        it.enrol("mine", Role.MANAGER, MINE)
        it.enrol("other", Role.MANAGER, OTHER)
        it.enrol("officer", Role.OFFICER)
        yield it


def test_descriptions_are_open_and_data_are_not(api: Api) -> None:
    nobody = api.client()
    for path in PAGES:
        answer = nobody.get(f"/ogc{path}")
        assert answer.status_code == 200, path
        assert MINE not in answer.text
    for path in DATA:
        for one in (path, f"{path}/{MINE}.rect-1"):
            if "sites" not in one:
                assert nobody.get(f"/ogc{one}").status_code == 401, one


def test_a_key_opens_its_own_cooperative_and_no_other(api: Api) -> None:
    mine, other = api.client(api.key("mine")), api.client(api.key("other"))
    for path in DATA:
        own = mine.get(f"/ogc{path}").json()["features"]
        assert own, path
        assert all(f["properties"]["cooperative"] == MINE for f in own)
        if "sites" not in path:
            assert all(f["properties"]["cooperative"] == OTHER for f in other.get(f"/ogc{path}").json()["features"])
    assert other.get(f"/ogc/collections/plots/items/{MINE}.rect-1").status_code == 404
    assert mine.get(f"/ogc/collections/plots/items/{MINE}.rect-1").status_code == 200


def test_an_officer_sees_all_and_it_is_written_down(api: Api) -> None:
    officer = api.client(api.key("officer"))
    before = len(api.accounts.audit(None, limit=1_000))
    officer.get("/ogc/collections")
    assert len(api.accounts.audit(None, limit=1_000)) == before
    found = officer.get("/ogc/collections/plots/items", params={"limit": 1_000}).json()["features"]
    assert {f["properties"]["cooperative"] for f in found} == {MINE, OTHER}
    newest = api.accounts.audit(None, limit=1)[0]
    assert newest.actor == "officer"
    assert "/ogc/collections/plots/items?limit=1000" in newest.subject


def test_what_somebody_opened_is_open_to_everybody(api: Api) -> None:
    (site,) = api.client().get("/ogc/collections/sites/items").json()["features"]
    assert site["properties"]["name"] == "Ao"


def test_the_password_of_basic_authentication_is_a_key(api: Api) -> None:
    text = api.key("mine")["Authorization"].removeprefix("Bearer ")
    answer = api.client().get("/ogc/collections/plots/items", auth=("qgis", text))
    assert answer.status_code == 200
    assert api.client().get("/ogc/collections/plots/items", auth=("qgis", "wrong")).status_code == 401
