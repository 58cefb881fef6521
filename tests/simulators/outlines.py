"""Random plots for properties of routes, and the ground that a route sprays."""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely
from hypothesis import strategies as st
from shapely import LineString, Polygon, box
from shapely.affinity import rotate

from geo.overlay import Area, polygonal, union
from geo.projection import LocalPlane
from simulators.plots import CENTRE, rice_plots
from simulators.route import Line, Pace

SWATH_M = 7.0


@st.composite
def crooked(draw: st.DrawFn) -> Polygon:
    """A simple polygon, seldom convex, with a hole or none."""
    corners = draw(st.integers(4, 11))
    reach = draw(st.lists(st.floats(25.0, 130.0), min_size=corners, max_size=corners))
    lean = draw(st.floats(0.4, 1.6))
    turns = [2.0 * math.pi * k / corners for k in range(corners)]
    shell = [(r * math.cos(t), lean * r * math.sin(t)) for r, t in zip(reach, turns, strict=True)]
    plot = Polygon(shell)
    if draw(st.booleans()):
        hole = shapely.Point(draw(st.floats(-20.0, 20.0)), draw(st.floats(-20.0, 20.0))).buffer(8.0, quad_segs=2)
        plot = max(shapely.get_parts(plot.difference(hole)), key=lambda part: float(part.area))
    return plot


@st.composite
def rectangles(draw: st.DrawFn) -> Polygon:
    """A fat rectangle at any angle."""
    plot = box(0.0, 0.0, draw(st.floats(40.0, 300.0)), draw(st.floats(40.0, 120.0)))
    return rotate(plot, draw(st.floats(0.0, 180.0)), origin=(0.0, 0.0))


def strips(lines: Sequence[Line], swath_m: float = SWATH_M) -> list[Polygon]:
    """One rectangle per span."""
    ends = [LineString([line.point(a), line.point(b)]) for line in lines for a, b in line.spans]
    return [end.buffer(swath_m / 2, cap_style="flat") for end in ends]


def sprayed(lines: Sequence[Line], swath_m: float = SWATH_M) -> Area:
    """The ground under all spans."""
    return union(strips(lines, swath_m))


def ways(lines: Sequence[Line], pace: Pace) -> list[LineString]:
    """Each line with its way to speed up and to brake."""
    return [LineString([line.point(-pace.room_m), line.point(line.length_m + pace.room_m)]) for line in lines]


def rice_areas(count: int) -> list[Area]:
    """Rice plots in plane metres."""
    plane = LocalPlane.around(*CENTRE)
    return [polygonal(plane.to_plane(plot.boundary)) for plot in rice_plots("a", count)]
