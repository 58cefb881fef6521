"""Where a drone flies over plots, and where its pump is on: lines to and fro (boustrophedon), in plane metres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

from shapely import MultiPolygon, Polygon

from simulators.routing.line import Line, Point, gaps
from simulators.routing.obstacles import Obstacle, Obstacles, transit
from simulators.routing.order import in_order
from simulators.routing.pace import Pace
from simulators.routing.plan import Manner, draft, first_variant, variants

__all__ = [
    "Line",
    "Obstacle",
    "Obstacles",
    "Options",
    "Pace",
    "Point",
    "gaps",
    "plan_lines",
    "plan_tour",
    "transit",
]


class Options(TypedDict, total=False):
    """What else may be told about a route.

    Attributes:
        headlands: Rounds along the boundary and around holes and obstacles; the lines cover what is left inside them.
        headlands_first: Fly the rounds before the lines, not after.
        obstacles: What no strip and no line, with its way to speed up and to brake, comes near.
        pace: The speeds and turns that the route is planned for.
        strict: Never spray over the boundary, not even where a plot is too thin or crooked for whole strips.
    """

    headlands: int
    headlands_first: bool
    obstacles: Obstacles
    pace: Pace
    strict: bool


def plan_lines(
    area: Polygon | MultiPolygon, swath_m: float, angle_deg: float | None = None, **options: Unpack[Options]
) -> list[Line]:
    """Lay lines over a plot so that the spray stays inside it.

    The direction is the one that costs the least time: flight, turns, and four times the time for ground that stays
    bare. A line's pump is on where the whole width of its strip lies in the plot; unless ``strict``, a plot that is too
    thin or crooked for that is sprayed where the middle part of the strip, or at least the line itself, lies inside.
    Neighbouring strips touch, or overlap evenly where the plot's width is no multiple of the swath.

    Args:
        area: The plot in plane metres; holes are not sprayed, but flown over.
        swath_m: Width of a strip.
        angle_deg: Direction of the lines, anticlockwise from the x axis; None chooses.
        options: See :class:`Options`.

    Returns:
        Lines in flying order; empty for a plot without room for one. The way from one line to the next is not part of
        them: :func:`transit` finds it.

    Raises:
        ConfigError: The swath is not positive, or the rounds are negative.
    """
    manner = Manner(swath_m, angle_deg, **options)
    return first_variant(draft(area, manner), manner)


def plan_tour(
    plots: Sequence[Polygon | MultiPolygon],
    base: Point,
    swath_m: float,
    angle_deg: float | None = None,
    **options: Unpack[Options],
) -> list[tuple[int, list[Line]]]:
    """Lay lines over several plots and order them, so that the way from base over all of them and back is short.

    Each plot is begun at either end of its first or of its last line. Distances are straight: what stands in the way
    between plots is left to :func:`transit`.

    Args:
        plots: The plots in plane metres.
        base: Where the tour begins and ends.
        swath_m: Width of a strip.
        angle_deg: Direction of the lines in every plot; None chooses for each.
        options: See :class:`Options`.

    Returns:
        (number of the plot, its lines) in flying order; plots without room for a line are left out.

    Raises:
        ConfigError: The swath is not positive, or the rounds are negative.
    """
    manner = Manner(swath_m, angle_deg, **options)
    flown = [variants(draft(plot, manner), manner) for plot in plots]
    known = [number for number, options in enumerate(flown) if options]
    return [(known[i], lines) for i, lines in in_order([flown[number] for number in known], base, closed=True)]
