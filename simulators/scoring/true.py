"""What is true of each job: its strips over the plots, by geometry alone, without any telemetry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from core.localtime import local_day
from core.model.coverage import PlotCoverage
from core.model.enums import Operation
from core.model.fixtable import Floats, Ints
from core.model.land import Plot
from core.model.traffic import Truth
from geo.amounts import total
from geo.clipping import Ground
from geo.coverage import SAME_M2
from geo.layers import layers
from geo.overlay import Area, polygonal, union
from geo.projection import LocalPlane
from geo.swaths import Swaths
from simulators.scoring.figures import JobFigures, JobKey
from simulators.scoring.ribbons import swept


def true_figures(truth: Truth, plots: Sequence[Plot]) -> dict[JobKey, JobFigures]:
    """The figures of every job that treated anything.

    Args:
        truth: Strips of any number of jobs.
        plots: All plots; a job is measured on those of its cooperative, and on those that are nobody's.
    """
    found: dict[JobKey, JobFigures] = {}
    for key, strips in _jobs(truth).items():
        fields = [p for p in plots if p.cooperative in {"", key.cooperative} or not key.cooperative]
        found[key] = job_figures(truth, strips, fields)
    return found


def job_figures(truth: Truth, strips: Ints, plots: Sequence[Plot]) -> JobFigures:
    """The figures of some strips (their numbers) that count together."""
    row, start = _rows(truth, strips)
    plane = _plane(truth, row)
    ground = _ground(truth, strips, row, start, plane)
    figures, boundaries = _per_plot(ground, plane, plots)
    together = union(boundaries)
    pieces = ground.swaths
    volume, mass = (total(column, column) for column in (pieces.volume_l, pieces.mass_kg))
    off_target = ground.outside(together).area
    inside = _inside(ground, figures, together)
    return JobFigures(
        plots=tuple(figures),
        gross_m2=float(pieces.area_m2.sum()),
        net_m2=off_target + inside.net_m2,
        off_target_m2=off_target,
        volume_l=volume,
        mass_kg=mass,
        off_target_volume_l=volume - inside.volume_l,
        off_target_mass_kg=mass - inside.mass_kg,
        pieces=len(strips),
    )


@dataclass(frozen=True, slots=True)
class _Together:
    """What lies inside the union of all touched plots."""

    net_m2: float
    volume_l: float
    mass_kg: float


def _inside(ground: Ground, figures: Sequence[PlotCoverage], together: Area) -> _Together:
    """The sums of the plots, unless plots overlap each other: then they are cut out of the ground as one."""
    if figures and sum(p.area_m2 for p in figures) - together.area <= SAME_M2:
        return _Together(*(sum(getattr(p, name) for p in figures) for name in ("net_m2", "volume_l", "mass_kg")))
    inside = ground.inside(together)
    return _Together(inside.net.area, inside.volume_l, inside.mass_kg)


def _jobs(truth: Truth) -> dict[JobKey, Ints]:
    """The strips of each job."""
    names: list[str] = []
    for strip, job in enumerate(truth.job.values()):
        first_ms = int(truth.ts_ms[truth.start[strip]]) if truth.start[strip] < truth.start[strip + 1] else 0
        names.append(job or f"{local_day(first_ms)}-{Operation(int(truth.op[strip])).word}")
    found: dict[JobKey, list[int]] = {}
    for strip, (cooperative, job) in enumerate(zip(truth.cooperative.values(), names, strict=True)):
        found.setdefault(JobKey(cooperative, job), []).append(strip)
    return {key: np.array(strips, np.int64) for key, strips in found.items()}


def _rows(truth: Truth, strips: Ints) -> tuple[Ints, Ints]:
    """Cross-sections of some strips, and where each strip starts among them."""
    counts = np.diff(truth.start)[strips]
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return np.repeat(truth.start[:-1][strips] - start[:-1], counts) + np.arange(int(start[-1])), start


def _plane(truth: Truth, row: Ints) -> LocalPlane:
    lon, lat = ((a[row] + b[row]) / 2.0 for a, b in _ends(truth))
    return LocalPlane.for_points(lon, lat, centred=True)


def _ends(truth: Truth) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    return (truth.left_lon_deg, truth.right_lon_deg), (truth.left_lat_deg, truth.right_lat_deg)


def _ground(truth: Truth, strips: Ints, row: Ints, start: Ints, plane: LocalPlane) -> Ground:
    left = np.column_stack(plane.xy(truth.left_lon_deg[row], truth.left_lat_deg[row]))
    right = np.column_stack(plane.xy(truth.right_lon_deg[row], truth.right_lat_deg[row]))
    liquid = np.repeat(truth.op[strips] == Operation.SPRAY, np.diff(start))
    released = truth.released[row]
    volume, mass = np.where(liquid, released, np.nan), np.where(liquid, np.nan, released)
    made: Swaths = swept(left, right, start, volume, mass)
    return Ground(made, layers(made.ribbons))


def _per_plot(ground: Ground, plane: LocalPlane, plots: Sequence[Plot]) -> tuple[list[PlotCoverage], list[Area]]:
    """The figures of the touched plots, and their boundaries in the plane."""
    figures: list[PlotCoverage] = []
    boundaries: list[Area] = []
    outlines = np.array([polygonal(plane.to_plane(polygonal(p.boundary))) for p in plots], np.object_)
    spots = shapely.points(ground.swaths.point_x, ground.swaths.point_y)
    tree = shapely.STRtree(outlines)
    touched = np.unique(np.concatenate([tree.query(shapes)[1] for shapes in (ground.swaths.ribbons, spots)]))
    for number in touched.tolist():
        plot, boundary = plots[number], outlines[number]
        inside = ground.inside(boundary)
        if not (inside.net.area > 0.0 or inside.volume_l > 0.0 or inside.mass_kg > 0.0):
            continue
        boundaries.append(boundary)
        figures.append(
            PlotCoverage(
                plot=plot.plot,
                area_m2=boundary.area,
                gross_m2=inside.gross_m2,
                net_m2=inside.net.area,
                overlap_m2=inside.overlap.area,
                overlap3_m2=inside.overlap3.area,
                missed_m2=boundary.area - inside.net.area,
                volume_l=inside.volume_l,
                mass_kg=inside.mass_kg,
                name=plot.name,
            )
        )
    return figures, boundaries
