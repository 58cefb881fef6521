"""A result with what it is worth: its grades, and the net areas expected in truth with their 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.model.coverage import Coverage, PlotCoverage
from core.model.fixtable import FixTable
from core.model.land import Plot
from core.model.ledger import Account
from core.model.samples import Event
from core.model.trust import NetRange, Trust
from geo.cleaning import clean
from geo.coverage import Result
from geo.engines.model import Fields
from geo.parameters import Parameters
from geo.passes import treated_steps
from geo.projection import LocalPlane
from geo.trust.draws import seed_of
from geo.trust.expected import expected
from geo.trust.grades import bridge_trust, completeness, gnss_trust, sampling_trust
from geo.trust.numbering import of_flights
from geo.trust.sections import Sections
from geo.trust.strips import sections_of
from geo.trust.tolerance import Tolerance

_DEFAULTS = Tolerance()
_NOTHING = NetRange(0.0, 0.0, 0.0)


def with_trust(  # noqa: PLR0917 - what a computation takes
    result: Result,
    tables: Sequence[FixTable],
    plots: Sequence[Plot],
    parameters: Parameters,
    events: Sequence[Event],
    accounts: Sequence[Account],
    *,
    tolerance: Tolerance = _DEFAULTS,
) -> Coverage:
    """The figures of a result with ``trust``, ``plots_expected`` and every plot's ``expected`` filled in.

    Args:
        result: What ``geo.coverage.compute`` made of the same tables, plots, parameters and events.
        tables: One table per log or flight.
        plots: At least those that the result lists.
        parameters: Choices of the computation.
        events: Events of the tables' devices.
        accounts: Pages of the ledger of the tables' devices; none where there is no ledger: nobody knows then what is
            missing. Only the numbers between a flight's first and last fix count.
        tolerance: What the errors are taken to be.

    Returns:
        The same figures every time for the same inputs: draws are seeded by the input hash.
    """
    told = [t.with_columns(on=np.ones(len(t), np.bool_)) for t in tables] if parameters.assume_on else list(tables)
    coverage = replace(result.coverage, trust=_trust(result.coverage, told, parameters, events, accounts))
    if not parameters.expected:
        return coverage
    parts = [_sections(t, result.plane, parameters, events, tolerance) for t in told]
    sections = Sections.concat([p for p in parts if len(p.quad)])
    if not len(sections.quad) or not coverage.plots:
        return _expecting(coverage, [_NOTHING] * len(coverage.plots), _NOTHING)
    boundary = {plot.plot: plot.boundary for plot in plots}
    shapes = list(result.plane.outlines([boundary[p.plot] for p in coverage.plots]))
    found = expected(sections, Fields.of(shapes), seed_of(coverage.input_hash), tolerance)
    return _expecting(coverage, [found.plot(k) for k in range(len(shapes))], found.union)


def _expecting(coverage: Coverage, plots: Sequence[NetRange], union: NetRange) -> Coverage:
    def one(plot: PlotCoverage, reach: NetRange) -> PlotCoverage:
        return replace(plot, expected=reach.within(plot.area_m2))

    within = union.within(coverage.plots_area_m2)
    return replace(coverage, plots=tuple(map(one, coverage.plots, plots)), plots_expected=within)


def _trust(
    coverage: Coverage,
    tables: Sequence[FixTable],
    parameters: Parameters,
    events: Sequence[Event],
    accounts: Sequence[Account],
) -> Trust:
    return Trust.of(
        gnss_trust(tables),
        sampling_trust(tables, parameters, events),
        bridge_trust(coverage.bridged_m, coverage.treated_distance_m),
        completeness(of_flights(tables, accounts)),
    )


def _sections(
    table: FixTable, plane: LocalPlane, parameters: Parameters, events: Sequence[Event], tolerance: Tolerance
) -> Sections:
    """What one table treated."""
    if not table.on.any():
        return Sections.empty()
    cleaned = clean(table)
    if not len(cleaned.fixes):
        return Sections.empty()
    x, y = plane.xy(cleaned.fixes.lon_deg, cleaned.fixes.lat_deg)
    steps = treated_steps(cleaned, x, y, parameters, events)
    return sections_of(cleaned, steps, parameters, events, tolerance)
