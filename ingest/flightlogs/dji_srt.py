"""Subtitles with telemetry (SRT) that cameras of DJI drones write beside a video: a block per second or per frame.

Used: position, height, speed where it stands, and the time of each block. Known are the dialects of Phantom and Mavic
Pro (``GPS(lon,lat,n)`` with ``HOME(...)`` and ``BAROMETER:``), Mavic 2 (``[latitude : ..] [longtitude : ..]
[altitude: ..]``, misspelt), later ones (``FrameCnt``, ``DiffTime``, ``[latitude: ..] [longitude: ..] [rel_alt: ..
abs_alt: ..]``), Phantom 4 RTK (``GPS (lon, lat, n), D 10.0m, H 5.0m, H.S 1.0m/s``). In ``GPS(...)`` the longitude
stands first; a file whose second numbers are beyond 90 has the latitude first, is read so, and ``problems`` says it.
The third number is a height in some dialects and a count of satellites in others: it is not used. ``rel_alt``,
``BAROMETER`` and ``H`` are heights above the take-off; ``abs_alt`` and ``altitude`` are taken as above mean sea level.
Blocks without a position, and 0 N 0 E, are counted.

Times stand in the camera's local zone, which no dialect names: they are read as UTC, and ``problems`` says so. Blocks
of one second are spread by their subtitle times where they tell more. Without any date the subtitle times count from
2000-01-01.

Not told: when a sprayer was on, its flow and its swath width. The device is ``dji-srt``.

Source: files of github.com/JuanIrache/DJI_SRT_Parser (samples of several models); DJI documents none of it. A block
that is damaged is named by its line, and the others are read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from core.errors import FlightLogError
from core.model.enums import HeightRef
from core.model.fixtable import FixTable, Floats, Ints
from core.model.flightlog import FlightLog, LogFile
from ingest.logparts.sifting import LAT_MAX_DEG, NO_TELLING, position_faults, shortened, sift, time_faults

FORMAT: Final = "dji-srt"
EXTENSIONS: Final = (".srt",)
DEVICE: Final = "dji-srt"

_NUMBER: Final = r"[-+]?\d+(?:\.\d+)?"
_CUE: Final = re.compile(r"(\d{1,3}):(\d\d):(\d\d)[,.](\d{1,3})\s*-->\s*\d+:\d\d:\d\d[,.]\d{1,3}")
_DATE: Final = re.compile(r"(\d{4})[-./](\d\d?)[-./](\d\d?)[ T](\d\d?):(\d\d):(\d\d)(?:[,.:](\d{1,3})\b)?")
_LATITUDE: Final = re.compile(rf"\[?\blatitude\s*:\s*({_NUMBER})", re.IGNORECASE)
_LONGITUDE: Final = re.compile(rf"\blongt?itude\s*:\s*({_NUMBER})", re.IGNORECASE)
_PAIR: Final = re.compile(rf"\bGPS\s*\(\s*({_NUMBER})\s*,\s*({_NUMBER})", re.IGNORECASE)
_SPEED: Final = re.compile(rf"\bH\.S\s*:?\s*({_NUMBER})\s*m/s", re.IGNORECASE)
_HEIGHTS: Final = (
    (re.compile(rf"\brel_alt\s*:\s*({_NUMBER})", re.IGNORECASE), HeightRef.TAKEOFF),
    (re.compile(rf"\bBAROMETER\s*:\s*({_NUMBER})", re.IGNORECASE), HeightRef.TAKEOFF),
    (re.compile(rf"(?:,\s*|\s)H\s*:?\s*({_NUMBER})\s*m\b"), HeightRef.TAKEOFF),
    (re.compile(rf"\babs_alt\s*:\s*({_NUMBER})", re.IGNORECASE), HeightRef.MSL),
    (re.compile(rf"\baltitude\s*:\s*({_NUMBER})", re.IGNORECASE), HeightRef.MSL),
)
_MARKS: Final = (
    re.compile(rb"\[?latitude\s*:", re.IGNORECASE),
    re.compile(rb"\bGPS\s*\(", re.IGNORECASE),
    re.compile(rb"\bHOME\s*\(", re.IGNORECASE),
    re.compile(rb"\bBAROMETER\s*:", re.IGNORECASE),
)
_BEGINS: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*\d+[ \t]*\r?\n[ \t]*(?:\d+:\d\d:\d\d[,.]|\d{4}[-.]\d\d[-.]\d\d )")
_NO_DATE_MS: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 1000
_UNTOLD: Final = -1
_SECOND_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Block:
    """One subtitle: its number, the line at which it begins, and its text."""

    number: int
    line: int
    text: str


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file begins like a subtitle and tells a position."""
    if path.is_dir() or b"\0" in head:
        return False
    return _BEGINS.match(head) is not None and any(mark.search(head) for mark in _MARKS)


def read(path: Path) -> LogFile:
    """Read the subtitles of a video.

    Raises:
        FlightLogError: It is no text, or no block tells a position.
        OSError: The file cannot be read.
    """
    data = path.read_bytes()
    problems: list[str] = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8-sig", errors="replace")
        problems.append(f"byte {error.start}: not UTF-8: {error.reason}")
    blocks = list(_blocks(text, problems))
    if not any(_position(block.text) is not None for block in blocks):
        raise FlightLogError(f"{path}: line 1: none of {len(blocks)} subtitles tells a position")
    log = _log(path.stem, blocks, problems)
    return LogFile(FORMAT, (log,), problems=(NO_TELLING,))


def _blocks(text: str, problems: list[str]) -> Iterator[_Block]:
    """The subtitles: a line with nothing but a number begins one, where a time follows."""
    lines = text.splitlines()
    begins = [i for i in range(len(lines) - 1) if _begins(lines[i], lines[i + 1])]
    found: list[str] = []
    if begins and any(line.strip() for line in lines[: begins[0]]):
        found.append("line 1: no subtitle begins here: skipped")
    for i, end in pairwise([*begins, len(lines)]):
        body = "\n".join(lines[i + 1 : end])
        if _position(body) is None:
            found.append(
                f"line {i + 1}: subtitle {lines[i].strip()[:20]} tells no position{_cut(text, end == len(lines))}"
            )
        elif end == len(lines) and _broken(body):
            found.append(f"line {end}: the file ends in the middle of subtitle {lines[i].strip()[:20]}")
        yield _Block(int(lines[i]), i + 1, body)
    rest = len(lines) - 1
    if lines and lines[rest].strip().isdigit() and rest not in begins and not lines[rest - 1].strip():
        found.append(f"line {rest + 1}: the file ends in the middle of subtitle {lines[rest].strip()[:20]}")
    problems += shortened(found)


def _begins(line: str, following: str) -> bool:
    number = line.strip()
    if not (number.isascii() and number.isdigit() and len(number) < 10):  # noqa: PLR2004 - a number of subtitles
        return False
    return _CUE.match(following.strip()) is not None or _DATE.match(following.strip()) is not None


def _cut(text: str, last: bool) -> str:  # noqa: FBT001 - whether it is the last block
    return ": the file ends in the middle of it" if last and not text.endswith("\n\n") else ""


def _broken(body: str) -> bool:
    """Whether the last line of a block is left open."""
    return any(body.count(a) != body.count(b) for a, b in ("[]", "()"))


def _position(text: str) -> tuple[float, float] | None:
    """Longitude and latitude, or the two numbers of ``GPS(...)`` in their order."""
    lat, lon = _LATITUDE.search(text), _LONGITUDE.search(text)
    if lat is not None and lon is not None:
        return float(lon[1]), float(lat[1])
    pair = _PAIR.search(text)
    return (float(pair[1]), float(pair[2])) if pair is not None else None


def _log(name: str, blocks: list[_Block], problems: list[str]) -> FlightLog:
    lon, lat = _positions(blocks, problems)
    times, dated = _times(blocks, problems)
    wrong = {"no-time": times == _UNTOLD} | time_faults(times) if dated else {}
    keep, rejected = sift(wrong | position_faults(lat, lon))
    height_m, reference = _heights(blocks)
    if not keep.any():
        problems.append(f"no fixes: none of {len(blocks)} subtitles has one")
    kept = times[keep]
    if (np.diff(kept) < 0).any():
        problems.append("times run backwards: the clock was set, or files were joined")
    fixes = FixTable.build(
        times,
        lat,
        lon,
        device=DEVICE,
        flight=name,
        height_m=height_m,
        height_ref=int(reference),
        speed_mps=_found(_SPEED, blocks),
    ).take(keep)
    return FlightLog(name, DEVICE, fixes, rejected=rejected, problems=tuple(problems))


def _found(pattern: re.Pattern[str], blocks: list[_Block]) -> Floats:
    """The number that a pattern finds in each block, shape (n,); NaN where there is none."""
    matches = (pattern.search(block.text) for block in blocks)
    return np.array([math.nan if m is None else float(m[1]) for m in matches], np.float64)


def _positions(blocks: list[_Block], problems: list[str]) -> tuple[Floats, Floats]:
    """Longitudes and latitudes, shape (n,)."""
    found = [_position(block.text) or (math.nan, math.nan) for block in blocks]
    lon, lat = np.array(found, np.float64).reshape(-1, 2).T
    named = any(_LATITUDE.search(block.text) for block in blocks)
    if not named and _swapped(lon, lat):
        problems.append("GPS(...) has the latitude first in this file: read so")
        return lat, lon
    if not named:
        problems.append("GPS(...) is read with the longitude first, as DJI's older drones write it")
    return lon, lat


def _swapped(first: Floats, second: Floats) -> bool:
    """Whether the second numbers can only be longitudes."""
    return bool((np.abs(second[np.isfinite(second)]) > LAT_MAX_DEG).any()) and not bool(
        (np.abs(first[np.isfinite(first)]) > LAT_MAX_DEG).any()
    )


def _heights(blocks: list[_Block]) -> tuple[Floats, HeightRef]:
    """Heights in m, shape (n,), and what they are measured from: the first way that the file knows."""
    for pattern, reference in _HEIGHTS:
        values = _found(pattern, blocks)
        if np.isfinite(values).any():
            return values, reference
    return np.full(len(blocks), np.nan), HeightRef.UNKNOWN


def _times(blocks: list[_Block], problems: list[str]) -> tuple[Ints, bool]:
    """Times in ms, shape (n,), and whether there is any date.

    Each is the date of its block, finer by the subtitle times where dates have whole seconds.
    """
    dates = [_DATE.search(block.text) for block in blocks]
    times = np.array([_date_ms(date) for date in dates], np.int64)
    cues = np.array([_cue_ms(block.text) for block in blocks], np.int64)
    if (times == _UNTOLD).all():
        problems.append("no subtitle has a date: times count from 2000-01-01")
        step = np.arange(len(blocks), dtype=np.int64) * _SECOND_MS
        return _NO_DATE_MS + np.where(cues >= 0, cues, step), False
    problems.append("times are those of the camera's clock, in a zone that the file does not tell: read as UTC")
    told = times != _UNTOLD
    if all(date is None or not date[7] for date in dates) and (cues[told] >= 0).all():
        times = np.where(told, _finer(times, cues, told), times)
    return times, True


def _finer(times: Ints, cues: Ints, told: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    """Whole seconds joined with the subtitles' own times, where one start fits all blocks."""
    starts = times[told] - cues[told]
    spread = int(starts.max() - starts.min())
    return cues + int(starts.max()) if spread < _SECOND_MS and (np.diff(times[told]) == 0).any() else times


def _date_ms(date: re.Match[str] | None) -> int:
    if date is None:
        return _UNTOLD
    year, month, day, hour, minute, second = (int(date[i]) for i in range(1, 7))
    ms = int((date[7] or "0").ljust(3, "0"))
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1000 + ms
    except ValueError:
        return _UNTOLD


def _cue_ms(text: str) -> int:
    cue = _CUE.search(text)
    if cue is None:
        return _UNTOLD
    hours, minutes, seconds = (int(cue[i]) for i in (1, 2, 3))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(cue[4].ljust(3, "0"))
