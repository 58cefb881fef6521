"""Flights that AirData UAV exports as CSV (mostly of DJI drones): one row every 100 ms.

Used: position, height above take-off (else above mean sea level), speed, compass heading, charge, flight mode. Units
stand in the headers, in brackets (feet and mph, or metres and m/s): a column without a known unit is not used, and
``problems`` says so. ``datetime(utc)`` has whole seconds and ``time(millisecond)`` the real step: the start is the one
instant that fits all rows. Rows with fewer than four satellites or a signal of level 0 are ``no-fix``. The last
``mileage`` is the machine's own distance. The file names no drone: the device is ``airdata``.

Not told: when a sprayer was on, its flow and its swath width.

Source: AirData's help page "Downloadable Flight Data CSV"; real files have words in numeric columns (counted, named by
line) and blanks before header names.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from core.errors import FlightLogError
from core.model.enums import FixQuality, HeightRef, Mode
from core.model.fixtable import Codes, FixTable, Floats
from core.model.flightlog import FlightLog, LogFile
from core.units import M_PER_FT, MPS_PER_KMH, MPS_PER_MPH
from ingest.clock import EARLIEST_MS, LATEST_MS
from ingest.logparts.sifting import NO_TELLING, position_faults, sift

FORMAT: Final = "airdata-csv"
EXTENSIONS: Final = (".csv",)

DEVICE: Final = "airdata"
_LENGTH: Final = {"feet": M_PER_FT, "ft": M_PER_FT, "meters": 1.0, "metres": 1.0, "m": 1.0}
_SPEED: Final = {"mph": MPS_PER_MPH, "m/s": 1.0, "km/h": MPS_PER_KMH, "kph": MPS_PER_KMH}
_HEADER: Final = re.compile(r"^\s*([^()]*?)\s*(?:\(([^()]*)\))?\s*$")
_NEEDED: Final = ("time", "datetime", "latitude", "longitude")
_SATELLITES_MIN: Final = 4
_LEVEL_MAX: Final = 10
_STAMP_SPREAD_MS: Final = 1_500.0
_SHOWN: Final = 3
_HEIGHTS: Final = (
    ("height_above_takeoff", HeightRef.TAKEOFF),
    ("ascent", HeightRef.TAKEOFF),
    ("altitude_above_sealevel", HeightRef.MSL),
)
_MODES: Final = (
    (Mode.RTL, ("gohome", "landing")),
    (Mode.AUTO, ("waypoint", "mission", "quickshot", "takeoff", "hotpoint", "pointing", "goto", "follow", "autopilot")),
    (Mode.MANUAL, ("gps", "sport", "atti", "manual", "tripod", "cinematic", "normal", "positioning", "joystick")),
)


def sniff(head: bytes, path: Path) -> bool:
    """Whether the first line names AirData's two time columns and a position."""
    if path.is_dir() or b"\0" in head:
        return False
    line = head.lstrip(b"\xef\xbb\xbf").splitlines()[:1]
    names = line[0].lower() if line else b""
    return all(mark in names for mark in (b"time(millisecond)", b"datetime(utc)", b"latitude", b"longitude"))


def read(path: Path) -> LogFile:
    """Read an AirData CSV.

    Raises:
        FlightLogError: It is no text, lacks a column for time or position, or holds no rows.
        OSError: The file cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FlightLogError(f"{path}: byte {error.start}: not UTF-8: {error.reason}") from error
    return LogFile(FORMAT, (_log(path.stem, _table(text, path)),))


@dataclass(slots=True)
class _Table:
    """Rows under headers of (name, unit), the line of each row, rows that were cut off, and what was wrong."""

    headers: list[tuple[str, str]]
    lines: list[int]
    rows: list[list[str]]
    cut: int
    problems: list[str]

    def texts(self, name: str) -> list[str]:
        """A column as it stands, blanks where the file has none."""
        names = [n for n, _ in self.headers]
        if name not in names:
            return [""] * len(self.rows)
        i = names.index(name)
        return [row[i].strip() for row in self.rows]

    def numbers(self, name: str, units: Mapping[str, float] | None = None) -> Floats:
        """A column in the model's unit, shape (n,); NaN for blanks, words (counted) and unknown units."""
        unit = dict(self.headers).get(name)
        if unit is None:
            return np.full(len(self.rows), np.nan)
        factor = 1.0 if units is None else units.get(unit)
        if factor is None:
            self._note(f"line 1: column {name!r} has the unknown unit {unit!r}: not used")
            return np.full(len(self.rows), np.nan)
        values, words = [], []
        for line, text in zip(self.lines, self.texts(name), strict=True):
            value = _number(text)
            values.append(value)
            if text and math.isnan(value):
                words.append(f"line {line}: {text[:40]!r}")
        if words:
            self._note(f"{len(words)} × no number in column {name!r} ({'; '.join(words[:_SHOWN])})")
        return np.array(values, np.float64) * factor

    def _note(self, problem: str) -> None:
        """Keep a problem, once."""
        if problem not in self.problems:
            self.problems.append(problem)


def _number(text: str) -> float:
    """A finite number, or NaN."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _table(text: str, path: Path) -> _Table:
    """The rows; those shorter than most are cut off, and dropped."""
    reader = csv.reader(io.StringIO(text))
    found: list[tuple[int, list[str]]] = []
    problems: list[str] = []
    try:
        found.extend((reader.line_num, row) for row in reader if row)
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}; the rest is not read")
    headers = [(m[1].lower(), (m[2] or "").lower()) for m in map(_HEADER.match, found[0][1] if found else []) if m]
    missing = [n for n in _NEEDED if n not in dict(headers)]
    if missing or len(headers) < len(found[0][1]):
        raise FlightLogError(f"{path}: line 1: no column {', '.join(missing) or 'that can be read'}")
    if len(found) == 1:
        raise FlightLogError(f"{path}: line 2: names columns but holds no rows")
    usual = Counter(len(row) for _, row in found[1:]).most_common(1)[0][0]
    short = [line for line, row in found[1:] if len(row) < usual]
    if short:
        problems.append(f"{len(short)} × row cut off (line {', '.join(map(str, short[:_SHOWN]))}): dropped")
    padding = [""] * (len(headers) - usual)
    whole = [(line, [*row, *padding]) for line, row in found[1:] if len(row) >= usual]
    return _Table(headers, [n for n, _ in whole], [row for _, row in whole], len(short), problems)


def _log(name: str, table: _Table) -> FlightLog:
    times = _times(table)
    lat, lon = table.numbers("latitude"), table.numbers("longitude")
    satellites, level = table.numbers("satellites"), table.numbers("gpslevel")
    blank = np.isnan(lat) | np.isnan(lon)
    no_fix = blank | (satellites < _SATELLITES_MIN) | (level == 0.0) | (level > _LEVEL_MAX)
    bad_time = (times < EARLIEST_MS) | (times >= LATEST_MS)
    faults = {"no-time": np.isnan(times), "bad-time": bad_time, "no-fix": no_fix} | position_faults(lat, lon)
    keep, rejected = sift(faults)
    rejected |= {"corrupt": table.cut} if table.cut else {}
    height_m, height_ref = _height(table)
    fixes = FixTable.build(
        times[keep].astype(np.int64),
        lat[keep],
        lon[keep],
        device=DEVICE,
        height_m=height_m[keep],
        height_ref=int(height_ref),
        speed_mps=table.numbers("speed", _SPEED)[keep],
        heading_deg=np.mod(table.numbers("compass_heading")[keep], 360.0),
        battery_pct=table.numbers("battery_percent")[keep],
        quality=np.where(np.isnan(satellites), FixQuality.UNKNOWN, FixQuality.SINGLE)[keep],
        mode=_modes(table)[keep],
    )
    none = [] if len(fixes) else [f"no fixes: none of {len(table.rows)} rows has one"]
    machine = _machine(table)
    return FlightLog(
        name, DEVICE, fixes, rejected=rejected, machine=machine, problems=(*table.problems, *none, NO_TELLING)
    )


def _times(table: _Table) -> Floats:
    """Times in ms UTC, shape (n,): the steps of one column on the start that fits the other; NaN where none is told."""
    steps_ms = table.numbers("time")
    read = {text: _stamp_ms(text) for text in set(table.texts("datetime"))}
    stamps_ms = np.array([read[text] for text in table.texts("datetime")], np.float64)
    starts_ms = (stamps_ms - steps_ms)[np.isfinite(stamps_ms - steps_ms)]
    if not len(starts_ms):
        table.problems.append("line 2: no row tells both datetime(utc) and time(millisecond)")
        return np.full(len(steps_ms), np.nan)
    spread_ms = float(starts_ms.max() - starts_ms.min())
    if spread_ms <= _STAMP_SPREAD_MS:  # stamps are cut to whole seconds, so the latest start is the true one
        return np.rint(steps_ms + float(starts_ms.max()))
    table.problems.append(
        f"datetime(utc) and time(millisecond) run apart by {spread_ms / 1000.0:.1f} s: the latter is used"
    )
    return np.rint(steps_ms + float(np.median(starts_ms)) + 500.0)


def _stamp_ms(text: str) -> float:
    """A UTC time in ms, NaN where it is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    ms = when.timestamp() * 1000.0
    return ms if EARLIEST_MS <= ms < LATEST_MS else math.nan


def _height(table: _Table) -> tuple[Floats, HeightRef]:
    """Heights in m, shape (n,), and what they are measured from."""
    for name, reference in _HEIGHTS:
        values = table.numbers(name, _LENGTH)
        if np.isfinite(values).any():
            return values, reference
    return np.full(len(table.rows), np.nan), HeightRef.UNKNOWN


def _modes(table: _Table) -> Codes:
    """Who steered, shape (n,), by the words of the flight mode."""
    texts = table.texts("flycstate")
    codes = {text: _mode(re.sub("[^a-z]", "", text.lower())) for text in set(texts)}
    return np.array([codes[text] for text in texts], np.int8)


def _mode(word: str) -> Mode:
    return next((mode for mode, marks in _MODES if any(mark in word for mark in marks)), Mode.UNKNOWN)


def _machine(table: _Table) -> dict[str, float]:
    """What the app itself counted: the last value of its running totals."""
    totals = {"distance_m": table.numbers("mileage", _LENGTH), "time_s": table.numbers("time") / 1000.0}
    return {key: float(v[np.isfinite(v)][-1]) for key, v in totals.items() if np.isfinite(v).any()}
