"""What says where plots should lie, and what each of it makes of a layer.

A reference can do three things: fit the stated reading, fit another one only, or leave it open. It never fits better
than its own fineness: a commune cannot tell the 225 m of a lost datum, old plots and flights can.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from core.model.fixtable import Floats
from core.units import M_PER_DEG
from land.trials import Layer, Trial, apart_m

Kind: TypeAlias = Literal["plots", "commune", "province", "flights", "vietnam"]

_AREA_MARGIN_M: Final = {"commune": 2_000.0, "province": 10_000.0, "vietnam": 20_000.0}
_AREA_FITS, _AREA_STATED, _AREA_MISSES = 0.8, 0.5, 0.2
_FLIGHT_POINTS: Final = 6_000
_FLIGHT_FEW: Final = 20
_FULL, _FULL_FEW, _HULL_LOSS, _HULL_FEW, _FLIGHT_FILLED, _NEAR_DEG = 0.75, 5, 8.0 / 3.0, 8, 0.75, 0.01
_FLIGHT_FITS, _FLIGHT_STATED, _FLIGHT_MISSES, _FLIGHT_BETTER, _FLIGHT_PEAK = 0.8, 0.6, 0.75, 0.2, 0.1
_FLIGHT_EMPTY: Final = 0.5
_FLIGHT_STEP_M: Final = 225.0
_FLIGHT_FINE_M: Final = 100.0


@dataclass(frozen=True, slots=True)
class Reference:
    """Where plots should lie, in WGS 84.

    ``shapes``: for "plots" their boundaries, with ``ids`` as long where they have some; for "flights" points or
    multipoints where a drone sprayed; else the polygons (or boxes) of the commune, the old province, Vietnam.
    """

    kind: Kind
    shapes: tuple[BaseGeometry, ...]
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one reference says: fitting trials, the best first; the stated one means that nothing is wrong.

    No trial: it decides nothing, and ``words`` say why. ``fine_m`` is the size of mistake that it can just tell.
    """

    kind: Kind
    fitting: tuple[Trial, ...]
    words: str
    fine_m: float


def by_area(layer: Layer, reference: Reference) -> Finding:
    """A commune, an old province, Vietnam: plots near its edge are let be, they may belong next door."""
    whole = shapely.union_all(np.array(reference.shapes, dtype=object))
    margin_m = _AREA_MARGIN_M[reference.kind]
    region = shapely.buffer(whole, margin_m / M_PER_DEG, quad_segs=4)
    shapely.prepare(region)
    west, south, east, north = whole.bounds
    fine_m = float(np.hypot(*apart_m(np.array([east, north]), np.array([west, south])))) + margin_m

    def share(trial: Trial) -> float:
        centres = layer.centres[trial]
        return float(np.mean(shapely.contains_xy(region, centres[:, 0], centres[:, 1])))

    name = "Vietnam" if reference.kind == "vietnam" else f"the {reference.kind}"
    stated = share(layer.trial)
    if stated >= _AREA_STATED:
        return Finding(reference.kind, (layer.trial,), f"{stated:.0%} of the plots lie in {name}", fine_m)
    landing = [trial for trial in layer.others if share(trial) >= _AREA_FITS] if stated <= _AREA_MISSES else []
    cheapest = tuple(trial for trial in landing if trial.price <= landing[0].price)
    words = f"{share(cheapest[0]):.0%} of the plots would lie in {name}" if cheapest else _astray(stated, name)
    return Finding(reference.kind, cheapest, words, fine_m)


def _astray(stated: float, name: str) -> str:
    """Words for a layer that lies outside and that nothing brings in."""
    return f"only {stated:.0%} of the plots lie in {name}, and no known mistake explains it"


def by_flights(layer: Layer, reference: Reference) -> Finding:
    """Where drones sprayed: points fill plots and end at their edges.

    A layer without gaps holds points of a foreign place as well. So a re-read layer must hold more of them than moved
    to any side, and the plots that hold them must be full of them.
    """
    points = shapely.get_coordinates(np.array(reference.shapes, dtype=object))
    points = points[:: max(1, len(points) // _FLIGHT_POINTS)]
    if len(points) < _FLIGHT_FEW:
        return Finding("flights", (), f"too few points of flights ({len(points)})", np.inf)
    now = _held(layer, layer.trial, points)
    best, share = None, max(_FLIGHT_FITS, now.share + _FLIGHT_BETTER)
    for trial in layer.others:
        held = _held(layer, trial, points)
        if (
            held.share >= max(share, held.around + _FLIGHT_PEAK)
            and held.filled >= _FLIGHT_FILLED
            and held.plots >= _FULL_FEW
        ):
            best, share = trial, held.share
    if best and now.share < _FLIGHT_MISSES and now.filled < _FLIGHT_EMPTY:
        return Finding("flights", (best,), f"{share:.0%} of the sprayed points would lie in plots", _FLIGHT_FINE_M)
    if now.share >= _FLIGHT_STATED and not best:
        fine_m = _FLIGHT_FINE_M if now.share >= now.around + _FLIGHT_PEAK else 2.0 * _FLIGHT_STEP_M
        return Finding("flights", (layer.trial,), f"{now.share:.0%} of the sprayed points lie in plots", fine_m)
    words = f"only {now.share:.0%} of the sprayed points lie in plots, and no known mistake explains it"
    return Finding("flights", (), words, _FLIGHT_FINE_M)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a layer holds of flights: the share of points, the share in plots full of them and how many these are.

    ``around`` is the most that it holds of the points moved to some side.
    """

    share: float
    filled: float
    plots: int
    around: float = 0.0


_NOTHING: Final = _Held(0.0, 0.0, 0)


def _held(layer: Layer, trial: Trial, points: Floats) -> _Held:
    """What a layer holds of flights as a trial reads it."""
    at = layer.centres[trial]
    at = at[np.isfinite(at).all(axis=1)]
    if not len(at):
        return _NOTHING
    low, high = at.min(axis=0) - _NEAR_DEG, at.max(axis=0) + _NEAR_DEG
    if (points.max(axis=0) < low).any() or (points.min(axis=0) > high).any():
        return _NOTHING
    tree = STRtree(layer.boundaries(trial, np.arange(len(layer.raw), dtype=np.intp)))
    around = max(_holding(tree, moved).share for moved in _moved_around(points))
    return replace(_holding(tree, points), around=around)


def _holding(tree: STRtree, points: Floats) -> _Held:
    """What the boundaries of a tree hold; a plot is full where the hull of its points takes up most of it.

    The hull of n points strewn over a quadrilateral lacks 8/3 ln n / n of it (Rényi and Sulanke 1963).
    """
    row, plot = tree.query(shapely.points(points), predicate="intersects")
    if not len(row):
        return _NOTHING
    order = np.argsort(plot, kind="stable")
    plots, place, count = np.unique(plot[order], return_inverse=True, return_counts=True)
    hulls = shapely.convex_hull(shapely.multipoints(points[row[order]], indices=place))
    of_a_full_plot = 1.0 - _HULL_LOSS * np.log(count) / count
    full = shapely.area(hulls) >= _FULL * of_a_full_plot * shapely.area(tree.geometries[plots])
    full &= count >= _HULL_FEW
    return _Held(len(np.unique(row)) / len(points), float(count[full].sum()) / len(points), int(full.sum()))


def _moved_around(points: Floats) -> list[Floats]:
    """The points moved by the size of a lost datum in eight directions."""
    lat = np.radians(points[:, 1].mean())
    turns = np.arange(8) * np.pi / 4.0
    steps = np.column_stack([np.sin(turns) / np.cos(lat), np.cos(turns)]) * _FLIGHT_STEP_M / M_PER_DEG
    return [points + step for step in steps]
