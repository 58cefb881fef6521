"""Dose on a grid: what lies on each cell, by exact areas.

A polygon's area inside every cell follows from its edges alone (Green's theorem): an edge that crosses a cell leaves
the ground to its right in that cell and in all cells to the right of it in the same row. So only edges are cut at the
grid's lines, and one running sum along the rows makes the dose of all polygons together. Nothing is sampled: the sum
over the cells is the amount that was released, to rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints
from core.units import M2_PER_HA
from geo.engines.model import Quads
from geo.pieces import Pieces
from geo.projection import LocalPlane

CELL_M: Final = 1.0
MOST_PX: Final = 1_500
"""Cells on the longer side at most: a telephone loads such a picture."""
_SPOT_M2: Final = 1e-6
_AT_ONCE: Final = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class DoseGrid:
    """Dose per cell of a plane, ``dose`` of shape (rows, columns) per hectare; row 0 is the northernmost.

    ``unit`` is ``L/ha`` or ``kg/ha``. The mean is over the whole cell, so sum × cell area is the amount released.
    """

    plane: LocalPlane
    west_m: float
    north_m: float
    cell_m: float
    dose: Floats
    unit: str

    @property
    def amount(self) -> float:
        """Litres or kilograms on the whole grid."""
        return float(self.dose.sum()) * self.cell_m**2 / M2_PER_HA


def dose_grid(
    quads: Quads, plane: LocalPlane, unit: str = "L/ha", cell_m: float = CELL_M, most_px: int = MOST_PX
) -> DoseGrid:
    """Spread amounts over a grid.

    Args:
        quads: What was released where; those without an amount are left out.
        plane: The plane that they are in.
        unit: ``L/ha`` for amounts in litres, ``kg/ha`` for kilograms.
        cell_m: Side of a cell; it grows where the grid would be longer than ``most_px``.
        most_px: Cells on the longer side at most, 4 at least.

    Raises:
        ValueError: No quadrilateral has an amount.
    """
    told = np.flatnonzero((quads.amount > 0.0) & np.isfinite(quads.corners).all(axis=1))
    if not len(told):
        raise ValueError("no amount is told: there is no dose to draw")
    corners, amount = quads.corners[told].reshape(-1, 4, 2), quads.amount[told]
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    cell = max(cell_m, float((high - low).max()) / (most_px - 2))
    west, south = (math.floor(v / cell) * cell for v in low.tolist())
    columns, rows = (int((v - start) // cell) + 1 for v, start in zip(high.tolist(), (west, south), strict=True))
    per_cell = _amounts((corners - (west, south)) / cell, amount, rows, columns)
    dose = per_cell[::-1] / cell**2 * M2_PER_HA
    return DoseGrid(plane, west, south + rows * cell, cell, np.ascontiguousarray(dose), unit)


def amounts_of(it: Pieces) -> tuple[Quads, str]:
    """Pieces with their litres, else with their kilograms, and the unit of the dose."""
    litres = np.isfinite(it.volume_l).any()
    amount = np.nan_to_num(it.volume_l if litres else it.mass_kg)
    return Quads(it.corners, amount, it.kind), "L/ha" if litres else "kg/ha"


def _amounts(corners: Floats, amount: Floats, rows: int, columns: int) -> Floats:
    """The amount on each cell, shape (rows, columns), row 0 in the south; corners (q, 4, 2) count in cells."""
    x, y = corners[:, :, 0], corners[:, :, 1]
    area = 0.5 * ((x[:, 2] - x[:, 0]) * (y[:, 3] - y[:, 1]) - (x[:, 3] - x[:, 1]) * (y[:, 2] - y[:, 0]))
    spots = np.abs(area) <= _SPOT_M2
    made = np.zeros(rows * (columns + 2))
    ground = np.flatnonzero(~spots)
    for start in range(0, len(ground), _AT_ONCE):
        mine = ground[start : start + _AT_ONCE]
        made += _from_edges(corners[mine], amount[mine] / area[mine], rows, columns + 2)
    cells = np.cumsum(made.reshape(rows, columns + 2), axis=1)[:, :columns]
    middle = np.clip(corners[spots].mean(axis=1).astype(np.int64), 0, (columns - 1, rows - 1))
    np.add.at(cells, (middle[:, 1], middle[:, 0]), amount[spots])
    positive: Floats = np.maximum(cells, 0.0)
    return positive


def _from_edges(corners: Floats, density: Floats, rows: int, width: int) -> Floats:
    """What the edges of polygons (q, 4, 2) add to the differences along rows, shape (rows × width,)."""
    ends = np.stack([corners, np.roll(corners, -1, axis=1)], axis=2).reshape(-1, 4)
    weight = np.repeat(density, 4)
    slanted = ends[:, 1] != ends[:, 3]
    ends, weight = ends[slanted], weight[slanted]
    for axis in (1, 0):
        ends, owner = _cut(ends, axis)
        weight = weight[owner]
    middle = 0.5 * (ends[:, :2] + ends[:, 2:])
    row = np.clip(np.floor(middle[:, 1]).astype(np.int64), 0, rows - 1)
    column = np.clip(np.floor(middle[:, 0]).astype(np.int64), 0, width - 2)
    height = weight * (ends[:, 1] - ends[:, 3])  # an edge that runs down has its polygon on the right
    beyond = height * (middle[:, 0] - column)
    at = row * width + column
    added: Floats = np.zeros(rows * width)
    added += np.bincount(at, height - beyond, rows * width)
    added += np.bincount(at + 1, beyond, rows * width)
    return added


def _cut(ends: Floats, axis: int) -> tuple[Floats, Ints]:
    """Cut segments (x0, y0, x1, y1) at whole numbers of x (axis 0) or y (axis 1); the pieces, and whose they are."""
    a, b = ends[:, axis], ends[:, 2 + axis]
    low, high = np.minimum(a, b), np.maximum(a, b)
    first = np.floor(low) + 1.0
    lines = np.maximum(np.ceil(high) - first, 0.0).astype(np.int64)
    counts = lines + 1
    owner = np.repeat(np.arange(len(ends)), counts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    up = (b >= a)[owner]
    line = np.where(up, first[owner] + number, (first + lines)[owner] - 1.0 - number)
    last = number == lines[owner]
    share = np.zeros(len(owner))
    np.divide(line - a[owner], (b - a)[owner], out=share, where=~last)
    points = ends[owner, :2] + share[:, None] * (ends[owner, 2:] - ends[owner, :2])
    points[:, axis] = line
    points[last] = ends[owner[last], 2:]
    begin = np.concatenate([ends[:1, :2], points[:-1]]) if len(points) else points
    fresh = number == 0
    begin[fresh] = ends[owner[fresh], :2]
    return np.hstack([begin, points]), owner
