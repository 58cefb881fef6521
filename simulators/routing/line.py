"""A straight line of a route, in plane metres: where a drone flies, and where its pump is on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Point = tuple[float, float]
Spans = tuple[tuple[float, float], ...]
SHORTEST_M: Final = 3.0
"""The pump is not switched on for less."""
_DIGITS: Final = 4
"""Routes are whole tenths of a millimetre: their bytes do not depend on the last bit of a CPU's arithmetic."""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line from (``x``, ``y``) along the unit vector (``ux``, ``uy``), in metres.

    ``spans`` are the parts with the pump on, as distances from the start; the first begins at 0.
    """

    x: float
    y: float
    ux: float
    uy: float
    spans: Spans

    @property
    def length_m(self) -> float:
        """From the first switching on to the last switching off."""
        return self.spans[-1][1]

    @property
    def sprayed_m(self) -> float:
        """Length with the pump on."""
        return sum(b - a for a, b in self.spans)

    @property
    def start(self) -> Point:
        """Where the pump goes on first."""
        return self.x, self.y

    @property
    def end(self) -> Point:
        """Where the pump goes off last."""
        return self.point(self.length_m)

    def point(self, along_m: float) -> Point:
        """The point at a distance from the start."""
        return self.x + self.ux * along_m, self.y + self.uy * along_m

    def reversed(self) -> Line:
        """The same line flown the other way."""
        end = self.length_m
        x, y = self.point(end)
        return Line(x, y, -self.ux, -self.uy, tuple((end - b, end - a) for a, b in reversed(self.spans)))

    def cut(self, sprayed_m: float) -> tuple[Line, Line]:
        """Two lines: the first ends where ``sprayed_m`` metres (more than 0, less than all) have been sprayed."""
        done: list[tuple[float, float]] = []
        left: list[tuple[float, float]] = []
        budget = sprayed_m
        for a, b in self.spans:
            here = min(max(budget, 0.0), b - a)
            budget -= here
            if here > 0.0:
                done.append((a, a + here))
            if here < b - a:
                left.append((a + here, b))
        x, y = self.point(left[0][0])
        rest = tuple((a - left[0][0], b - left[0][0]) for a, b in left)
        return Line(self.x, self.y, self.ux, self.uy, tuple(done)), Line(x, y, self.ux, self.uy, rest)


def line_on(x: float, y: float, ux: float, uy: float, spans: Spans) -> Line:
    """The line whose spans are counted from any point (``x``, ``y``) of it, rounded to tenths of a millimetre."""
    first = spans[0][0]
    counted = tuple((round(a - first, _DIGITS), round(b - first, _DIGITS)) for a, b in spans)
    return Line(round(x + ux * first, _DIGITS), round(y + uy * first, _DIGITS), ux, uy, counted)


def gaps(line: Line) -> list[float]:
    """Lengths in m between the spans of a line, where the drone flies on with its pump off."""
    return [b[0] - a[1] for a, b in pairwise(line.spans)]
