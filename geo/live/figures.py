"""From what a live flight has counted and measured to the figures that batch gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from core.model.coverage import Coverage
from core.model.fixtable import Floats
from core.model.land import Plot
from geo.amounts import total
from geo.coverage import ALGORITHM, plot_coverage, together_m2
from geo.engines.model import AMOUNT, FAILSAFE, GROSS, NET, TRANSIT, TWO
from geo.live.ground import LiveGround
from geo.live.tally import Tally
from geo.measured import figures_of
from geo.merging import POINT_M
from geo.overlay import Area
from geo.pieces import Pieces


def coverage_of(  # noqa: PLR0917 - what the figures are put together from
    flight: str,
    pieces: Pieces,
    ground: LiveGround,
    plots: Sequence[Plot],
    outlines: Sequence[Area],
    tally: Tally,
    tells: tuple[bool, bool],
) -> Coverage:
    """All figures but the input's hash; ``tells``: whether the device tells litres, and kilograms, at all."""
    measured, off = ground.totals()
    amounts = np.vstack(
        [
            _amounts(pieces, outlines, measured[k, :, AMOUNT], values)
            for k, values in enumerate((pieces.volume_l, pieces.mass_kg))
        ]
    )
    told = [k for k, values in enumerate((pieces.volume_l, pieces.mass_kg)) if np.isfinite(values).any()] or [0]
    seen = (measured[told[0], :-1, NET] > 0.0) | (amounts[:, :-1] > 0.0).any(axis=0)
    touched = np.flatnonzero(seen).tolist()
    listed = [
        plot_coverage(plots[k], outlines[k].area, figures_of([measured[by, k] for by in told], *amounts[:, k]))
        for k in touched
    ]
    union = measured[told[0], -1]
    area_m2 = together_m2([outlines[k] for k in touched])
    volume, mass = _total(pieces.volume_l, told=tells[0]), _total(pieces.mass_kg, told=tells[1])
    return Coverage(
        flight=flight,
        plots=tuple(listed),
        gross_m2=float(pieces.area_m2.sum()),
        net_m2=float(union[NET] + off.sum()),
        off_target_m2=float(off.sum()),
        plots_area_m2=area_m2,
        plots_gross_m2=float(union[GROSS]),
        plots_net_m2=float(union[NET]),
        plots_overlap_m2=float(union[TWO]),
        plots_missed_m2=area_m2 - float(union[NET]),
        volume_l=volume,
        mass_kg=mass,
        off_target_volume_l=volume - float(amounts[0, -1]),
        off_target_mass_kg=mass - float(amounts[1, -1]),
        distance_m=tally.distance_m,
        treated_distance_m=tally.treated_m,
        bridged_m=tally.bridged_m,
        fixes=tally.fixes,
        rejected=dict(tally.rejected),
        algorithm=ALGORITHM,
        input_hash="",
        off_transit_m2=float(off[TRANSIT]),
        off_failsafe_m2=float(off[FAILSAFE]),
    )


def _total(values: Floats, *, told: bool) -> float:
    """Sum of what is told; 0 where the device tells a flow and nothing was released yet."""
    found = total(values, values)
    return 0.0 if np.isnan(found) and told else found


def _amounts(pieces: Pieces, outlines: Sequence[Area], measured: Floats, values: Floats) -> Floats:
    """Amounts per plot and over their union: on treated ground and on spots; NaN where none is told."""
    if not np.isfinite(values).any():
        return np.full(len(measured), np.nan)
    amounts = measured.copy()
    spots = np.flatnonzero((pieces.area_m2 <= POINT_M) & (values > 0.0))
    if len(spots) and len(outlines):
        places = shapely.points(pieces.corners[spots, :2])
        spot, plot = shapely.STRtree(list(outlines)).query(places, predicate="intersects")
        np.add.at(amounts, plot, values[spots[spot]])
        amounts[-1] += values[spots[np.unique(spot)]].sum()
    return amounts
