"""Options of a replay that move it: in time, in place, and round and round."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from cli import arguments
from core.localtime import ZONE

_UNITS_MS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_PARTS: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
_DURATION: Final = re.compile(rf"([+-]?)((?:{_PARTS.pattern})+)")
_NEGATIVE: Final = re.compile(r"-\.?\d")


@dataclass(frozen=True, slots=True)
class ShiftTime:
    """Where a replay's times go: its end to the wall clock, by some ms, or its first fix to an instant (ms UTC)."""

    kind: Literal["now", "by", "first"]
    ms: int = 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare ``--loop``, ``--shift-time``, ``--shift-place`` and ``--shift-place-by``."""
    # a value such as -2h is no option: argparse would take it for one, for it knows plain negative numbers only
    parser._negative_number_matcher = _NEGATIVE  # noqa: SLF001
    parser.add_argument(
        "--loop",
        nargs="?",
        type=arguments.count_of("round", " (name the file before --loop)"),
        const=0,
        default=1,
        metavar="N",
        help="N times; without N: again and again",
    )
    parser.add_argument(
        "--shift-time",
        type=shift_time,
        metavar="T",
        help="by a duration (+3d, -2h, 1d12h), to an instant for the first fix (2026-11-26T07:00, local where it has "
        "no zone), or `now`: ends now (default: now; of a recording: times as they are)",
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--shift-place", type=place_deg, metavar="LON,LAT", help="move the first fix there, and all else with it"
    )
    place.add_argument("--shift-place-by", type=metres, metavar="EAST,NORTH", help="move everything by so many metres")


def shift_time(text: str) -> ShiftTime:
    """What ``--shift-time`` says."""
    if text == "now":
        return ShiftTime("now")
    told = _DURATION.fullmatch(text)
    if told is not None:
        ms = sum(float(n) * _UNITS_MS[unit] for n, unit in _PARTS.findall(told[2]))
        return ShiftTime("by", round(-ms if told[1] == "-" else ms))
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r}: give a duration such as +3d or -2h, an instant such as 2026-11-26T07:00, or now"
        ) from None
    return ShiftTime("first", round((instant if instant.tzinfo else instant.replace(tzinfo=ZONE)).timestamp() * 1000))


def place_deg(text: str) -> tuple[float, float]:
    """Longitude and latitude in degrees, WGS 84, with a comma between them."""
    lon, lat = _two(text, "a longitude and a latitude such as 105.725,9.285")
    return arguments.longitude(lon), arguments.latitude(lat)


def metres(text: str) -> tuple[float, float]:
    """Metres to the east and to the north, with a comma between them."""
    east, north = (_metres(part) for part in _two(text, "metres to the east and to the north such as 500,-200"))
    return east, north


def _two(text: str, what: str) -> tuple[str, str]:
    one, comma, other = text.partition(",")
    if not comma or "," in other:
        raise argparse.ArgumentTypeError(f"{text!r}: give {what}")
    return one, other


def _metres(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of metres") from None
    if not abs(value) <= 1e7:  # noqa: PLR2004 - a quarter of the way round the Earth
        raise argparse.ArgumentTypeError(f"{text!r}: at most ten thousand kilometres")
    return value
