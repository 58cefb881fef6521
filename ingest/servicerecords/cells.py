"""From the text of a cell to a number or a time."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from core.localtime import ZONE
from ingest.clock import EARLIEST_MS, LATEST_MS
from ingest.servicerecords.columns import Column, cell_factor

NAN: Final = math.nan
_NUMBER: Final = re.compile(r"^([+-]?[\d.,]*\d(?:[eE][+-]?\d+)?)\s*(\D.*)?$")
_THOUSANDS: Final = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+$")
_SECONDS_BELOW: Final = 1e11  # as ms before 1973, as s after 5138: unix times of either kind never meet here
_NOTHING: Final = frozenset({"", "-", "--", "n/a", "na", "null", "none", "nan"})


def is_blank(text: str) -> bool:
    """Whether a cell tells nothing."""
    return text.strip().lower() in _NOTHING


def number(text: str, column: Column, *, decimal_comma: bool = False) -> float:
    """A cell in the model's unit; NaN for a blank cell.

    Raises:
        ValueError: The cell is no number, its unit is unknown, or a comma could mean two things.
    """
    if is_blank(text):
        return NAN
    match = _NUMBER.match(text.strip().rstrip("%").strip())
    if match is None:
        raise ValueError(f"{text!r} is no number")
    value = float(_decimal(match[1], decimal_comma=decimal_comma))
    if match[2]:
        factor = cell_factor(column.quantity, match[2])
        if factor is None:
            raise ValueError(f"{text!r} has an unknown unit")
        return value * factor
    if column.factor is None:
        raise ValueError(f"{text!r} names no usable unit, nor does its column")
    return value * column.factor


def first_number(text: str) -> float:
    """The number that a cell begins with, whatever its unit; NaN where it begins with none."""
    match = _NUMBER.match(text.strip())
    return float(_decimal(match[1], decimal_comma=False)) if match and not _THOUSANDS.match(match[1]) else NAN


def _decimal(text: str, *, decimal_comma: bool) -> str:
    """The number with a decimal point."""
    if "," not in text:
        return text
    if decimal_comma or text.rfind(",") > text.rfind(".") >= 0:
        return text.replace(".", "").replace(",", ".")
    if "." in text:
        return text.replace(",", "")
    if _THOUSANDS.match(text):
        raise ValueError(f"{text!r} can mean two numbers")
    return text.replace(",", ".")


def time_ms(text: str, column: Column) -> tuple[int, str]:
    """A cell's time, in ms since 1970 UTC, and what was assumed to read it ("" where the file told all).

    Raises:
        ValueError: The cell is no time, or one before 2005 or after 2100.
    """
    stripped = text.strip()
    try:
        value = float(stripped)
    except ValueError:
        ms, note = _calendar_ms(stripped, column)
    else:
        ms, note = _unix_ms(value, column)
    if not EARLIEST_MS <= ms < LATEST_MS:
        raise ValueError(f"{text!r} is no time between 2005 and 2100")
    return ms, note


def _unix_ms(value: float, column: Column) -> tuple[int, str]:
    """A time that is a number."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no time")
    if column.factor is not None:
        return round(value * column.factor), column.note
    unit = "seconds" if abs(value) < _SECONDS_BELOW else "milliseconds"
    note = f"{column.text!r} names no unit: numbers of that size are unix {unit}"
    return round(value * (1000.0 if unit == "seconds" else 1.0)), note


def _calendar_ms(text: str, column: Column) -> tuple[int, str]:
    """A time that is a date."""
    when = datetime.fromisoformat(text.replace("/", "-"))
    note = ""
    if when.tzinfo is None and column.zone_min is not None:
        when = when.replace(tzinfo=timezone(timedelta(minutes=column.zone_min)))
    elif when.tzinfo is None:
        when = when.replace(tzinfo=ZONE)
        note = f"{column.text!r} names no time zone: read as Vietnamese time (UTC+7)"
    return round(when.astimezone(UTC).timestamp() * 1000.0), note
