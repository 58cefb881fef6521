"""The sprayed area: fixes in, figures and geometries per plot out. Definitions: docs/coverage.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon

from core.model.coverage import Coverage, PlotCoverage
from core.model.fixtable import FixTable, Floats
from core.model.land import Plot
from core.model.samples import Event
from geo.cleaning import Cleaned, clean, distance_m
from geo.clipping import Ground, Inside, total
from geo.evidence import input_hash
from geo.layers import layers
from geo.overlay import EMPTY, Area, differences, polygonal, union
from geo.parameters import Parameters
from geo.passes import treated_steps
from geo.projection import LocalPlane, geodesic_area_m2
from geo.shapes import PlotShapes, Shapes, opened
from geo.swaths import Swaths, swaths

__all__ = ["ALGORITHM", "Parameters", "Result", "compute"]

ALGORITHM = "canhdong-ribbons 1.0"
"""Name and version of the computation; a change that can change a figure changes the version."""
SAME_M2 = 1e-3
NEAR_DEG = 0.01
_NO_EVENTS: tuple[Event, ...] = ()
_DEFAULTS = Parameters()


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Figures, and the geometries behind them."""

    coverage: Coverage
    shapes: Shapes


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What became of one table."""

    cleaned: Cleaned
    swaths: Swaths
    track: list[LineString]
    distance_m: float
    treated_m: float
    bridged_m: float


def compute(
    flight: str,
    tables: Sequence[FixTable],
    plots: Sequence[Plot],
    parameters: Parameters = _DEFAULTS,
    events: Sequence[Event] = _NO_EVENTS,
) -> Result:
    """The sprayed area of one or more logs over the plots that they touched.

    Args:
        flight: Name that the figures are filed under.
        tables: One table per log or flight, in any order of rows; they are never joined to each other, but their
            strips count together (so a job is the tables of its flights).
        plots: Plots that may have been treated; only those that were are listed (see ``Parameters.keep_untouched``).
        parameters: Choices that are not in the data.
        events: On and off events of the tables' devices; they cut segments at the exact instant.

    Raises:
        ConfigError: The implement was on and no swath width is known.
    """
    cleaned = [clean(table) for table in tables]
    plane = _plane(cleaned, plots)
    work = [_table(c, plane, parameters, events) for c in cleaned]
    swept = Swaths.concat([w.swaths for w in work])
    ground = Ground(swept, layers(swept.ribbons))
    shapes, figures, far = _per_plot(ground, plane, plots, work, parameters)
    together, all_plots = _over_union(ground, shapes, figures)
    off_target = ground.outside(together)
    volume, mass = total(swept.volume_l, swept.volume_l), total(swept.mass_kg, swept.mass_kg)
    rejected: Counter[str] = Counter()
    for part in cleaned:
        rejected.update(part.rejected)
    coverage = Coverage(
        flight=flight,
        plots=(*figures, *far),
        gross_m2=float(swept.area_m2.sum()),
        net_m2=all_plots.net_m2 + off_target.area,
        off_target_m2=off_target.area,
        plots_area_m2=together.area,
        plots_gross_m2=all_plots.gross_m2,
        plots_net_m2=all_plots.net_m2,
        plots_overlap_m2=all_plots.overlap_m2,
        plots_missed_m2=together.area - all_plots.net_m2,
        volume_l=volume,
        mass_kg=mass,
        off_target_volume_l=volume - all_plots.volume_l,
        off_target_mass_kg=mass - all_plots.mass_kg,
        distance_m=sum(w.distance_m for w in work),
        treated_distance_m=sum(w.treated_m for w in work),
        bridged_m=sum(w.bridged_m for w in work),
        fixes=sum(len(c.fixes) for c in cleaned),
        rejected=dict(rejected),
        algorithm=ALGORITHM,
        input_hash=input_hash(tables, events),
    )
    tracks = [line for w in work for line in w.track]
    return Result(coverage, Shapes(plane, tuple(shapes), off_target, list(swept.ribbons), tracks))


def _plane(cleaned: Sequence[Cleaned], plots: Sequence[Plot]) -> LocalPlane:
    """The plane at the middle fix (a median: a stray position does not move it), or in the plots' middle."""
    lon = np.concatenate([np.empty(0), *(c.fixes.lon_deg for c in cleaned)])
    lat = np.concatenate([np.empty(0), *(c.fixes.lat_deg for c in cleaned)])
    if len(lon) == 0 and plots:
        points = np.concatenate([shapely.get_coordinates(p.boundary) for p in plots])
        lon, lat = points[:, 0], points[:, 1]
    elif len(lon):
        return LocalPlane.around(float(np.median(lon)), float(np.median(lat)))
    return LocalPlane.for_points(lon, lat)


def _table(cleaned: Cleaned, plane: LocalPlane, parameters: Parameters, events: Sequence[Event]) -> _Work:
    """The swaths of one table."""
    fixes = cleaned.fixes
    x, y = plane.xy(fixes.lon_deg, fixes.lat_deg) if len(fixes) else (np.empty(0), np.empty(0))
    steps = treated_steps(cleaned, x, y, parameters, events)
    swept = swaths(fixes, steps, parameters) if len(steps) else _nothing(fixes)
    length = steps.length_m
    return _Work(
        cleaned,
        swept,
        _track(x, y, cleaned),
        distance_m(fixes, cleaned.breaks),
        float(length.sum()),
        float(length[steps.bridged].sum()),
    )


def _nothing(fixes: FixTable) -> Swaths:
    """No swath; where the device tells a flow, one empty piece says that nothing (not: unknown) was released."""
    volume = 0.0 if np.isfinite(fixes.flow_lpm).any() else np.nan
    mass = 0.0 if np.isfinite(fixes.rate_kgpm).any() else np.nan
    if np.isnan(volume) and np.isnan(mass):
        return Swaths.concat([])
    far = np.array([np.inf])
    none = np.empty(0, np.object_)
    return Swaths(np.array([EMPTY], np.object_), np.zeros(1), np.array([volume]), np.array([mass]), far, far, none)


def _track(x: Floats, y: Floats, cleaned: Cleaned) -> list[LineString]:
    """The path as lines between the breaks."""
    cuts = np.flatnonzero(cleaned.breaks)
    points = np.column_stack([x, y])
    return [LineString(part) for part in np.split(points, cuts) if len(part) > 1]


def _per_plot(
    ground: Ground, plane: LocalPlane, plots: Sequence[Plot], work: Sequence[_Work], parameters: Parameters
) -> tuple[list[PlotShapes], list[PlotCoverage], list[PlotCoverage]]:
    """Geometries and figures of the touched plots, and the empty figures of the others (if they are wanted)."""
    box = _box([w.cleaned.fixes for w in work])
    shapes: list[PlotShapes] = []
    figures: list[PlotCoverage] = []
    untouched: list[PlotCoverage] = []
    for plot in plots:
        inside = None
        if box is not None and box.intersects(shapely.box(*plot.boundary.bounds)):
            boundary = polygonal(plane.to_plane(polygonal(plot.boundary)))
            inside = ground.inside(boundary)
        if inside is not None and (inside.net.area > 0.0 or inside.volume_l > 0.0 or inside.mass_kg > 0.0):
            shapes.append(_shapes(plot, boundary, inside, parameters))
            figures.append(_figures(plot, boundary.area, inside))
        elif parameters.keep_untouched:
            area = geodesic_area_m2(polygonal(plot.boundary))
            untouched.append(PlotCoverage(plot.plot, area, 0.0, 0.0, 0.0, 0.0, area, name=plot.name))
    return shapes, figures, untouched


def _box(tables: Sequence[FixTable]) -> Polygon | None:
    """The box of all fixes in degrees, a kilometre wider: no boom reaches further."""
    lon = np.concatenate([np.empty(0), *(t.lon_deg for t in tables)])
    lat = np.concatenate([np.empty(0), *(t.lat_deg for t in tables)])
    if len(lon) == 0:
        return None
    wide = NEAR_DEG / max(float(np.cos(np.radians(np.abs(lat).max()))), NEAR_DEG)
    corners = np.array([lon.min() - wide, lat.min() - NEAR_DEG, lon.max() + wide, lat.max() + NEAR_DEG])
    return Polygon.from_bounds(*corners.tolist())


def _shapes(plot: Plot, boundary: Area, inside: Inside, parameters: Parameters) -> PlotShapes:
    missed = opened(differences(np.array([boundary], np.object_), inside.net)[0], parameters.open_m)
    return PlotShapes(plot, boundary, inside.net, missed, inside.overlap)


def _figures(plot: Plot, area_m2: float, inside: Inside) -> PlotCoverage:
    return PlotCoverage(
        plot=plot.plot,
        area_m2=area_m2,
        gross_m2=inside.gross_m2,
        net_m2=inside.net.area,
        overlap_m2=inside.overlap.area,
        overlap3_m2=inside.overlap3.area,
        missed_m2=area_m2 - inside.net.area,
        volume_l=inside.volume_l,
        mass_kg=inside.mass_kg,
        name=plot.name,
    )


@dataclass(frozen=True, slots=True)
class _Totals:
    """Figures over the union of the touched plots."""

    gross_m2: float
    net_m2: float
    overlap_m2: float
    volume_l: float
    mass_kg: float


def _over_union(ground: Ground, shapes: Sequence[PlotShapes], figures: Sequence[PlotCoverage]) -> tuple[Area, _Totals]:
    """The union of the touched plots, and what was treated inside it: plots of one file may overlap."""
    together = union([s.boundary for s in shapes])
    if shapes and sum(f.area_m2 for f in figures) - together.area <= SAME_M2:
        columns = ("gross_m2", "net_m2", "overlap_m2", "volume_l", "mass_kg")
        return together, _Totals(*(sum(getattr(f, name) for f in figures) for name in columns))
    inside = ground.inside(together)
    return together, _Totals(inside.gross_m2, inside.net.area, inside.overlap.area, inside.volume_l, inside.mass_kg)
