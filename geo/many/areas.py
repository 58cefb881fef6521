"""The sprayed areas of many flights of a cooperative at once, and what several of them did to one plot together.

Every figure is, to the last bit, that of :func:`geo.flightarea.flight_area` and :class:`geo.jobs.Jobs`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.archive import FlightRecord
from core.errors import NotFound
from core.model.coverage import Coverage, Flight, PlotCoverage
from core.model.land import Plot
from core.registry import Registry
from geo.coverage import Parameters, Result, Work, compute, coverage_of, plane_of, plot_coverage
from geo.flightarea import PLOT_MARGIN_DEG, filled, plot_at, tuned_for
from geo.many.measuring import measured_each
from geo.many.plotground import PlotGround
from geo.many.strips import Source, Treated, in_turns, source_of, treated_each
from geo.measured import Measured
from geo.pieces import Pieces
from geo.projection import LocalPlane
from geo.together import Strips, near_pieces, place_of
from geo.trust.judging import with_trust


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What is kept of some flights: pieces by flight and plane, and the ground of each plane."""

    pieces: dict[tuple[str, LocalPlane], Pieces] = field(default_factory=dict)
    grounds: dict[LocalPlane, PlotGround] = field(default_factory=dict)

    def ground(self, plane: LocalPlane) -> PlotGround:
        """The plots in a plane."""
        return self.grounds.setdefault(plane, PlotGround(plane))

    def keep_alone(self, registry: Registry, record: FlightRecord, area: Coverage, parameters: Parameters) -> None:
        """Make and keep the pieces of a flight that was computed by itself, in the planes of its plots."""
        flight = record.flight
        plots = (plot_at(registry, flight.cooperative, p.plot, flight.start_ms) for p in area.plots)
        fixes = filled(registry, flight, record.fixes, parameters.default_swath_m)
        for plane in {place_of(plot) for plot in plots}:
            self.pieces[flight.flight, plane] = Strips.of(fixes, record.events, plane, parameters).pieces


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """A flight that is computed with others: what it is, what it rests on."""

    record: FlightRecord
    source: Source
    parameters: Parameters
    plots: Sequence[Plot]
    plane: LocalPlane


def areas_of(
    registry: Registry, records: Sequence[FlightRecord], parameters: Parameters, kept: Kept
) -> dict[str, Coverage]:
    """Areas of the flights that can be computed together; the others are left out.

    Args:
        registry: Where plots, swaths and calibrations are looked up.
        records: Flights of one cooperative.
        parameters: Of the computation.
        kept: Takes their pieces, in the flights' planes and in those of the plots that they touched.
    """
    cases = [case for it in records if (case := _case(registry, it, parameters)) is not None]
    found: dict[str, Coverage] = {}
    for group in _groups(cases):
        plane, tuned = group[0].plane, group[0].parameters
        ground = kept.ground(plane)
        numbers = [ground.numbers(case.plots) for case in group]
        treated = treated_each([case.source for case in group], plane, tuned)
        measured = measured_each([it.pieces for it in treated], ground, numbers)
        for case, made, (touched, figures), mine in zip(group, treated, measured, numbers, strict=True):
            plots = [(case.plots[k], mine[k]) for k in touched]
            found[case.record.flight.flight] = _area(case, made, figures, ground, plots)
        for case, made in zip(group, treated, strict=True):
            kept.pieces[case.record.flight.flight, plane] = made.pieces
        _keep_elsewhere(group, found, kept)
    return found


def _case(registry: Registry, record: FlightRecord, parameters: Parameters) -> _Case | None:
    """A flight with what it rests on; None where it has to be computed by itself."""
    if parameters.keep_untouched:
        return None
    tuned = tuned_for(registry, record.flight, parameters)
    source = source_of(record.fixes, record.events, tuned)
    if source is None:
        return None
    west, south, east, north = source.box
    box = (west - PLOT_MARGIN_DEG, south - PLOT_MARGIN_DEG, east + PLOT_MARGIN_DEG, north + PLOT_MARGIN_DEG)
    plots = registry.plots(record.flight.cooperative, box, record.flight.start_ms)
    plane = LocalPlane.around(west, south)
    if plane != LocalPlane.around(east, north):  # else the middle fix has the same one
        plane = plane_of([source.cleaned], plots)
    return _Case(record, source, tuned, plots, plane) if source.within(plane) else None


def _groups(cases: Sequence[_Case]) -> Iterable[list[_Case]]:
    """Flights of one drone in one plane with the same default swath, none of which shares an instant with another."""
    alike: defaultdict[tuple[str, LocalPlane, str], list[_Case]] = defaultdict(list)
    for case in cases:
        alike[case.record.fixes.device, case.plane, repr(case.parameters)].append(case)
    for mine in alike.values():
        for turn in in_turns([case.source for case in mine]):
            yield [mine[k] for k in turn]


def _area(
    case: _Case, made: Treated, figures: Measured, ground: PlotGround, plots: Sequence[tuple[Plot, int]]
) -> Coverage:
    """The figures of one flight over the plots that it touched, each with its number."""
    cleaned = case.source.cleaned
    each = zip(plots, figures.plots, strict=True)
    listed = [plot_coverage(plot, ground.areas_m2[number], own) for (plot, number), own in each]
    nowhere = cleaned.fixes.lon_deg[:0]
    work = Work(cleaned, None, made.pieces, nowhere, nowhere, cleaned.distance_m, made.treated_m, made.bridged_m)
    plots_m2 = ground.together_m2([number for _, number in plots])
    coverage = coverage_of(case.record.flight.flight, [work], made.pieces, figures, listed, plots_m2)
    coverage = replace(coverage, input_hash=case.record.input_hash)
    result = Result(coverage, case.plane, made.pieces, lambda: _alone(case).shapes)
    return with_trust(result, [case.source.fixes], case.plots, case.parameters, case.source.events, ())


def _alone(case: _Case) -> Result:
    return compute(case.record.flight.flight, [case.source.fixes], case.plots, case.parameters, case.source.events)


def _keep_elsewhere(group: Sequence[_Case], found: Mapping[str, Coverage], kept: Kept) -> None:
    """Keep the pieces of flights in the planes of the plots that they touched, where these are other ones."""
    wanted: defaultdict[LocalPlane, list[_Case]] = defaultdict(list)
    for case in group:
        touched = {p.plot for p in found[case.record.flight.flight].plots}
        planes = {place_of(plot) for plot in case.plots if plot.plot in touched} - {case.plane}
        for plane in planes:
            if case.source.within(plane):
                wanted[plane].append(case)
    for plane, cases in wanted.items():
        made = treated_each([case.source for case in cases], plane, cases[0].parameters)
        kept.pieces.update({(c.record.flight.flight, plane): it.pieces for c, it in zip(cases, made, strict=True)})


def over_plots(
    registry: Registry, cooperative: str, over: Mapping[str, Sequence[Flight]], kept: Kept
) -> dict[str, PlotCoverage | None]:
    """What several flights did to each plot together, where the pieces of all of them were kept.

    None of plots that they do not touch; those for which something is missing are left out.
    """
    asked: defaultdict[LocalPlane, list[tuple[Plot, int, Pieces]]] = defaultdict(list)
    for name, flights in over.items():
        try:
            plot = plot_at(registry, cooperative, name, max(f.start_ms for f in flights))
        except NotFound:
            continue
        plane = place_of(plot)
        pieces = [kept.pieces.get((f.flight, plane)) for f in flights]
        own = [p for p in pieces if p is not None]
        if len(own) == len(pieces):
            ground = kept.ground(plane)
            (number,) = ground.numbers([plot])
            swept = Pieces.concat([near_pieces(p, ground.outlines[number]) for p in own])
            asked[plane].append((plot, number, swept))
    found: dict[str, PlotCoverage | None] = {}
    for plane, plots in asked.items():
        ground = kept.ground(plane)
        measured = measured_each([p for *_, p in plots], ground, [[number] for _, number, _ in plots])
        for (plot, number, _), (_, it) in zip(plots, measured, strict=True):
            found[plot.plot] = plot_coverage(plot, ground.areas_m2[number], it.plots[0]) if it.plots else None
    return found
