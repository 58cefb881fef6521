"""Plots shared out among drones: neighbours stay together, areas are about the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.model.land import Plot
from geo.projection import LocalPlane


def neighbourhoods(plots: Sequence[Plot], drones: int) -> list[list[Plot]]:
    """Part the plots into chains of neighbours of about the same area; each begins with its smallest plot.

    There are fewer groups than drones where there are fewer plots.
    """
    bounds = np.array([p.boundary.bounds for p in plots])
    plane = LocalPlane.for_points(bounds[:, [0, 2]].ravel(), bounds[:, [1, 3]].ravel(), centred=True)
    outlines = {p.plot: plane.to_plane(p.boundary) for p in plots}
    areas = {name: outline.area for name, outline in outlines.items()}
    middles = {name: outline.centroid.coords[0] for name, outline in outlines.items()}
    west = min(plots, key=lambda p: middles[p.plot])
    chain = _chain(plots, west, middles)
    reached = np.cumsum([areas[p.plot] for p in chain])
    number = np.minimum(((reached - reached[0] / 2) / reached[-1] * drones).astype(int), drones - 1)
    groups = [[p for p, n in zip(chain, number, strict=True) if n == drone] for drone in range(drones)]
    return [_chain(g, min(g, key=lambda p: areas[p.plot]), middles) for g in groups if g]


def _chain(plots: Sequence[Plot], first: Plot, middles: Mapping[str, tuple[float, ...]]) -> list[Plot]:
    """The plots in an order in which each is followed by the nearest that is left."""
    chain = [first]
    left = [p for p in plots if p is not first]
    while left:
        here = middles[chain[-1].plot]
        chain.append(left.pop(min(range(len(left)), key=lambda i: math.dist(here, middles[left[i].plot]))))
    return chain
