"""Pieces over plots, measured by an engine: figures per plot, over the plots' union, and beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from core.model.fixtable import Floats
from geo.engines import engine
from geo.engines.model import AMOUNT, GROSS, MOMENT, NET, THREE, TWO, Fields, Measures, Quads
from geo.merging import POINT_M
from geo.overlay import Area
from geo.pieces import Pieces


@dataclass(frozen=True, slots=True)
class Figures:
    """What was treated inside one boundary; litres and kilograms are NaN where nothing tells them.

    ``moment`` is the integral of the squared dose (amount per m²) over the net area.
    """

    net_m2: float
    overlap_m2: float
    overlap3_m2: float
    gross_m2: float
    volume_l: float
    mass_kg: float
    moment: float

    @property
    def touched(self) -> bool:
        """Whether anything came down inside."""
        return self.net_m2 > 0.0 or self.volume_l > 0.0 or self.mass_kg > 0.0

    @property
    def dose_cv(self) -> float:
        """Coefficient of variation of the dose over the net area; NaN where no amount is told."""
        amount = self.volume_l if self.volume_l > 0.0 else self.mass_kg
        if not (self.net_m2 > 0.0 and amount > 0.0):
            return float("nan")
        return float(np.sqrt(max(self.moment * self.net_m2 / (amount * amount) - 1.0, 0.0)))


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures per plot and over the plots' union; treated ground outside every plot by kind, m² of shape (3,)."""

    plots: tuple[Figures, ...]
    union: Figures
    off_m2: Floats


def measured(pieces: Pieces, outlines: Sequence[Area]) -> Measured:
    """Measure pieces over plots (valid polygons of the plane)."""
    fields = Fields.of(outlines)
    spots = pieces.area_m2 <= POINT_M
    owners = owners_of(pieces.corners[spots, :2], outlines)
    ground = ~spots
    columns, variances = (pieces.volume_l, pieces.mass_kg), (pieces.volume_variance, pieces.mass_variance)
    told = [bool(np.isfinite(column).any()) for column in columns]
    measures: list[Measures] = []
    amounts = [np.full(len(fields) + 1, np.nan) for _ in columns]
    for number in [k for k, known in enumerate(told) if known] or [0]:
        amount = np.nan_to_num(columns[number])
        quads = Quads(pieces.corners[ground], amount[ground], pieces.kind[ground], variances[number][ground])
        measures.append(engine().measure(quads, fields))
        if told[number]:
            amounts[number] = amounts_of(measures[-1], amount[spots], owners)
    rows = [np.vstack([it.figures, it.union]) for it in measures]
    every = [figures_of([by[k] for by in rows], *on) for k, on in enumerate(zip(*amounts, strict=True))]
    return Measured(tuple(every[:-1]), every[-1], measures[0].off_m2)


def figures_of(rows: Sequence[Floats], volume: float, mass: float) -> Figures:
    """Figures from the amounts that came down, and rows of measures, shape (6,).

    Where litres and kilograms are told, there is a row by each: the dose varies by the litres, where any came down.
    """
    net, two, three, gross = (float(rows[0][k]) for k in (NET, TWO, THREE, GROSS))
    by = rows[0] if volume > 0.0 else rows[-1]
    return Figures(net, two, three, gross, float(volume), float(mass), float(by[MOMENT]))


def amounts_of(measures: Measures, on_spots: Floats, owners: list[list[int]]) -> Floats:
    """What lies on each plot, and on their union at the end: on treated ground, and on spots without an area."""
    amounts = np.append(measures.figures[:, AMOUNT], measures.union[AMOUNT])
    for amount, mine in zip(on_spots.tolist(), owners, strict=True):
        for plot in mine:
            amounts[plot] += amount
        amounts[-1] += amount if mine else 0.0
    return amounts


def owners_of(places: Floats, outlines: Sequence[Area]) -> list[list[int]]:
    """The plots that each place lies in."""
    found: list[list[int]] = [[] for _ in range(len(places))]
    if len(places) and len(outlines):
        tree = shapely.STRtree(list(outlines))
        spot, plot = tree.query(shapely.points(places), predicate="intersects")
        for k, owner in zip(spot.tolist(), plot.tolist(), strict=True):
            found[k].append(owner)
    return found
