"""Times are stored in UTC, and shown and summed by day in Asia/Ho_Chi_Minh (UTC+7, no daylight saving)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY_MS = 86_400_000
_OFFSET_MS = 7 * 3_600_000
_EPOCH = date(1970, 1, 1).toordinal()


def local(ts_ms: int) -> datetime:
    """A time of the model, in local time."""
    return datetime.fromtimestamp(ts_ms / 1000.0, UTC).astimezone(ZONE)


def local_day(ts_ms: int) -> str:
    """The local date of a time, as YYYY-MM-DD."""
    return local(ts_ms).date().isoformat()


def day_number(ts_ms: int) -> int:
    """The local date of a time as a count of days since 1970-01-01, for where a text would cost too much.

    Right for times since 1975-06-13, when the zone took its present offset.
    """
    return (ts_ms + _OFFSET_MS) // DAY_MS


def day_text(number: int) -> str:
    """A count of days since 1970-01-01 as YYYY-MM-DD."""
    return date.fromordinal(_EPOCH + number).isoformat()


def day_window_ms(day: str) -> tuple[int, int]:
    """First and last millisecond of a local date.

    Raises:
        ValueError: The text is not a date.
    """
    start = datetime.combine(date.fromisoformat(day), datetime.min.time(), ZONE)
    end = start + timedelta(days=1)
    return int(start.timestamp() * 1000), int(end.timestamp() * 1000) - 1


def iso_utc(ts_ms: int) -> str:
    """A time as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(ts_ms / 1000.0, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
