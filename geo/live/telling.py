"""What is published of flying drones: coverage that grows, and alerts, as JSON."""

from __future__ import annotations

import json
import math

from core.model.context import Alert
from core.terms import Language, term


def alert_message(cooperative: str, device: str, flight: str, alert: Alert) -> bytes:
    """One alert; numbers that nobody knows are null."""
    return json.dumps(
        {
            "kind": alert.kind.value,
            "raised": alert.raised,
            "cooperative": cooperative,
            "device": device,
            "flight": flight,
            "ts": alert.ts_ms,
            "lon": round(alert.lon_deg, 7),
            "lat": round(alert.lat_deg, 7),
            "subject": alert.subject,
            "cause": alert.cause,
            "value": _number(alert.value),
            "limit": _number(alert.limit),
            "unit": alert.unit,
            "vi": text_of(alert, "vi"),
            "en": text_of(alert, "en"),
        },
        ensure_ascii=False,
    ).encode()


def text_of(alert: Alert, language: Language) -> str:
    """One line for people."""
    words = term(f"alert_{alert.kind.value}", language)
    if alert.subject:
        words += f" ({alert.subject})"
    if alert.cause:
        words += f", {term(f'cause_{alert.cause}', language)}"
    if not alert.raised:
        return f"{term('alert_over', language)}: {words}"
    if math.isfinite(alert.value) and math.isfinite(alert.limit):
        words += f": {alert.value:.1f} {alert.unit} ({term('limit', language)} {alert.limit:.1f} {alert.unit})"
    return words


def _number(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None
