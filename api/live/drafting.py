"""From messages and fixes to events of the live stream. Whose an event is, the topic says, or the registry."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any, Final

from core.live import LiveDraft, LiveKind
from core.model.enums import FixQuality
from core.model.samples import Fix
from core.ports import Message

FILTERS: Final = ("canhdong/v1/+/drones/+/coverage", "canhdong/v1/+/alerts")
PACE_MS: Final = 1_000
"""A drone's position is told at most so often."""
_LARGEST: Final = 64 << 10
_TOPIC: Final = re.compile(
    r"canhdong/v1/([a-z0-9][a-z0-9-]{0,62})/(?:drones/([A-Za-z0-9][\w.-]{0,63})/coverage|alerts)"
)
_COMPACT: Final = (",", ":")


def draft_of(message: Message) -> LiveDraft | None:
    """The event that a message of :data:`FILTERS` tells; None where it is not what geo publishes.

    A message that names another cooperative or drone than its topic tells nothing.
    """
    topic = _TOPIC.fullmatch(message.topic)
    if topic is None or len(message.payload) > _LARGEST:
        return None
    try:
        body: Any = json.loads(message.payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or type(body.get("ts")) is not int or not isinstance(body.get("flight"), str):
        return None
    cooperative, device = topic.groups()
    if body.get("cooperative", cooperative) != cooperative or (device and body.get("device", device) != device):
        return None
    return _coverage(cooperative, device, body) if device else _alert(cooperative, body)


def _coverage(cooperative: str, device: str, body: dict[str, Any]) -> LiveDraft:
    told = {"device": device, **body}
    return LiveDraft(cooperative, LiveKind.COVERAGE, f"{device}/{body['flight']}", body["ts"], _line(told))


def _alert(cooperative: str, body: dict[str, Any]) -> LiveDraft | None:
    named = [body.get(name) for name in ("device", "kind", "subject")]
    if not all(isinstance(it, str) for it in named) or not isinstance(body.get("raised"), bool):
        return None
    slot = "/".join(map(str, named))
    return LiveDraft(cooperative, LiveKind.ALERT, slot, body["ts"], _line(body), over=not body["raised"])


def positions(cooperative: str, fixes: Iterable[Fix]) -> list[LiveDraft]:
    """The newest place of each drone; a fix without one tells nothing."""
    newest: dict[str, Fix] = {}
    for fix in fixes:
        known = newest.get(fix.device)
        if _placed(fix) and (known is None or (fix.ts_ms, fix.seq) > (known.ts_ms, known.seq)):
            newest[fix.device] = fix
    return [
        LiveDraft(cooperative, LiveKind.POSITION, fix.device, fix.ts_ms, position(fix), PACE_MS)
        for fix in newest.values()
    ]


def position(fix: Fix) -> str:
    """A place as one line of JSON; what the drone does not tell is left out. Degrees are good to a centimetre."""
    told: dict[str, Any] = {
        "device": fix.device,
        "ts": fix.ts_ms,
        "lat": round(fix.lat_deg, 7),
        "lon": round(fix.lon_deg, 7),
        "on": fix.on,
        "op": fix.op.word,
    }
    figures = {
        "speed_mps": fix.speed_mps,
        "heading_deg": fix.heading_deg,
        "height_m": fix.height_m,
        "swath_m": fix.swath_m,
        "flow_lpm": fix.flow_lpm,
        "tank_l": fix.tank_l,
        "tank_kg": fix.tank_kg,
        "battery_pct": fix.battery_pct,
    }
    told |= {name: round(value, 2) for name, value in figures.items() if math.isfinite(value)}
    return _line(told)


def _placed(fix: Fix) -> bool:
    here = math.isfinite(fix.lat_deg) and math.isfinite(fix.lon_deg)
    return here and fix.quality is not FixQuality.NONE and abs(fix.lat_deg) <= 90.0 and abs(fix.lon_deg) <= 180.0  # noqa: PLR2004


def _line(body: dict[str, Any]) -> str:
    """One line of JSON: a number that JSON does not know becomes null."""
    return json.dumps(_plain(body), ensure_ascii=False, separators=_COMPACT)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value
