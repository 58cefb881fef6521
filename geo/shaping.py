"""From sweeps to what people look at: covered, missed and overlapping ground of plots, and ground beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from shapely import LineString

from core.model.land import Plot
from geo.clipping import Ground
from geo.layers import layers
from geo.overlay import Area, differences, union
from geo.projection import LocalPlane
from geo.shapes import PlotShapes, Shapes, opened
from geo.swaths import Swaths, swaths
from geo.track import Sweep


def shapes_of(
    sweeps: Sequence[Sweep],
    plane: LocalPlane,
    plots: Sequence[tuple[Plot, Area]],
    tracks: Sequence[LineString],
    open_m: float,
) -> Shapes:
    """The geometries of what sweeps did to plots.

    Args:
        sweeps: What was treated.
        plane: The plane that everything is in.
        plots: Each with its outline in the plane.
        tracks: The paths flown.
        open_m: Missed parts narrower than twice this are left out.
    """
    swept = Swaths.concat([swaths(sweep) for sweep in sweeps])
    ground = Ground(swept, layers(swept.ribbons))
    drawn: list[PlotShapes] = []
    for plot, outline in plots:
        inside = ground.inside(outline)
        missed = opened(differences(np.array([outline], np.object_), inside.net)[0], open_m)
        drawn.append(PlotShapes(plot, outline, inside.net, missed, inside.overlap))
    beside = ground.outside(union([outline for _, outline in plots]))
    return Shapes(plane, tuple(drawn), beside, list(swept.ribbons), list(tracks))
