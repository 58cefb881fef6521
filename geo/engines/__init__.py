"""Engines that measure treated ground over plots: a compiled sweep, and an independent one on shapely."""

from __future__ import annotations

from functools import cache

import geo.compiled  # noqa: F401 - before anything that numba keeps is looked up
from geo.engines.model import Engine

__all__ = ["engine"]


@cache
def engine() -> Engine:
    """The engine to use: the sweep where numba is installed, else the one on shapely."""
    try:
        from geo.engines.sweep import SweepEngine  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "numba":
            raise
        from geo.engines.overlays import OverlayEngine  # noqa: PLC0415

        return OverlayEngine()
    return SweepEngine()
