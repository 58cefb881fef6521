"""From a table of cells to flight logs: units brought to the model's, bad rows counted, nothing guessed in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from core.errors import FlightLogError
from core.model.enums import FixQuality, Operation
from core.model.fixtable import FixTable, Floats, Labels
from core.model.flightlog import FlightLog
from ingest.servicerecords.cells import NAN, first_number
from ingest.servicerecords.columns import Column
from ingest.servicerecords.rows import Reader, Row, device_id
from ingest.servicerecords.table import Dialect, Table, kind, unknown_layout
from ingest.servicerecords.words import OFF_WORDS, ON_WORDS, OPERATION_MARKS, fold

_MACHINE: Final = {
    "area": "area_m2",
    "volume": "volume_l",
    "mass": "mass_kg",
    "distance": "distance_m",
    "duration": "time_s",
}
_FIX_COLUMNS: Final = {
    "height": "height_m",
    "speed": "speed_mps",
    "heading": "heading_deg",
    "flow": "flow_lpm",
    "width": "swath_m",
    "tank": "tank_l",
    "battery": "battery_pct",
}
_M2_PER_HA: Final = 10_000.0


def logs_of(table: Table, dialect: Dialect, label: str) -> list[FlightLog]:
    """The flight logs of a table: one per drone and flight of a track, one per row of a list of flights.

    Raises:
        FlightLogError: The columns are not those of a flight record, or the coordinates are not WGS 84.
    """
    headers = (*table.headers, *table.constants)
    columns = dialect.columns(headers)
    quantities = {c.quantity for c in columns if c}
    what = kind(quantities)
    if not what:
        raise FlightLogError(f"{label}: unknown columns; {unknown_layout(', '.join(headers))}")
    if not table.rows:
        raise FlightLogError(f"{label}: names columns but holds no rows")
    rows = _rows(table, columns)
    _refuse_other_datum(rows, label)
    if what == "summary":
        return [_summary(table, row, dialect) for row in rows]
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.text("serial") or row.text("device"), row.text("flight")), []).append(row)
    unused = [c.text for c in columns if c and c.quantity in _MACHINE and c.text not in table.constants]
    return [_track(table, part, dialect, unused) for part in groups.values()]


def _rows(table: Table, columns: Sequence[Column | None]) -> list[Row]:
    """The cells of each row by quantity, columns of the table before constants."""
    constants = list(table.constants.values())
    rows = []
    width = len(table.headers)
    for line, texts in table.rows:
        padded = [*texts[:width], *[""] * (width - len(texts)), *constants]
        cells: dict[str, list[tuple[Column, str]]] = {}
        for column, text in zip(columns, padded, strict=True):
            if column is not None:
                cells.setdefault(column.quantity, []).append((column, text))
        rows.append(Row(line, cells))
    return rows


def _refuse_other_datum(rows: list[Row], label: str) -> None:
    """Refuse the shifted Chinese map coordinates, 100 to 700 m off."""
    for row in rows:
        datum = fold(row.text("datum"))
        if datum and datum not in {"wgs84", "wgs_84", "epsg_4326", "cgcs2000"}:
            raise FlightLogError(f"{label}: coordinates are in {row.text('datum')}, not WGS 84: export them in WGS 84")


def _summary(table: Table, row: Row, dialect: Dialect) -> FlightLog:
    """A flight of which only the totals are told."""
    reader = Reader(table)
    machine = _machine(reader, row)
    start = reader.time(row, "start") if "start" in row.cells else reader.time(row, "time")
    end = reader.time(row, "end")
    if "time_s" not in machine and start is not None and end is not None and end > start:
        machine["time_s"] = (end - start) / 1000.0
    if start is not None:
        machine["start_ms"] = float(start)
    name = row.text("flight") or f"{table.name} {table.place} {row.number}"
    device = device_id(row.text("serial") or row.text("device"), dialect.format)
    return FlightLog(
        name,
        device,
        FixTable.empty(device),
        machine=machine,
        volume_l=machine.get("volume_l", NAN),
        mass_kg=machine.get("mass_kg", NAN),
        problems=("summary only: no fixes", *reader.problems()),
    )


def _machine(reader: Reader, row: Row) -> dict[str, float]:
    """What the machine itself counted; a volume that is not told follows from dose and area, and is said to."""
    found = {key: reader.value(row, quantity) for quantity, key in _MACHINE.items() if quantity in row.cells}
    machine = {key: value for key, value in found.items() if not np.isnan(value)}
    if "volume_l" not in machine and "area_m2" in machine and "dose" in row.cells:
        dose_lpha = reader.value(row, "dose")
        if not np.isnan(dose_lpha):
            machine["volume_l"] = dose_lpha * machine["area_m2"] / _M2_PER_HA
            reader.note("the volume is not told: computed from dose and area")
    return machine


def _track(table: Table, rows: list[Row], dialect: Dialect, unused: list[str]) -> FlightLog:
    """A flight with fixes."""
    reader = Reader(table)
    device = device_id(rows[0].text("serial") or rows[0].text("device"), dialect.format)
    flight = rows[0].text("flight")
    times: list[int] = []
    kept: list[Row] = []
    places: list[tuple[float, float]] = []
    rejected: Counter[str] = Counter()
    for row in rows:
        reason, ms, place = _position(reader, row)
        if reason:
            rejected[reason] += 1
            continue
        times.append(ms)
        places.append(place)
        kept.append(row)
    columns: dict[str, Floats] = {
        name: np.array([reader.value(r, quantity) for r in kept], np.float64) for quantity, name in _FIX_COLUMNS.items()
    }
    on = _treating(reader, kept)
    fixes = FixTable.build(
        times,
        [lat for lat, _ in places],
        [lon for _, lon in places],
        device=device,
        on=on,
        op=[_operation(reader, r) for r in kept],
        quality=int(FixQuality.UNKNOWN),
        flight=Labels.constant(flight, len(kept)),
        **columns,
    )
    machine = _machine(reader, _constants_of(table, rows[0]))
    if unused:
        reader.note(f"running totals of the track are not used: {', '.join(unused)}")
    return FlightLog(
        flight or table.name,
        device,
        fixes,
        rejected=dict(rejected),
        machine=machine,
        volume_l=machine.get("volume_l", NAN),
        mass_kg=machine.get("mass_kg", NAN),
        problems=reader.problems(),
    )


def _constants_of(table: Table, row: Row) -> Row:
    """The cells that hold for the whole track."""
    cells = {q: [(c, t) for c, t in found if c.text in table.constants] for q, found in row.cells.items()}
    return Row(row.number, {q: found for q, found in cells.items() if found})


def _position(reader: Reader, row: Row) -> tuple[str, int, tuple[float, float]]:
    """Why a row is no fix ("" where it is one), its time and its (latitude, longitude)."""
    nowhere = (NAN, NAN)
    ms = reader.time(row, "time")
    if ms is None:
        if not row.text("time"):
            reader.fault("no-time", row.number, "no time")
            return "no-time", 0, nowhere
        return "bad-time", 0, nowhere
    lat, lon = reader.value(row, "lat"), reader.value(row, "lon")
    if np.isnan(lat) or np.isnan(lon):
        reader.fault("no-fix", row.number, "no position")
        return "no-fix", 0, nowhere
    if lat == 0.0 and lon == 0.0:
        reader.fault("null-island", row.number, "position 0, 0")
        return "null-island", 0, nowhere
    if abs(lat) > 90.0 or abs(lon) > 180.0:  # noqa: PLR2004 - degrees
        reader.fault("out-of-range", row.number, f"latitude {lat}, longitude {lon}")
        return "out-of-range", 0, nowhere
    return "", ms, (lat, lon)


def _treating(reader: Reader, rows: list[Row]) -> list[bool]:
    """Where the implement treats: the spray state, else a flow above zero."""
    told = any(r.cells.get("state") or r.cells.get("flow") for r in rows)
    if rows and not told:
        reader.note("the file tells neither spray state nor flow: no fix counts as treating")
    return [_state(reader, row) for row in rows]


def _state(reader: Reader, row: Row) -> bool:
    """The spray state of one row; whether there is a flow, in whatever unit, where it has none."""
    flows = first_number(row.text("flow")) > 0.0
    word = fold(row.text("state")).removesuffix("_0")
    if not word:
        return flows
    if word in ON_WORDS or word in OFF_WORDS:
        return word in ON_WORDS
    reader.fault("unknown-spray-state", row.number, repr(row.text("state")))
    return flows


def _operation(reader: Reader, row: Row) -> Operation:
    """What the task type says that the implement does."""
    word = fold(row.text("op"))
    if not word:
        return Operation.UNKNOWN
    for name, marks in OPERATION_MARKS:
        if any(mark in word for mark in marks):
            return Operation[name.upper()]
    reader.fault("unknown-task-type", row.number, repr(row.text("op")))
    return Operation.UNKNOWN
