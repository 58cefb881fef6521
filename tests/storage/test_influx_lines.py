"""Lines of the line protocol: what stands in them, and where in the millisecond a point stands."""

from __future__ import annotations

import math
import zlib

import pytest

from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.samples import Event, Fix, Reading, Section
from storage.telemetry.lineprotocol import FIX, Lines, point_ns

AT = 1_764_000_000_123


def line(sample: Fix | Event | Reading, cooperative: str = "htx-1") -> str:
    return Lines(cooperative).line(sample, 99).decode()


def test_a_fix_is_written_with_the_names_of_the_wire() -> None:
    fix = Fix(
        "d1", AT, 9.5, 105.0, 7, "b1", 2.5, HeightRef.CROP, 5.0, 359.9, FixQuality.RTK, 0.7,
        Operation.SPRAY, True, Mode.AUTO, 3.2, 0.5, 6.5, 12.0, 13.0, 80.0, "f1", "job 1", (Section(0.0, 6.5, True),),
    )  # fmt: skip
    head, fields, time = line(fix).replace("job 1", "job_1").split(" ")
    assert head == "fix,cooperative=htx-1,device=d1,operation=spray"
    assert dict(field.split("=", 1) for field in fields.split(",sections=")[0].split(",")) == {
        "on": "true", "lat": "9.5", "lon": "105.0", "height_m": "2.5", "speed_mps": "5.0", "heading_deg": "359.9",
        "hdop": "0.7", "flow_lpm": "3.2", "rate_kgpm": "0.5", "swath_m": "6.5", "tank_l": "12.0", "tank_kg": "13.0",
        "battery_pct": "80.0", "height_ref": f'"{fix.height_ref.word}"', "fix": '"rtk"', "mode": '"auto"',
        "boot": '"b1"', "flight": '"f1"', "job": '"job_1"',
    }  # fmt: skip
    assert fields.endswith(',sections="[[0.0,6.5,1,null]]",seq=7i,received_ms=99i')
    assert int(time) == point_ns(fix)


def test_what_is_not_told_is_left_out_and_a_line_is_never_without_fields() -> None:
    nothing = Fix("d1", AT, math.nan, math.nan)
    assert line(nothing) == f"fix,cooperative=htx-1,device=d1 on=false,received_ms=99i {AT}000000"
    assert line(Reading("s1", AT, "mưa", math.nan)) == (
        f"reading,cooperative=htx-1,device=s1,quantity=mưa received_ms=99i {AT}000000"
    )


def test_infinite_is_not_told() -> None:
    assert "hdop" not in line(Fix("d1", AT, 9.5, 105.0, hdop=math.inf))


def test_a_line_does_not_keep_what_the_one_before_told() -> None:
    lines = Lines("htx-1")
    full = lines.line(Fix("d1", AT, 9.5, 105.0, 1, "b1", speed_mps=5.0, job="j1"), 99)
    least = lines.line(Fix("d1", AT + 1, 9.5, 105.0), 99)
    assert b'job="j1"' in full
    assert least == Lines("htx-1").line(Fix("d1", AT + 1, 9.5, 105.0), 99)


@pytest.mark.parametrize(
    ("seq", "boot", "below_ms"),
    [
        (-1, "", 0),
        (0, "", 0),
        (7, "", 7_000),
        (1_007, "", 7_000),
        (7, "b1", 7_000 + zlib.crc32(b"b1") % 1_000),
        (999, "b1", 999_000 + zlib.crc32(b"b1") % 1_000),
    ],
)
@pytest.mark.parametrize("ts_ms", [AT, 0, -1, -(10**12)])
def test_below_the_millisecond_stand_sequence_and_boot(ts_ms: int, seq: int, boot: str, below_ms: int) -> None:
    fix = Fix("d1", ts_ms, 9.5, 105.0, seq, boot)
    assert point_ns(fix) == ts_ms * 1_000_000 + below_ms
    assert point_ns(fix) // 1_000_000 == ts_ms


def test_texts_and_tags_are_escaped() -> None:
    made = line(Fix("máy 1,a=b", AT, 9.5, 105.0, job='Thửa "1"\\, a=b'), "hợp tác xã")
    assert made.startswith(f"{FIX},cooperative=hợp\\ tác\\ xã,device=máy\\ 1\\,a\\=b ")
    assert 'job="Thửa \\"1\\"\\\\, a=b"' in made
    assert 'kind="refill",boot="b 1"' in line(Event("d1", AT, EventKind.REFILL, "b 1"))


def test_events_of_one_instant_are_points_of_their_own() -> None:
    assert len({point_ns(Event("d1", AT, kind, "b1")) for kind in EventKind}) == len(EventKind)
