"""The native codec: what is encoded comes back, and nothing that comes in brings it down."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PayloadError
from core.model.samples import Event, Fix, Reading
from core.ports import Sample
from ingest.codecs import native_json
from tests.ingest import samples
from tests.ingest.samples import EVENTS, FIXES, READINGS, a_fix


def back(topic: str, sent: list[Fix] | list[Event] | list[Reading]) -> list[Sample]:
    decoded = native_json.decode(topic, native_json.encode(sent))
    assert not decoded.faults
    assert not decoded.unknown
    return decoded.samples


@given(st.lists(samples.fixes, min_size=1, max_size=4))
def test_fixes_come_back_as_they_were_sent(sent: list[Fix]) -> None:
    assert repr(back(FIXES, sent)) == repr(sent)


@given(st.lists(samples.events, min_size=1, max_size=4))
def test_events_come_back_as_they_were_sent(sent: list[Event]) -> None:
    assert back(EVENTS, sent) == sent


@given(st.lists(samples.readings, min_size=1, max_size=4))
def test_readings_come_back_as_they_were_sent(sent: list[Reading]) -> None:
    assert back(READINGS, sent) == sent


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["device", "ts", "lat", "lon", "sections", "on", "x"]), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(st.one_of(st.binary(max_size=40), _json.map(lambda value: json.dumps(value).encode())))
def test_whatever_comes_is_samples_faults_or_a_payload_error(payload: bytes) -> None:
    for topic in (FIXES, EVENTS, READINGS):
        try:
            decoded = native_json.decode(topic, payload)
        except PayloadError:
            continue
        rows = json.loads(payload)
        count = len(rows) if isinstance(rows, list) else 1
        assert len(decoded.samples) + len(decoded.faults) == count
        assert sorted([*decoded.places, *(f.index for f in decoded.faults)]) == list(range(count))


def test_one_sample_is_an_object_and_several_are_an_array() -> None:
    assert json.loads(native_json.encode([a_fix(0)]))["ts"] == samples.T0
    assert [row["seq"] for row in json.loads(native_json.encode([a_fix(0, seq=1), a_fix(1, seq=2)]))] == [1, 2]


def test_what_is_not_told_is_left_out() -> None:
    sent = Fix("d1", 5, 9.0, 105.0)
    assert json.loads(native_json.encode([sent])) == {"device": "d1", "ts": 5, "lat": 9.0, "lon": 105.0, "on": False}


def test_a_payload_that_is_too_long_is_refused_unread() -> None:
    with pytest.raises(PayloadError, match="at most 1048576") as raised:
        native_json.decode(FIXES, b" " * (native_json.MAX_BYTES + 1))
    assert raised.value.reason == "size"


def test_a_bad_row_is_kept_as_it_was_sent_with_what_we_do_not_know() -> None:
    payload = native_json.encode([a_fix(0)])[:-1] + b',"wind_mps":3}'
    batch = b"[" + payload + b',{"device":"d1","lat":9,"wind_mps":4}]'
    (fault,) = native_json.decode(FIXES, batch).faults
    assert json.loads(fault.payload) == {"device": "d1", "lat": 9, "wind_mps": 4}
    assert json.loads(native_json.row_payloads(batch, [0])[0])["wind_mps"] == 3
    assert native_json.row_payloads(payload, [0]) == [payload]


def _shapes_forgotten() -> None:
    for topic in (FIXES, EVENTS, READINGS):
        native_json.kind_of(topic)[0].shapes.clear()


@given(
    st.lists(samples.fixes, min_size=1, max_size=3),
    st.sampled_from([b"1", b"-0.5", b"1e5", b"1.0", b"00", b"-", b"null", b"true", b'"1"', b"9" * 40, b"1e999", b""]),
    st.integers(0, 40),
)
def test_a_payload_of_a_known_shape_is_read_as_if_it_were_the_first(sent: list[Fix], number: bytes, at: int) -> None:
    """What is read at once must be what is read closely, whatever stands in the place of a number."""
    payload = native_json.encode(sent)
    found = list(re.finditer(rb'(?<=":)-?[0-9.e+-]+', payload))
    place = found[at % len(found)]
    other = payload[: place.start()] + number + payload[place.end() :]
    _shapes_forgotten()
    closely = outcome(other)
    native_json.decode(FIXES, payload)
    assert outcome(other) == closely
    assert outcome(other) == closely


def outcome(payload: bytes) -> str:
    try:
        decoded = native_json.decode(FIXES, payload)
    except PayloadError as error:
        return f"{error.reason}: {error}"
    return repr((decoded.samples, decoded.faults, list(decoded.places), decoded.unknown))


def test_a_name_that_stands_twice_is_refused_also_in_a_shape_that_looks_known() -> None:
    good = b'{"device":"d1","ts":1764000000000,"lat":9.28,"lon":105.72}'
    native_json.decode(FIXES, good)
    for bad in (good.replace(b'"lon"', b'"lat"'), good.replace(b'"lon":1', b'"lat":1,"lon":1')):
        with pytest.raises(PayloadError, match="twice"):
            native_json.decode(FIXES, bad)


def test_a_section_with_a_name_that_only_looks_like_ours_makes_no_shape_known() -> None:
    start = (
        b'{"device":"d1","ts":1764000000000,"lat":9.28,"lon":105.72,"sections":[{"offset_m":0,"width_m":7,"on":true,'
    )
    native_json.decode(FIXES, start + b'"wid1th_m":3}]}')
    with pytest.raises(PayloadError, match="twice"):
        native_json.decode(FIXES, start + b'"width_m":3}]}')
