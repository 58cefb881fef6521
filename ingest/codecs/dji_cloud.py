"""DJI Cloud API, properties of an aircraft, topic ``thing/product/{serial number}/osd``.

An envelope ``{tid, bid, timestamp (ms), data}``; of ``data``: latitude, longitude (WGS 84), elevation (m above
take-off), horizontal_speed (m/s), attitude_head (−180 to 180°), position_state, battery.capacity_percent, mode_code.
``height`` is above the ellipsoid and is left out. The API tells nothing of pumps and spreaders, and the Agras machines
do not speak it (its list of supported products): such a fix never sprays. It comes at 0.5 Hz. Remote controls and docks
publish on the same topic, without an aircraft's position: those are refused. Source: DJI Cloud API documentation,
"M3 series, properties".
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

_FIXED: Final = {0: FixQuality.NONE, 1: FixQuality.FLOAT, 2: FixQuality.RTK, 3: FixQuality.SINGLE}
"""position_state.is_fixed: not started, fixing, fixed, failed (then it flies by plain GNSS)."""
_MODES: Final = {3: Mode.MANUAL, 5: Mode.AUTO, 9: Mode.RTL, 10: Mode.FAILSAFE, 11: Mode.FAILSAFE}
"""mode_code where it is clear: manual, wayline, return, landing automatically, landing by force."""
_LATEST_MS: Final = 2**53


def decode(topic: str, payload: bytes, received_ms: int) -> Decoded:
    """Read the fix of an aircraft.

    Raises:
        PayloadError: It is no OSD of an aircraft (``schema``, ``size``).
    """
    it = lorawan.document(payload)
    data = it.get("data")
    if not isinstance(data, dict):
        raise PayloadError("schema", "no data")
    lat_deg, lon_deg = number_of(data.get("latitude")), number_of(data.get("longitude"))
    if lat_deg is None or lon_deg is None or (lat_deg == 0.0 and lon_deg == 0.0):
        raise PayloadError("schema", "no position of an aircraft (a remote control or a dock, or no satellites yet)")
    timestamp = number_of(it.get("timestamp"))
    state = lorawan.part(data, "position_state", "is_fixed")
    fix = Fix(
        device=topic.split("/")[2],
        ts_ms=received_ms if timestamp is None else int(max(-_LATEST_MS, min(timestamp, _LATEST_MS))),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        height_m=_number(data.get("elevation")),
        height_ref=HeightRef.TAKEOFF if number_of(data.get("elevation")) is not None else HeightRef.UNKNOWN,
        speed_mps=_number(data.get("horizontal_speed")),
        heading_deg=_number(data.get("attitude_head")) % 360.0,
        quality=_FIXED.get(state, FixQuality.UNKNOWN) if isinstance(state, int) else FixQuality.UNKNOWN,
        mode=_mode(data.get("mode_code")),
        battery_pct=_number(lorawan.part(data, "battery", "capacity_percent")),
    )
    return Decoded([fix], [], [0])


def _number(value: Any) -> float:
    found = number_of(value)
    return NAN if found is None else found


def _mode(code: Any) -> Mode:
    return _MODES.get(code, Mode.UNKNOWN) if isinstance(code, int) else Mode.UNKNOWN
