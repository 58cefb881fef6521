"""The outlines of the plots around many flights, each made once per plane: edges, areas, and which of them overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.model.land import Plot
from geo.coverage import together_m2
from geo.engines.model import Fields
from geo.overlay import Area, meeting
from geo.projection import LocalPlane


class PlotGround:
    """The plots that were asked for, in one plane; they are numbered as they come."""

    def __init__(self, plane: LocalPlane) -> None:
        self.plane = plane
        self.outlines: list[Area] = []
        self.areas_m2: list[float] = []
        self._numbers: dict[tuple[str, int], int] = {}
        self._fields: Fields | None = None
        self._meeting: set[int] = set()

    def numbers(self, plots: Sequence[Plot]) -> list[int]:
        """The numbers of some plots; those that are new are taken in."""
        keys = [(plot.plot, plot.version) for plot in plots]
        fresh = {key: plot for key, plot in zip(keys, plots, strict=True) if key not in self._numbers}
        if fresh:
            self._numbers |= {key: len(self.outlines) + k for k, key in enumerate(fresh)}
            made = list(self.plane.outlines([plot.boundary for plot in fresh.values()]))
            self.outlines += made
            self.areas_m2 += [outline.area for outline in made]
            self._fields = None
        return [self._numbers[key] for key in keys]

    @property
    def fields(self) -> Fields:
        """The edges of all plots, in the order of their numbers."""
        if self._fields is None:
            self._fields = Fields.of(self.outlines)
            self._meeting = set(np.concatenate(meeting(np.array(self.outlines, np.object_))).tolist())
        return self._fields

    def together_m2(self, numbers: Sequence[int]) -> float:
        """Area of the union of some plots; :attr:`fields` was asked for since the last of them came."""
        if not self._meeting.isdisjoint(numbers):
            return together_m2([self.outlines[k] for k in numbers])
        return float(np.array([self.areas_m2[k] for k in numbers]).sum())
