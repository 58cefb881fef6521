"""What a reader of flight and work logs hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.fixtable import FixTable
from core.model.land import Plot
from core.model.samples import NAN, Event


@dataclass(frozen=True, slots=True)
class FlightLog:
    """One flight, track or time log of a file.

    ``fixes`` holds the rows with a usable position, in the order of the log; ``rejected`` counts the others by reason
    (``no-fix``, ``null-island``, ``out-of-range``, ``corrupt`` ...). ``machine`` holds what the machine itself counted
    for this log, by key with unit: ``area_m2``, ``distance_m``, ``volume_l``, ``mass_kg``, ``time_s``. ``problems``
    says in words what was wrong and where (byte or line) in a log that could be read only in part.
    """

    name: str
    device: str
    fixes: FixTable
    events: tuple[Event, ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)
    machine: Mapping[str, float] = field(default_factory=dict)
    volume_l: float = NAN
    mass_kg: float = NAN
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogFile:
    """All that a file holds: its logs, the plots that it brings along, and what could not be read."""

    format: str
    logs: tuple[FlightLog, ...]
    plots: tuple[Plot, ...] = ()
    problems: tuple[str, ...] = ()
