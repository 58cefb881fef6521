"""Who flew here: what is found, for whom, and that every question is written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from shapely import LineString

from api.app import demo_principal
from api.complaint_form import Form, Unclear, spot
from api.complaints import Complaints, require_asker
from core.accounts import SCOPES, Credential, Principal, Role, Scope
from core.errors import Forbidden, NotFound
from core.model.enums import Operation
from core.model.fleet import Pilot
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Reading
from core.model.work import Job, Product
from core.shapes import FlightShape, ShapeKind
from geo.archiving import archived
from geo.nearby import Place
from geo.service import recompute
from storage.archive.parquet import open_archive
from storage.urls import open_telemetry
from tests.api.conftest import START_MS
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.people import Api, running_api

WHERE = "/v1/who-flew-here"
REASON = "đơn số 12, ông Tư báo cá chết"


def degrees(x: float, y: float) -> dict[str, float]:
    """A place in metres from the rectangle's south-western corner."""
    lon, lat = rectangle._PLANE.lonlat(np.array([x]), np.array([y]))
    return {"lat": float(lat[0]), "lon": float(lon[0])}


def question(x: float = 100.0, y: float = -30.0, **more: Any) -> dict[str, Any]:
    asked = {"from": "2026-11-20T05:00", "to": "2026-11-20T09:00", "radius_m": 50, "reason": REASON}
    return degrees(x, y) | asked | more


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with peopled(tmp_path_factory.mktemp("complaints")) as it:
        yield it


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Api]:
    """One of its own, for tests that change what is registered."""
    with peopled(tmp_path) as it:
        yield it


@contextmanager
def peopled(folder: Path) -> Iterator[Api]:
    with running_api(folder, FakeClock(START_MS + 3_600_000)) as it:
        for number, tenant in enumerate(("htx-a", "htx-b")):
            _work(it, tenant, START_MS + number * 1_800_000)
        for name, role, cooperative in (
            ("pilot-a", Role.PILOT, "htx-a"),
            ("manager-a", Role.MANAGER, "htx-a"),
            ("manager-b", Role.MANAGER, "htx-b"),
            ("officer", Role.OFFICER, ""),
        ):
            it.enrol(name, role, cooperative)
        yield it


def _work(api: Api, tenant: str, start_ms: int) -> None:
    """A flight over the rectangle for a job with a pilot and a product, and the wind then."""
    api.registry.add_cooperative(Cooperative(tenant, f"Hợp tác xã {tenant}"))
    api.registry.put_plot(rectangle.plot(tenant, f"rect-{tenant}"))
    api.registry.add_device(Device("d1", tenant, DeviceKind.DRONE, "Máy số 1", "T40", registration="VN-0001"))
    place = degrees(500.0, 0.0)
    station = Device("w1", tenant, DeviceKind.SENSOR, lat_deg=place["lat"], lon_deg=place["lon"])
    api.registry.add_device(station)
    api.registry.put(Pilot("p1", tenant, f"Nguyễn Văn {tenant[-1].upper()}", licence="GP-77"))
    api.registry.put(Product("abc", "2026-1", "Abamectin 1.8EC", listed_from="2026-01-01", actives=("abamectin",)))
    api.registry.put(Job("j1", tenant, Operation.SPRAY, "2026-11-20", (f"rect-{tenant}",), product="abc", pilot="p1"))
    table = rectangle.flight("d1", start_ms)
    wind = [
        Reading("w1", start_ms + 1_000 * s, name, value, unit)
        for s in (-300, 0, 10)
        for name, value, unit in (("wind_speed", 2.5, "m/s"), ("wind_direction", 0.0, "deg"))
    ]
    fixes = [msgspec.structs.replace(fix, job="j1") for fix in table.rows()]
    api.store.write(tenant, [*fixes, *wind], start_ms)
    recompute(api.store, api.registry, tenant, "d1", start_ms, int(table.ts_ms[-1]), 300.0)


def asked(api: Api) -> int:
    """How many questions are written down."""
    return sum(it.action == "asked who flew here" for it in api.accounts.audit(None, limit=1_000))


def ask(api: Api, who: str, **more: Any) -> Any:
    return api.client(api.key(who)).get(WHERE, params=question(**more))


def test_a_flight_is_found_with_all_that_an_officer_asks(api: Api) -> None:
    (found,) = ask(api, "manager-a").json()["flights"]
    assert found["distance_m"] == pytest.approx(33.5, abs=0.05)
    assert found["time"] == "2026-11-19T23:00:20.000Z"
    assert found["on"] is True
    assert found["spray"]["distance_m"] == pytest.approx(30.0, abs=0.05)
    assert 0.0 < found["spray"]["litres"] < rectangle.VOLUME_L
    assert found["spray"]["ground"]["type"] == "MultiPolygon"
    assert found["track"]["type"] == "MultiLineString"
    assert found["drone"] == {
        "device": "d1",
        "name": "Máy số 1",
        "model": "T40",
        "serial": "",
        "registration": "VN-0001",
    }
    assert found["pilot"]["name"] == "Nguyễn Văn A"
    assert found["pilot"]["licence"] == "GP-77"
    assert found["product"] == {"product": "abc", "name": "Abamectin 1.8EC", "actives": ["abamectin"], "toxicity": ""}
    assert found["plots"] == ["Thửa chữ nhật"]
    assert found["air"]["wind_mps"] == pytest.approx(2.5)
    assert found["air"]["station"] == "w1"


def test_a_place_south_of_the_field_is_downwind_of_a_north_wind_and_one_north_of_it_is_not(api: Api) -> None:
    for y, downwind in ((-30.0, True), (72.0, False)):
        (found,) = ask(api, "manager-a", y=y).json()["flights"]
        assert found["air"]["place_downwind"] is downwind


def test_an_officer_finds_the_flights_of_all_and_a_manager_only_the_own(api: Api) -> None:
    seen = {who: [it["cooperative"] for it in ask(api, who).json()["flights"]] for who in ("officer", "manager-b")}
    assert seen == {"officer": ["htx-a", "htx-b"], "manager-b": ["htx-b"]}
    assert "htx-a" not in ask(api, "manager-b").text


def test_a_pilot_and_the_demo_may_not_ask(api: Api) -> None:
    answer = ask(api, "pilot-a")
    assert answer.status_code == 403
    assert api.client(api.key("pilot-a")).get("/who-flew-here").status_code == 403
    with pytest.raises(Forbidden):
        require_asker(demo_principal("htx-a"))
    assert api.client(api.key("manager-a", Scope.WRITE)).get(WHERE, params=question()).status_code == 403


def test_every_question_is_written_down_with_its_reason(api: Api) -> None:
    ask(api, "manager-a")
    entry = api.accounts.audit("htx-a")[0]
    assert (entry.actor, entry.action) == ("manager-a", "asked who flew here")
    assert REASON in entry.subject
    assert "50 m" in entry.subject
    ask(api, "officer", y=5_000.0)
    assert api.accounts.audit("")[0].actor == "officer"
    before = api.accounts.audit("htx-b")
    ask(api, "officer")
    (shown,) = api.accounts.audit("htx-b", limit=len(before) + 1)[:1]
    assert (shown.actor, shown.action) == ("officer", "looked at")
    assert "who flew here" in shown.subject


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "x"},
        {"reason": None},
        {"radius_m": 5_000},
        {"radius_m": "nan"},
        {"lat": 91.0},
        {"to": "2026-11-19T05:00"},
        {"to": "2026-12-29T05:00"},
        {"from": "yesterday"},
    ],
)
def test_what_cannot_be_asked_is_refused_and_not_looked_up(api: Api, wrong: dict[str, Any]) -> None:
    params = {key: value for key, value in (question() | wrong).items() if value is not None}
    before = asked(api)
    answer = api.client(api.key("officer")).get(WHERE, params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert asked(api) == before


def test_a_time_with_a_zone_is_that_time(api: Api) -> None:
    utc = {"from": "2026-11-19T22:00:00Z", "to": "2026-11-19T23:10:00Z"}
    assert len(ask(api, "manager-a", **utc).json()["flights"]) == 1
    assert (
        ask(api, "manager-a", **{"from": "2026-11-19T20:00:00Z", "to": "2026-11-19T22:00:00Z"}).json()["flights"] == []
    )


def test_drawn_tracks_are_found_by_their_box_and_others_are_not_read(fresh: Api) -> None:
    """The flight's track is drawn elsewhere: then its fixes are not looked at. A track that passes by is."""
    (flight,) = fresh.registry.flights("htx-a", START_MS, START_MS + 1)

    def drawn(y: float) -> FlightShape:
        ends = [tuple(reversed(list(degrees(x, y).values()))) for x in (0.0, 200.0)]
        span = flight.start_ms, flight.end_ms
        return FlightShape(
            "htx-a", flight.flight, ShapeKind.TRACK, "", 1, LineString(ends), "d1", Operation.SPRAY, *span
        )

    for y, found in ((5_000.0, 0), (3.5, 1)):
        fresh.registry.save_shapes("htx-a", [flight.flight], [drawn(y)])
        assert len(ask(fresh, "manager-a").json()["flights"]) == found


def test_too_many_flights_are_not_looked_at(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.complaints.MOST_FLIGHTS", 0)
    answer = ask(api, "manager-a")
    assert answer.status_code == 422
    assert "smaller radius" in answer.json()["detail"]


def test_what_nobody_registered_is_not_made_up(fresh: Api) -> None:
    fresh.registry.retire(Job, "htx-a", "j1")
    fresh.registry.add_cooperative(Cooperative("htx-c", "C"))
    table = rectangle.flight("d9", START_MS)
    fresh.store.write("htx-c", list(table.rows()), START_MS)
    recompute(fresh.store, fresh.registry, "htx-c", "d9", START_MS, int(table.ts_ms[-1]), 300.0)
    found = {it["cooperative"]: it for it in ask(fresh, "officer").json()["flights"]}["htx-c"]
    assert found["pilot"] is None
    assert found["product"] is None
    assert found["air"] is None
    assert found["drone"]["model"] == ""


def page(api: Api, who: str, **more: Any) -> str:
    place = "{lat:.7f}, {lon:.7f}".format(**degrees(100.0, -30.0))
    asked = {"place": place, "day": "2026-11-20", "start": "05:00", "end": "09:00", "radius_m": "50", "reason": REASON}
    return api.client(api.key(who)).get("/who-flew-here", params=asked | more).text


def test_the_page_asks_and_answers_in_both_languages(api: Api) -> None:
    before = asked(api)
    empty = api.client(api.key("officer")).get("/who-flew-here")
    assert "Ai đã bay ở đây?" in empty.text
    assert "<svg" not in empty.text
    assert asked(api) == before
    vi, en = page(api, "officer"), page(api, "officer", lang="en")
    assert "Chuyến bay tìm thấy: 2" in vi
    assert "điểm này ở cuối gió" in vi
    assert "Flights found: 2" in en
    assert "30 m from this place" in en
    assert "Nguyễn Văn A" in en
    assert en.count("<svg") == 2
    assert "<script" not in en


def test_the_page_says_what_is_wrong_and_asks_nothing(api: Api) -> None:
    before = asked(api)
    assert "10 letters" in page(api, "officer", reason="x", lang="en")
    assert "Write it as maps do" in page(api, "officer", place="<b>here</b>", lang="en")
    assert "<b>here" not in page(api, "officer", place="<b>here</b>", lang="en")
    assert "The times are wrong" in page(api, "officer", start="09:00", end="05:00", lang="en")
    assert asked(api) == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("9.285, 105.725", (9.285, 105.725)),
        (" 9.285 105.725 ", (9.285, 105.725)),
        ("9.285°; 105.725°", (9.285, 105.725)),
        ("9,285; 105,725", (9.285, 105.725)),
        ("-9.285,105", (-9.285, 105.0)),
    ],
)
def test_a_place_is_read_as_maps_write_it(text: str, found: tuple[float, float]) -> None:
    assert spot(text) == found


@pytest.mark.parametrize("text", ["", "here", "9.285", "105.725, 9.285", "9.285, 105.725, 3", "1e3, 2"])
def test_what_is_no_place_is_none(text: str) -> None:
    with pytest.raises(Unclear):
        spot(text)


def test_a_form_reads_vietnamese_time() -> None:
    form = Form("9.285, 105.725", "2026-11-20", "06:00", "06:30", "100", REASON)
    assert form.read() == Place(9.285, 105.725, 100.0, START_MS, START_MS + 1_800_000)
    with pytest.raises(Unclear, match="who_bad_radius"):
        replace(form, radius_m="101").read()


def test_the_archive_answers_where_the_store_keeps_nothing_more(api: Api, tmp_path: Path) -> None:
    (flight,) = api.registry.flights("htx-a", START_MS, START_MS + 1)
    archive = open_archive(str(tmp_path / "archive"))
    span = flight.start_ms, flight.end_ms
    results = [(flight, api.registry.coverage("htx-a", flight.flight))]
    archived(archive, api.store, api.registry, "htx-a", "d1", span, results, 300.0)
    empty = open_telemetry(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    place = Place(
        **{f"{k}_deg": v for k, v in degrees(100.0, -30.0).items()}, radius_m=50.0, start_ms=span[0], end_ms=span[1]
    )
    cooperative = Cooperative("htx-a", "A")
    manager = Principal("manager-a", "htx-a", Role.MANAGER, SCOPES[Role.MANAGER], Credential.KEY)
    assert Complaints(empty, api.registry, api.registry).passages(manager, cooperative, place) == []
    complaints = Complaints(empty, api.registry, api.registry, archive)
    (found,) = complaints.passages(manager, cooperative, place)
    assert found.near.distance_m == pytest.approx(33.5, abs=0.05)
    with pytest.raises(NotFound):
        complaints.passages(replace(manager, cooperative="htx-b"), cooperative, place)
    with pytest.raises(Forbidden):
        complaints.passages(replace(manager, role=Role.PILOT), cooperative, place)
    empty.close()
    archive.close()
