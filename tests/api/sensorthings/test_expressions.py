"""The grammar and the functions, alone: cases of OData's URL conventions (5.1.1) and of FROST-Server's filter tests."""

from __future__ import annotations

from contextlib import suppress
from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.sensorthings.errors import BadQuery
from api.sensorthings.evaluation import holds, settled, values
from api.sensorthings.expressions import Call, Literal, Path, filter_of, orders_of
from api.sensorthings.times import Duration, Span

NOW_MS = 1_795_132_800_000
THING: dict[tuple[str, ...], list[Any]] = {
    ("name",): ["O'Neil's trạm"],
    ("result",): [10],
    ("none",): [None],
    ("empty",): [],
    ("many",): [1, 2, 3],
    ("flag",): [True],
    ("at",): [Span.at(1_451_631_661_250)],  # 2016-01-01T07:01:01.250Z
    ("stay",): [Span(1_451_631_600_000, 1_451_635_200_000)],  # 07:00 to 08:00
}


def found(text: str) -> Any:
    """The only value of an expression."""
    (value,) = values(settled(filter_of(text), NOW_MS), lambda names: THING[names])
    return value


def is_true(text: str) -> bool:
    return holds(settled(filter_of(text), NOW_MS), lambda names: THING[names])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 add 2 mul 3", 7),
        ("(1 add 2) mul 3", 9),
        ("10 sub 3 sub 2", 5),
        ("-2 add 5", 3),
        ("7 div 2", 3.5),
        ("7 mod 4", 3.0),
        ("-7 mod 4", -3.0),
        ("1 div 0", None),
        ("1 mod 0", None),
        ("1e308 mul 10", float("inf")),
        ("2.5e-1", 0.25),
        ("'it''s'", "it's"),
        ("null", None),
        ("true", True),
        ("10:30:15", time(10, 30, 15)),
        ("duration'P1DT2H'", Duration(93_600_000)),
        ("2016-01-01T07:00:00+07:00", Span.at(1_451_606_400_000)),
        ("2016-01-01T07:00:00 07:00", Span.at(1_451_606_400_000)),
        ("2016-01-01", Span.at(1_451_606_400_000)),
        ("2016-01-01T00:00:00Z/2016-01-01T01:00:00Z", Span(1_451_606_400_000, 1_451_610_000_000)),
        ("now()", Span.at(NOW_MS)),
        ("now() sub duration'PT1H'", Span.at(NOW_MS - 3_600_000)),
        ("now() sub 2016-01-01T00:00:00Z gt duration'P365D'", True),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("floor(-0.5)", -1),
        ("ceiling(0.5)", 1),
        ("length(name)", 13),
        ("indexof(name, 'Neil')", 2),
        ("indexof(name, 'none')", -1),
        ("substring('abcdef', 2)", "cdef"),
        ("substring('abcdef', 2, 3)", "cde"),
        ("substring('abc', 9)", ""),
        ("tolower('ĐẤT')", "đất"),
        ("toupper('đất')", "ĐẤT"),
        ("trim('  x ')", "x"),
        ("concat(concat('a', ','), 'b')", "a,b"),
        ("year(at)", 2016),
        ("month(at)", 1),
        ("day(at)", 1),
        ("hour(at)", 7),
        ("minute(at)", 1),
        ("second(at)", 1),
        ("fractionalseconds(at)", 0.25),
        ("totaloffsetminutes(at)", 0),
        ("date(at) eq 2016-01-01", True),
        ("time(at) gt 07:01", True),
        ("length(1)", None),
        ("length(null)", None),
        ("true add 1", None),
        ("geo.distance(geography'POINT (0 0)', geography'POINT (3 4)')", 5.0),
        ("geo.length(geography'LINESTRING (0 0, 3 4)')", 5.0),
    ],
)
def test_values(text: str, value: object) -> None:
    assert found(text) == value
    assert type(found(text)) is not bool or value in {True, False}


@pytest.mark.parametrize(
    "text",
    [
        "result eq 10 and result lt 11 or result eq 0",
        "true or true and false",
        "not false and true",
        "not (result eq 9)",
        "result eq 10.0",
        "result in (9, 10)",
        "name in ('O''Neil''s trạm', 'x')",
        "10 ge result and 10 le result",
        "startswith(name, 'O''N') and endswith(name, 'trạm') and contains(name, 'eil') and substringof('eil', name)",
        "none eq null",
        "empty eq null",
        "name ne null",
        "result ne '10'",
        "flag",
        "flag eq true",
        "many eq 3",
        "many add 10 gt 12",
        "at gt 2016-01-01T07:01:01.249Z and at lt 2016-01-01T07:01:01.251Z",
        "at ge 2016-01-01T07:01:01.250Z and at le 2016-01-01T07:01:01.250Z",
        "during(at, stay)",
        "before(stay, 2016-01-01T08:00:00Z)",
        "stay lt 2016-01-01T08:00:00Z and stay gt 2016-01-01T06:59:59Z",
        "after(2016-01-01T08:00:00Z, stay)",
        "overlaps(stay, 2016-01-01T07:59:00Z/2016-01-01T09:00:00Z)",
        "not overlaps(stay, 2016-01-01T08:00:00Z/2016-01-01T09:00:00Z)",
        "meets(stay, 2016-01-01T08:00:00Z/2016-01-01T09:00:00Z)",
        "starts(stay, 2016-01-01T07:00:00Z)",
        "finishes(stay, 2016-01-01T08:00:00Z)",
        "at gt mindatetime() and at lt maxdatetime()",
        "st_within(geography'POINT (1 1)', geography'POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))')",
        "st_contains(geography'POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))', geography'SRID=4326;POINT (1 1)')",
        "st_equals(geography'POINT (1 1)', geography'POINT (1 1)')",
        "st_disjoint(geography'POINT (1 1)', geography'POINT (1 2)')",
        "st_touches(geography'POINT (0 0)', geography'LINESTRING (0 0, 1 1)')",
        "st_crosses(geography'LINESTRING (0 1, 1 0)', geography'LINESTRING (0 0, 1 1)')",
        "st_overlaps(geography'LINESTRING (0 0, 2 2)', geography'LINESTRING (1 1, 3 3)')",
        "st_intersects(geography'POINT (1 1)', geography'LINESTRING (0 0, 2 2)')",
        "geo.intersects(geography'POINT (1 1)', geography'LINESTRING (0 0, 2 2)')",
        "st_relate(geography'POINT (1 1)', geography'POINT (1 1)', 'T********')",
    ],
)
def test_what_holds(text: str) -> None:
    assert is_true(text)


@pytest.mark.parametrize(
    "text",
    [
        "result gt '9'",
        "none gt 1",
        "none lt 1",
        "none le null",
        "not (none gt 1) and false",
        "not none",
        "name",
        "flag eq 1",
        "many gt 3",
        "at lt stay and at gt stay",
        "during(2016-01-01T08:00:00Z, stay)",
    ],
)
def test_what_does_not_hold(text: str) -> None:
    assert not is_true(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name eq",
        "eq 'x'",
        "name eq 'x",
        "name = 'x'",
        "(name eq 'x'",
        "name eq 'x')",
        "name eq 'x' 'y'",
        "name in 'x'",
        "nothing(name)",
        "length()",
        "length(name, name)",
        "substring(name)",
        "now(1)",
        "2016-13-01 eq null",
        "2016-01-01T25:00:00Z eq null",
        "2016-01-01T02:00:00Z/2016-01-01T01:00:00Z eq null",
        "25:00 eq null",
        "duration'1 day' eq null",
        "geography'POINT (1' eq null",
        "st_relate(geography'POINT (1 1)', geography'POINT (1 1)', 'no')",
        "name eq \N{SNOWMAN}",
        "(" * 60 + "1" + ")" * 60,
        "not " * 60 + "true",
        " or ".join(["true"] * 400),
        "'" + "x" * 9_000 + "'",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadQuery):
        settled(filter_of(text), NOW_MS)


def test_an_error_names_the_place() -> None:
    with pytest.raises(BadQuery, match=r"\$filter: at letter 6 stands 'or'; expected a value"):
        filter_of("1 eq or 2")


def test_the_longest_chain_is_read() -> None:
    assert is_true(" and ".join(["true"] * 120))
    assert found(" add ".join(["1"] * 120)) == 120


def test_what_hangs_on_nothing_is_worked_out_once() -> None:
    assert settled(filter_of("phenomenonTime gt now() sub duration'P1D'"), NOW_MS) == Call(
        "gt", (Path(("phenomenonTime",)), Literal(Span.at(NOW_MS - 86_400_000)))
    )


def test_orders() -> None:
    first, second, third = orders_of("Datastream/name desc, result asc,@iot.id")
    assert (first.by, first.descending) == (Path(("Datastream", "name")), True)
    assert (second.by, second.descending) == (Path(("result",)), False)
    assert (third.by, third.descending) == (Path(("@iot.id",)), False)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (filter_of, orders_of):
        with suppress(BadQuery):
            read(text)


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_every_text_can_be_written_in_quotes(text: str) -> None:
    literal = "'" + text.replace("'", "''") + "'"
    assert filter_of(literal) == Literal(text)
