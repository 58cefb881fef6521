"""Rice plots for demonstrations: thin neighbours with crooked ends along canals near Bạc Liêu. Nobody's land."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import shapely
from shapely import Polygon, box
from shapely.affinity import rotate

from core.model.land import Plot
from geo.projection import LocalPlane

CENTRE: Final = (105.725, 9.285)
"""Longitude and latitude of the middle, degrees, unless told otherwise."""
_CANALS: Final = ("Kênh Ba", "Kênh Tư", "Kênh Năm", "Kênh Sáu", "Kênh Bảy", "Kênh Tám", "Kênh Chín", "Kênh Mười")
_CANAL_M: Final = 14.0
_DEEPEST_M: Final = 420.0
_DIKE_M: Final = 0.4
_TURN_DEG: Final = 24.0

Point = tuple[float, float]


def rice_plots(cooperative: str, count: int = 40, seed: int = 1, centre: tuple[float, float] = CENTRE) -> list[Plot]:
    """Lay plots side by side on both banks of canals; no two overlap, every boundary is valid.

    A plot reaches from its canal 95 to 400 m into the fields, is 13 to 80 m wide and has 0.13 to 3 ha. A dike of 0.4 m
    parts neighbours. Every sixth plot is small; every seventh has a house mound or a pond, a hole in its boundary. The
    declared area is the exact one, in whole m².

    Args:
        cooperative: Whose plots.
        count: How many.
        seed: The same seed gives the same plots.
        centre: Where their middle lies: longitude and latitude in degrees.
    """
    if count < 1:
        return []
    rng = np.random.default_rng(seed)
    per_bank = max(1, math.ceil(count / 2 / max(1, round(count / 14))))
    outlines: list[tuple[str, Polygon]] = []
    for bank in range(math.ceil(count / per_bank)):
        canal = _CANALS[bank // 2 % len(_CANALS)]
        number = min(per_bank, count - len(outlines))
        outlines += [(canal, p) for p in _bank(bank, number, len(outlines), rng)]
    middle = box(*_bounds([p for _, p in outlines])).centroid
    plane = LocalPlane.centred(*centre)
    return [
        _plot(
            cooperative,
            number,
            canal,
            rotate(outline, _TURN_DEG, origin=middle),
            middle=(middle.x, middle.y),
            plane=plane,
        )
        for number, (canal, outline) in enumerate(outlines, start=1)
    ]


def poles(plots: Sequence[Plot], count: int, seed: int = 1) -> list[Point]:
    """Places of poles in the fields: longitude and latitude in degrees, each in a plot of its own choice."""
    rng = np.random.default_rng([seed, count])
    found: list[Point] = []
    while plots and len(found) < count:
        outline = plots[int(rng.integers(len(plots)))].boundary
        west, south, east, north = outline.bounds
        at = (west + (east - west) * rng.random(), south + (north - south) * rng.random())
        if outline.contains(shapely.Point(at)):
            found.append((round(float(at[0]), 7), round(float(at[1]), 7)))
    return found


def _bank(bank: int, number: int, before: int, rng: np.random.Generator) -> Iterator[Polygon]:
    """Plots from left to right along one bank of a canal, in metres."""
    shore = (bank // 2) * (2 * _DEEPEST_M + _CANAL_M + 25.0) + (bank % 2) * _CANAL_M
    inland = 1.0 if bank % 2 else -1.0
    at = 0.0
    dike = _dike(at, rng)
    for place in range(before, before + number):
        small = place % 6 == 0
        area = float(rng.uniform(1_400.0, 3_000.0) if small else np.clip(rng.lognormal(9.35, 0.45), 3_500.0, 29_000.0))
        depth = float(np.clip(math.sqrt(area * rng.uniform(4.0, 8.0)), 130.0 if not small else 95.0, 400.0))
        at += max(area / depth, 13.5)
        following = _dike(at, rng)
        yield _outline(dike, following, depth, shore=shore, inland=inland, rng=rng, hole=(place + 1) % 7 == 0)
        dike = following


def _dike(at: float, rng: np.random.Generator) -> Point:
    """A straight dike between two plots: where it meets the canal, and its lean (metres over the deepest plot)."""
    return at, float(rng.normal(0.0, 0.4))


def _outline(
    left: Point, right: Point, depth: float, *, shore: float, inland: float, rng: np.random.Generator, hole: bool
) -> Polygon:
    """A plot between two dikes, its two short ends crooked."""

    def on(dike: Point, side: float, inside: float) -> Point:
        return dike[0] + side * _DIKE_M / 2 + dike[1] * inside / _DEEPEST_M, shore + inland * inside

    near = rng.uniform(0.0, 4.0, 3)
    far = depth - rng.uniform(0.0, 6.0, 3)
    half = (left[0] + right[0]) / 2
    shell = [
        on(left, 1.0, near[0]),
        (half, shore + inland * near[1]),
        on(right, -1.0, near[2]),
        on(right, -1.0, far[0]),
        (half, shore + inland * far[1]),
        on(left, 1.0, far[2]),
    ]
    holes = []
    if hole:
        radius = min(right[0] - left[0], 60.0) * 0.22
        middle = shore + inland * depth * rng.uniform(0.25, 0.75)
        turns = np.sort(rng.uniform(0.0, 0.5, 7)) + np.arange(7)
        reach = radius * rng.uniform(0.75, 1.0, 7)
        angles = turns * 2.0 * math.pi / 7
        around = zip(reach.tolist(), angles.tolist(), strict=True)
        holes = [[(half + far * math.cos(angle), middle + far * math.sin(angle)) for far, angle in around]]
    return Polygon(shell, holes)


def _bounds(outlines: list[Polygon]) -> tuple[float, float, float, float]:
    corners = np.array([p.bounds for p in outlines])
    (west, south), (east, north) = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _plot(cooperative: str, number: int, canal: str, outline: Polygon, *, middle: Point, plane: LocalPlane) -> Plot:
    moved = Polygon(
        [_moved(p, middle) for p in outline.exterior.coords],
        [[_moved(p, middle) for p in ring.coords] for ring in outline.interiors],
    )
    boundary = shapely.transform(plane.to_wgs84(moved), lambda places: np.round(places, 9))
    return Plot(
        f"bl-{number:03d}",
        boundary,
        name=f"Thửa {number}, {canal}",
        cooperative=cooperative,
        crop="lúa",
        declared_area_m2=float(round(moved.area)),
    )


def _moved(point: tuple[float, ...], middle: Point) -> Point:
    return point[0] - middle[0], point[1] - middle[1]
