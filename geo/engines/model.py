"""What an engine measures, and what it finds: quadrilaterals and plots in, figures per plot out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from core.model.fixtable import Floats, Ints

WORK, TRANSIT, FAILSAFE = range(3)
KINDS: Final = 3
"""Kinds of treated ground that are told apart off target."""
NET, TWO, THREE, GROSS, AMOUNT, MOMENT = range(6)
FIGURES: Final = 6
"""Of a plot: net, treated at least twice, at least three times, gross (m²), amount, integral of the squared dose."""


@dataclass(frozen=True, slots=True, eq=False)
class Quads:
    """Treated ground as convex quadrilaterals (triangles repeat a corner) in plane metres, columns of length q.

    ``corners`` has the shape (q, 8): x and y in turn, anticlockwise. ``amount`` is in litres or kilograms (0 where the
    device tells none). ``kind`` is :data:`WORK`, :data:`TRANSIT` or :data:`FAILSAFE`. ``variance`` is the relative
    variance of the dose within each; None: amounts are spread evenly.
    """

    corners: Floats
    amount: Floats
    kind: Ints
    variance: Floats | None = None

    def __len__(self) -> int:
        return len(self.corners)

    @property
    def area_m2(self) -> Floats:
        """Area of each, shape (q,)."""
        x, y = self.corners[:, 0::2], self.corners[:, 1::2]
        across = (x[:, 2] - x[:, 0]) * (y[:, 3] - y[:, 1]) - (x[:, 3] - x[:, 1]) * (y[:, 2] - y[:, 0])
        area: Floats = 0.5 * across
        return area

    def doses(self) -> tuple[Floats, Floats]:
        """Mean dose of each, in amount per m², and its variance: what its squared mean lacks of its mean square."""
        area = self.area_m2
        dose = np.divide(self.amount, area, out=np.zeros(len(self)), where=area > 0.0)
        return dose, np.zeros(len(self)) if self.variance is None else dose * dose * self.variance


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """Plots as directed edges: ``ring`` of shape (e, 4) with x0, y0, x1, y1; plot k has ``start[k]:start[k + 1]``.

    Shells run anticlockwise, holes clockwise.
    """

    ring: Floats
    start: Ints

    def __len__(self) -> int:
        return len(self.start) - 1

    @classmethod
    def of(cls, outlines: Sequence[Polygon | MultiPolygon]) -> Fields:
        """The edges of valid outlines in plane metres."""
        if not len(outlines):
            return cls(np.empty((0, 4)), np.zeros(1, np.int64))
        shapes = shapely.orient_polygons(np.array(outlines, np.object_))
        parts, plot = shapely.get_parts(shapes, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        inside = ring[1:] == ring[:-1]
        edges = np.hstack([points[:-1], points[1:]])[inside]
        owner = plot[part[ring[:-1][inside]]]
        return cls(edges, np.searchsorted(owner, np.arange(len(outlines) + 1)).astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """What an engine found: figures per plot, shape (p, 6), and over the plots' union, shape (6,).

    ``off_m2`` and ``off_amount`` are outside every plot, by kind, shape (3,): ground counts as work where any work
    treated it, else as transit, else as failsafe.
    """

    figures: Floats
    union: Floats
    off_m2: Floats
    off_amount: Floats


class Engine(Protocol):
    """Measures treated ground over plots."""

    name: str

    def measure(self, quads: Quads, fields: Fields) -> Measures:
        """Every figure, from all quadrilaterals together."""
        ...
