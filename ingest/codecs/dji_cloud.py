"""DJI Cloud API, properties of an aircraft, topic ``thing/product/{serial number}/osd``.

An envelope ``{tid, bid, timestamp (ms), data}``; of ``data``: latitude, longitude (WGS 84), elevation (m above
take-off), horizontal_speed (m/s), attitude_head (−180 to 180°), position_state, battery.capacity_percent, mode_code.
``height`` is above the ellipsoid and is left out. The API tells nothing of pumps and spreaders, and the Agras machines
do not speak it (its list of supported products): such a fix never sprays. It comes at 0.5 Hz. Remote controls and docks
publish on the same topic, and tell where they themselves stand: what has no position, or nothing that only an aircraft
tells, is refused. Source: DJI Cloud API documentation, "M3 series, properties", "RC Plus" and "Dock 2".
"""

from __future__ import annotations

from typing import Any, Final

from core.errors import PayloadError
from core.model.enums import FixQuality, HeightRef, Mode
from core.model.samples import NAN, Fix
from ingest import lorawan
from ingest.codec import Decoded
from ingest.sensors import number_of

FORMAT: Final = "dji_cloud"
TOPICS: Final = ("thing/product/+/osd",)
FOREIGN: Final = True

_OF_AIRCRAFT: Final = frozenset(("attitude_head", "elevation", "horizontal_speed"))
"""What neither docks nor remote controls have."""
_RTK: Final = {1: FixQuality.FLOAT, 2: FixQuality.RTK}
"""position_state.is_fixed: fixing, fixed. 0 (not started) and 3 (failed) speak of RTK only: it flies by plain GNSS."""
_LEAST_SATELLITES: Final = 4
"""A position needs as many."""
_MODES: Final = {3: Mode.MANUAL, 5: Mode.AUTO, 9: Mode.RTL, 11: Mode.FAILSAFE}
"""mode_code where it is clear: manual, wayline, return, landing by force. Landing by itself (10) may be as planned."""
_LATEST_MS: Final = 2**53


def decode(topic: str, payload: bytes, received_ms: int) -> Decoded:
    """Read the fix of an aircraft.

    Raises:
        PayloadError: It is no OSD of an aircraft (``topic``, ``schema``, ``size``).
    """
    serial = _serial(topic)
    it = lorawan.document(payload)
    data = it.get("data")
    if not isinstance(data, dict):
        raise PayloadError("schema", "no data")
    lat_deg, lon_deg = number_of(data.get("latitude")), number_of(data.get("longitude"))
    if lat_deg is None or lon_deg is None or (lat_deg == 0.0 and lon_deg == 0.0):
        raise PayloadError("schema", "no position of an aircraft (a remote control or a dock, or no satellites yet)")
    if not _OF_AIRCRAFT & data.keys():
        raise PayloadError("schema", "a position, and nothing else of an aircraft: a remote control or a dock")
    timestamp = number_of(it.get("timestamp"))
    fix = Fix(
        device=serial,
        ts_ms=received_ms if timestamp is None else int(max(-_LATEST_MS, min(timestamp, _LATEST_MS))),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        height_m=_number(data.get("elevation")),
        height_ref=HeightRef.TAKEOFF if number_of(data.get("elevation")) is not None else HeightRef.UNKNOWN,
        speed_mps=_number(data.get("horizontal_speed")),
        heading_deg=_number(data.get("attitude_head")) % 360.0,
        quality=_quality(data.get("position_state")),
        mode=_mode(data.get("mode_code")),
        battery_pct=_number(lorawan.part(data, "battery", "capacity_percent")),
    )
    return Decoded([fix], [], [0])


def _serial(topic: str) -> str:
    match topic.split("/"):
        case ["thing", "product", serial, "osd"] if serial:
            return serial
    raise PayloadError("topic", f"no aircraft of DJI publishes on {topic[:200]!r}")


def _number(value: Any) -> float:
    found = number_of(value)
    return NAN if found is None else found


def _quality(state: Any) -> FixQuality:
    """How good a position is: RTK where the receiver uses it, else by the number of satellites, where that is told."""
    fixed, gps, rtk = (number_of(lorawan.part(state, name)) for name in ("is_fixed", "gps_number", "rtk_number"))
    if fixed in _RTK and rtk != 0:
        return _RTK[int(fixed)]
    seen = [count for count in (gps, rtk) if count is not None]
    if not seen:
        return FixQuality.UNKNOWN
    return FixQuality.SINGLE if max(seen) >= _LEAST_SATELLITES else FixQuality.NONE


def _mode(code: Any) -> Mode:
    return _MODES.get(code, Mode.UNKNOWN) if isinstance(code, int) else Mode.UNKNOWN
