"""The native payload as MessagePack: what is encoded comes back, and it says what the JSON form says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PayloadError
from core.model.samples import Event, Fix, Reading
from core.ports import Sample
from ingest.codecs import native_json, native_msgpack
from tests.ingest import samples
from tests.ingest.samples import EVENTS, FIXES, READINGS, a_fix

packed = msgspec.msgpack.encode
LEAST: dict[str, Any] = {"device": "d1", "ts": 5, "lat": 9.0, "lon": 105.0}


def back(topic: str, sent: list[Fix] | list[Event] | list[Reading]) -> list[Sample]:
    payload = native_msgpack.encode(sent)
    assert native_msgpack.recognises(payload)
    decoded = native_msgpack.decode(topic, payload)
    assert (decoded.faults, decoded.unknown, list(decoded.places)) == ([], 0, list(range(len(sent))))
    return decoded.samples


@given(st.lists(samples.fixes, min_size=1, max_size=20))
def test_fixes_come_back_as_they_were_sent(sent: list[Fix]) -> None:
    assert repr(back(FIXES, sent)) == repr(sent)


@given(st.lists(samples.events, min_size=1, max_size=20))
def test_events_come_back_as_they_were_sent(sent: list[Event]) -> None:
    assert back(EVENTS, sent) == sent


@given(st.lists(samples.readings, min_size=1, max_size=20))
def test_readings_come_back_as_they_were_sent(sent: list[Reading]) -> None:
    assert back(READINGS, sent) == sent


@given(st.lists(samples.fixes, min_size=1, max_size=3))
def test_json_is_never_taken_for_messagepack(sent: list[Fix]) -> None:
    payload = native_json.encode(sent)
    assert not native_msgpack.recognises(payload)
    assert not native_msgpack.recognises(b" \t\r\n" + payload)


@pytest.mark.parametrize(
    ("first", "is_ours"),
    [
        *((first, True) for first in (0x80, 0x8F, 0x90, 0x9F, 0xDC, 0xDD, 0xDE, 0xDF)),
        *((first, False) for first in (0x7F, 0xA0, 0xC0, 0xDB, 0xE0)),
    ],
)
def test_the_first_byte_tells(first: int, is_ours: bool) -> None:  # noqa: FBT001
    assert native_msgpack.recognises(bytes([first])) is is_ours


def test_a_fix_takes_fewer_bytes_than_its_json() -> None:
    fix = a_fix(0, seq=7, speed_mps=5.5, height_m=2.5)
    assert len(native_msgpack.encode([fix])) < len(native_json.encode([fix]))


@pytest.mark.parametrize(
    "row",
    [
        {**LEAST, "hdop": None, "sections": None},
        {**LEAST, "wind_mps": 3, "nested": {"a": [1, {"b": None}]}},
        {**LEAST, "device": "d2"},
        {**LEAST, "ts": "5"},
        {**LEAST, "seq": 2**64 - 1},
        {**LEAST, "sections": [{"offset_m": 0, "width_m": 7, "on": True, "flow_lpm": None}]},
        {**LEAST, "sections": {"offset_m": 0}},
        {"device": "d1"},
        {},
    ],
)
def test_it_says_what_the_json_form_says(row: dict[str, Any]) -> None:
    def said(decoded: Any) -> str:
        return repr((decoded.samples, decoded.faults, list(decoded.places), decoded.unknown))

    ours = native_msgpack.decode(FIXES, packed([row, LEAST]))
    assert said(ours) == said(native_json.decode(FIXES, msgspec.json.encode([row, LEAST])))


def twice(name: str) -> bytes:
    """A map whose last name is that of another field."""
    return packed({**LEAST, "\0": 1}).replace(packed("\0"), packed(name))


@pytest.mark.parametrize(
    "payload",
    [
        twice("lat"),
        packed([LEAST])[:1] + twice("lat"),
        packed({**LEAST, "sections": [{"on": True, "\0": 1}]}).replace(packed("\0"), packed("on")),
        b"\xde\x00\x02" + (packed("ts") + b"\x01") * 2,
        b"\xdf\x00\x00\x00\x02" + (packed("ts") + b"\x01") * 2,
    ],
    ids=["fix", "batch", "section", "map 16", "map 32"],
)
def test_a_name_that_stands_twice_is_refused(payload: bytes) -> None:
    with pytest.raises(PayloadError, match="twice") as raised:
        native_msgpack.decode(FIXES, payload)
    assert raised.value.reason == "schema"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"\x90",
        b"\x91\x01",
        b"\x81\x01\x01",
        packed(LEAST) + b"\xc0",
        packed(LEAST)[:-1],
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\x81" + packed("a") + b"\x91" * 50_000 + b"\x01",
        b"\x91" * 50_000 + b"\x01",
    ],
)
def test_what_is_no_map_of_names_is_refused(payload: bytes) -> None:
    with pytest.raises(PayloadError) as raised:
        native_msgpack.decode(FIXES, payload)
    assert raised.value.reason == "schema"


def test_a_payload_that_is_too_long_is_refused_unread() -> None:
    with pytest.raises(PayloadError, match="at most 1048576") as raised:
        native_msgpack.decode(FIXES, b"\x80" * (native_json.MAX_BYTES + 1))
    assert raised.value.reason == "size"


def test_rows_can_be_taken_out_one_by_one() -> None:
    batch = packed([{**LEAST, "wind_mps": 3}, LEAST])
    assert native_msgpack.row_payloads(batch, [1, 0]) == [packed(LEAST), packed({**LEAST, "wind_mps": 3})]
    assert native_msgpack.row_payloads(packed(LEAST), [0]) == [packed(LEAST)]
