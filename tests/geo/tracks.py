"""Tracks that tests fly: plane metres in, FixTable out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from core.model.fixtable import FixTable
from core.model.land import Plot
from geo.projection import LocalPlane

PLANE = LocalPlane(105.725123, 9.285321)
Point = tuple[float, float]


def table(points: Sequence[Point], *, step_ms: int = 200, **columns: Any) -> FixTable:
    """Fixes at points of PLANE, ``step_ms`` apart; treating everywhere unless ``on`` says otherwise."""
    xy = np.array(points, np.float64).reshape(-1, 2)
    lon, lat = PLANE.lonlat(xy[:, 0], xy[:, 1])
    columns.setdefault("on", True)
    columns.setdefault("device", "d1")
    ts_ms = columns.pop("ts_ms", np.arange(len(xy)) * step_ms)
    return FixTable.build(ts_ms, lat, lon, **columns)


def line(start: Point, end: Point, steps: int) -> list[Point]:
    """Points from start to end, both included, ``steps`` apart."""
    shares = np.linspace(0.0, 1.0, steps + 1)
    return [(start[0] + s * (end[0] - start[0]), start[1] + s * (end[1] - start[1])) for s in shares.tolist()]


def boustrophedon(lines: int, length_m: float, swath_m: float, steps: int = 80) -> tuple[list[Point], list[bool]]:
    """Lines along x, edge to edge from y = 0 up, and whether each fix treats (off over the turns)."""
    points: list[Point] = []
    on: list[bool] = []
    for k in range(lines):
        y = (k + 0.5) * swath_m
        ends = ((1.0, y), (length_m + 1.0, y))
        points += line(ends[k % 2], ends[1 - k % 2], steps)
        on += [True] * steps + [False]
    return points, on


def plot(shape: BaseGeometry, name: str = "p1") -> Plot:
    """A plot whose boundary is a polygon of PLANE."""
    assert isinstance(shape, Polygon)
    return Plot(name, PLANE.to_wgs84(shape))
