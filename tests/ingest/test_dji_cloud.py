"""OSD of DJI's Cloud API: which messages are fixes of an aircraft, and what they say."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from core.errors import PayloadError
from core.model.enums import FixQuality, HeightRef, Mode, Operation
from core.model.samples import Fix
from ingest.codecs import dji_cloud

TOPIC = "thing/product/1581F5BKD225T00BA3F5/osd"
NOW_MS = 1_764_000_000_000
AIRCRAFT: dict[str, Any] = {"latitude": 9.285, "longitude": 105.725, "height": 21.4, "elevation": 12.5}


def fix(timestamp: Any = 1_763_999_001_234, **data: Any) -> Fix:
    payload = json.dumps({"timestamp": timestamp, "data": {**AIRCRAFT, **data}}).encode()
    (found,) = dji_cloud.decode(TOPIC, payload, NOW_MS).samples
    assert isinstance(found, Fix)
    return found


def refusal(data: Any, topic: str = TOPIC) -> PayloadError:
    with pytest.raises(PayloadError) as raised:
        dji_cloud.decode(topic, json.dumps({"timestamp": 1, "data": data}).encode(), NOW_MS)
    return raised.value


def test_the_height_is_that_above_the_take_off_and_never_the_ellipsoids() -> None:
    assert (fix().height_m, fix().height_ref) == (12.5, HeightRef.TAKEOFF)
    low = fix(elevation=None, attitude_head=0)
    assert math.isnan(low.height_m)
    assert low.height_ref is HeightRef.UNKNOWN


@pytest.mark.parametrize(("head", "heading_deg"), [(-180, 180), (-90.5, 269.5), (-0.5, 359.5), (0, 0), (180, 180)])
def test_the_heading_goes_from_0_to_360(head: float, heading_deg: float) -> None:
    assert fix(attitude_head=head).heading_deg == heading_deg


def test_it_never_sprays_for_the_api_tells_nothing_of_pumps() -> None:
    assert (fix(mode_code=5).op, fix(mode_code=5).on) == (Operation.UNKNOWN, False)


@pytest.mark.parametrize(
    ("state", "quality"),
    [
        ({"is_fixed": 2, "gps_number": 6, "rtk_number": 25}, FixQuality.RTK),
        ({"is_fixed": 2}, FixQuality.RTK),
        ({"is_fixed": 1, "rtk_number": 12}, FixQuality.FLOAT),
        ({"is_fixed": 2, "gps_number": 15, "rtk_number": 0}, FixQuality.SINGLE),
        ({"is_fixed": 0, "gps_number": 15, "rtk_number": 0}, FixQuality.SINGLE),
        ({"is_fixed": 3, "gps_number": 0, "rtk_number": 19}, FixQuality.SINGLE),
        ({"is_fixed": 0, "gps_number": 3, "rtk_number": 0}, FixQuality.NONE),
        ({"is_fixed": 0}, FixQuality.UNKNOWN),
        ({"is_fixed": True, "gps_number": "viele"}, FixQuality.UNKNOWN),
        (None, FixQuality.UNKNOWN),
        ([2], FixQuality.UNKNOWN),
    ],
)
def test_a_position_without_rtk_is_a_position(state: Any, quality: FixQuality) -> None:
    """``is_fixed`` 0 means that RTK has not started: as "no fix" it would cost the flight of a drone without RTK."""
    assert fix(position_state=state).quality is quality


@pytest.mark.parametrize(
    ("code", "mode"),
    [
        (3, Mode.MANUAL),
        (5, Mode.AUTO),
        (9, Mode.RTL),
        (11, Mode.FAILSAFE),
        (0, Mode.UNKNOWN),
        (10, Mode.UNKNOWN),
        (99, Mode.UNKNOWN),
        ("5", Mode.UNKNOWN),
        (None, Mode.UNKNOWN),
        ([], Mode.UNKNOWN),
    ],
)
def test_the_mode_is_told_where_it_is_clear(code: Any, mode: Mode) -> None:
    assert fix(mode_code=code).mode is mode


def test_the_time_is_the_envelopes_or_that_of_reception() -> None:
    assert fix().ts_ms == 1_763_999_001_234
    assert fix(timestamp=None).ts_ms == NOW_MS
    assert fix(timestamp=1e300).ts_ms == 2**53


@pytest.mark.parametrize(
    "position",
    [{"latitude": 0, "longitude": 0}, {"latitude": 9.2}, {"longitude": 105.7}, {"latitude": "N", "longitude": 1}],
)
def test_what_has_no_position_is_refused(position: dict[str, Any]) -> None:
    error = refusal({"elevation": 0, **position})
    assert (error.reason, "no position of an aircraft" in str(error)) == ("schema", True)


@pytest.mark.parametrize(
    "more",
    [
        {"capacity_percent": 80},
        {"mode_code": 4, "drone_in_dock": 0, "position_state": {"is_fixed": 2, "gps_number": 6, "rtk_number": 25}},
    ],
    ids=["remote control", "dock"],
)
def test_where_docks_and_remote_controls_stand_is_no_fix_of_a_drone(more: dict[str, Any]) -> None:
    error = refusal({"latitude": 9.285, "longitude": 105.725, "height": 3.0, **more})
    assert (error.reason, "a remote control or a dock" in str(error)) == ("schema", True)


@pytest.mark.parametrize("topic", ["x", "thing/product//osd", "thing/product/a/state", "thing/product/a/b/osd"])
def test_another_topic_is_refused(topic: str) -> None:
    assert refusal(AIRCRAFT, topic).reason == "topic"
