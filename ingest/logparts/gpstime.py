"""From GPS week and time of week to UTC.

GPS time began at 1980-01-06 00:00 UTC and knows no leap seconds. The table is IERS Bulletin C (no leap second since
2017-01-01; TAI − UTC = 37 s, GPS − UTC = 18 s), with the instants at which each offset began.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np

from core.model.fixtable import Ints

_EPOCH_MS: Final = int(datetime(1980, 1, 6, tzinfo=UTC).timestamp()) * 1000
_WEEK_MS: Final = 7 * 86_400_000
_SINCE: Final = (
    (1999, 1, 13),
    (2006, 1, 14),
    (2009, 1, 15),
    (2012, 7, 16),
    (2015, 7, 17),
    (2017, 1, 18),
)  # year, month, GPS − UTC in seconds from that month on
_STARTS_MS: Final = np.array([int(datetime(y, m, 1, tzinfo=UTC).timestamp()) * 1000 for y, m, _ in _SINCE], np.int64)
_LEAP_MS: Final = np.array([s * 1000 for _, _, s in _SINCE], np.int64)


def utc_ms(week: Ints, week_ms: Ints) -> Ints:
    """GPS weeks (not rolled over) and milliseconds of the week, shape (n,), as ms since 1970 UTC, shape (n,)."""
    gps_ms = _EPOCH_MS + week.astype(np.int64) * _WEEK_MS + week_ms.astype(np.int64)
    index = np.clip(np.searchsorted(_STARTS_MS + _LEAP_MS, gps_ms, side="right") - 1, 0, None)
    utc: Ints = gps_ms - _LEAP_MS[index]
    return utc
