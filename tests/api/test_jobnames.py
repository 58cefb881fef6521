"""Jobs are called what people like: every address of a job is reached whatever letters its name has."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from urllib.parse import quote, unquote

import pytest
from fastapi.testclient import TestClient

from core.accounts import Role, Scope
from core.model.enums import Operation
from core.model.land import Cooperative, Device, DeviceKind
from core.model.work import Job
from geo.archiving import archived
from geo.context.following import ContextFollower
from geo.parameters import Parameters
from geo.service import recompute
from tests.api.conftest import DAY, START_MS
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.people import Api, running_api

JOB = "vụ 3/2026 & 50%"
OWN = "/v1/cooperatives/htx-a"
NAMES = [
    JOB,
    "a/history",
    "a/statement",
    "x/y/z",
    "/",
    "50%25",
    "%2F",
    "%2f/%252F",
    "%",
    "?q=1#f",
    "a b+c",
    "a;b:c@d",
    'dấu "nháy" <b>',
    "\\",
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running_api(tmp_path_factory.mktemp("jobs"), FakeClock(START_MS + 3_600_000)) as it:
        for tenant in ("htx-a", "htx-b"):
            it.registry.add_cooperative(Cooperative(tenant, tenant))
        it.registry.put_plot(rectangle.plot("htx-a", "rect"))
        it.registry.add_device(Device("d1", "htx-a", DeviceKind.DRONE, "", "T40"))
        it.registry.put(Job(JOB, "htx-a", Operation.SPRAY, DAY, ("rect",)))
        table = rectangle.flight("d1", START_MS).with_columns(job=JOB)
        it.store.write("htx-a", list(table.rows()), START_MS)
        span = START_MS, int(table.ts_ms[-1])
        done = recompute(it.store, it.registry, "htx-a", "d1", *span, 300.0)
        archived(it.archive, it.store, it.registry, "htx-a", "d1", span, done.results)
        ContextFollower(it.store, it.registry, it.registry, Parameters()).refresh("htx-a", *span)
        it.enrol("manager-a", Role.MANAGER, "htx-a")
        it.enrol("manager-b", Role.MANAGER, "htx-b")
        yield it


@pytest.fixture(scope="module")
def client(api: Api) -> TestClient:
    return api.client(api.key("manager-a", Scope.READ, Scope.WRITE))


def addresses(api: Api) -> list[str]:
    """All addresses of jobs that are read, with the job's name in them."""
    told = [path for path, of in api.app.openapi()["paths"].items() if "{job}" in path and "get" in of]
    filled = [*told, "/statements/{cooperative}/jobs/{job}"]
    return [it.replace("{cooperative}", "htx-a").replace("{job}", quote(JOB, safe="")) for it in filled]


def test_every_address_of_a_job_is_reached(api: Api, client: TestClient) -> None:
    assert len(addresses(api)) >= 6
    for path in addresses(api):
        answer = client.get(path)
        assert answer.status_code == 200, path
    assert client.get(f"{OWN}/jobs/{quote(JOB, safe='')}").json()["job"] == JOB


def test_every_link_to_a_job_is_followed(client: TestClient) -> None:
    issued = client.get(f"{OWN}/jobs/{quote(JOB, safe='')}/statement")
    assert issued.json()["subject"]["name"] == JOB
    listed = [it for it in client.get(f"{OWN}/statements").json() if it["kind"] == "job"]
    assert [it["name"] for it in listed] == [JOB]
    assert client.get(listed[0]["href"]).content == issued.content
    page = client.get(f"/statements/htx-a/jobs/{quote(JOB, safe='')}").text
    links = [unescape(it) for it in re.findall(r'href="([^"]*/jobs/[^"]*)"', page)]
    assert len(links) >= 3
    for link in links:
        assert client.get(link).status_code == 200, link


def test_a_statement_has_a_name_without_folders(client: TestClient) -> None:
    answer = client.get(f"{OWN}/jobs/{quote(JOB, safe='')}/statement.pdf")
    name = unquote(answer.headers["content-disposition"].partition("UTF-8''")[2])
    assert name == "job-vụ 3_2026 & 50%-2026-11-20-v1.pdf"


def test_questions_name_a_job_as_it_is(client: TestClient) -> None:
    (flight,) = client.get(f"{OWN}/flights", params={"day": DAY, "job": JOB}).json()
    assert flight["job"] == JOB
    (row,) = client.get(f"{OWN}/coverage", params={"day": DAY, "job": JOB}).json()
    assert row["job"] == JOB
    features = client.get("/ogc/collections/flights/items", params={"job": JOB}).json()["features"]
    assert [it["properties"]["job"] for it in features] == [JOB]
    exported = client.get(f"{OWN}/exports/fixes", params={"job": JOB, "first": DAY, "format": "csv"})
    assert exported.text.count("\n") > 100


@pytest.mark.parametrize("form", ["geojson", "csv", "kml", "gpkg", "shapefile", "parquet", "isoxml"])
def test_a_file_of_a_job_has_a_name_without_folders(client: TestClient, form: str) -> None:
    answer = client.get(f"{OWN}/exports/fixes", params={"job": JOB, "first": DAY, "format": form})
    assert answer.status_code == 200, answer.text
    name = unquote(answer.headers["content-disposition"].partition("UTF-8''")[2])
    assert name.startswith("fixes-vụ 3_2026 & 50%-2026-11-20."), name
    if form in {"shapefile", "isoxml"}:
        members = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        assert all("vụ 3/" not in it for it in members), members


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_job_of_any_name_is_ordered_read_changed_and_retired(client: TestClient, name: str) -> None:
    body = {"op": "spray", "day": DAY, "plots": ["rect"]}
    made = client.post(f"{OWN}/jobs", json=body | {"job": name})
    assert made.status_code == 201, made.text
    where = made.headers["location"]
    assert where == f"{OWN}/jobs/{quote(name, safe='')}"
    read = client.get(where)
    assert (read.status_code, read.json()["job"]) == (200, name)
    changed = client.put(where, json=body, headers={"If-Match": read.headers["etag"]})
    assert (changed.status_code, changed.json()["job"]) == (200, name)
    assert {it["job"] for it in client.get(f"{where}/history").json()} == {name}
    gone = client.delete(where, headers={"If-Match": changed.headers["etag"]})
    assert (gone.status_code, gone.json()["job"]) == (200, name)


def test_names_that_look_like_paths_are_not_mixed_up(api: Api, client: TestClient) -> None:
    """Also by a cache: what differs in encoded slashes only is two addresses."""
    api.registry.put(Job("b", "htx-a", Operation.SPRAY, DAY, ("rect",)))
    api.registry.put(replace(Job("b/history", "htx-a", Operation.SPRAY, DAY, ("rect",))))
    for _ in range(2):
        assert client.get(f"{OWN}/jobs/b%2Fhistory").json()["job"] == "b/history"
        assert [it["job"] for it in client.get(f"{OWN}/jobs/b/history").json()] == ["b"]
        assert client.get(f"{OWN}/jobs/b%252Fhistory").status_code == 404
    assert client.get(f"{OWN}/jobs/b%2fhistory").json()["job"] == "b/history"


def test_another_cooperative_sees_none_of_it(api: Api) -> None:
    stranger = api.client(api.key("manager-b"))
    for path in addresses(api):
        assert stranger.get(path).status_code == 404, path
        own = stranger.get(path.replace("htx-a", "htx-b", 1))
        assert own.status_code == 404, path
    assert api.client().get(addresses(api)[0]).status_code == 401


def test_what_cannot_be_a_name_is_refused(client: TestClient) -> None:
    assert client.get(f"{OWN}/jobs/a%00b").status_code == 422
    assert client.post(f"{OWN}/jobs", json={"job": "", "op": "spray", "day": DAY, "plots": ["rect"]}).status_code == 422
