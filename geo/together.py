"""What several flights did to one plot: the strips of all of them on one map, so that ground counts once.

Strips are made once per flight and place, and measured plot by plot: a plot's figures depend, to the last bit, on the
flights over it alone, and not on which other plots are asked for at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.model.coverage import PlotCoverage
from core.model.fixtable import FixTable
from core.model.land import Plot
from core.model.samples import Event
from geo.coverage import Parameters, compute, plot_coverage
from geo.measured import measured
from geo.overlay import Area
from geo.pieces import COLUMNS, Pieces
from geo.projection import LocalPlane


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """What one flight treated: its fixes and events, and the pieces in metres of ``plane``."""

    fixes: FixTable
    events: Sequence[Event]
    plane: LocalPlane
    pieces: Pieces

    @classmethod
    def of(cls, fixes: FixTable, events: Sequence[Event], plane: LocalPlane, parameters: Parameters) -> Strips:
        """Make them; raises ``ConfigError`` where the implement was on and no swath width is known."""
        return cls(fixes, events, plane, compute("", [fixes], [], parameters, events, plane=plane).pieces)


def place_of(plot: Plot) -> LocalPlane:
    """The plane at the middle of a plot's box: mostly that of the flights over it, so that their strips serve again."""
    west, south, east, north = plot.boundary.bounds
    return LocalPlane.around((west + east) / 2.0, (south + north) / 2.0)


def treated_together(plot: Plot, flights: Sequence[Strips]) -> PlotCoverage | None:
    """A plot's figures over all strips, which are in its place's plane; None where they do not touch it."""
    (outline,) = flights[0].plane.outlines([plot.boundary])
    swept = Pieces.concat([near_pieces(flight.pieces, outline) for flight in flights])
    (figures,) = measured(swept, [outline]).plots
    return plot_coverage(plot, outline.area, figures) if figures.touched else None


def near_pieces(pieces: Pieces, outline: Area) -> Pieces:
    """The pieces whose boxes meet a plot's, and those that lie nowhere and tell only that an amount is known."""
    west, south, east, north = outline.bounds
    x, y = pieces.corners[:, 0::2], pieces.corners[:, 1::2]
    meets = (x.min(1) <= east) & (x.max(1) >= west) & (y.min(1) <= north) & (y.max(1) >= south)
    keep = np.flatnonzero(meets | np.isinf(x[:, 0]))
    return Pieces(*(getattr(pieces, name)[keep] for name in COLUMNS))
