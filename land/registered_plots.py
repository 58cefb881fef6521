"""What the plots that are registered already say about a layer that is to be imported.

Plots change: some are resurveyed, split, new. So a layer fits where most plots lie within a quarter of their width, and
only a reading that explains all of them at once speaks against it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from shapely import STRtree

from core.model.fixtable import Floats
from core.units import M_PER_DEG
from land.references import Finding, Reference
from land.trials import Geometries, Layer, Rows, Trial, apart_m

_SAMPLE: Final = 400
_PAIR_TOLERANCE_M: Final = (15.0, 60.0)
_PAIR_TOLERANCE_OF_WIDTH: Final = 0.25
_PAIRS_FIT: Final = 0.5
_PAIRS_MISS: Final = 0.1
_IOU_FITS: Final = 0.6
_IOU_STATED: Final = 0.4
_IOU_BETTER: Final = 0.3
_MOST_NEAR: Final = 0.5
_FEW: Final = 3


def by_plots(layer: Layer, reference: Reference) -> Finding:
    """What old plots make of a layer: those of the same id first; by overlap where ids tell nothing."""
    shapes = np.array(reference.shapes, dtype=object)
    rows, partners = _pairs(layer.ids, reference.ids)
    if len(rows):
        paired = _by_pairs(layer, rows, shapes[partners])
        if paired.fitting:
            return paired
    return _by_overlap(layer, shapes)


def _pairs(ids: tuple[str, ...], known: tuple[str, ...]) -> tuple[Rows, Rows]:
    """Rows of the layer and of the reference that bear the same id."""
    where = {plot: row for row, plot in enumerate(known)}
    rows = [row for row, plot in enumerate(ids) if plot in where]
    return np.array(rows, dtype=np.intp), np.array([where[ids[row]] for row in rows], dtype=np.intp)


def _by_pairs(layer: Layer, rows: Rows, partners: Geometries) -> Finding:
    """The same plots, then and now: centres apart by less than a quarter of a plot's width."""
    step = -(-len(rows) // _SAMPLE)
    rows, partners = rows[::step], partners[::step]
    then = shapely.get_coordinates(shapely.centroid(partners))
    tolerance_m = np.clip(_PAIR_TOLERANCE_OF_WIDTH * _width_m(partners, then), *_PAIR_TOLERANCE_M)

    def share(trial: Trial) -> float:
        with np.errstate(invalid="ignore", over="ignore"):
            away = np.hypot(*apart_m(layer.centres_of(trial, rows), then).T)
        return float(np.mean(np.where(np.isfinite(away), away, np.inf) <= tolerance_m))

    fine_m = float(np.median(tolerance_m))
    stated = share(layer.trial)
    best = max(layer.others, key=share)
    if stated >= _PAIRS_FIT:
        return Finding("plots", (layer.trial,), f"{stated:.0%} of {len(rows)} plots lie where they lay", fine_m)
    if share(best) < _PAIRS_FIT or stated > _PAIRS_MISS or not _overlaps_better(layer, best, rows, partners):
        return Finding("plots", (), "plots of the same id lie elsewhere, and no known mistake explains it", fine_m)
    words = f"{share(best):.0%} of the {len(rows)} plots that are registered already would lie where they lay"
    return Finding("plots", (best,), words, fine_m)


def _overlaps_better(layer: Layer, best: Trial, rows: Rows, partners: Geometries) -> bool:
    """Whether pairs overlap more as a trial reads them than as stated."""
    there, here = (_iou(layer.boundaries(trial, rows), partners) for trial in (best, layer.trial))
    return float(np.median(there)) > float(np.median(here))


def _by_overlap(layer: Layer, shapes: Geometries) -> Finding:
    """Old plots without ids: a re-read layer must cover them plot by plot, and far better than as stated."""
    tree = STRtree(shapes)
    box = shapely.total_bounds(shapes)
    fine_m = _PAIR_TOLERANCE_M[1]

    def overlap(trial: Trial) -> float:
        centres = layer.centres[trial]
        near = (centres > box[:2] - 0.01) & (centres < box[2:] + 0.01)
        if near.all(axis=1).mean() < _MOST_NEAR:
            return 0.0
        return float(np.median(_best_iou(layer.boundaries(trial, layer.rows), tree)))

    stated = overlap(layer.trial)
    if stated >= _IOU_STATED:
        return Finding("plots", (layer.trial,), "the plots cover those that are registered", fine_m)
    if len(layer.rows) < _FEW:
        return Finding("plots", (), "too few plots without a known id to compare with those registered", fine_m)
    best = max(layer.others, key=overlap)
    if overlap(best) < max(_IOU_FITS, stated + _IOU_BETTER):
        return Finding("plots", (), "the plots cover none that are registered", fine_m)
    if _alike_when_moved(layer, best, shapes, tree) > overlap(best) - _IOU_BETTER:
        return Finding("plots", (), "the registered plots are too regular to tell", fine_m)
    return Finding("plots", (best,), "the plots would cover those that are registered", fine_m)


def _alike_when_moved(layer: Layer, best: Trial, shapes: Geometries, tree: STRtree) -> float:
    """How well the old plots, moved as the mistake moves plots, cover each other: no more does covering prove."""
    moved = layer.middle(layer.trial) - layer.middle(best)
    if not np.isfinite(moved).all():
        return 0.0
    met = _best_iou(shapely.transform(shapes[:_SAMPLE], lambda points: points - moved), tree)
    return float(np.median(met[met > 0.0])) if np.any(met > 0.0) else 0.0


def _best_iou(boundaries: Geometries, tree: STRtree) -> Floats:
    """For each boundary the best intersection over union with one of the tree, shape (n,)."""
    found: Floats = np.zeros(len(boundaries))
    mine, theirs = tree.query(boundaries, predicate="intersects")
    np.maximum.at(found, mine, _iou(boundaries[mine], tree.geometries[theirs]))
    return found


def _iou(these: Geometries, those: Geometries) -> Floats:
    """Intersection over union, pair by pair; degrees do, since both are stretched alike."""
    common = shapely.area(shapely.intersection(these, those))
    made: Floats = common / (shapely.area(these) + shapely.area(those) - common)
    return made


def _width_m(shapes: Geometries, centres: Floats) -> Floats:
    """The side of the square of the same area, metres, shape (n,)."""
    made: Floats = np.sqrt(shapely.area(shapes) * np.cos(np.radians(centres[:, 1]))) * M_PER_DEG
    return made
