"""Tables of fixes under the names of the native payload, whatever file they come from: columns in, logs out.

One table may hold many drones and flights. Each drone, boot and flight label makes a log; where neither is told, a
silence by device time does (the rule of ``CANHDONG_FLIGHT_GAP_S``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from core.model.enums import FixQuality, HeightRef, Mode, Operation, Word
from core.model.fixtable import FLOATS, Bools, FixTable, Floats, Ints, Labels
from core.model.flightlog import FlightLog

NEEDED: Final = ("device", "ts", "lat", "lon")
"""Columns without which a table says nothing."""
NUMBERS: Final[dict[str, str]] = {{"lat_deg": "lat", "lon_deg": "lon"}.get(name, name): name for name in FLOATS}
"""Columns of numbers, and what :class:`FixTable` calls them."""
WORDS: Final[dict[str, tuple[str, type[Word]]]] = {
    "fix": ("quality", FixQuality),
    "op": ("op", Operation),
    "mode": ("mode", Mode),
    "height_ref": ("height_ref", HeightRef),
}
"""Columns of words, what :class:`FixTable` calls them, and which words there are."""
TEXTS: Final = ("device", "boot", "flight", "job")
KNOWN: Final = ("ts", "seq", "on", *NUMBERS, *WORDS, *TEXTS)
"""All columns that are read."""
TRUE: Final = frozenset({"true", "1", "on", "yes", "t", "y", "1.0"})
FALSE: Final = frozenset({"false", "0", "off", "no", "f", "n", "0.0", ""})
NO_ON: Final = "the log does not tell when the implement was on: no fix counts as treating"
GAP_S: Final = 300.0
EARLIEST_MS: Final = 946_684_800_000
LATEST_MS: Final = 4_102_444_800_000
_NULL_ISLAND_DEG: Final = 1e-3
_LAT_MAX_DEG, _LON_MAX_DEG = 90.0, 180.0
_ID_LENGTH: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class FixColumns:
    """A table of fixes as columns of shape (n,).

    ``columns`` has the names of :class:`FixTable` and only what the file tells; ``faults`` are rows that are no fix, by
    reason, as masks; ``problems`` is what was wrong, in words.
    """

    device: Labels
    ts_ms: Ints
    columns: Mapping[str, Any]
    faults: Mapping[str, Bools] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ts_ms)


def unread(names: Sequence[str]) -> list[str]:
    """What is said of columns that nobody knows, or that stand twice."""
    told = []
    unknown = [n for n in dict.fromkeys(names) if n not in KNOWN]
    if unknown:
        told.append(f"unknown columns, not read: {', '.join(n or '(no name)' for n in unknown)}")
    twice = [n for n in dict.fromkeys(names) if n in KNOWN and names.count(n) > 1]
    if twice:
        told.append(f"columns that stand twice, the first is read: {', '.join(twice)}")
    return told


def lacking(names: Sequence[str]) -> list[str]:
    """The needed columns that are not there."""
    return [name for name in NEEDED if name not in names]


def logs_of(table: FixColumns, gap_s: float = GAP_S) -> tuple[FlightLog, ...]:
    """The logs of a table, in the order in which they begin in it.

    Args:
        table: The columns.
        gap_s: Silence in seconds of device time that ends a flight of a drone that tells neither boot nor flight.

    Returns:
        A log per drone, boot and flight, named by the flight, else the boot, else drone and start. Rejected rows are
        counted in the log that they belong to.
    """
    bad, reason, reasons = _faulty(table)
    logs: list[FlightLog] = []
    names: set[str] = set()
    problems = () if "on" in table.columns else (NO_ON,)
    told = {name: column for name, column in table.columns.items() if name not in ("lat_deg", "lon_deg")}
    for device, label, rows in _groups(table, bad, gap_s):
        keep = rows
        rejected: dict[str, int] = {}
        if reasons:
            good = ~bad[rows]
            counts = np.bincount(reason[rows][~good], minlength=len(reasons)).tolist()
            rejected = {name: n for name, n in zip(reasons, counts, strict=True) if n}
            keep = rows if good.all() else _places(rows)[good]
        columns = {name: c.take(keep) if isinstance(c, Labels) else c[keep] for name, c in told.items()}
        lat, lon = (table.columns[name][keep] for name in ("lat_deg", "lon_deg"))
        fixes = FixTable.build(table.ts_ms[keep], lat, lon, device=device, **columns)
        name = _unique(label or _started(device, fixes), device, names)
        none = () if len(fixes) else (f"no fixes: none of {sum(rejected.values())} rows has one",)
        logs.append(FlightLog(name, device, fixes, rejected=rejected, problems=(*problems, *none)))
    return tuple(logs)


def _faulty(table: FixColumns) -> tuple[Bools, Ints, list[str]]:
    """Rows that are no fix, the number of each row's reason, and the reasons; the first one wins."""
    lat, lon = table.columns["lat_deg"], table.columns["lon_deg"]
    with np.errstate(invalid="ignore"):
        masks = {
            **table.faults,
            "bad-time": (table.ts_ms < EARLIEST_MS) | (table.ts_ms >= LATEST_MS),
            "no-position": ~(np.isfinite(lat) & np.isfinite(lon)),
            "null-island": (np.abs(lat) < _NULL_ISLAND_DEG) & (np.abs(lon) < _NULL_ISLAND_DEG),
            "out-of-range": (np.abs(lat) > _LAT_MAX_DEG) | (np.abs(lon) > _LON_MAX_DEG),
        }
    if "quality" in table.columns:
        masks["no-fix"] = table.columns["quality"] == FixQuality.NONE
    reasons = [name for name, rows in masks.items() if rows.any()]
    reason = np.zeros(len(table), np.int64)
    bad: Bools = np.zeros(len(table), np.bool_)
    for k, name in reversed(list(enumerate(reasons))):
        reason[masks[name]] = k
        bad |= masks[name]
    return bad, reason, reasons


def _groups(table: FixColumns, bad: Bools, gap_s: float) -> Iterator[tuple[str, str, Any]]:
    """Drone, flight (else boot) and rows (a slice, where they stand together) of each log."""
    n = len(table)
    blank = Labels.constant("", n)
    boot, flight = (table.columns.get(name, blank) for name in ("boot", "flight"))
    key = (table.device.codes.astype(np.int64) * len(boot.labels) + boot.codes) * len(flight.labels) + flight.codes
    cuts = np.flatnonzero(np.diff(key, prepend=key[0] - 1 if n else 0))
    runs: dict[int, list[tuple[int, int]]] = {}
    for start, end in zip(cuts.tolist(), [*cuts[1:].tolist(), n], strict=False):
        runs.setdefault(int(key[start]), []).append((start, end))
    for parts in runs.values():
        first = parts[0][0]
        together = slice(*parts[0]) if len(parts) == 1 else np.concatenate([np.arange(a, b) for a, b in parts])
        device = identifier(table.device[first])
        label = flight[first] or boot[first]
        if label:
            yield device, label, together
        else:
            yield from ((device, "", rows) for rows in _by_silence(table.ts_ms, bad, _places(together), gap_s))


def _by_silence(ts_ms: Ints, bad: Bools, rows: Ints, gap_s: float) -> Iterator[Ints]:
    """The rows of one drone in order of time, cut where it was silent; rows that are no fix do not end a silence."""
    good = rows[~bad[rows]]
    order = good[np.argsort(ts_ms[good], kind="stable")]
    cuts = np.flatnonzero(np.diff(ts_ms[order]) > gap_s * 1000.0) + 1
    parts = np.split(order, cuts)
    parts[0] = np.concatenate([rows[bad[rows]], parts[0]])
    yield from parts


def _places(rows: Any) -> Ints:
    """Rows as indices."""
    return np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows


def identifier(text: str) -> str:
    """A drone's name as an identifier that may stand in a topic; ``unnamed`` where nothing of it can."""
    made = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:_ID_LENGTH].strip("-")
    return made or "unnamed"


def _started(device: str, fixes: FixTable) -> str:
    if not len(fixes):
        return device
    return f"{device}-{datetime.fromtimestamp(int(fixes.ts_ms.min()) / 1000.0, UTC):%Y%m%dT%H%M%SZ}"


def _unique(name: str, device: str, taken: set[str]) -> str:
    """The name, with the drone or a number where another log has it."""
    made, number = name, 1
    while made in taken:
        made = f"{device} {name}" if number == 1 else f"{device} {name} {number}"
        number += 1
    taken.add(made)
    return made


def truths(texts: Labels) -> tuple[Bools, Bools]:
    """A column of words as on or off, and which rows are neither, each of shape (n,)."""
    words = [label.strip().casefold() for label in texts.labels]
    on = np.array([w in TRUE for w in words], np.bool_)
    wrong = np.array([w not in TRUE and w not in FALSE for w in words], np.bool_)
    return on[texts.codes], wrong[texts.codes]


def codes(texts: Labels, kind: type[Word]) -> tuple[Any, Bools]:
    """A column of words as codes of an enumeration, and which rows hold none of its words; "" is "not told"."""
    known = {member.word: int(member) for member in kind}
    words = [label.strip().casefold() for label in texts.labels]
    table = np.array([known.get(w, -1) for w in words], np.int8)
    wrong = np.array([bool(w) and w not in known for w in words], np.bool_)
    return table[texts.codes], wrong[texts.codes]


def told_numbers(values: Floats) -> Floats:
    """Numbers with NaN for what is not finite, shape (n,)."""
    return np.where(np.isfinite(values), values, np.nan)
