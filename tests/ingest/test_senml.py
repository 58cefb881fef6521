"""SenML: whose a record is, of what, and when it was measured."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import PayloadError
from core.model.samples import Reading
from ingest.codec import Decoded
from ingest.codecs import senml
from tests.support.shared import shared

NOW_MS = 1_764_000_000_000
BASE = "urn:dev:ow:10e2073a01080063:"


def decoded(*records: dict[str, Any]) -> Decoded:
    return senml.decode("senml/x/up", json.dumps(records).encode(), NOW_MS)


def readings(*records: dict[str, Any]) -> list[Reading]:
    found = decoded(*records)
    assert not found.faults
    return [sample for sample in found.samples if isinstance(sample, Reading)]


@pytest.mark.parametrize(
    ("names", "device", "quantity"),
    [
        ({"bn": "urn:dev:ow:10e2073a01080063:", "n": "temp"}, "urn:dev:ow:10e2073a01080063", "temp"),
        ({"bn": "2001:db8::2/", "n": "temp"}, "2001:db8::2", "temp"),
        ({"bn": "tram-1", "n": "/temp"}, "tram-1", "temp"),
        ({"bn": "tram-1:", "n": "dat:temp"}, "tram-1", "dat:temp"),
        ({"n": "urn:dev:ow:10e2073a01080063:temp"}, "urn:dev:ow:10e2073a01080063", "temp"),
        ({"n": "tram-1/dat/temp"}, "tram-1/dat", "temp"),
        ({"n": "urn:dev:mac:0024befffe804ff1", "u": "%RH"}, "urn:dev:mac:0024befffe804ff1", "air_humidity"),
        ({"n": "urn:dev:ow:10e2073a01080063", "u": "Cel"}, "urn:dev:ow:10e2073a01080063", "temperature"),
        ({"n": "2001:db8::3", "u": "/"}, "2001:db8::3", "value"),
        ({"bn": "tram-1"}, "tram-1", "value"),
    ],
)
def test_the_names_tell_the_device_and_the_quantity(names: dict[str, str], device: str, quantity: str) -> None:
    (reading,) = readings({**names, "v": 1})
    assert (reading.device, reading.quantity) == (device, quantity)


@pytest.mark.parametrize(
    ("base_s", "own_s", "ts_ms"),
    [
        (None, None, NOW_MS),
        (None, 0, NOW_MS),
        (None, -5, NOW_MS - 5_000),
        (-60, 1.5, NOW_MS - 58_500),
        (1_763_999_000.5, None, 1_763_999_000_500),
        (1_763_999_000, -10, 1_763_998_990_000),
        (None, 2**28, 2**28 * 1_000),
        (None, 2**28 - 1, NOW_MS + (2**28 - 1) * 1_000),
    ],
)
def test_small_times_are_relative_to_the_reception(base_s: float | None, own_s: float | None, ts_ms: int) -> None:
    said = {name: value for name, value in (("bt", base_s), ("t", own_s)) if value is not None}
    (reading,) = readings({"bn": BASE, "n": "a", "v": 1, **said})
    assert reading.ts_ms == ts_ms


def test_bases_hold_until_they_are_told_anew() -> None:
    found = readings(
        {"bn": "a:", "bu": "Cel", "bv": 10, "n": "x", "v": 1},
        {"n": "y", "v": 2, "u": "V"},
        {"bn": "b:", "bv": 0, "n": "x", "v": 3},
    )
    assert [(r.device, r.quantity, r.value, r.unit) for r in found] == [
        ("a", "x", 11.0, "Cel"),
        ("a", "y", 12.0, "V"),
        ("b", "x", 3.0, "Cel"),
    ]


def test_units_become_the_platforms_where_the_quantity_is_known() -> None:
    known, stranger = readings({"bn": BASE, "n": "water_level", "u": "cm", "v": 57}, {"n": "depth", "u": "cm", "v": 57})
    assert (known.value, known.unit) == (0.57, "m")
    assert (stranger.value, stranger.unit) == (57.0, "cm")


def test_a_record_of_bases_alone_is_no_reading() -> None:
    assert [r.quantity for r in readings({"bn": BASE, "bv": 20, "bs": 5, "bt": 0}, {"n": "a", "v": 1})] == [
        "a",
        "a_sum",
    ]
    with pytest.raises(PayloadError, match="without a record"):
        decoded({"bn": BASE, "bv": 20})


def test_nothing_of_a_pack_is_lost_unsaid() -> None:
    found = decoded(
        {"bn": BASE, "n": "a", "v": 1, "x": 1},
        {"n": "b", "vs": "chữ", "s": 2},
        {"n": "c", "vd": "aGk"},
        {"n": "d", "v": 1, "vb": True},
        {"n": "e", "vb": False},
        {"n": "f", "v": 1e308, "bv": 1e308},
    )
    assert [(r.quantity, r.value) for r in found.samples if isinstance(r, Reading)] == [
        ("a", 1),
        ("b_sum", 2),
        ("e", 0),
    ]
    assert found.places == [0, 1, 4]
    assert found.unknown == 2
    assert [(f.index, f.reason) for f in found.faults] == [(i, "senml-type") for i in (2, 3, 5)]
    assert json.loads(found.faults[0].payload) == {"n": "c", "vd": "aGk"}


@pytest.mark.parametrize("name", ["q" * 65, "mực", "a\n", "-a", "a\u0000"])
def test_a_name_that_is_none_is_a_fault_and_is_never_cut(name: str) -> None:
    found = decoded({"bn": BASE, "n": name, "v": 1}, {"n": "good", "v": 1})
    assert [(f.index, f.reason) for f in found.faults] == [(0, "name")]
    assert found.places == [1]


@pytest.mark.parametrize("device", ["trạm:", "a b:", "d" * 201 + ":", "-:"])
def test_a_device_of_no_name_is_a_fault(device: str) -> None:
    assert [f.reason for f in decoded({"bn": device, "n": "a", "v": 1}).faults] == ["name"]


def test_a_unit_is_no_novel() -> None:
    assert [f.reason for f in decoded({"n": "d:a", "v": 1, "u": "m" * 129}).faults] == ["senml-type"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"v": 1, "must_": 0}, "senml-version"),
        ({"v": 1, "bver": 11}, "senml-version"),
        ({"v": True}, "schema"),
        ({"v": None}, "schema"),
        ({"v": 10**400}, "schema"),
        ({"vb": 1}, "schema"),
        ({"v": 1, "t": "now"}, "schema"),
        ({"v": 1, "bver": True}, "schema"),
        ({"u": "V"}, "schema"),
    ],
)
def test_what_cannot_be_understood_refuses_the_pack(record: dict[str, Any], reason: str) -> None:
    with pytest.raises(PayloadError) as raised:
        decoded({"n": "d:a", "v": 1}, {"n": "d:b", **record})
    assert raised.value.reason == reason


def test_the_standards_seventh_example_has_a_row_more_than_its_answer() -> None:
    """The data value of ``nfv-reader``; all else resolves as the answer says."""
    folder = shared("mqtt/senml")
    answer = json.loads((folder / "ex7.gen.resolved.json").read_text(encoding="utf-8"))
    pack = (folder / "ex7.json").read_bytes()
    got = [record for record, _ in senml.resolved(pack, round(answer[0]["t"] * 1_000))]
    assert [{k: v for k, v in it.items() if k != "named"} for it in got[:-1]] == answer
    assert (got[-1]["n"], got[-1]["vd"]) == ("urn:dev:ow:10e2073a01080063:nfv-reader", "aGkgCg")
    found = senml.decode("senml/x/up", pack, NOW_MS)
    assert [(s.quantity, s.value) for s in found.samples if isinstance(s, Reading)] == [("temp", 23.1), ("open", 0.0)]
    assert [(f.index, f.reason) for f in found.faults] == [(1, "senml-type"), (3, "senml-type")]
