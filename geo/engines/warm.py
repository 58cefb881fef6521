"""Compile what is compiled, once, so that the first area does not wait for it: ``python -m geo.engines.warm``."""

from __future__ import annotations

import numpy as np
from shapely import box

from core.model.fixtable import FixTable
from geo.cleaning import clean
from geo.engines import engine
from geo.engines.model import Fields, Quads
from geo.parameters import Parameters
from geo.passes import treated_steps
from geo.projection import LocalPlane
from geo.track import sweep_of


def warm() -> str:
    """Use every compiled function once; returns the engine's name."""
    plane = LocalPlane.around(105.75, 9.3)
    along = np.arange(6.0)
    lat_deg = 9.3 + 1e-7 * along
    for apart_m in (1.0, 0.05):
        places = 105.75 + 1e-5 * apart_m * along, lat_deg
        cleaned = clean(FixTable.build(200 * np.arange(6), places[1], places[0], on=True))
        steps = treated_steps(cleaned, *plane.xy(*places), Parameters())
        sweep_of(cleaned.fixes, steps, Parameters(swath_m=6.0), coarse=True)
    strip = np.array([[0.0, 0.0, 9.0, 0.0, 9.0, 2.0, 0.0, 2.0]])
    engine().measure(Quads(strip, np.ones(1), np.zeros(1, np.int64)), Fields.of([box(1.0, 0.0, 5.0, 5.0)]))
    return engine().name


if __name__ == "__main__":
    warm()
