"""Entities, links and paths; after OGC's test suite for SensorThings (A.1, sensing core), as far as it only reads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from api.sensorthings.documents import CONFORMS_TO
from api.sensorthings.model import SHAPES, Kind
from core.accounts import Scope
from tests.api.sensorthings.conftest import MINE, MOVED_MS, OTHER, ROOT, STRANGE, T0, Field
from tests.support.people import Api

MANDATORY = {
    Kind.THINGS: {"name", "description"},
    Kind.LOCATIONS: {"name", "description", "encodingType", "location"},
    Kind.HISTORICAL_LOCATIONS: {"time"},
    Kind.DATASTREAMS: {"name", "description", "observationType", "unitOfMeasurement"},
    Kind.SENSORS: {"name", "description", "encodingType", "metadata"},
    Kind.OBSERVED_PROPERTIES: {"name", "definition", "description"},
    Kind.OBSERVATIONS: {"phenomenonTime", "result", "resultTime"},
    Kind.FEATURES_OF_INTEREST: {"name", "description", "encodingType", "feature"},
}


def follow(field: Field, address: str) -> Any:
    answer = field.client.get(address)
    assert answer.status_code == 200, (address, answer.text)
    return answer.json()


def test_the_root_names_the_sets_and_what_is_built(field: Field) -> None:
    for path in (ROOT, ROOT + "/"):
        document = follow(field, path)
        assert document["value"] == [{"name": kind, "url": f"{ROOT}/{kind}"} for kind in Kind]
        assert document["serverSettings"]["conformance"] == list(CONFORMS_TO)
    assert field.client.get(ROOT + "?x=1").status_code == 400


@pytest.mark.parametrize("kind", Kind)
def test_every_set_has_entities_with_what_the_standard_demands(field: Field, kind: Kind) -> None:
    entities = field.get(kind, _top=20)["value"]
    assert entities
    for it in entities:
        assert it["@iot.id"]
        assert MANDATORY[kind] <= it.keys()
        assert {f"{link}@iot.navigationLink" for link in SHAPES[kind].links} <= it.keys()
        assert follow(field, it["@iot.selfLink"]) == it


@pytest.mark.parametrize("kind", Kind)
def test_every_link_leads_to_what_it_names(field: Field, kind: Kind) -> None:
    for it in field.get(kind, _top=5)["value"]:
        for name, link in SHAPES[kind].links.items():
            there = follow(field, it[f"{name}@iot.navigationLink"])
            for target in there["value"] if link.many else [there]:
                assert target["@iot.selfLink"].startswith(f"{ROOT}/{link.to}(")
                assert follow(field, target["@iot.selfLink"]) == target


@pytest.mark.parametrize("kind", Kind)
def test_every_property_has_an_address(field: Field, kind: Kind) -> None:
    for it in field.get(kind, _top=3)["value"]:
        for name in ("@iot.id", *SHAPES[kind].properties):
            answer, raw = (field.client.get(f"{it['@iot.selfLink']}/{path}") for path in (name, f"{name}/$value"))
            if it.get(name) is None:
                assert (answer.status_code, answer.content, raw.status_code, raw.content) == (204, b"", 204, b"")
                continue
            assert answer.json() == {name: it[name]}
            assert raw.headers["content-type"] == "text/plain; charset=utf-8"
            assert (raw.text if isinstance(it[name], str) else raw.json()) == it[name]


def test_a_sensor_and_its_quantities(field: Field) -> None:
    station = field.get("Things('htx-a~w1')")
    assert station["name"] == "Trạm thời tiết"
    assert station["properties"] == {"cooperative": MINE, "device": "w1", "model": "S2120", "serial": "A1"}
    stream = field.get("Datastreams('htx-a~w1~wind_speed')")
    assert stream["unitOfMeasurement"] == {"name": "metre per second", "symbol": "m/s", "definition": "ucum:m/s"}
    assert stream["phenomenonTime"] == "2026-11-20T00:00:00.000Z/2026-11-20T07:00:00.000Z"
    assert field.get("Datastreams('htx-a~w1~wind_speed')/ObservedProperty")["definition"].endswith("/wind_speed/")
    assert field.ids("Things('htx-a~w1')/Datastreams") == ["htx-a~w1~air_temperature", "htx-a~w1~wind_speed"]
    assert field.ids("Sensors('htx-a~lv')/Datastreams") == ["htx-a~lv~water_level"]
    assert field.ids("ObservedProperties('wind_speed')/Datastreams") == ["htx-a~w1~wind_speed"]


def test_a_quantity_that_nobody_knows_defines_itself(field: Field) -> None:
    it = field.get("ObservedProperties('độ lạ')")
    assert it["definition"] == it["@iot.selfLink"]
    assert field.get(f"Datastreams('htx-a~{quoted(STRANGE)}~độ lạ')")["unitOfMeasurement"]["definition"] is None


def test_places_follow_the_register(field: Field) -> None:
    assert field.ids("Things('htx-a~w1')/Locations") == ["htx-a~w1~2"]
    assert field.get("Locations('htx-a~w1~2')/location") == {"location": {"type": "Point", "coordinates": [105.5, 9.5]}}
    assert field.get("Locations('htx-a~w1~2')/location/coordinates") == {"coordinates": [105.5, 9.5]}
    assert field.get("FeaturesOfInterest('htx-a~w1~2')/feature/geometry/type") == {"type": "Point"}
    history = field.get("Things('htx-a~w1')/HistoricalLocations")["value"]
    assert [it["time"] for it in history] == ["1970-01-01T00:00:00.000Z", "2026-11-21T06:00:00.000Z"]
    assert field.ids("HistoricalLocations('htx-a~w1~1')/Locations") == ["htx-a~w1~1"]
    assert field.ids("Locations('htx-a~w1~1')/Things") == []
    assert field.ids("Locations('htx-a~w1~2')/Things") == ["htx-a~w1"]
    assert field.ids(f"Things('htx-a~{quoted(STRANGE)}')/Locations") == []


def test_a_reading_is_from_where_the_sensor_stood_then(field: Field) -> None:
    before, after = MOVED_MS - 3_600_000, MOVED_MS
    for ts_ms, place in ((before, [105.0, 9.0]), (after, [105.5, 9.5])):
        it = field.get(f"Observations('htx-a~w1~air_temperature~{ts_ms}')/FeatureOfInterest")
        assert it["feature"] == {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": place},
            "properties": {},
        }
    assert field.get("FeaturesOfInterest('htx-a~w1~1')/Observations", _count="true")["@iot.count"] == 30 + 8
    assert field.get("FeaturesOfInterest('htx-a~w1~2')/Observations", _count="true")["@iot.count"] == 220
    (lost,) = field.get("FeaturesOfInterest", _filter="feature eq null")["value"]
    assert (lost["name"], lost["feature"]["geometry"]) == (STRANGE, None)


def test_a_reading_without_a_number_or_with_another_unit_says_so(field: Field) -> None:
    first, second = field.get(f"Datastreams('htx-a~{quoted(STRANGE)}~độ lạ')/Observations")["value"]
    assert (first["result"], first["parameters"]) == (None, {"unit": "xyz"})
    assert second["result"] == -2.5
    assert "parameters" not in second


def test_references(field: Field) -> None:
    assert field.get("Things('htx-a~w1')/Datastreams/$ref") == {
        "value": [
            {"@iot.selfLink": f"{ROOT}/Datastreams('htx-a~w1~air_temperature')"},
            {"@iot.selfLink": f"{ROOT}/Datastreams('htx-a~w1~wind_speed')"},
        ]
    }
    assert field.get("Datastreams('htx-a~w1~wind_speed')/Thing/$ref") == {"@iot.selfLink": f"{ROOT}/Things('htx-a~w1')"}
    assert len(field.get("Observations/$ref", _top=2)["value"]) == 2


def test_deep_paths(field: Field) -> None:
    deep = f"Things('htx-a~w1')/Datastreams('htx-a~w1~wind_speed')/Observations('htx-a~w1~wind_speed~{T0}')/result"
    assert field.get(deep) == {"result": 0.0}
    assert field.ask(deep + "/$value").text == "0.0"
    assert field.get("Datastreams('htx-a~w1~wind_speed')/unitOfMeasurement/symbol") == {"symbol": "m/s"}
    assert (
        field.get("Observations('htx-a~lv~water_level~1795132800500')/Datastream/Thing/name")["name"] == "Đo mực nước"
    )


@pytest.mark.parametrize(
    "path",
    [
        "Nothing",
        "things",
        "Things('none')",
        "Things('htx-a~none')",
        "Things('htx-a~d1')",
        "Things('htx-b~w1')",
        "Things(1)",
        "Things()",
        "Things('htx-a~w1')/nothing",
        "Things('htx-a~w1')/properties/nothing",
        "Things('htx-a~w1')/name/nothing",
        "Things/name",
        "Things/$value",
        "Things('htx-a~w1')/Datastreams('htx-a~lv~water_level')",
        "Things('htx-a~w1')/Things('htx-a~w1')",
        "Datastreams('htx-a~w1~none')",
        "Datastreams('htx-a~stranger~salinity')",
        "ObservedProperties('salinity')",
        "Locations('htx-a~w1~9')",
        "Observations('htx-a~w1~wind_speed~7')",
        "Observations('htx-a~w1~wind_speed~x')",
        "Observations('htx-a~w1~wind_speed~99999999999999999999')",
        "FeaturesOfInterest('htx-a~w1~1')/Observations('htx-a~lv~water_level~1795132800500')",
        "Things('htx-a~%00')",
        "Things(''')",
        "//",
    ],
)
def test_what_does_not_exist_is_a_404(field: Field, path: str) -> None:
    answer = field.ask(path)
    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "Things/$ref/name",
        "Things('htx-a~w1')/$ref/name",
        "Things('htx-a~w1')/name/$value/x",
        "Datastreams('htx-a~w1~wind_speed')/Thing('htx-a~w1')",
        "/".join(["Things('htx-a~w1')/Datastreams('htx-a~w1~wind_speed')/Thing"] * 5),
    ],
)
def test_a_path_that_cannot_be_is_refused(field: Field, path: str) -> None:
    assert field.ask(path).status_code in {400, 404}


def test_nothing_can_be_written(field: Field) -> None:
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        assert field.client.request(method, f"{ROOT}/Things", json={}).status_code == 405


def test_others_see_their_own_only(api: Api, field: Field) -> None:
    other = Field(api, api.client(api.key(f"pilot-{OTHER}")))
    for kind in Kind:
        document = other.get(kind, _count="true", _top=1000)
        assert document["@iot.count"] == len(document["value"])
        assert MINE not in str(document)
    assert other.ids("Things") == ["htx-b~w1"]
    assert other.ids("ObservedProperties") == ["salinity"]
    assert other.results() == [3.5]
    for address in (
        f"{ROOT}/Things('htx-a~w1')",
        f"{ROOT}/Observations('htx-a~w1~wind_speed~{T0}')",
        f"{ROOT}/ObservedProperties('wind_speed')",
        f"{ROOT}/Things('htx-b~w1')/Datastreams('htx-a~w1~wind_speed')",
    ):
        answer, absent = other.client.get(address), other.client.get(address.replace("htx-a", "htx-z"))
        assert (answer.status_code, absent.status_code) == (404, 404)
    assert api.client().get(f"{ROOT}/Things").status_code == 401
    assert api.client(api.key(f"pilot-{MINE}", Scope.WRITE)).get(f"{ROOT}/Things").status_code == 403
    assert api.client(api.key(f"pilot-{MINE}", Scope.WRITE)).get(ROOT).status_code == 403


def test_an_officer_sees_all_and_is_written_down(api: Api) -> None:
    officer = Field(api, api.client(api.key("officer")))
    assert {"htx-a~w1", "htx-b~w1"} <= set(officer.ids("Things"))
    newest = api.accounts.audit(None)[0]
    assert (newest.actor, newest.subject) == ("officer", "GET /sta/v1.1/Things")


def quoted(identifier: str) -> str:
    """An identifier as a path in a test has it; the stroke stands in quotes."""
    return identifier.replace("'", "''")


def test_addresses_stay_within_the_part(field: Field) -> None:
    for it in field.get("Things")["value"]:
        assert urlsplit(it["@iot.selfLink"]).path.startswith("/sta/v1.1/Things(")
