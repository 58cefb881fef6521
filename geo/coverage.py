"""The sprayed area: fixes in, figures and geometries per plot out. Definitions: docs/coverage.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString

from core.model.coverage import Coverage, PlotCoverage
from core.model.fixtable import FixTable, Floats
from core.model.land import Plot
from core.model.samples import Event
from geo.amounts import total
from geo.cleaning import Cleaned, clean
from geo.engines.model import FAILSAFE, TRANSIT
from geo.evidence import hashing
from geo.measured import Figures, Measured, measured
from geo.overlay import Area, intersections, meeting, polygonal, union
from geo.parameters import Parameters
from geo.passes import treated_steps
from geo.pieces import Pieces, pieces
from geo.projection import LocalPlane, geodesic_area_m2
from geo.shapes import Shapes
from geo.shaping import shapes_of
from geo.track import Sweep, sweep_of

__all__ = ["ALGORITHM", "Parameters", "Result", "compute"]

ALGORITHM = "canhdong-sweep 2.3"
"""Name and version of the computation; a change that can change a figure changes the version."""
SAME_M2 = 1e-3
NEAR_DEG = 0.01
_EVERY = 16
"""Of so many fixes, one is enough to find the middle."""
_NO_EVENTS: tuple[Event, ...] = ()
_DEFAULTS = Parameters()


class Result:
    """Figures, and the geometries behind them, which are made when somebody looks at them.

    ``pieces`` is what was treated, in metres of ``plane``.
    """

    def __init__(self, coverage: Coverage, plane: LocalPlane, pieces: Pieces, shape: Callable[[], Shapes]) -> None:
        self.coverage = coverage
        self.plane = plane
        self.pieces = pieces
        self._shape = shape
        self._shapes: Shapes | None = None

    @property
    def shapes(self) -> Shapes:
        """Net, missed and overlapping ground of every plot, ground beside the plots, swaths and tracks."""
        if self._shapes is None:
            self._shapes = self._shape()
        return self._shapes


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What became of one table; ``sweep`` is None where nothing was treated."""

    cleaned: Cleaned
    sweep: Sweep | None
    pieces: Pieces
    x: Floats
    y: Floats
    distance_m: float
    treated_m: float
    bridged_m: float


def compute(
    flight: str,
    tables: Sequence[FixTable],
    plots: Sequence[Plot],
    parameters: Parameters = _DEFAULTS,
    events: Sequence[Event] = _NO_EVENTS,
    *,
    plane: LocalPlane | None = None,
) -> Result:
    """The sprayed area of one or more logs over the plots that they touched.

    Args:
        flight: Name that the figures are filed under.
        tables: One table per log or flight, in any order of rows; they are never joined to each other, but their
            strips count together (so a job is the tables of its flights).
        plots: Plots that may have been treated; only those that were are listed (see ``Parameters.keep_untouched``).
        parameters: Choices that are not in the data.
        events: On and off events of the tables' devices; they cut segments at the exact instant.
        plane: Where it is computed; None: in the plane at the middle fix.

    Raises:
        ConfigError: The implement was on and no swath width is known.
    """
    inputs = hashing(tables, events)
    cleaned = [clean(table) for table in tables]
    plane = plane_of(cleaned, plots) if plane is None else plane
    work = [_table(c, plane, parameters, events) for c in cleaned]
    swept = Pieces.concat([w.pieces for w in work])
    near = _near(plots, [w.cleaned.fixes for w in work])
    outlines = list(plane.outlines([plot.boundary for plot in near]))
    found = measured(swept, outlines)
    touched = [k for k, figures in enumerate(found.plots) if figures.touched]
    listed = [plot_coverage(near[k], outlines[k].area, found.plots[k]) for k in touched]
    if parameters.keep_untouched:
        named = {near[k].plot for k in touched}
        listed += [_untouched(plot) for plot in plots if plot.plot not in named]
    coverage = coverage_of(flight, work, swept, found, listed, together_m2([outlines[k] for k in touched]))
    coverage = replace(coverage, input_hash=inputs())

    def shape() -> Shapes:
        sweeps = [w.sweep for w in work if w.sweep is not None]
        tracks = [line for w in work for line in _track(w.x, w.y, w.cleaned)]
        return shapes_of(sweeps, plane, [(near[k], outlines[k]) for k in touched], tracks, parameters.open_m)

    return Result(coverage, plane, swept, shape)


def coverage_of(  # noqa: PLR0917 - what the figures are put together from
    flight: str,
    work: Sequence[Work],
    swept: Pieces,
    found: Measured,
    plots: Sequence[PlotCoverage],
    plots_m2: float,
) -> Coverage:
    """All figures but the input's hash."""
    volume, mass = total(swept.volume_l, swept.volume_l), total(swept.mass_kg, swept.mass_kg)
    off_m2 = float(found.off_m2.sum())
    net_m2 = found.union.net_m2 + off_m2
    rejected: Counter[str] = Counter()
    for part in work:
        rejected.update(part.cleaned.rejected)
    return Coverage(
        flight=flight,
        plots=tuple(plots),
        gross_m2=max(float(swept.area_m2.sum()), net_m2),  # two sums: the last digit must not turn them round
        net_m2=net_m2,
        off_target_m2=off_m2,
        plots_area_m2=plots_m2,
        plots_gross_m2=found.union.gross_m2,
        plots_net_m2=found.union.net_m2,
        plots_overlap_m2=found.union.overlap_m2,
        plots_missed_m2=plots_m2 - found.union.net_m2,
        volume_l=volume,
        mass_kg=mass,
        off_target_volume_l=volume - found.union.volume_l,
        off_target_mass_kg=mass - found.union.mass_kg,
        distance_m=sum(w.distance_m for w in work),
        treated_distance_m=sum(w.treated_m for w in work),
        bridged_m=sum(w.bridged_m for w in work),
        fixes=sum(len(w.cleaned.fixes) for w in work),
        rejected=dict(rejected),
        algorithm=ALGORITHM,
        input_hash="",
        off_transit_m2=float(found.off_m2[TRANSIT]),
        off_failsafe_m2=float(found.off_m2[FAILSAFE]),
    )


def plane_of(cleaned: Sequence[Cleaned], plots: Sequence[Plot]) -> LocalPlane:
    """The plane at the middle fix (a median: a stray position does not move it), or in the plots' middle."""
    lon = np.concatenate([np.empty(0), *(c.fixes.lon_deg[::_EVERY] for c in cleaned)])
    lat = np.concatenate([np.empty(0), *(c.fixes.lat_deg[::_EVERY] for c in cleaned)])
    if len(lon) == 0 and plots:
        points = np.concatenate([shapely.get_coordinates(p.boundary) for p in plots])
        lon, lat = points[:, 0], points[:, 1]
    elif len(lon):
        return LocalPlane.around(float(np.median(lon)), float(np.median(lat)))
    return LocalPlane.for_points(lon, lat)


def _table(cleaned: Cleaned, plane: LocalPlane, parameters: Parameters, events: Sequence[Event]) -> Work:
    """What one table treated."""
    fixes = cleaned.fixes
    x, y = plane.xy(fixes.lon_deg, fixes.lat_deg) if len(fixes) else (np.empty(0), np.empty(0))
    steps = treated_steps(cleaned, x, y, parameters, events)
    sweep = sweep_of(fixes, steps, parameters) if len(steps) else None
    swept = nothing_of(fixes) if sweep is None else pieces(sweep, fixes)
    length = steps.length_m
    bridged_m = float(length[steps.bridged].sum()) if steps.bridged.any() else 0.0
    return Work(
        cleaned,
        sweep,
        swept,
        x,
        y,
        cleaned.distance_m,
        float(length.sum()),
        bridged_m,
    )


def nothing_of(fixes: FixTable) -> Pieces:
    """No piece; where the device tells a flow, an empty one says that nothing (not: unknown) was released."""
    volume = 0.0 if np.isfinite(fixes.flow_lpm).any() else np.nan
    mass = 0.0 if np.isfinite(fixes.rate_kgpm).any() else np.nan
    if np.isnan(volume) and np.isnan(mass):
        return Pieces.concat([])
    far = np.full((1, 8), np.inf)
    zero = np.zeros(1)
    return Pieces(far, zero, np.array([volume]), np.array([mass]), np.zeros(1, np.int64), zero, zero)


def _track(x: Floats, y: Floats, cleaned: Cleaned) -> list[LineString]:
    """The path as lines between the breaks."""
    cuts = np.flatnonzero(cleaned.breaks)
    points = np.column_stack([x, y])
    return [LineString(part) for part in np.split(points, cuts) if len(part) > 1]


def _near(plots: Sequence[Plot], tables: Sequence[FixTable]) -> list[Plot]:
    """The plots that the fixes, and booms a kilometre long, may have touched."""
    box = _box(tables)
    if box is None or not plots:
        return []
    bounds = shapely.bounds(np.array([plot.boundary for plot in plots], np.object_))
    west, south, east, north = box
    meets = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    return [plots[k] for k in np.flatnonzero(meets).tolist()]


def _box(tables: Sequence[FixTable]) -> tuple[float, float, float, float] | None:
    """The box of all fixes in degrees, a kilometre wider."""
    lon, lat = [t.lon_deg for t in tables if len(t)], [t.lat_deg for t in tables if len(t)]
    if not lon:
        return None
    west, east = min(float(c.min()) for c in lon), max(float(c.max()) for c in lon)
    south, north = min(float(c.min()) for c in lat), max(float(c.max()) for c in lat)
    wide = NEAR_DEG / max(float(np.cos(np.radians(max(abs(south), abs(north))))), NEAR_DEG)
    return west - wide, south - NEAR_DEG, east + wide, north + NEAR_DEG


def plot_coverage(plot: Plot, area_m2: float, figures: Figures) -> PlotCoverage:
    """The figures of a plot of an area."""
    return PlotCoverage(
        plot=plot.plot,
        area_m2=area_m2,
        gross_m2=figures.gross_m2,
        net_m2=figures.net_m2,
        overlap_m2=figures.overlap_m2,
        overlap3_m2=figures.overlap3_m2,
        missed_m2=area_m2 - figures.net_m2,
        volume_l=figures.volume_l,
        mass_kg=figures.mass_kg,
        name=plot.name,
        dose_cv=figures.dose_cv,
    )


def _untouched(plot: Plot) -> PlotCoverage:
    area_m2 = geodesic_area_m2(polygonal(plot.boundary))
    return PlotCoverage(plot.plot, area_m2, 0.0, 0.0, 0.0, 0.0, area_m2, name=plot.name)


def together_m2(outlines: Sequence[Area]) -> float:
    """Area of the union of some plots: plots of one file may overlap; only those that do are united."""
    shapes = np.array(outlines, np.object_)
    alone = np.ones(len(shapes), np.bool_)
    if len(shapes) > 1:
        one, other = meeting(shapes)
        common = shapely.area(intersections(shapes[one], shapes[other]))
        overlapping = common > SAME_M2 / max(len(common), 1)
        alone[one[overlapping]] = alone[other[overlapping]] = False
    area_m2 = float(shapely.area(shapes[alone]).sum())
    return area_m2 if alone.all() else area_m2 + union(shapes[~alone]).area
