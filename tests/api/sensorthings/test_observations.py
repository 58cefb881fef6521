"""Observations: pages, orders, filters that are taken to the store, counts, data arrays, and how much is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.sensorthings import observations
from core.model.samples import Reading
from core.ports import TelemetryStore
from tests.api.sensorthings.conftest import HOUR_MS, MINE, ROOT, T0, TEMPERATURES, Field, readings

AIR = "Datastreams('htx-a~w1~air_temperature')/Observations"
ALL = [it for it in readings() if it.device != "stranger"]


def walk(field: Field, path: str, **options: Any) -> list[Any]:
    """All observations, page by page."""
    document = field.get(path, **options)
    found = list(document["value"])
    while onward := document.get("@iot.nextLink"):
        answer = field.client.get(onward)
        assert answer.status_code == 200, answer.text
        document = answer.json()
        assert document["value"], "a link that leads to an empty page"
        found += document["value"]
    return found


def key(reading: Reading) -> str:
    return f"{MINE}~{reading.device}~{reading.quantity}~{reading.ts_ms}"


class Counting:
    """A store that counts what is read from it, and how much at once."""

    def __init__(self, store: TelemetryStore) -> None:
        self._store = store
        self.rows = self.most = self.counts = 0

    def readings_page(self, *given: Any, **named: Any) -> list[Reading]:
        found = self._store.readings_page(*given, **named)
        self.rows += len(found)
        self.most = max(self.most, len(found))
        return found

    def count_readings(self, *given: Any) -> int:
        self.counts += 1
        return self._store.count_readings(*given)

    def __getattr__(self, name: str) -> Any:
        if name == "readings":
            raise AssertionError("reads a window whole")
        return getattr(self._store, name)


@pytest.fixture
def counting(field: Field) -> Iterator[Counting]:
    house = field.api.app.state.house
    store = house._store
    house._store = Counting(store)
    yield house._store
    house._store = store


@pytest.mark.parametrize("top", [7, 100, 1_000])
@pytest.mark.parametrize(
    "orderby",
    [None, "phenomenonTime", "phenomenonTime desc", "resultTime desc,id", "result", "result desc,id", "id", "id desc"],
)
def test_pages_hold_every_observation_once_and_in_order(field: Field, top: int, orderby: str | None) -> None:
    found = walk(field, "Observations", _top=top, **({"_orderby": orderby} if orderby else {}))
    assert sorted(it["@iot.id"] for it in found) == sorted(map(key, ALL))
    by = {"phenomenonTime": "phenomenonTime", "resultTime": "phenomenonTime", "result": "result", "id": "@iot.id"}
    if orderby:
        first = orderby.split()[0].split(",")[0]
        values = [it[by[first]] for it in found if it["result"] is not None]
        assert values == sorted(values, reverse="desc" in orderby)


def test_a_page_has_a_hundred_unless_told(field: Field) -> None:
    document = field.get("Observations")
    assert len(document["value"]) == 100
    assert "@iot.nextLink" in document
    assert "@iot.count" not in document
    assert len(field.get("Observations", _top=5_000)["value"]) == len(ALL)


def test_a_page_that_ends_with_the_last_one_has_no_next(field: Field) -> None:
    assert "@iot.nextLink" not in field.get(AIR, _top=TEMPERATURES)
    assert "@iot.nextLink" in field.get(AIR, _top=TEMPERATURES - 1)
    assert field.get(AIR, _top=0, _count="true") == {"@iot.count": TEMPERATURES, "value": []}


def test_skip_counts_once_over_all_pages(field: Field) -> None:
    found = walk(field, AIR, _skip=30, _top=50)
    assert [it["phenomenonTime"] for it in found] == [it["phenomenonTime"] for it in walk(field, AIR)[30:]]
    by_value = walk(field, AIR, _skip=30, _top=50, _orderby="result")
    assert len(by_value) == TEMPERATURES - 30
    assert field.results(AIR, _skip=10_000) == []


@pytest.mark.parametrize(
    ("where", "hours"),
    [
        ("phenomenonTime ge 2026-11-20T02:00:00Z and phenomenonTime lt 2026-11-20T05:00:00Z", [2, 3, 4]),
        ("resultTime gt 2026-11-20T02:00:00Z and resultTime le 2026-11-20T05:00:00Z", [3, 4, 5]),
        ("2026-11-20T02:00:00Z le phenomenonTime and 2026-11-20T03:00:00Z gt phenomenonTime", [2]),
        ("phenomenonTime eq 2026-11-20T09:00:00+07:00", [2]),
        ("phenomenonTime ne 2026-11-20T00:00:00Z and result lt 22", [1, 24, 25, 48, 49]),
        ("during(phenomenonTime, 2026-11-20T01:00:00Z/2026-11-20T03:00:00Z)", [1, 2]),
        (
            "phenomenonTime gt 2026-11-20T02:00:00Z/2026-11-20T03:00:00Z and phenomenonTime le 2026-11-20T04:00:00Z",
            [3, 4],
        ),
        ("result eq 43 and day(phenomenonTime) eq 20", [23]),
        ("result add 1 gt 43.5 and phenomenonTime lt 2026-11-21", [23]),
        ("phenomenonTime gt 2026-11-21 and phenomenonTime lt 2026-11-20", []),
        ("phenomenonTime gt now() sub duration'PT1H'", []),
        ("hour(phenomenonTime) eq 5 and phenomenonTime lt 2026-11-22", [5, 29]),
        ("phenomenonTime eq 2026-11-20T02:00:00Z or phenomenonTime eq 2026-11-20T04:00:00Z", [2, 4]),
    ],
)
def test_filters_of_time_and_value(field: Field, where: str, hours: list[int]) -> None:
    document = field.get(AIR, _filter=where, _count="true", _top=5)
    wanted = [f"htx-a~w1~air_temperature~{T0 + h * HOUR_MS}" for h in hours]
    assert [it["@iot.id"] for it in document["value"]] == wanted[:5]
    assert document["@iot.count"] == len(hours) or len(hours) == 5
    newest = field.ids(AIR, _filter=where, _orderby="phenomenonTime desc", _top=1_000)
    assert newest[::-1][: len(wanted)] == wanted


def test_filters_across_links(field: Field) -> None:
    assert len(field.results(_filter="Datastream/ObservedProperty/name eq 'wind_speed'")) == 8
    assert field.results(_filter="Datastream/Thing/name eq 'Đo mực nước' and result lt 0") == [-0.2, -0.1]
    either = "Datastream/@iot.id eq 'htx-a~w1~wind_speed' or result lt -0.15"
    assert field.results(_filter=either) == [-0.2, -2.5, *(k / 4.0 for k in range(8))]
    moved = "Datastream/@iot.id eq 'htx-a~w1~air_temperature' and st_within(FeatureOfInterest/feature, "
    there = moved + "geography'POLYGON ((105.4 9.4, 105.6 9.4, 105.6 9.6, 105.4 9.6, 105.4 9.4))')"
    assert field.get("Observations", _filter=there, _count="true")["@iot.count"] == TEMPERATURES - 30


def test_a_reading_without_a_number_is_null(field: Field) -> None:
    assert field.results(_filter="result eq null") == [None]
    assert field.results(_orderby="result", _top=2) == [None, -2.5]


def test_the_last_of_every_datastream(field: Field) -> None:
    document = field.get(
        "Things",
        _expand="Datastreams($select=id;$expand=Observations($top=1;$orderby=phenomenonTime desc;$count=true))",
    )
    last = {
        stream["@iot.id"]: (stream["Observations@iot.count"], stream["Observations"][0]["result"])
        for thing in document["value"]
        for stream in thing["Datastreams"]
    }
    assert last["htx-a~w1~air_temperature"] == (TEMPERATURES, 20.0 + (TEMPERATURES - 1) % 24)
    assert last["htx-a~lv~water_level"] == (5, pytest.approx(0.2))


def test_the_next_page_within_an_expanded_one(field: Field) -> None:
    where = "phenomenonTime ge 2026-11-20T02:00:00Z"
    it = field.get("Datastreams('htx-a~w1~wind_speed')", _expand=f"Observations($top=2;$filter={where};$select=result)")
    assert it["Observations"] == [{"result": 0.5}, {"result": 0.75}]
    onward = field.client.get(it["Observations@iot.nextLink"]).json()
    assert onward["value"] == [{"result": 1.0}, {"result": 1.25}]
    assert onward["@iot.nextLink"].startswith(f"{ROOT}/Datastreams('htx-a~w1~wind_speed')/Observations?")


def test_data_arrays(field: Field) -> None:
    document = field.get("Observations", resultFormat="dataArray", _count="true", _top=6)
    assert document["@iot.count"] == len(ALL)
    first, second = document["value"]
    assert first["Datastream@iot.navigationLink"] == f"{ROOT}/Datastreams('htx-a~lv~water_level')"
    assert first["components"] == ["id", "phenomenonTime", "result", "resultTime"]
    assert (first["dataArray@iot.count"], second["dataArray@iot.count"]) == (5, 1)
    assert first["dataArray"][0][1:3] == ["2026-11-20T00:00:00.500Z", -0.2]
    assert "resultFormat=dataArray" in document["@iot.nextLink"]
    (table,) = field.get(AIR, resultFormat="dataArray", _select="phenomenonTime,result", _top=1)["value"]
    assert table["components"] == ["phenomenonTime", "result"]
    assert table["dataArray"] == [["2026-11-20T00:00:00.000Z", 20.0]]
    for options in ({"_expand": "Datastream"}, {"resultFormat": "csv"}):
        assert field.ask("Observations", **({"resultFormat": "dataArray"} | options)).status_code == 400
    assert field.ask("Things", resultFormat="dataArray").status_code == 400


def test_a_page_reads_no_more_than_it_needs(field: Field, counting: Counting) -> None:
    field.get(AIR, _top=5)
    assert counting.rows <= 129
    counting.rows = 0
    field.get(AIR, _top=5, _filter="phenomenonTime ge 2026-11-20T02:00:00Z and phenomenonTime lt 2026-11-20T04:00:00Z")
    assert counting.rows <= 3
    counting.rows = 0
    field.get("Observations", _filter="Datastream/ObservedProperty/name eq 'water_level'", _count="true")
    assert counting.rows <= 5
    assert counting.counts == 1


def test_a_count_asks_the_store(field: Field, counting: Counting) -> None:
    field.get(AIR, _top=0, _count="true", _filter="phenomenonTime ge 2026-11-20T02:00:00Z")
    assert counting.counts == 1
    assert counting.rows <= 1


def test_long_series_come_in_pieces(field: Field, counting: Counting) -> None:
    assert len(field.results(AIR, _filter="result gt 0", _top=1_000)) == TEMPERATURES
    assert counting.most <= 128


def test_too_much_work_is_refused_and_says_what_to_do(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observations.Budget.__init__, "__defaults__", (150,))
    answer = field.ask(AIR, _filter="result gt 99")
    assert answer.status_code == 400
    assert "narrow it by phenomenonTime" in answer.json()["detail"]
    assert field.ask(AIR, _top=5).status_code == 200


@pytest.mark.parametrize("token", ["x", "htx-a~w1~air_temperature~x", "htx-a~w1"])
def test_a_place_to_go_on_that_is_not_ours_is_refused(field: Field, token: str) -> None:
    assert field.ask("Observations", _skiptoken=token).status_code == 400
