"""What an import finds: every feature with its state and reason, and what holds for the file as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from core.model.land import Plot
from core.model.samples import NAN
from land.crs import ToWgs84


class Status(StrEnum):
    """What became of a feature."""

    OK = "ok"
    REPAIRED = "repaired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a field file.

    ``feature`` counts through the whole file, from 1; ``layer`` is the label of its layer. ``reason`` says in words
    what was mended, why it was refused, or what is odd ("" for nothing). ``lon`` and ``lat`` are of a point inside, in
    WGS 84 degrees; ``area_m2`` is geodesic. A refused feature has no ``made``, and NaN for the three figures.
    """

    feature: int
    layer: str
    plot: str
    status: Status
    reason: str = ""
    lon: float = NAN
    lat: float = NAN
    area_m2: float = NAN
    made: Plot | None = None
    raw: BaseGeometry | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Examined:
    """A field file looked through: its features, in words what holds for the file, and how its layers were read."""

    features: tuple[Feature, ...]
    problems: tuple[str, ...]
    ways: tuple[ToWgs84, ...]

    @property
    def crs(self) -> str:
        """The CRS that it was read in; several, where its layers are in several."""
        return ", ".join(way.source for way in self.ways)

    @property
    def plots(self) -> tuple[Plot, ...]:
        """The plots that can be taken."""
        return tuple(f.made for f in self.features if f.made is not None)

    def said(self) -> tuple[str, ...]:
        """Everything to be told, as lines: of the file, then of every feature with a reason."""
        of_features = (f"{f.layer}: feature {f.feature} {f.reason}" for f in self.features if f.reason)
        return (*self.problems, *of_features)


@dataclass(frozen=True, slots=True)
class FieldFile:
    """What a field file holds: the plots in WGS 84, what was wrong with it in words, and the CRS it was written in."""

    plots: tuple[Plot, ...]
    problems: tuple[str, ...]
    crs: str
