"""Query options on entities; after OGC's test suite for SensorThings (A.3, filtering) and FROST-Server's tests."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.sensorthings.model import SHAPES, Kind
from tests.api.sensorthings.conftest import OTHER, ROOT, STRANGE, Field

LEVEL, ODD, STATION = "htx-a~lv", f"htx-a~{STRANGE}", "htx-a~w1"


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("name eq 'Trạm thời tiết'", [STATION]),
        ("id eq 'htx-a~lv'", [LEVEL]),
        ("@iot.id ne 'htx-a~lv'", [ODD, STATION]),
        ("properties/model eq 'S2120'", [STATION]),
        ("properties/model eq null", [LEVEL, ODD]),
        ("properties/model/none eq null", [LEVEL, ODD, STATION]),
        ("startswith(name, 'Đo') or endswith(name, 'tiết')", [LEVEL, STATION]),
        ("Datastreams/ObservedProperty/name eq 'wind_speed'", [STATION]),
        ("Datastreams/unitOfMeasurement/symbol eq '°C'", [STATION]),
        ("Locations/id eq null", [ODD]),
        ("HistoricalLocations/Locations/id eq 'htx-a~w1~1'", [STATION]),
        ("Datastreams/Thing/Datastreams/ObservedProperty/name eq 'air_temperature'", [STATION]),
        ("Datastreams/phenomenonTime gt 2026-11-19T00:00:00Z and name ne 'x'", [LEVEL, ODD, STATION]),
        ("st_within(Locations/location, geography'POLYGON ((105 9, 105.3 9, 105.3 9.3, 105 9.3, 105 9))')", [LEVEL]),
        ("geo.distance(Locations/location, geography'POINT (105.5 9.5)') lt 0.001", [STATION]),
        ("Locations/location/type eq 'Point'", [LEVEL, STATION]),
        ("not (name eq 'Trạm thời tiết')", [LEVEL, ODD]),
        ("length(name) gt 100", []),
    ],
)
def test_filters(field: Field, where: str, wanted: list[str]) -> None:
    document = field.get("Things", _filter=where, _count="true")
    assert [it["@iot.id"] for it in document["value"]] == wanted
    assert document["@iot.count"] == len(wanted)


def test_what_qgis_asks(field: Field) -> None:
    """Its filters for the type of the geometry and for the window of the map."""
    window = "geography'POLYGON((105.1 9.1, 105.3 9.1, 105.3 9.3, 105.1 9.3, 105.1 9.1))'"
    point = "location/type eq 'Point' or location/geometry/type eq 'Point'"
    assert field.get("Locations", _top=0, _count="true", _filter=point) == {"@iot.count": 3, "value": []}
    assert field.ids("Locations", _filter=f"({point}) and (geo.intersects(location, {window}))") == ["htx-a~lv~1"]
    feature = f"feature/type eq 'Point' or feature/geometry/type eq 'Point' and geo.intersects(feature, {window})"
    assert field.ids("FeaturesOfInterest", _filter=feature) == ["htx-a~lv~1"]
    assert field.get("Datastreams", _filter="observedArea/type eq 'Polygon'")["value"] == []


def test_orders(field: Field) -> None:
    assert (
        field.ids("Things", _orderby="name") == [STATION, ODD, LEVEL] == field.ids("Things", _orderby="name desc")[::-1]
    )
    assert field.ids("Things", _orderby="properties/model,name desc") == [LEVEL, ODD, STATION]
    found = field.ids("Datastreams", _orderby="Thing/name desc,ObservedProperty/name desc")
    assert found[2:] == ["htx-a~w1~wind_speed", "htx-a~w1~air_temperature"]
    assert field.ids("Datastreams", _orderby="length(name)")[0] == f"{ODD}~độ lạ"


def test_pages(field: Field) -> None:
    first = field.get("Datastreams", _top=3, _count="true", _select="id")
    assert (first["@iot.count"], len(first["value"])) == (4, 3)
    second = field.client.get(first["@iot.nextLink"]).json()
    assert second["@iot.count"] == 4
    assert [it["@iot.id"] for it in first["value"] + second["value"]] == field.ids("Datastreams")
    assert "@iot.nextLink" not in second
    assert field.ids("Datastreams", _skip=1, _top=1) == field.ids("Datastreams")[1:2]
    assert field.get("Datastreams", _skip=9)["value"] == []
    assert "@iot.nextLink" not in field.get("Datastreams", _top=0)


def test_the_next_page_of_a_strange_address(field: Field) -> None:
    thing, stream = (quote(it.replace("'", "''"), safe="") for it in (ODD, f"{ODD}~độ lạ"))
    first = field.get(f"Things('{thing}')/Datastreams('{stream}')/Observations", _top=1)
    second = field.client.get(first["@iot.nextLink"]).json()
    assert [it["result"] for it in (*first["value"], *second["value"])] == [None, -2.5]


@pytest.mark.parametrize("kind", Kind)
def test_select_gives_what_was_selected_and_nothing_else(field: Field, kind: Kind) -> None:
    shape = SHAPES[kind]
    for name in shape.properties:
        (it,) = field.get(kind, _select=name, _top=1)["value"]
        assert it.keys() == {name}
    for name in shape.links:
        (it,) = field.get(kind, _select=name, _top=1)["value"]
        assert it.keys() == {f"{name}@iot.navigationLink"}
    (it,) = field.get(kind, _select=f"id, {shape.properties[0]}", _top=1)["value"]
    assert it.keys() == {"@iot.id", shape.properties[0]}


@pytest.mark.parametrize("kind", Kind)
def test_expand_puts_the_entities_in_the_place_of_the_link(field: Field, kind: Kind) -> None:
    shape = SHAPES[kind]
    plain = field.get(kind, _top=1, _orderby="id desc")["value"][0]
    for name, link in shape.links.items():
        it = field.get(kind, _top=1, _orderby="id desc", _expand=name)["value"][0]
        assert f"{name}@iot.navigationLink" not in it
        there = field.client.get(plain[f"{name}@iot.navigationLink"]).json()
        assert it[name] == (there["value"] if link.many else there)
    it = field.get(kind, _top=1, _expand=",".join(shape.links))["value"][0]
    assert shape.links.keys() <= it.keys()
    assert not any(name.endswith("navigationLink") for name in it)


def test_nested_expands_and_options(field: Field) -> None:
    it = field.get(
        "Things('htx-a~w1')",
        _select="name",
        _expand="Datastreams($filter=ObservedProperty/name eq 'wind_speed' and name ne 'a;b)';$count=true;$select=name;"
        "$expand=ObservedProperty($select=name),Sensor($select=id)),Locations/HistoricalLocations/Thing",
    )
    assert it.keys() == {"name", "Datastreams", "Datastreams@iot.count", "Locations"}
    assert it["Datastreams@iot.count"] == 1
    (stream,) = it["Datastreams"]
    assert stream == {
        "name": "Trạm thời tiết: wind_speed",
        "ObservedProperty": {"name": "wind_speed"},
        "Sensor": {"@iot.id": STATION},
    }
    (place,) = it["Locations"]
    assert place["HistoricalLocations"][0]["Thing"]["@iot.id"] == STATION


def test_two_ways_behind_one_link(field: Field) -> None:
    it = field.get("Observations", _top=1, _expand="Datastream/Thing,Datastream/Sensor")["value"][0]
    assert it["Datastream"]["Thing"]["@iot.id"] == it["Datastream"]["Sensor"]["@iot.id"] == LEVEL


def test_a_page_within_an_expanded_collection(field: Field) -> None:
    it = field.get("Things('htx-a~w1')", _expand="Datastreams($top=1;$select=id)")
    assert it["Datastreams"] == [{"@iot.id": "htx-a~w1~air_temperature"}]
    assert field.client.get(it["Datastreams@iot.nextLink"]).json() == {"value": [{"@iot.id": "htx-a~w1~wind_speed"}]}


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("Things", {"$filter": "nothing eq 1"}),
        ("Things", {"$filter": "Datastreams eq 1"}),
        ("Things", {"$filter": "Datastreams/Observations/result gt 1"}),
        ("Things", {"$filter": "name/x eq 1"}),
        ("Things", {"$filter": "name eq"}),
        ("Things", {"$filter": ""}),
        ("Things", {"$orderby": "nothing"}),
        ("Things", {"$orderby": "name up"}),
        ("Things", {"$orderby": "name,"}),
        ("Things", {"$top": "-1"}),
        ("Things", {"$top": "x"}),
        ("Things", {"$top": "²"}),
        ("Things", {"$skip": "-1"}),
        ("Things", {"$skip": "99999999999999"}),
        ("Things", {"$count": "yes"}),
        ("Things", {"$select": "nothing"}),
        ("Things", {"$select": ""}),
        ("Things", {"$expand": "Nothing"}),
        ("Things", {"$expand": "Datastreams("}),
        ("Things", {"$expand": "Datastreams($top=1"}),
        ("Things", {"$expand": "Datastreams(top)"}),
        ("Things", {"$expand": "Datastreams($nothing=1)"}),
        ("Things", {"$expand": "Datastreams($top=1),Datastreams($top=2)"}),
        ("Things", {"$expand": "Datastreams/Observations,Datastreams/Observations"}),
        ("Things", {"$expand": "/".join(["Datastreams/Thing"] * 9)}),
        ("Things", {"$expand": "Datastreams($expand=Thing($top=1))"}),
        ("Things", {"$format": "json"}),
        ("Things", {"name": "x"}),
        ("Things", {"$skiptoken": "x"}),
        ("Things('htx-a~w1')", {"$top": "1"}),
        ("Things('htx-a~w1')", {"$filter": "name eq 'x'"}),
        ("Things('htx-a~w1')/name", {"$select": "name"}),
        ("Things('htx-a~w1')/$ref", {"$select": "name"}),
    ],
)
def test_what_cannot_be_is_a_400_that_says_why(field: Field, path: str, options: dict[str, str]) -> None:
    answer = field.client.get(f"{ROOT}/{path}", params=options)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_an_option_given_twice_is_refused(field: Field) -> None:
    assert field.client.get(f"{ROOT}/Things?$top=1&$top=2").status_code == 400


PIECES = st.sampled_from(
    (
        *(
            *Kind,
            "Things('htx-a~w1')",
            "Datastreams('htx-a~w1~wind_speed')",
            "Thing",
            "Locations",
            "Observations",
            "$ref",
        ),
        *(
            "$value",
            "name",
            "result",
            "id",
            "properties",
            "location",
            "feature",
            "time",
            "phenomenonTime",
            "(",
            ")",
            "''",
        ),
    )
)
WORDS = st.sampled_from(
    (
        *(
            "name",
            "result",
            "id",
            "phenomenonTime",
            "location",
            "properties/model",
            "Datastreams/name",
            "Thing/name",
            "1",
        ),
        *(
            "'x'",
            "null",
            "2026-11-20T00:00:00Z",
            "duration'PT1H'",
            "now()",
            "geography'POINT (1 1)'",
            "eq",
            "and",
            "or",
        ),
        *(
            "not",
            "add",
            "div",
            "in",
            "(",
            ")",
            ",",
            "length(name)",
            "round(result)",
            "st_within(",
            "-",
            "desc",
            "1e999",
        ),
    )
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.lists(PIECES, min_size=1, max_size=4).map("/".join),
    options=st.dictionaries(
        st.sampled_from(["$filter", "$orderby", "$expand", "$select", "$top", "$skip", "$skiptoken", "resultFormat"]),
        st.one_of(
            st.lists(WORDS, max_size=6).map(" ".join), st.text(max_size=12), st.sampled_from(["1", "Datastreams"])
        ),
        max_size=3,
    ),
)
def test_nothing_that_is_asked_breaks_it(field: Field, path: str, options: dict[str, Any]) -> None:
    answer = field.client.get(f"{ROOT}/{path}", params=options)
    assert answer.status_code in {200, 204, 400, 404}, (path, options, answer.text)
    assert OTHER not in answer.text
