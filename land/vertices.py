"""Tables of corner points: a row per point, as land offices print them, or with longitude and latitude.

Vietnamese cadastre calls the northing X and the easting Y. Where the columns are called so and the CRS is VN-2000, X is
taken as the northing; longitude and latitude, or easting and northing, are taken by their names. Where a column numbers
the points, they are taken in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from shapely import Polygon

from core.model.fixtable import Floats
from core.model.land import Boundary
from land import numbers
from land.column_names import PARCEL, POINT_NUMBER, SHEET
from land.layers import Layer, plain_name
from land.rings import assembled
from land.tables import Table

_LON: Final = ("lon", "long", "longitude", "lng", "kinh_do", "kinhdo", "lon_deg", "longitude_deg", "lon_wgs84")
_LAT: Final = ("lat", "latitude", "vi_do", "vido", "lat_deg", "latitude_deg", "lat_wgs84")
_EAST: Final = ("easting", "e", "east", "e_m", "easting_m", "easting_y_m", "dong", "toa_do_dong")
_NORTH: Final = ("northing", "n", "north", "n_m", "northing_m", "northing_x_m", "bac", "toa_do_bac")
_X: Final = ("x", "x_m", "toa_do_x", "toa_do_x_m", "x_vn2000")
_Y: Final = ("y", "y_m", "toa_do_y", "toa_do_y_m", "y_vn2000")
HEADERS: Final = ((_LON, _LAT), (_EAST, _NORTH), (_X, _Y))
_SHOWN: Final = 5
_PLOT: Final = ("plot", "plot_id", *PARCEL, "thua_dat", "thua_dat_so", "ma_thua", "parcel")
_RING: Final = ("ring", "vong")
_PART: Final = ("part", "phan")
_MIN_CORNERS: Final = 3


@dataclass(frozen=True, slots=True)
class _Points:
    """All points of a table: the numbers of both columns (NaN for what is none) and where the columns stand.

    ``of_ring`` are the columns that tell parts and rings; ``counted`` those that number the points, by their header.
    """

    table: Table
    at: tuple[int, int]
    numbers: tuple[Floats, Floats]
    of_ring: tuple[int, ...]
    counted: dict[str, Floats]


@dataclass(slots=True)
class _Corners:
    """The points of one plot, by their position in the table."""

    plot: str
    rows: list[int]


def vertex_layer(table: Table, kind: int, label: str) -> Layer:
    """The plots of a table of corner points.

    Args:
        table: The table.
        kind: Which of ``HEADERS`` its header is.
        label: Names it in messages.
    """
    first, second = HEADERS[kind]
    points = _points(table, first, second)
    plots, skipped = _plots(points)
    geometries = np.full(len(plots), None, object)
    remarks: dict[int, str] = {}
    refusals: dict[int, str] = {}
    for row, plot in enumerate(plots):
        said: list[str] = []
        try:
            geometries[row] = _boundary(points, plot, said)
        except ValueError as error:
            refusals[row] = str(error)
        if said:
            remarks[row] = "; ".join(dict.fromkeys(said))
    notes = []
    if skipped:
        lines = ", ".join(map(str, skipped[:_SHOWN]))
        notes.append(f"{label}: rows without coordinates skipped: {len(skipped)} (line {lines})")
    return Layer(
        label,
        "",
        geometries,
        _attributes(table, plots),
        tuple(notes),
        remarks,
        refusals,
        lines={row: table.lines[plot.rows[0]] for row, plot in enumerate(plots)},
        northing_first=first is _X,
    )


def _points(table: Table, first: tuple[str, ...], second: tuple[str, ...]) -> _Points:
    """Both columns, read as one so that they share their decimal mark."""
    at = (table.position(first) or 0, table.position(second) or 0)
    both = numbers.column([row[column] for column in at for row in table.rows])
    return _Points(
        table,
        at,
        (both[: len(table.rows)], both[len(table.rows) :]),
        tuple(column for names in (_PART, _RING) if (column := table.position(names)) is not None),
        {
            table.header[column]: numbers.column([row[column] for row in table.rows])
            for name in POINT_NUMBER
            if (column := table.position((name,))) is not None
        },
    )


def _plots(points: _Points) -> tuple[list[_Corners], list[int]]:
    """The rows by plot, in order of appearance, and the lines without coordinates.

    Parcels of the same number on two map sheets are two plots.
    """
    table, (at_x, at_y) = points.table, points.at
    parcels = _filled_down(table, table.position(_PLOT))
    sheets = _filled_down(table, table.position(SHEET))
    found: dict[tuple[str, str], _Corners] = {}
    skipped: list[int] = []
    for index, row in enumerate(table.rows):
        if row[at_x] or row[at_y]:
            key = (sheets[index], parcels[index])
            found.setdefault(key, _Corners(parcels[index], [])).rows.append(index)
        else:
            skipped.append(table.lines[index])
    return list(found.values()), skipped


def _filled_down(table: Table, at: int | None) -> list[str]:
    """The cells of a column, an empty one being the same as the one above, as in printed tables."""
    cells: list[str] = []
    for row in table.rows:
        cell = "" if at is None else row[at]
        cells.append(cell or (cells[-1] if cells else ""))
    return cells


def _boundary(points: _Points, plot: _Corners, said: list[str]) -> Boundary:
    """The polygon of a plot's rings: a ring inside another is a hole, one beside it a further part.

    Raises:
        ValueError: A cell is no number, or a ring has too few points; the message says where.
    """
    _refuse_bad_cell(points, plot)
    return assembled([_ring(points, _in_order(points, rows, said)) for rows in _rings(points, plot)])


def _rings(points: _Points, plot: _Corners) -> list[list[int]]:
    """The rows of a plot by part and ring; an empty cell is the same as the one above."""
    found: dict[tuple[str, ...], list[int]] = {}
    key = ("",) * len(points.of_ring)
    for index in plot.rows:
        row = points.table.rows[index]
        key = tuple(row[at] or above for at, above in zip(points.of_ring, key, strict=True))
        found.setdefault(key, []).append(index)
    return list(found.values())


def _in_order(points: _Points, rows: list[int], said: list[str]) -> list[int]:
    """The rows of a ring in the order of their numbers, where a column numbers them.

    Neighbouring plots may share the numbers of their points: a ring that crosses itself by its numbers, and does not
    as it is written, stays.
    """
    rows = rows[:-1] if len(rows) > 1 and _same_point(points, rows[0], rows[-1]) else rows
    for header, counted in points.counted.items():
        numbered = counted[rows]
        if not np.isfinite(numbered).all() or len(np.unique(numbered)) < len(rows):
            continue
        order = np.argsort(numbered)
        if _goes_round(order):
            return rows
        by_number = [rows[place] for place in order.tolist()]
        if _drawn(points, rows).is_valid and not _drawn(points, by_number).is_valid:
            return rows
        said.append(f"had its points out of order, taken by their numbers ({header})")
        return by_number
    return rows


def _goes_round(order: NDArray[np.intp]) -> bool:
    """Whether rows follow each other in this order, from wherever the ring starts and whichever way it goes."""
    steps = np.diff(order, append=order[:1]) % len(order)
    return bool((steps == 1).all() or (steps == len(order) - 1).all())


def _same_point(points: _Points, one: int, other: int) -> bool:
    return all(bool(values[one] == values[other]) for values in points.numbers)


def _refuse_bad_cell(points: _Points, plot: _Corners) -> None:
    for index in plot.rows:
        for at, values in zip(points.at, points.numbers, strict=True):
            if not np.isfinite(values[index]):
                cell = points.table.rows[index][at]
                what = f"{cell!r} is no number" if cell else "is empty"
                line, column = points.table.lines[index], points.table.header[at]
                raise ValueError(f"has a bad point: line {line}, {column}: {what}")


def _ring(points: _Points, rows: list[int]) -> Polygon:
    count = len({(points.numbers[0][index], points.numbers[1][index]) for index in rows})
    if count < _MIN_CORNERS:
        lines = points.table.lines
        raise ValueError(f"has a ring of {count} points (line {lines[rows[0]]} to {lines[rows[-1]]}); a plot needs 3")
    return _drawn(points, rows)


def _drawn(points: _Points, rows: list[int]) -> Polygon:
    return Polygon(np.column_stack([values[rows] for values in points.numbers]))


def _attributes(table: Table, plots: Sequence[_Corners]) -> dict[str, Any]:
    """The other columns, as the first row of each plot has them, and ``plot``."""
    groups = (_RING, _PART, *(group for header in HEADERS for group in header))
    used = {table.position(group) for group in groups}
    filled = {table.position(_PLOT), table.position(SHEET)}
    columns: dict[str, Any] = {"plot": np.array([plot.plot for plot in plots], object)}
    for at, name in enumerate(table.header):
        if at not in used and name and plain_name(name) != "plot":
            cells = _filled_down(table, at) if at in filled else [row[at] for row in table.rows]
            columns[name] = np.array([cells[plot.rows[0]] for plot in plots], object)
    return columns
