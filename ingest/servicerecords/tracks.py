"""Points of KML and GeoJSON brought into tables; points without times are spread over the flight, and that is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.servicerecords.cells import time_ms
from ingest.servicerecords.columns import Column
from ingest.servicerecords.table import Dialect, Table

LON, LAT, TIME = "longitude", "latitude", "time"


@dataclass(slots=True)
class Track:
    """Points of one line or folder: (longitude, latitude) as texts, and what is told per point and for all of them."""

    name: str
    points: list[tuple[str, str]]
    columns: dict[str, list[str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)


def table_of(track: Track, dialect: Dialect) -> Table:
    """The table of a track: position, time, then whatever each point tells."""
    columns = dict(track.columns)
    problems: tuple[str, ...] = ()
    kinds = {c.quantity for c in dialect.columns(list(columns)) if c}
    if TIME not in kinds:
        header, times, problem = _spread(len(track.points), track.constants, dialect)
        columns[header] = times
        problems = (problem,)
    headers = (LON, LAT, *columns)
    rows = tuple(
        (i + 1, (*place, *(values[i] if i < len(values) else "" for values in columns.values())))
        for i, place in enumerate(track.points)
    )
    constants = {k: v for k, v in track.constants.items() if k not in headers}
    return Table(track.name, headers, rows, constants, place="point", problems=problems)


def _spread(n: int, constants: Mapping[str, str], dialect: Dialect) -> tuple[str, list[str], str]:
    """Times for points that have none: evenly from the start of the flight to its end, where both are told."""
    start, end = (_first_time(constants, dialect, q) for q in ("start", "end"))
    if start is None or end is None or end <= start or n < 2:  # noqa: PLR2004 - a line has two ends
        return TIME, [""] * n, "the points carry no times and the flight's start and end are not told"
    step = (end - start) / (n - 1)
    times = [str(round(start + i * step)) for i in range(n)]
    return "time (ms)", times, "the points carry no times: spread evenly from the flight's start to its end"


def _first_time(constants: Mapping[str, str], dialect: Dialect, quantity: str) -> int | None:
    """The first readable time of a quantity among the constants, ms UTC."""
    found: Sequence[tuple[Column | None, str]] = list(
        zip(dialect.columns(list(constants)), constants.values(), strict=True)
    )
    for column, text in found:
        if column is not None and column.quantity == quantity:
            try:
                return time_ms(text, column)[0]
            except (ValueError, OverflowError):
                continue
    return None
