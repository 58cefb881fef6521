"""Compile what is compiled, once, so that the first area does not wait for it: ``python -m geo.engines.warm``."""

from __future__ import annotations

import numpy as np
from shapely import box

from geo.engines import engine
from geo.engines.model import Fields, Quads
from geo.sleeve import straight_runs


def warm() -> str:
    """Use every compiled function once; returns the engine's name."""
    along = np.arange(3.0)
    straight_runs(along[:-1], along[:-1], along[1:], along[1:], np.ones(2, np.bool_), 0.1)
    strip = np.array([[0.0, 0.0, 9.0, 0.0, 9.0, 2.0, 0.0, 2.0]])
    engine().measure(Quads(strip, np.ones(1), np.zeros(1, np.int64)), Fields.of([box(1.0, 0.0, 5.0, 5.0)]))
    return engine().name


if __name__ == "__main__":
    warm()
