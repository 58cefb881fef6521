"""Exports and uploads over HTTP."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from api.room import NoRoom, Room
from api.uploads.receiving import plain_name
from core.accounts import Scope
from core.model.land import Cooperative
from core.uploads import Upload
from tests.api.conftest import DAY, START_MS, Village, peopled_village
from tests.contracts.backends import postgis_url
from tests.support import rectangle
from tests.support.archived import HOUR_MS
from tests.support.handing_in import as_csv, silent, without

EXPORTS = "/v1/cooperatives/htx-a/exports"
UPLOADS = "/v1/cooperatives/htx-a/uploads"
WRITING = (Scope.READ, Scope.WRITE)
LATER_MS = START_MS - 48 * HOUR_MS


@pytest.fixture(scope="module", params=["sqlite", "postgis"])
def village(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """On every database of the registry."""
    folder = tmp_path_factory.mktemp("files")
    with peopled_village(folder, postgis_url(folder) if request.param == "postgis" else None) as it:
        yield it


@pytest.fixture(scope="module")
def log(village: Village, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of a flight of another day, which the telemetry has with a gap."""
    table = rectangle.flight("d1", LATER_MS)
    village.api.store.write("htx-a", list(without(table, 60, 119).rows()), LATER_MS)
    return as_csv(tmp_path_factory.mktemp("logs") / "card.csv", silent(table))


def test_an_export_is_a_file(village: Village) -> None:
    client = village.api.client(village.api.key("pilot-a"))
    answer = client.get(f"{EXPORTS}/fixes", params={"format": "csv", "first": DAY})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''fixes-{DAY}.csv"
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert len(rows) == len(rectangle.flight("d1", START_MS))
    assert {row["flight"] for row in rows} == {village.flights["htx-a"]}
    assert client.get(f"{EXPORTS}/fixes", params={"flight": village.flights["htx-a"], "format": "csv"}).text == (
        answer.text
    )


@pytest.mark.parametrize("form", ["geojson", "csv", "kml", "gpkg", "shapefile", "parquet", "isoxml"])
def test_every_format_is_served(village: Village, form: str) -> None:
    client = village.api.client(village.api.key("pilot-a"))
    answer = client.get(f"{EXPORTS}/fixes", params={"format": form, "first": DAY})
    assert answer.status_code == 200, answer.text
    assert len(answer.content) > 1_000


@pytest.mark.parametrize(
    ("path", "params", "words"),
    [
        ("fixes", {"format": "dwg"}, "no format 'dwg'"),
        ("coverage", {"format": "isoxml"}, "cannot hold coverage"),
        ("fixes", {"format": "csv", "crs": "EPSG:5897"}, "always in WGS 84"),
        ("fixes", {"first": "2026-11-31"}, "is no date"),
        ("fixes", {"first": "2026-11-20", "last": "2026-11-19"}, "is before"),
        ("coverage", {"kind": "track"}, "kind: covered"),
        ("fixes", {"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_exported_is_a_problem(village: Village, path: str, params: dict[str, str], words: str) -> None:
    answer = village.api.client(village.api.key("pilot-a")).get(f"{EXPORTS}/{path}", params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


def test_another_flight_is_absent(village: Village) -> None:
    client = village.api.client(village.api.key("pilot-a"))
    assert client.get(f"{EXPORTS}/fixes", params={"flight": village.flights["htx-b"]}).status_code == 404


def test_a_log_is_merged_listed_and_taken_back(village: Village, log: Path) -> None:
    client = village.api.client(village.api.key("manager-a", *WRITING))
    with log.open("rb") as file:
        answer = client.post(UPLOADS, files={"file": ("card.csv", file)})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["account"], told["format"], told["file"]) == ("manager-a", "fix-csv", "card.csv")
    assert [(it["outcome"], it["added"], it["why"]) for it in told["logs"]] == [("merged", 60, "60 fixes in 1 gap")]
    assert told["computing"]
    assert village.api.asker.asked[-1][:3] == ("htx-a", "d1", LATER_MS)
    again = client.post(UPLOADS, params={"file": "other.csv"}, content=log.read_bytes())
    assert (again.status_code, again.json()["same_as"]) == (200, told["number"])
    path = f"{UPLOADS}/{told['number']}"
    assert client.get(path).json()["logs"] == told["logs"]
    assert client.get(UPLOADS).json()[0]["number"] == told["number"]
    undone = client.post(f"{path}/undo")
    assert (undone.status_code, undone.json()["undone_by"]) == (200, "manager-a")
    assert client.post(f"{path}/undo").status_code == 409
    said = [(it.action, it.actor) for it in village.api.accounts.audit("htx-a") if "upload" in it.action]
    assert said[:3] == [("took an upload back", "manager-a"), ("uploaded", "manager-a"), ("uploaded", "manager-a")]


def test_where_the_fixes_of_a_flight_come_from(village: Village) -> None:
    client = village.api.client(village.api.key("pilot-a"))
    flight = village.flights["htx-a"]
    fixes = len(rectangle.flight("d1", START_MS))
    assert client.get(f"/v1/cooperatives/htx-a/flights/{flight}/sources").json() == [{"upload": None, "fixes": fixes}]


def test_a_body_needs_no_form_and_a_drone_may_be_named(village: Village, tmp_path: Path) -> None:
    table = rectangle.flight("someone", LATER_MS - 24 * HOUR_MS)
    client = village.api.client(village.api.key("manager-a", *WRITING))
    content = as_csv(tmp_path / "a.csv", table).read_bytes()
    refused = client.post(UPLOADS, params={"file": "a.csv"}, content=content)
    assert refused.status_code == 422
    assert "say which drone it is of" in refused.json()["detail"]
    form = {"file": ("a.csv", io.BytesIO(content))}
    kept = client.post(UPLOADS, files=form, data={"device": "d1"})
    assert (kept.status_code, kept.json()["logs"][0]["outcome"]) == (201, "added")
    assert client.post(f"{UPLOADS}/{kept.json()['number']}/compute").json()["computing"]


def test_a_bad_file_is_refused_with_its_line(village: Village) -> None:
    client = village.api.client(village.api.key("manager-a", *WRITING))
    answer = client.post(UPLOADS, params={"file": "../../bay.csv"}, content=b"device,ts,lat,lon\nd1,never,9.28,105.7\n")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("bay.csv: ")
    assert "line 2" in answer.json()["detail"] or "row 2" in answer.json()["detail"]
    assert client.post(UPLOADS, params={"file": "a.bin"}, content=b"").status_code == 422
    assert client.post(UPLOADS, data={"device": "d1"}, files={"other": ("a", b"x")}).status_code == 422


def test_a_bomb_is_refused(village: Village) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (64 << 20))
    client = village.api.client(village.api.key("manager-a", *WRITING))
    answer = client.post(UPLOADS, params={"file": "a.zip"}, content=made.getvalue())
    assert answer.status_code == 422
    assert "unpacks to" in answer.json()["detail"]


def test_as_many_files_at_once_as_there_are_places(village: Village) -> None:
    client = village.api.client(village.api.key("manager-a", *WRITING))
    room = village.api.app.state.house._files.room
    with ExitStack() as taken:
        for _ in range(4):
            taken.enter_context(room.place(1))
        answer = client.post(UPLOADS, params={"file": "a.csv"}, content=b"x")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert client.post(UPLOADS, params={"file": "a.csv"}, content=b"x").status_code == 422


def test_a_disk_without_room_takes_nothing_in() -> None:
    full = Room(spare_bytes=2**62)
    with pytest.raises(NoRoom, match="disk"), full.place(1):
        pass
    room = Room(files=1)
    for _ in range(2):  # what was refused holds no place
        with pytest.raises(NoRoom, match="disk"), room.place(2**62):
            pass
    with room.place(1), pytest.raises(NoRoom, match="as many files"), room.place(1):
        pass


def test_only_uploads_may_be_large(village: Village) -> None:
    client = village.api.client(village.api.key("manager-a", *WRITING))
    content = b"x" * (2 << 20)
    assert client.post(UPLOADS, params={"file": "a.csv"}, content=content).status_code == 422
    assert client.post(f"{UPLOADS}/1/undo", content=content).status_code == 413


def test_a_pilot_hands_nothing_in(village: Village, log: Path) -> None:
    client = village.api.client(village.api.key("pilot-a"))
    assert client.post(UPLOADS, params={"file": "a.csv"}, content=log.read_bytes()).status_code == 403
    assert client.post(f"{UPLOADS}/1/undo").status_code == 403
    assert client.get(UPLOADS).status_code == 200


def test_uploads_of_others_are_absent(village: Village, tmp_path: Path) -> None:
    stranger = village.api.client(village.api.key("manager-b", *WRITING))
    content = as_csv(tmp_path / "a.csv", rectangle.flight("d1", LATER_MS)).read_bytes()
    for method, path in (("GET", UPLOADS), ("POST", UPLOADS), ("GET", f"{UPLOADS}/1"), ("POST", f"{UPLOADS}/1/undo")):
        assert stranger.request(method, path, content=content).status_code == 404, path
    own = "/v1/cooperatives/htx-b/uploads"
    assert stranger.get(own).json() == []
    assert stranger.get(f"{own}/1").status_code == 404
    assert stranger.post(f"{own}/1/undo").status_code == 404
    refused = stranger.post(own, params={"file": "a.csv"}, content=content)
    assert "no registered drone" in refused.json()["detail"]


def test_the_list_is_paged(village: Village) -> None:
    api = village.api
    api.registry.add_cooperative(Cooperative("htx-p", "Trang"))
    for k in range(3):
        api.registry.add_upload(Upload(0, "htx-p", "x", k, f"{k}.csv", 1, f"{k:064x}", "fix-csv"), [])
    client = api.client(api.key("officer"))
    first = client.get("/v1/cooperatives/htx-p/uploads", params={"limit": 2})
    assert [it["number"] for it in first.json()] == [3, 2]
    onward = first.headers["Link"].split(";")[0].strip("<>")
    last = client.get(onward)
    assert [it["number"] for it in last.json()] == [1]
    assert "Link" not in last.headers


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\logs\\bay 1.csv", "bay 1.csv"),
        ("", "upload"),
        (".csv", "csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("ruộng.csv", "ruộng.csv"),
    ],
)
def test_a_name_is_no_path(given: str, kept: str) -> None:
    assert plain_name(given) == kept
    assert len(plain_name("ậ" * 300 + ".csv").encode()) < 200
