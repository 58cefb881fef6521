"""Area that two polygons have in common, by an integral that takes no account of how their edges meet.

A polygon is what lies below its upper edges and not below its lower ones. So the common area of two is a sum over all
pairs of an edge of one and an edge of the other, with the product of their signs: the integral of the lower of both
over the x that they share. It changes smoothly where edges coincide or nearly do: there is no decision that rounding
could turn. Holes and parts need no care, as their edges have signs too.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.model.fixtable import Floats, Ints
from geo.engines.convex import Convex, ranges

MOST_PAIRS = 1 << 20
"""About so many pairs with an edge are looked at at once."""

LONG = 40
"""Polygons of more edges than this are long."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Polygons as edges: number k has the edges ``start[k]:start[k + 1]``, each from ``x0`` to ``x1 >= x0``.

    ``sign`` is 1 for an upper edge, -1 for a lower one; ``slope`` is 0 where an edge goes straight north. ``bounds``
    (west, south, east and north) and ``area_m2`` are those of each polygon, 0 where one has no edge.
    """

    x0: Floats
    x1: Floats
    y0: Floats
    y1: Floats
    sign: Floats
    slope: Floats
    start: Ints
    bounds: Floats
    area_m2: Floats

    @classmethod
    def of(cls, ring: Floats, start: Ints) -> Outlines:
        """From directed edges with the ground to their left, shape (e, 4) with x0, y0, x1, y1."""
        x0, y0, x1, y1 = np.ascontiguousarray(ring.T)
        polygons = len(start) - 1
        some = start[1:] > start[:-1]
        bounds = np.zeros((polygons, 4))
        for column, (least, values) in enumerate(
            ((np.minimum, x0), (np.minimum, y0), (np.maximum, x0), (np.maximum, y0))
        ):
            if len(values):
                bounds[some, column] = least.reduceat(values, start[:-1][some])
        back = x1 < x0
        west, east = np.where(back, x1, x0), np.where(back, x0, x1)
        at_west, at_east = np.where(back, y1, y0), np.where(back, y0, y1)
        sign, wide = np.where(back, 1.0, -1.0), east - west
        slope = np.divide(at_east - at_west, wide, out=np.zeros(len(wide)), where=wide > 0.0)
        owner = np.repeat(np.arange(polygons), np.diff(start))
        below = 0.5 * sign * wide * (at_west + at_east - 2.0 * bounds[owner, 1])
        area: Floats = np.asarray(np.bincount(owner, below, minlength=polygons), np.float64)
        return cls(west, east, at_west, at_east, sign, slope, start, bounds, area)

    def from_west(self) -> tuple[Ints, NDArray[np.complex128]]:
        """The edges by polygon and where they begin, and both of these as one number that rises."""
        owner = np.repeat(np.arange(len(self.area_m2)), np.diff(self.start))
        order = np.lexsort((self.x0, owner))
        return order, owner[order] + 1j * self.x0[order]

    @classmethod
    def of_convex(cls, shapes: Convex) -> Outlines:
        """Those of convex polygons."""
        x, y, following = shapes.x, shapes.y, shapes.following
        return cls.of(np.column_stack([x, y, x[following], y[following]]), shapes.start)


def common_m2(some: Outlines, mine: Ints, others: Outlines, theirs: Ints) -> Floats:
    """Area that pairs of polygons have in common, m²: ``some[mine[k]]`` and ``others[theirs[k]]``; shape (k,)."""
    area = np.empty(len(mine))
    long = np.minimum(np.diff(some.start)[mine], np.diff(others.start)[theirs]) > LONG
    for measure, which in ((_of_long, np.flatnonzero(long)), (_of_short, np.flatnonzero(~long))):
        for block in _blocks(np.diff(others.start)[theirs[which]]):
            rows = which[block]
            area[rows] = measure(some, mine[rows], others, theirs[rows])
    return area


def _of_short(some: Outlines, mine: Ints, others: Outlines, theirs: Ints) -> Floats:
    """The same where polygons have few edges: what of each lies below those edges of others that are near."""
    counts = np.diff(others.start)[theirs]
    edge, _ = ranges(others.start[theirs], counts)
    pair = np.repeat(np.arange(len(mine)), counts)
    low, high = others.x0[edge], others.x1[edge]
    near = np.flatnonzero((low < some.bounds[mine, 2][pair]) & (high > some.bounds[mine, 0][pair]))
    pair, edge, low, high = pair[near], edge[near], low[near], high[near]
    west, south, east, north = (column[pair] for column in np.ascontiguousarray(some.bounds[mine].T))
    slope, y0 = others.slope[edge], others.y0[edge]
    at_west, at_east = y0 + np.maximum(west - low, 0.0) * slope, y0 + (np.minimum(east, high) - low) * slope
    over = (low <= west) & (high >= east) & (np.minimum(at_west, at_east) >= north)
    whole = np.bincount(pair[over], others.sign[edge[over]], minlength=len(mine)) * some.area_m2[mine]
    cut = np.flatnonzero(~over & (np.maximum(at_west, at_east) > south))
    pair, edge = pair[cut], edge[cut]
    counts = np.diff(some.start)[mine[pair]]
    below = np.empty(len(pair))
    for rows in _blocks(counts):
        own, start = ranges(some.start[mine[pair[rows]]], counts[rows])
        row = np.repeat(np.arange(len(start) - 1), counts[rows])
        south = some.bounds[mine[pair[rows]], 1][row]
        below[rows] = np.bincount(row, _below_m2(some, own, others, edge[rows][row], south), minlength=len(start) - 1)
    area: Floats = whole + np.bincount(pair, below, minlength=len(mine))
    return area


def _of_long(some: Outlines, mine: Ints, others: Outlines, theirs: Ints) -> Floats:
    """The same where both have many edges: of two that share x, one begins where the other is."""
    area = np.zeros(len(mine))
    for swapped in (False, True):
        one, ones, two, twos = (others, theirs, some, mine) if swapped else (some, mine, others, theirs)
        edge, start = ranges(one.start[ones], np.diff(one.start)[ones])
        pair = np.repeat(np.arange(len(ones)), np.diff(start))
        order, key = two.from_west()
        x0, x1 = (np.asarray(twos[pair] + 1j * x[edge], np.complex128) for x in (one.x0, one.x1))
        first = np.searchsorted(key, x0, "right" if swapped else "left")
        counts = np.maximum(np.searchsorted(key, x1, "left") - first, 0)
        for rows in _blocks(counts):
            at, _ = ranges(first[rows], counts[rows])
            met, row = order[at], np.repeat(np.arange(len(pair))[rows], counts[rows])
            own, edges = (met, edge[row]) if swapped else (edge[row], met)
            south = some.bounds[mine[pair[row]], 1]
            area += np.bincount(pair[row], _below_m2(some, own, others, edges, south), minlength=len(mine))
    return area


def _blocks(counts: Ints) -> list[slice]:
    """Rows one after the other that come to about so many pairs together, by how many each comes to."""
    ends = np.flatnonzero(np.diff(np.cumsum(counts) // MOST_PAIRS)) + 1
    return [slice(*ends) for ends in itertools.pairwise([0, *ends.tolist(), len(counts)])]


def _below_m2(some: Outlines, own: Ints, others: Outlines, edge: Ints, south: Floats) -> Floats:
    """Area between y of ``south`` and the lower of two edges over the x they share, with their signs; shape (k,)."""
    area = np.zeros(len(own))
    west, east = np.maximum(some.x0[own], others.x0[edge]), np.minimum(some.x1[own], others.x1[edge])
    shared = np.flatnonzero(east > west)
    own, edge, south, west, east = own[shared], edge[shared], south[shared], west[shared], east[shared]
    x, y, slope = some.x0[own], some.y0[own] - south, some.slope[own]
    at_west, at_east = y + (west - x) * slope, y + (east - x) * slope
    x, y, slope = others.x0[edge], others.y0[edge] - south, others.slope[edge]
    up_west, up_east = y + (west - x) * slope - at_west, y + (east - x) * slope - at_east
    lack = np.minimum(up_west, 0.0) + np.minimum(up_east, 0.0)
    apart = np.abs(up_west) + np.abs(up_east)
    lack = np.divide(lack * lack, apart, out=np.zeros(len(lack)), where=apart > 0.0)
    area[shared] = 0.5 * (east - west) * (at_west + at_east - lack) * some.sign[own] * others.sign[edge]
    return area
