"""What options mean: days, operations, places; one line says what is wrong with a value."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import date

from core.localtime import day_window_ms
from core.model.enums import Operation
from core.model.land import SiteKind

_IDENTIFIER = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_NAME = re.compile(r"[^\s/\x00-\x1f][^/\x00-\x1f]{0,199}")
_ORGANISATION = re.compile(r"[A-Z0-9.]{1,35}")


def identifier(text: str) -> str:
    """An identifier that may stand in a topic."""
    if not _IDENTIFIER.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no identifier: lower-case letters, digits and hyphens, 64 at most"
        )
    return text


def name(text: str) -> str:
    """What people call a thing that no topic names: any letters, without strokes."""
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name: up to 200 characters, none of them a stroke")
    return text


def organisation(text: str) -> str:
    """An organisation's identifier (QCVN 102:2016/BTTTT, amendment 1:2022): up to 35 capitals, digits and points."""
    if not _ORGANISATION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r}: an organisation's identifier is up to 35 of A-Z, 0-9 and points")
    return text


def day(text: str) -> str:
    """A date, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD, such as 2026-11-26") from None


def since_ms(text: str) -> int:
    """The first moment of a local date, in ms since 1970 UTC."""
    return day_window_ms(day(text))[0]


def until_ms(text: str) -> int:
    """The last moment of a local date, in ms since 1970 UTC."""
    return day_window_ms(day(text))[1]


def operation(text: str) -> Operation:
    """What an implement does."""
    words = [it.word for it in Operation if it is not Operation.UNKNOWN]
    if text not in words:
        raise argparse.ArgumentTypeError(f"{text!r}: choose from {', '.join(words)}")
    return Operation[text.upper()]


def site_kind(text: str) -> SiteKind:
    """What must not be sprayed."""
    try:
        return SiteKind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: choose from {', '.join(SiteKind)}") from None


def positive(text: str) -> float:
    """A number above nought."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not 0.0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not above nought")
    return value


def count_of(things: str, hint: str = "") -> Callable[[str], int]:
    """What reads a whole number of some things (rounds, messages), at least one; ``hint`` follows where it is none."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no number of {things}s{hint}") from None
        if value < 1:
            raise argparse.ArgumentTypeError(f"{text!r}: at least one {things}")
        return value

    return read


def listed(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def yes_or_no(text: str) -> bool:
    """Yes or no, in either language."""
    words = {"yes": True, "no": False, "có": True, "co": True, "không": False, "khong": False}
    if text.casefold() not in words:
        raise argparse.ArgumentTypeError(f"{text!r}: write yes or no")
    return words[text.casefold()]


def latitude(text: str) -> float:
    """Degrees north of the equator, WGS 84."""
    return _degrees(text, 90.0)


def longitude(text: str) -> float:
    """Degrees east of Greenwich, WGS 84."""
    return _degrees(text, 180.0)


def _degrees(text: str, limit: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of degrees") from None
    if not abs(value) <= limit:
        raise argparse.ArgumentTypeError(f"{text!r} lies outside ±{limit:g} degrees")
    return value
