"""An alert of a flying drone as one row, at the time when it was raised."""

from __future__ import annotations

import math
from typing import Final

from core.alerts import PastAlert
from core.model.figures import Figures, Value
from geo.figures.settling import standing_row

MEASUREMENT: Final = "alert"


def alert_row(it: PastAlert) -> Figures:
    """What dashboards read of an alert; see docs/dashboards-data.md. ``subject`` is a tag where it is about a site."""
    began, end_ms = it.began, it.end_ms
    values: dict[str, Value] = {
        "flight": it.flight,
        "cause": began.cause,
        "unit": began.unit,
        "value": began.value,
        "limit": began.limit,
        "lon": began.lon_deg,
        "lat": began.lat_deg,
        "active": float(end_ms is None),
        "ended_ms": math.nan if end_ms is None else float(end_ms),
        "lasted_s": math.nan if end_ms is None else (end_ms - began.ts_ms) / 1_000.0,
    }
    tags = {"device": it.device, "kind": began.kind.value, "subject": began.subject}
    return standing_row(MEASUREMENT, began.ts_ms, tags, values)
