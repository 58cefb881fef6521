"""The figures of a statement: records of the archive over plots, in the same way whoever computes them, and when.

One flight is computed as :func:`geo.flightarea.flight_area` does. Several flights of a job are computed as
:class:`geo.jobs.Jobs` does plot by plot, so that ground which two of them treated counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.archive import FlightRecord
from core.model.coverage import Coverage, PlotCoverage
from core.model.fixtable import FixTable
from core.model.land import Plot
from core.model.samples import Event
from geo.coverage import Parameters, Result, compute
from geo.jobs import expected_over
from geo.together import Strips, place_of, treated_together
from geo.trust.judging import with_trust


@dataclass(frozen=True, slots=True)
class Treated:
    """What some flights did together: ``whole`` over all plots, and the figures of each plot by itself."""

    whole: Coverage
    plots: tuple[PlotCoverage, ...]


def result_over(name: str, records: Sequence[FlightRecord], plots: Sequence[Plot], parameters: Parameters) -> Result:
    """All strips of some flights on one map, without what they are worth.

    Raises:
        ConfigError: The implement was on and no swath width is known.
    """
    tables, events = _data(records)
    return compute(name, tables, plots, _tuned(records, parameters), events)


def treated(name: str, records: Sequence[FlightRecord], plots: Sequence[Plot], parameters: Parameters) -> Treated:
    """What some flights did to some plots.

    Args:
        name: What the figures are filed under.
        records: The flights, in order of time.
        plots: The plots, in their order.
        parameters: Of the computation; the swath that was archived with a flight counts where its fixes name none.

    Raises:
        ConfigError: The implement was on and no swath width is known.
    """
    alone = [_worth(it.flight.flight, [it], plots, parameters) for it in records]
    if len(records) == 1:
        return Treated(alone[0], alone[0].plots)
    rows = []
    for plot in plots:
        over = [k for k, found in enumerate(alone) if any(p.plot == plot.plot for p in found.plots)]
        if len(over) == 1:
            rows += [p for p in alone[over[0]].plots if p.plot == plot.plot]
        elif over:
            rows += _shared(plot, [records[k] for k in over], parameters)
    return Treated(_worth(name, records, plots, parameters), tuple(rows))


def _worth(name: str, records: Sequence[FlightRecord], plots: Sequence[Plot], parameters: Parameters) -> Coverage:
    """Figures with what they are worth; the ledger, which is not in the archive, tells nothing here."""
    tables, events = _data(records)
    tuned = _tuned(records, parameters)
    return with_trust(compute(name, tables, plots, tuned, events), tables, plots, tuned, events, ())


def _shared(plot: Plot, records: Sequence[FlightRecord], parameters: Parameters) -> list[PlotCoverage]:
    """A plot that several flights treated."""
    plane = place_of(plot)
    strips = [Strips.of(_filled(it), list(it.events), plane, parameters) for it in records]
    found = treated_together(plot, strips)
    return [] if found is None else [replace(found, expected=expected_over(plot, found, strips, parameters))]


def _data(records: Sequence[FlightRecord]) -> tuple[list[FixTable], list[Event]]:
    """Fixes and events; of a flight alone the fixes as they came, whose hash seeds its interval."""
    tables = [it.fixes for it in records] if len(records) == 1 else [_filled(it) for it in records]
    return tables, [event for it in records for event in it.events]


def _tuned(records: Sequence[FlightRecord], parameters: Parameters) -> Parameters:
    if len(records) > 1 or not np.isnan(parameters.default_swath_m):
        return parameters
    return replace(parameters, default_swath_m=records[0].swath.swath_m)


def _filled(record: FlightRecord) -> FixTable:
    """The fixes with the swath that was archived where a fix names none."""
    told = np.isfinite(record.fixes.swath_m) & (record.fixes.swath_m > 0.0)
    return record.fixes.with_columns(swath_m=np.where(told, record.fixes.swath_m, record.swath.swath_m))
