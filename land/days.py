"""Days as files write them: ISO 8601, or day, month, year as in Vietnam."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_TIME: Final = r"(?:[T ].*)?"
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        rf"(?P<year>\d{{4}})-?(?P<month>\d\d)-?(?P<day>\d\d){_TIME}",
        r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?)?",
        rf"(?:(?P<day>\d{{1,2}})[-/.])?(?P<month>\d{{1,2}})[-/.](?P<year>\d{{4}}){_TIME}",
    )
)


def iso_day(text: str) -> str:
    """A day, month or year in ISO 8601, a time of day dropped; "" for what is none.

    Args:
        text: "2024-05-01", "20240501", "2024", "1/5/2024" (the first of May), "05/2024".
    """
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        return ""
    parts = [int(found[name]) for name in ("year", "month", "day") if found[name] is not None]
    try:
        date(*[*parts, 1, 1][:3])
    except ValueError:
        return ""
    return "-".join(f"{part:02d}" for part in parts)
