"""Drawn shapes of computed flights, kept so that maps and GIS need not compute them again; and the port to them.

The figures belong to the result (:mod:`core.model.coverage`); a shape is simplified and can be drawn again at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shapely.geometry.base import BaseGeometry

from core.model.enums import Operation
from core.model.samples import NAN

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


class ShapeKind(StrEnum):
    """What a shape shows: ``swath`` is the ground of one pass, ``track`` the path flown."""

    COVERED = "covered"
    MISSED = "missed"
    OVERLAP = "overlap"
    OFF_TARGET = "off-target"
    SWATH = "swath"
    TRACK = "track"


@dataclass(frozen=True, slots=True, eq=False)
class FlightShape:
    """One shape of one flight.

    ``shape`` is in WGS 84 (longitude, latitude). ``plot`` is "" where it belongs to none; ``part`` counts, from 1, the
    shapes of the same kind and plot. ``area_m2`` and ``length_m`` are those before it was simplified, NaN where it has
    none.
    """

    cooperative: str
    flight: str
    kind: ShapeKind
    plot: str
    part: int
    shape: BaseGeometry
    device: str
    op: Operation
    start_ms: int
    end_ms: int
    area_m2: float = NAN
    length_m: float = NAN

    @property
    def key(self) -> str:
        """What it is called among the shapes of its cooperative."""
        return f"{self.flight}~{self.kind}~{self.plot}~{self.part}"


@dataclass(frozen=True, slots=True)
class ShapeQuery:
    """Which shapes are asked for; None and "" ask for all.

    ``window_ms`` are the first and the last ms that a flight must touch. ``box`` is met by the shape's box.
    """

    kinds: tuple[ShapeKind, ...]
    box: Box | None = None
    window_ms: tuple[int, int] | None = None
    flight: str = ""
    plot: str = ""
    device: str = ""
    op: Operation | None = None


@dataclass(frozen=True, slots=True)
class ShapeExtent:
    """The box around some shapes, and the first and the last ms of their flights."""

    box: Box
    start_ms: int
    end_ms: int


class ShapeStore(Protocol):
    """Keeps the shapes of flights. Every question names the cooperative."""

    def save_shapes(self, cooperative: str, flights: Sequence[str], shapes: Sequence[FlightShape]) -> None:
        """Put the shapes of these flights in place of what stands of them, in one transaction.

        Raises:
            NotFound: There is no such cooperative.
            StoreUnavailable: The store does not answer.
        """
        ...

    def shapes(
        self, cooperative: str, query: ShapeQuery, after: int = 0, limit: int = 0
    ) -> list[tuple[int, FlightShape]]:
        """Shapes with their numbers, which rise, from the one after a number on; ``limit`` 0: all."""
        ...

    def count_shapes(self, cooperative: str, query: ShapeQuery) -> int:
        """How many there are."""
        ...

    def drawn(self, cooperative: str, kind: ShapeKind, start_ms: int, end_ms: int) -> set[str]:
        """Flights that touch the window and have a shape of a kind: of others nobody knows here where they were."""
        ...

    def shape(self, cooperative: str, key: str) -> FlightShape | None:
        """One by its key (:attr:`FlightShape.key`); None where there is none."""
        ...

    def shape_extent(self, cooperative: str, kinds: Sequence[ShapeKind]) -> ShapeExtent | None:
        """What all shapes of some kinds span; None where there is none."""
        ...
